//! `callbacks`: the list from which people call. Whoever reads a number is written down; whoever was told, too.

use super::{out_of_turn, submit::fresh_id};
use crate::{
    failure::{Failure, Output},
    live::{Act, Answer, Request, Untold, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, PersonId, TellChannel},
};
use serde_json::json;
use std::path::PathBuf;

/// Why a number is read here; it stands in the journal for ever.
const PURPOSE: &str = "告知答复 (to tell the answer)";

/// Which list, and what is done to it.
#[derive(Clone, Debug, clap::Args)]
pub struct CallbacksArgs {
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// Those who wait for another channel too, such as mail
    #[arg(long)]
    pub all: bool,
    /// Show the caller's number of this case; the journal keeps who read it
    #[arg(long, value_name = "CASE", conflicts_with = "told")]
    pub ring: Option<CaseId>,
    /// The caller of this case was told
    #[arg(long, value_name = "CASE")]
    pub told: Option<CaseId>,
    /// In words, how the caller was told; the receipt in the journal
    #[arg(long, requires = "told", default_value = "已电话告知 (told by telephone)")]
    pub receipt: String,
    /// The person who calls
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Shows the list, a number, or writes down that somebody was told.
pub fn run(args: &CallbacksArgs, lang: Lang) -> Result<Output, Failure> {
    match (args.ring, args.told) {
        (Some(case), _) => ring(args, case, lang),
        (None, Some(case)) => told(args, case, lang),
        (None, None) => list(args, lang),
    }
}

fn act(args: &CallbacksArgs, case: CaseId, ask: Ask) -> Act {
    Act { id: fresh_id(), case: Some(case), saw: None, ask, private: None, person: args.person.clone() }
}

fn ring(args: &CallbacksArgs, case: CaseId, lang: Lang) -> Result<Output, Failure> {
    let act = act(args, case, Ask::Reveal { purpose: PURPOSE.to_owned() });
    match folder::open(&args.data)?.ask(Request::Reveal(Box::new(act)))? {
        Answer::Revealed(private) => {
            let said = private.number.as_ref().map_or_else(
                || Say::NoNumberLeft.text(lang).to_owned(),
                |number| Say::NumberIs.filled(lang, &[("case", &case), ("number", number)]),
            );
            Ok(Output::done(json!({ "case": case, "number": private.number }), said))
        }
        answer => Err(out_of_turn(&answer)),
    }
}

fn told(args: &CallbacksArgs, case: CaseId, lang: Lang) -> Result<Output, Failure> {
    let ask = Ask::ConfirmTold { channel: TellChannel::callback_list(), receipt: args.receipt.clone() };
    match folder::open(&args.data)?.act(act(args, case, ask))? {
        Answer::Accepted(accepted) => {
            let said = Say::ToldNow.filled(lang, &[("case", &case), ("seq", &accepted.seq)]);
            Ok(Output::done(json!({ "case": case, "told": true, "seq": accepted.seq }), said))
        }
        answer => Err(out_of_turn(&answer)),
    }
}

fn list(args: &CallbacksArgs, lang: Lang) -> Result<Output, Failure> {
    let Untold { mut lines, zone: name } = match folder::open(&args.data)?.ask(Request::Untold)? {
        Answer::Untold(untold) => untold,
        answer => return Err(out_of_turn(&answer)),
    };
    if !args.all {
        lines.retain(|line| line.channel == TellChannel::callback_list());
    }
    let json = json!({ "zone": name, "untold": lines });
    if lines.is_empty() {
        return Ok(Output::done(json, Say::NobodyUntold.text(lang).to_owned()));
    }
    let zone = zone(&name);
    let heads = [Say::HeadCase, Say::HeadSince, Say::HeadChannel, Say::HeadNumber, Say::HeadSay];
    let mut rows = table(lang, &heads);
    for line in &lines {
        let number = if line.has_number { Say::HasNumber } else { Say::HasNone };
        rows.add_row([
            line.case.to_string(),
            wall(line.since, &zone),
            line.channel.to_string(),
            number.text(lang).to_owned(),
            lang.of(&line.words).to_owned(),
        ]);
    }
    Ok(Output::done(json, rows.to_string()))
}
