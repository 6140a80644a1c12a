//! `case`: what happened to a case, record by record.

use super::out_of_turn;
use crate::{
    failure::{Failure, Output},
    live::{Answer, Request, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use huying_domain::ids::CaseId;
use huying_projection::timeline::Timeline;
use serde_json::json;
use std::path::PathBuf;

/// Which case, where.
#[derive(Clone, Debug, clap::Args)]
pub struct CaseArgs {
    /// The case, such as 0-12
    pub case: CaseId,
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
}

/// Tells the case.
pub fn run(args: &CaseArgs, lang: Lang) -> Result<Output, Failure> {
    let told = match folder::open(&args.data)?.ask(Request::Case(args.case))? {
        Answer::Case(told) => told,
        answer => return Err(out_of_turn(&answer)),
    };
    let records = told.read().map_err(|error| Failure::unreadable(args.data.display(), error))?;
    let zone = zone(&told.zone);
    let mut timeline = Timeline::new(args.case, zone.clone());
    records.iter().for_each(|record| timeline.follow(record));
    let mut rows = table(lang, &[Say::HeadSeq, Say::HeadAt, Say::HeadWho, Say::HeadWhat]);
    for line in &timeline.lines {
        let person = line.actor.person.as_ref().map(|person| format!(" / {person}")).unwrap_or_default();
        let who = format!("{}{person}", line.actor.unit);
        rows.add_row([line.seq.to_string(), wall(line.at, &zone), who, lang.of(&line.words).to_owned()]);
    }
    let mut text = rows.to_string();
    if timeline.left_out > 0 {
        text.push('\n');
        text.push_str(&Say::LeftOut.filled(lang, &[("count", &timeline.left_out)]));
    }
    let json = json!({ "case": args.case, "zone": told.zone, "records": records, "timeline": timeline });
    Ok(Output::done(json, text))
}
