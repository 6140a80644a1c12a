//! `replay` and `demo`: how their end is told. What they do stands in their own modules.

use crate::{
    demo::{self, DemoArgs, DemoError},
    exit::Exit,
    failure::{Failure, Output},
    http::Http,
    people::{drive::DriveError, simulation::SimulationError, still::Still},
    progress::Progress,
    replay::{self, ReplayArgs, ReplayError},
    report::Report,
    words::{Lang, Say},
};
use huying_domain::words::Words;
use huying_engine::start::StartError;
use huying_journal::error::OpenError;
use huying_web::sign_in::account::DemoAccount;
use serde_json::json;
use std::{
    error::Error,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// Whoever watches a simulation: what it says on the way, when it is to end, and who is told once it stands still.
pub struct Watch<'a> {
    /// The language of the summary.
    pub lang: Lang,
    /// Set when it is to end.
    pub stop: &'a AtomicBool,
    /// How far it is.
    pub progress: &'a mut dyn Progress,
    /// Is given the summary and how to look.
    pub show: &'a mut dyn FnMut(&Output),
}

/// Replays, and writes the report. With HTTP it then goes on standing there until `stop` is set.
pub fn replay(args: &ReplayArgs, watch: Watch<'_>) -> Result<Output, Failure> {
    let played = replay::play(args, watch.stop, watch.progress).map_err(|error| {
        let exit = match &error {
            ReplayError::Simulation(error) => exit_of(error),
            _ => Exit::Unreadable,
        };
        failed(exit, "replay", Say::ReplayFailed.with(&[]), error)
    })?;
    end(played, args.report.as_deref(), false, watch)
}

/// Runs the demo, and writes the report. With processes or HTTP it then goes on standing there until `stop` is set,
/// unless it is headless.
pub fn demo(args: &DemoArgs, watch: Watch<'_>) -> Result<Output, Failure> {
    let played = demo::play(args, watch.stop, watch.progress).map_err(|error| {
        let exit = match &error {
            DemoError::Simulation(error) => exit_of(error),
            DemoError::Speed(_) => Exit::Unreadable,
            DemoError::Program(_) => Exit::Fault,
        };
        failed(exit, "demo", Say::DemoFailed.with(&[]), error)
    })?;
    end(played, args.report.as_deref(), args.headless, watch)
}

/// Tells the report; what still runs is then looked at until `stop` is set, or ended at once.
fn end(
    (report, still): (Report, Option<Still>),
    path: Option<&Path>,
    headless: bool,
    watch: Watch<'_>,
) -> Result<Output, Failure> {
    let Watch { lang, stop, show, .. } = watch;
    let told = told(&report, path, stop);
    let Some(still) = still else { return told };
    if headless || told.is_err() || stop.load(Ordering::Relaxed) {
        still.end();
        return told;
    }
    let mut told = told?;
    let accounts = still.http.as_ref().map(accounts_told).unwrap_or_default();
    still.stay(&report.data, stop, &mut |url, http| {
        let fill: &[(&str, &dyn std::fmt::Display)] =
            &[("dir", &report.data.display()), ("nats", &url), ("http", &http), ("accounts", &accounts)];
        told.text = format!("{}\n\n{}", told.text, Say::DemoStands.filled(lang, fill));
        show(&told);
    })?;
    Ok(Output { exit: told.exit, json: serde_json::Value::Null, text: String::new() })
}

/// The accounts of the demo, a line each.
fn accounts_told(http: &Http) -> String {
    let line = |one: &DemoAccount| {
        format!("  {} / {}  {} {}", one.account, one.password, one.words.zh, one.words.en)
    };
    http.demo_accounts().iter().map(line).collect::<Vec<_>>().join("\n")
}

fn failed(exit: Exit, code: &str, words: Words, error: impl Error + Send + Sync + 'static) -> Failure {
    let code = if exit == Exit::Held { "held" } else { code };
    Failure::new(exit, code, words).because(error)
}

fn exit_of(error: &SimulationError) -> Exit {
    match error {
        SimulationError::Start(StartError::Journal(OpenError::Held)) => Exit::Held,
        SimulationError::Start(StartError::Fault(_))
        | SimulationError::Drive(DriveError::Fault(_) | DriveError::Gone(_)) => Exit::Fault,
        SimulationError::Company(failure) => failure.exit,
        _ => Exit::Unreadable,
    }
}

fn told(report: &Report, path: Option<&Path>, stop: &AtomicBool) -> Result<Output, Failure> {
    if let Some(path) = path {
        report.write(path).map_err(|error| {
            let words = Say::CannotWrite.with(&[("path", &path.display())]);
            Failure::new(Exit::Unreadable, "cannot_write", words).because(error)
        })?;
    }
    let stopped = stop.load(Ordering::Relaxed) && !report.finished;
    let exit = if stopped { Exit::Stopped } else { Exit::Done };
    // What is simulated is said beside the figures and not only in the file: nobody may take them for a city's own.
    let simulated = report.simulated.join("\n  ");
    let text = format!(
        "{}\n\n模拟说明 what is simulated:\n  {simulated}\n数据目录 data folder: {}",
        report.table(),
        report.data.display()
    );
    Ok(Output { exit, json: json!(report), text })
}
