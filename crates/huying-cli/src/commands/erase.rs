//! `erase`: destroys the key of a case's personal data, then says so in the journal.

use super::{out_of_turn, submit::fresh_id};
use crate::{
    failure::{Failure, Output},
    live::{Act, Answer, folder},
    words::{Lang, Say},
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, PersonId},
};
use serde_json::json;
use std::path::PathBuf;

/// Whose data, where, why.
#[derive(Clone, Debug, clap::Args)]
pub struct EraseArgs {
    /// The case, such as 0-12; it must be closed
    pub case: CaseId,
    /// The data folder
    #[arg(long)]
    pub data: PathBuf,
    /// Why; it stands in the journal for ever
    #[arg(long)]
    pub reason: String,
    /// The person who decided it
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Erases.
pub fn run(args: &EraseArgs, lang: Lang) -> Result<Output, Failure> {
    let act = Act {
        id: fresh_id(),
        case: Some(args.case),
        saw: None,
        ask: Ask::Erase { reason: args.reason.clone() },
        private: None,
        person: args.person.clone(),
    };
    match folder::open(&args.data)?.act(act)? {
        Answer::Accepted(accepted) => {
            let said = Say::Erased.filled(lang, &[("case", &args.case), ("seq", &accepted.seq)]);
            Ok(Output::done(json!({ "case": args.case, "erased": true, "seq": accepted.seq }), said))
        }
        answer => Err(out_of_turn(&answer)),
    }
}
