//! Who is still to be told, as the list from which people call: read out of the journal, kept nowhere else.

use super::{Answer, Failed, Untold, UntoldLine};
use crate::{failure::causes, words::Say};
use huying_domain::{ids::CaseId, private::Private};
use huying_engine::{
    engine::Engine,
    telling::{
        self,
        letter::{Letter, letter},
        owed, past,
    },
};
use huying_journal::disk::real::RealDisk;
use std::error::Error;

/// Most callers in one list; whoever calls takes the oldest first.
pub const LIST_CASES_MAX: usize = 2_000;

/// The callers who are owed the answer, the longest waiting first.
pub fn untold(engine: &Engine<RealDisk>) -> Answer {
    let cases = match owed(engine, LIST_CASES_MAX) {
        Ok(cases) => cases,
        Err(error) => return unreadable(&error),
    };
    let rules = engine.rules();
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    let reader = engine.journal().reader();
    let mut lines = Vec::new();
    for (case, records) in &cases {
        let Some(Letter { since, channel, tried, words, .. }) = letter(*case, records, calendar) else {
            continue;
        };
        let has_number = telling::number(&reader, *case, records).is_ok_and(|number| number.is_some());
        lines.push(UntoldLine { case: *case, since, channel, tried, words, has_number });
    }
    lines.sort_by_key(|line| (line.since, line.case));
    let zone = calendar.zone().iana_name().unwrap_or("UTC").to_owned();
    Answer::Untold(Untold { lines, zone })
}

/// The number that a caller left. Whoever asks has made the record that says so before.
pub fn number(engine: &Engine<RealDisk>, case: CaseId) -> Answer {
    match past(engine, case) {
        Ok(records) => match telling::number(&engine.journal().reader(), case, &records) {
            Ok(number) => Answer::Revealed(Private { number, ..Private::default() }),
            Err(error) => unreadable(&error),
        },
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &(dyn Error + 'static)) -> Answer {
    let words = Say::CannotReadUntold.with(&[]);
    Answer::Failed(Failed { code: "untold_unreadable".to_owned(), words, causes: causes(Some(error)) })
}
