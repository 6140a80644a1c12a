//! The program `huying`: reads the arguments, does one command, prints one answer, ends with its exit code.

use clap::Parser;
use huying_cli::{
    args::{Arguments, Command},
    commands::{
        account, adapter, backup, calibrate, call_back, callbacks, case, city, classify, departments, due,
        erase, http, key, nats, person, report, restore, retention, rules, sample, simulation, stations,
        status, submit, topics, train, up, verify, what_if, why,
    },
    exit::Exit,
    failure::{Failure, Output},
    progress::Bar,
    words::{Lang, Say},
};
use huying_engine::config;
use huying_projection::ledger::number::Page;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use std::{
    env,
    io::{self, Write},
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
};
use tracing::Level;
use tracing_subscriber::{EnvFilter, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

/// How the names of our own crates begin.
const OUR_CRATES: &str = "huying";

/// Where a locale stands, the one that outweighs the others first.
const LOCALE_VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];
/// What `up` logs where nothing is said.
const LOG_UP: &str = "info";
/// What everything else logs: people read the answer.
const LOG_ELSE: &str = "warn";

fn main() -> ExitCode {
    let Arguments { json, lang, command } = Arguments::parse();
    let voice = Voice { json, lang: lang.unwrap_or_else(locale) };
    log(if matches!(command, Command::Up(_) | Command::Adapter(_)) { LOG_UP } else { LOG_ELSE });
    let exit = match done(&command, voice) {
        Ok(output) => {
            voice.say(&output);
            output.exit
        }
        Err(failure) => {
            voice.complain(&failure);
            failure.exit
        }
    };
    exit.into()
}

fn done(command: &Command, voice: Voice) -> Result<Output, Failure> {
    let lang = voice.lang;
    match command {
        Command::Up(args) if !args.apart.stations.is_empty() => {
            stations::run(args, lang, &mut |ready| voice.say(ready)).map(Voice::already)
        }
        Command::Up(args) => up::run(args, lang, &mut |ready| voice.say(ready)).map(Voice::already),
        Command::Submit(args) => submit::run(args, lang),
        Command::Case(args) => case::run(args, lang),
        Command::Why(args) => why::run(args, lang),
        Command::Status(args) => status::run(args, lang),
        Command::Rates(args) => report::run(Page::Rates, args, lang),
        Command::Cohorts(args) => report::run(Page::Cohorts, args, lang),
        Command::Levels(args) => report::run(Page::Levels, args, lang),
        Command::Whistles(args) => report::run(Page::Whistles, args, lang),
        Command::Integrity(args) => report::run(Page::Integrity, args, lang),
        Command::Topics(args) => topics::run(args, lang),
        Command::Erase(args) => erase::run(args, lang),
        Command::Person(command) => person::run(command, lang),
        Command::Retention(args) => retention::run(args, lang),
        Command::Rules(command) => rules::run(command, lang),
        Command::Sample(args) => sample::run(args, lang),
        Command::Key(command) => key::run(command, lang),
        Command::Verify(args) => verify::run(args, lang),
        Command::Backup(args) => backup::run(args, lang),
        Command::Restore(args) => restore::run(args, lang),
        Command::Due(args) => due::run(args, lang),
        Command::Callbacks(args) => callbacks::run(args, lang),
        Command::CallBack(args) => call_back::run(args, lang),
        Command::Adapter(command) => {
            adapter::run(command, lang, &mut |ready| voice.say(ready)).map(Voice::already)
        }
        Command::City(command) => city::run(command, lang),
        Command::Http(command) => http::run(command, lang),
        Command::Nats(command) => nats::run(command, lang),
        Command::Account(command) => account::run(command, lang),
        Command::Train(args) => train::run(args, lang),
        Command::Classify(args) => classify::run(args, lang),
        Command::Calibrate(args) => calibrate::run(args, lang),
        Command::WhatIf(args) => what_if::run(args, lang),
        Command::Replay(args) => watched(voice, |watch| simulation::replay(args, watch)),
        Command::Departments(args) => departments::run(args),
        Command::Demo(args) => watched(voice, |watch| simulation::demo(args, watch)),
    }
}

/// Runs a simulation that a signal ends.
fn watched(
    voice: Voice,
    run: impl FnOnce(simulation::Watch<'_>) -> Result<Output, Failure>,
) -> Result<Output, Failure> {
    let (stop, mut progress, mut show) = (stop()?, Bar::new(), |told: &Output| voice.say(told));
    run(simulation::Watch { lang: voice.lang, stop: &stop, progress: &mut progress, show: &mut show })
}

/// Set by the first SIGINT or SIGTERM; the second ends the program at once.
fn stop() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let caught =
            flag::register_conditional_shutdown(signal, i32::from(Exit::Stopped.code()), Arc::clone(&stop))
                .and_then(|_| flag::register(signal, Arc::clone(&stop)));
        caught.map_err(|error| {
            Failure::new(Exit::Fault, "signals", Say::SignalsFailed.with(&[])).because(error)
        })?;
    }
    Ok(stop)
}

fn locale() -> Lang {
    let set = LOCALE_VARIABLES.iter().filter_map(|name| env::var(name).ok());
    set.into_iter()
        .find(|value| !value.is_empty())
        .map_or_else(Lang::default, |value| Lang::of_locale(&value))
}

/// Logs on stderr: stdout belongs to the answer. The finest that other people's crates log are the bytes on the wire, and
/// callers' numbers stand in those: they are logged by no directive.
fn log(otherwise: &str) {
    let directives = config::log_directives().unwrap_or_else(|| otherwise.to_owned());
    let filter = EnvFilter::try_new(&directives).unwrap_or_else(|_| EnvFilter::new(otherwise));
    let wire = filter_fn(|about| *about.level() != Level::TRACE || about.target().starts_with(OUR_CRATES));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry().with(filter).with(wire).with(lines).init();
}

/// How the program speaks.
#[derive(Clone, Copy)]
struct Voice {
    json: bool,
    lang: Lang,
}

impl Voice {
    /// Says an answer; one without a text was given before. Whoever hangs up early has heard enough.
    fn say(self, output: &Output) {
        if output.text.is_empty() && output.json.is_null() {
            return;
        }
        let told = if self.json { output.json.to_string() } else { output.text.clone() };
        let _heard_or_not = writeln!(io::stdout().lock(), "{told}");
    }

    fn complain(self, failure: &Failure) {
        if self.json {
            let _heard_or_not = writeln!(io::stdout().lock(), "{}", failure.json());
        }
        let _heard_or_not = writeln!(io::stderr().lock(), "{}", failure.sentence(self.lang));
    }

    /// `up` has given its one object when it was ready; that it has stopped is told by its exit code.
    fn already(output: Output) -> Output {
        Output { json: serde_json::Value::Null, text: String::new(), ..output }
    }
}
