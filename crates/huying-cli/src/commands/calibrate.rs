//! `calibrate`: finds a city's limits in its own history, and writes them as a policy.

use crate::{
    calibrate::{
        Calibration, Explained, calibrate,
        policy::{Head, policy},
    },
    city::{City, flat::policy_text},
    exit::Exit,
    failure::{Failure, Output},
    replay::{calendar_of, profile, rows::CallFile},
    words::{Lang, Say},
};
use huying_domain::{
    calendar::{Calendars, SHIPPED},
    ids::CalendarName,
    record::RuleFile,
    rules::policy::Policy,
    time::Timestamp,
    words::Words,
};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;
use std::{fs, io, path::PathBuf};

/// On what is fitted.
#[derive(Clone, Debug, clap::Args)]
pub struct CalibrateArgs {
    /// The calls: CSV, plain or packed with gzip
    pub calls: PathBuf,
    /// How the calls are read: nyc311, boston311 or a profile of your own as TOML
    #[arg(long)]
    pub profile: String,
    /// Calls from this day on, in the profile's zone, fit nothing and are measured
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Where the policy goes
    #[arg(long, value_name = "POLICY.toml")]
    pub out: PathBuf,
    /// The city whose policy and calendars are the base; without it those of a replay
    #[arg(long)]
    pub city: Option<PathBuf>,
    /// The calendar on which the limits run; without it the base's
    #[arg(long)]
    pub calendar: Option<CalendarName>,
}

/// Fits, measures, writes.
pub fn run(args: &CalibrateArgs, lang: Lang) -> Result<Output, Failure> {
    let profile = profile(&args.profile).map_err(|error| Failure::unreadable(&args.profile, error))?;
    let file = CallFile::read(&args.calls, &profile, None)
        .map_err(|error| Failure::unreadable(args.calls.display(), error))?;
    let (base, calendars) = base(args, profile.source.as_str())?;
    let read = Policy::parse(&base).map_err(|why| unusable(args, why))?;
    let name = args.calendar.clone().unwrap_or(read.calendar);
    let Some(calendar) = calendars.get(&name) else {
        let known = calendars.names().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let words = Say::NoCalendar.with(&[("name", &name), ("known", &known)]);
        return Err(Failure::new(Exit::Unreadable, "no_calendar", words));
    };
    let until = midnight(args.until, &profile.zone);
    let calibration = calibrate(&file.reports, calendar, until);
    let head = Head {
        name: format!("{}-fitted", profile.source),
        from: format!("calls of {} before {}, file {}", profile.source, args.until, file.digest),
        valid_from: until,
    };
    let text = policy(&base, &head, &calibration).map_err(|why| unusable(args, why))?;
    Policy::parse(&text).map_err(|why| unusable(args, why))?;
    fs::write(&args.out, &text).map_err(|error| {
        let words = Say::CannotWrite.with(&[("path", &args.out.display())]);
        Failure::new(Exit::Unreadable, "cannot_write", words).because(error)
    })?;
    Ok(Output::done(json(&calibration, args), said(&calibration, args, lang)))
}

fn base(args: &CalibrateArgs, source: &str) -> Result<(String, Calendars), Failure> {
    let Some(dir) = &args.city else {
        let shipped = Calendars::parse(SHIPPED).expect("the shipped calendars make sense");
        let calendar = args.calendar.clone().unwrap_or_else(|| calendar_of(source));
        return Ok((policy_text(&calendar), shipped));
    };
    let city = City::load(dir).map_err(|error| Failure::unreadable(dir.display(), error))?;
    let text = |file: RuleFile| String::from_utf8_lossy(&city.texts[&file]).into_owned();
    let calendars = Calendars::parse(&text(RuleFile::Calendar))
        .map_err(|error| Failure::unreadable(dir.display(), error))?;
    Ok((text(RuleFile::Policy), calendars))
}

fn unusable(args: &CalibrateArgs, why: String) -> Failure {
    Failure::unreadable(args.out.display(), io::Error::other(why))
}

/// The first instant of a day on the wall of a zone.
fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    let wall = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
    wall.map_or(Timestamp::FAR, Timestamp::from)
}

fn json(calibration: &Calibration, args: &CalibrateArgs) -> serde_json::Value {
    let without: Vec<_> = calibration.without_target().collect();
    json!({
        "policy": args.out,
        "classes": calibration.classes.len(),
        "conditions": conditions(calibration),
        "fitted": calibration.fitted,
        "held_apart": calibration.held_apart,
        "without_target": without,
    })
}

fn conditions(calibration: &Calibration) -> usize {
    calibration.classes.values().map(|class| class.conditions.len()).sum()
}

fn said(calibration: &Calibration, args: &CalibrateArgs, lang: Lang) -> String {
    let (classes, conditions) = (calibration.classes.len(), conditions(calibration));
    let without: Vec<_> = calibration.without_target().map(ToString::to_string).collect();
    let Explained { agree, of, share, .. } = calibration.fitted;
    let later = calibration.held_apart;
    let words = Words::new(
        format!(
            "{classes} 类,{conditions} 个立案条件另有时限。\n拟合:{of} 个承诺中 {agree} 个在十分钟内相符({share:.4})。\n\
             留出:{} 个中 {} 个相符({:.4}),{} 个无时限可用。\n无时限的类别({} 个,显示为“未知”):{}\n政策已写入 {}。",
            later.of,
            later.agree,
            later.share,
            later.without_limit,
            without.len(),
            without.join(", "),
            args.out.display(),
        ),
        format!(
            "{classes} classes, {conditions} filing conditions with a limit of their own.\nfitted: {agree} of {of} \
             promises within ten minutes ({share:.4})\nheld apart: {} of {} ({:.4}), {} of classes without a limit\n\
             classes without a target ({}, shown as unknown): {}\nthe policy is in {}",
            later.agree,
            later.of,
            later.share,
            later.without_limit,
            without.len(),
            without.join(", "),
            args.out.display(),
        ),
    );
    lang.of(&words).to_owned()
}
