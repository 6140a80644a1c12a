//! `call-back` 回访: who was told and has not said whether it helped, by unit and by when it is owed; and what they said.

use super::{out_of_turn, submit::fresh_id};
use crate::{
    failure::{Failure, Output},
    live::{Act, Answer, Request, Unheard, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use huying_domain::{
    command::Ask,
    event::feedback::Verdict,
    ids::{CaseId, PersonId, UnitId},
    vocabulary::{
        Grade, Solved,
        review::{BeyondPower, CallBackWay},
    },
};
use serde_json::json;
use std::path::PathBuf;

/// Which list, or what was said.
#[derive(Clone, Debug, clap::Args)]
pub struct CallBackArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// Only what this unit has handled
    #[arg(long, conflicts_with = "case")]
    pub unit: Option<UnitId>,
    /// Only what is late
    #[arg(long, conflicts_with = "case")]
    pub late: bool,
    /// Write down an attempt for this case; without --solved nobody was reached
    #[arg(long)]
    pub case: Option<CaseId>,
    /// By which way it was tried
    #[arg(long, requires = "case", default_value = "phone")]
    pub way: CallBackWay,
    /// Whether the matter is solved, says the caller: yes, partly, no
    #[arg(long, requires = "case")]
    pub solved: Option<Solved>,
    /// Whether the unit had been in touch, says the caller
    #[arg(long, requires = "solved", action = clap::ArgAction::Set)]
    pub contacted: Option<bool>,
    /// One of the five grades, if the caller gave one
    #[arg(long, requires = "solved")]
    pub grade: Option<Grade>,
    /// What keeps it from being solved, where that is outside the unit's power
    #[arg(long, requires = "solved")]
    pub beyond: Option<BeyondPower>,
    /// The person who calls
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Shows the list, or writes down an attempt.
pub fn run(args: &CallBackArgs, lang: Lang) -> Result<Output, Failure> {
    match args.case {
        Some(case) => heard(args, case, lang),
        None => list(args, lang),
    }
}

fn heard(args: &CallBackArgs, case: CaseId, lang: Lang) -> Result<Output, Failure> {
    let verdict = match (args.solved, args.contacted) {
        (Some(solved), Some(contacted)) => {
            Some(Verdict { contacted, solved, grade: args.grade, beyond: args.beyond })
        }
        // Whether the unit had been in touch is the caller's to say: it makes the first of the three rates.
        (Some(_), None) => return Err(huying_domain::refusal::Refusal::Missing("contacted").into()),
        (None, _) => None,
    };
    let ask = Ask::CallBack { way: args.way, verdict };
    let act =
        Act { id: fresh_id(), case: Some(case), saw: None, ask, private: None, person: args.person.clone() };
    match folder::open(&args.data)?.act(act)? {
        Answer::Accepted(accepted) => {
            let say = if verdict.is_some() { Say::HeardNow } else { Say::NobodyReached };
            let said = say.filled(lang, &[("case", &case), ("seq", &accepted.seq)]);
            Ok(Output::done(json!({ "case": case, "heard": verdict, "seq": accepted.seq }), said))
        }
        answer => Err(out_of_turn(&answer)),
    }
}

fn list(args: &CallBackArgs, lang: Lang) -> Result<Output, Failure> {
    let mut told = match folder::open(&args.data)?.ask(Request::Unheard)? {
        Answer::Unheard(told) => told,
        answer => return Err(out_of_turn(&answer)),
    };
    told.lines.retain(|line| args.unit.is_none() || line.unit == args.unit);
    told.lines.retain(|line| line.late || !args.late);
    let text = shown(&told, lang);
    Ok(Output::done(json!(told), text))
}

fn shown(told: &Unheard, lang: Lang) -> String {
    if told.lines.is_empty() {
        return Say::NobodyUnheard.text(lang).to_owned();
    }
    let zone = zone(&told.zone);
    let heads = [Say::HeadCase, Say::HeadHolder, Say::HeadDue, Say::HeadState, Say::HeadAttempts];
    let mut rows = table(lang, &heads);
    for line in &told.lines {
        let state = if line.late { Say::Late } else { Say::InTime };
        rows.add_row([
            line.case.to_string(),
            line.unit.as_ref().map_or_else(String::new, ToString::to_string),
            line.due.map_or_else(String::new, |due| wall(due, &zone)),
            state.text(lang).to_owned(),
            line.attempts.to_string(),
        ]);
    }
    let late = told.lines.iter().filter(|line| line.late).count();
    let shown =
        [("all", &told.lines.len() as &dyn std::fmt::Display), ("late", &late), ("max", &told.attempts_max)];
    format!("{rows}\n{}", Say::CallBackTotal.filled(lang, &shown))
}
