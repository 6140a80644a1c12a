//! `retention`: whose personal data are kept longer than the policy says; and, when a person confirms, erases them by
//! the same command as `erase`, one case after the other. Nothing is erased without that.

use super::{out_of_turn, submit::fresh_id};
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::{Act, Answer, BesideAsk, Request, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, PersonId},
    words::Words,
};
use huying_projection::retention::{Proposal, Proposals};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use std::{fmt::Display, path::PathBuf};

/// Most cases erased by one confirmation, if nothing else is said; the next run goes on.
const ERASURES_PER_RUN: u32 = 500;
/// Most lines that people are shown.
const ROWS_MAX: usize = 100;

/// Which folder; and what is confirmed.
#[derive(Clone, Debug, clap::Args)]
pub struct RetentionArgs {
    /// The data folder
    pub dir: PathBuf,
    /// Erase what is proposed; without it nothing is erased 确认删除
    #[arg(long, requires = "reason")]
    pub confirm: bool,
    /// Why; it stands in the journal for ever, with the rule
    #[arg(long, requires = "confirm")]
    pub reason: Option<String>,
    /// Only what has been due since this day or longer
    #[arg(long, value_name = "DAY", requires = "confirm", conflicts_with = "cases")]
    pub until: Option<Date>,
    /// Only these cases, which must be among the proposed, such as 0-12,0-15
    #[arg(long, value_name = "CASES", requires = "confirm", value_delimiter = ',')]
    pub cases: Vec<CaseId>,
    /// At most so many in this run
    #[arg(long, requires = "confirm", default_value_t = ERASURES_PER_RUN, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// The person who confirms
    #[arg(long, requires = "confirm")]
    pub person: Option<PersonId>,
}

/// Lists, or erases what is confirmed.
pub fn run(args: &RetentionArgs, lang: Lang) -> Result<Output, Failure> {
    let mut folder = folder::open(&args.dir)?;
    let told = match folder.ask(Request::Beside(BesideAsk::Retention))? {
        Answer::Retention(told) => *told,
        answer => return Err(out_of_turn(&answer)),
    };
    let Some(reason) = args.reason.as_ref().filter(|_| args.confirm) else {
        return Ok(Output::done(json!(told), listed(&told, lang)));
    };
    let zone = zone(&told.zone);
    let chosen = chosen(args, &told, &zone)?;
    let (mut erased, mut refused) = (Vec::new(), Vec::new());
    for proposal in chosen.iter().take(args.limit as usize) {
        let Proposal { case, days, source, .. } = proposal;
        let act = Act {
            id: fresh_id(),
            case: Some(*case),
            saw: None,
            ask: Ask::Erase {
                reason: format!("{reason}（保存期限 {days} 日 kept {days} days：{source}）")
            },
            private: None,
            person: args.person.clone(),
        };
        // One case may have been reopened meanwhile; the others do not wait for it.
        match folder.act(act) {
            Ok(Answer::Accepted(accepted)) => erased.push((*case, accepted.seq)),
            Ok(answer) => return Err(out_of_turn(&answer)),
            Err(failure) if failure.exit == Exit::No => refused.push((*case, failure)),
            Err(failure) => return Err(failure),
        }
    }
    let left = (chosen.len() - erased.len() - refused.len()) as u64 + (told.total - told.due.len() as u64);
    Ok(confirmed(&erased, &refused, left, lang))
}

/// The proposals that are meant. A case that is named and not proposed stops everything before it begins.
fn chosen(args: &RetentionArgs, told: &Proposals, zone: &TimeZone) -> Result<Vec<Proposal>, Failure> {
    for case in &args.cases {
        if !told.due.iter().any(|proposal| proposal.case == *case) {
            let words = Say::RetentionNotProposed.with(&[("case", case)]);
            return Err(Failure::new(Exit::No, "not_proposed", words));
        }
    }
    let day = |proposal: &Proposal| jiff::Timestamp::from(proposal.due_since).to_zoned(zone.clone()).date();
    let meant = |proposal: &&Proposal| {
        (args.cases.is_empty() || args.cases.contains(&proposal.case))
            && args.until.is_none_or(|until| day(proposal) <= until)
    };
    Ok(told.due.iter().filter(meant).cloned().collect())
}

fn confirmed(erased: &[(CaseId, u64)], refused: &[(CaseId, Failure)], left: u64, lang: Lang) -> Output {
    let fills: &[(&str, &dyn Display)] =
        &[("erased", &erased.len()), ("refused", &refused.len()), ("left", &left)];
    let mut said = vec![Say::RetentionErased.filled(lang, fills)];
    said.extend(refused.iter().map(|(case, failure)| format!("{case}: {}", failure.sentence(lang))));
    let gone: Vec<Value> = erased.iter().map(|(case, seq)| json!({ "case": case, "seq": seq })).collect();
    let kept: Vec<Value> = refused
        .iter()
        .map(|(case, failure)| json!({ "case": case, "error": failure.code, "words": failure.words }))
        .collect();
    let exit = if refused.is_empty() { Exit::Done } else { Exit::No };
    Output { exit, json: json!({ "erased": gone, "refused": kept, "left": left }), text: said.join("\n") }
}

fn listed(told: &Proposals, lang: Lang) -> String {
    let zone = zone(&told.zone);
    let fills: &[(&str, &dyn Display)] = &[
        ("total", &told.total),
        ("kept", &told.kept),
        ("without", &told.without_rule),
        ("policy", &told.policy),
    ];
    let mut said = vec![Say::RetentionDue.filled(lang, fills)];
    if told.due.is_empty() {
        return said.remove(0);
    }
    let heads = [Say::HeadCase, Say::HeadClosedAt, Say::HeadClass, Say::HeadRule, Say::HeadDueSince];
    let mut rows = table(lang, &heads);
    for proposal in told.due.iter().take(ROWS_MAX) {
        rows.add_row([
            proposal.case.to_string(),
            wall(proposal.closed_at, &zone),
            proposal.class.to_string(),
            lang.of(&rule(proposal)).to_owned(),
            wall(proposal.due_since, &zone),
        ]);
    }
    said.push(rows.to_string());
    if let Some(more) = told.total.checked_sub(ROWS_MAX as u64).filter(|more| *more > 0) {
        said.push(Say::LeftOut.filled(lang, &[("count", &more)]));
    }
    said.push(Say::RetentionHow.text(lang).to_owned());
    said.join("\n")
}

fn rule(proposal: &Proposal) -> Words {
    let Proposal { days, source, own_rule, .. } = proposal;
    let (zh, en) = if *own_rule { ("本类", "of the class") } else { ("通用", "of all others") };
    Words::new(format!("{zh} {days} 日：{source}"), format!("{days} days {en}: {source}"))
}
