//! `why`: each clock of a case, stretch by stretch: counted or not, and why. What is counted adds up.

use super::out_of_turn;
use crate::{
    failure::{Failure, Output},
    live::{Answer, Request, folder},
    table::{length, table, wall, zone},
    words::{Lang, Say},
};
use huying_domain::{ids::CaseId, vocabulary::Clock};
use huying_escalation::explain::tale::{Stretch, Tale, Verdict};
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::PathBuf;

/// Most terms of a sum that are written out; more are only added.
const SUM_TERMS_MAX: usize = 12;

/// Which case, where.
#[derive(Clone, Debug, clap::Args)]
pub struct WhyArgs {
    /// The case, such as 0-12
    pub case: CaseId,
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
}

/// Explains the case's clocks.
pub fn run(args: &WhyArgs, lang: Lang) -> Result<Output, Failure> {
    let told = match folder::open(&args.data)?.ask(Request::Why(args.case))? {
        Answer::Why(told) => told,
        answer => return Err(out_of_turn(&answer)),
    };
    let zone = zone(&told.zone);
    let mut text =
        told.tales.iter().map(|tale| explained(tale, &zone, lang)).collect::<Vec<_>>().join("\n\n");
    if text.is_empty() {
        text = Say::NoClocks.filled(lang, &[("case", &args.case)]);
    }
    let json = json!({ "case": args.case, "now": told.now, "zone": told.zone, "clocks": told.tales });
    Ok(Output::done(json, text))
}

fn explained(tale: &Tale, zone: &TimeZone, lang: Lang) -> String {
    let clock: Clock = tale.clock;
    let verdict = match lang {
        Lang::Zh => tale.verdict.zh().to_owned(),
        Lang::En => format!("{} {}", tale.verdict.zh(), tale.verdict.en()),
    };
    let name = lang.pick(clock.zh(), clock.name());
    let title = Say::ClockTitle.filled(
        lang,
        &[("clock", &name), ("leg", &tale.leg), ("holder", &tale.holder), ("verdict", &verdict)],
    );
    let mut told = vec![title, limit(tale, zone, lang)];
    let mut rows =
        table(lang, &[Say::HeadFrom, Say::HeadTo, Say::HeadLength, Say::HeadCounted, Say::HeadWhy]);
    for part in &tale.segments {
        let counted = if part.counted { Say::Yes } else { Say::No };
        rows.add_row([
            wall(part.from, zone),
            wall(part.to, zone),
            length(part.seconds()),
            counted.text(lang).to_owned(),
            lang.of(&part.why).to_owned(),
        ]);
    }
    told.push(rows.to_string());
    told.push(
        Say::ClockSum.filled(lang, &[("elapsed", &length(tale.elapsed_s)), ("sum", &sum(&tale.segments))]),
    );
    if let Some(at) = tale.breached {
        told.push(Say::ClockBreached.filled(lang, &[("at", &wall(at, zone))]));
    }
    if let Some(ground) = tale.exempted {
        told.push(Say::ClockExempted.filled(lang, &[("ground", &lang.pick(ground.zh(), ground.name()))]));
    }
    if let Some(at) = tale.ended {
        told.push(Say::ClockEnded.filled(lang, &[("at", &wall(at, zone))]));
    }
    told.join("\n")
}

fn limit(tale: &Tale, zone: &TimeZone, lang: Lang) -> String {
    let (Some(limit), Some(calendar), Some(due)) = (&tale.limit, &tale.calendar, tale.due) else {
        debug_assert_eq!(tale.verdict, Verdict::Unknown, "without a target nothing is on time");
        return Say::ClockNoTarget.text(lang).to_owned();
    };
    let mut said =
        Say::ClockLimit.filled(lang, &[("limit", limit), ("calendar", calendar), ("due", &wall(due, zone))]);
    if tale.provisional {
        said.push_str(Say::ClockProvisional.text(lang));
    }
    said
}

/// The counted stretches as a sum.
fn sum(parts: &[Stretch]) -> String {
    let counted: Vec<_> =
        parts.iter().filter(|part| part.counted).map(|part| length(part.seconds())).collect();
    match counted.len() {
        0 => length(0),
        more if more > SUM_TERMS_MAX => {
            format!("{} + … ({more})", counted[..SUM_TERMS_MAX].join(" + "))
        }
        _ => counted.join(" + "),
    }
}
