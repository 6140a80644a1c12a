//! Who is still to be told, and who is to be asked whether it helped, as the lists from which people call: read out of
//! the journal and the cases, kept nowhere else.

use super::{Answer, Failed, Unheard, UnheardLine, Untold, UntoldLine};
use crate::{failure::causes, words::Say};
use huying_domain::{
    case::Case,
    ids::CaseId,
    private::Private,
    time::Timestamp,
    vocabulary::{Clock, Outcome, Stage},
};
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

/// The callers who were told and have not said whether it helped, the earliest due first.
pub fn unheard(engine: &Engine<RealDisk>, now: Timestamp) -> Answer {
    let waits = |case: &&Case| {
        case.stage == Stage::Answered
            && case.told
            && matches!(case.outcome, Some(Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead))
    };
    let mut lines: Vec<UnheardLine> =
        engine.state().cases().filter(waits).map(|case| line(case, now)).collect();
    lines.sort_by_key(|line| (line.due.unwrap_or(Timestamp::FAR), line.case));
    let all = lines.len();
    lines.truncate(LIST_CASES_MAX);
    let rules = engine.rules();
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    let zone = calendar.zone().iana_name().unwrap_or("UTC").to_owned();
    Answer::Unheard(Unheard { lines, all, attempts_max: rules.policy.call_backs_max, now, zone })
}

fn line(case: &Case, now: Timestamp) -> UnheardLine {
    let due = case.running(Clock::CallBack).map(|running| running.due);
    UnheardLine {
        case: case.id,
        unit: case.handler.clone(),
        due,
        late: due.is_some_and(|due| due <= now),
        attempts: case.attempts,
    }
}
