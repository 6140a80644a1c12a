//! What is read out of all records, beside the loop: whose number stands where, what is due to be erased, a sample.

use super::{
    Answer, BesideAsk, CaseTold, OpenedTold,
    desk::{failed, no_report},
};
use crate::words::Say;
use huying_domain::{ids::CaseId, rules::Rules, time::Timestamp};
use huying_engine::{
    person::{self, holding},
    sample::sample,
};
use huying_journal::{disk::real::RealDisk, error::ReadError, reader::Reader};
use huying_projection::{retention::proposals, survey::Survey};
use std::{error::Error, ops::ControlFlow};

/// Reads all records once and answers.
pub fn read_beside(reader: &Reader<RealDisk>, rules: &Rules, ask: &BesideAsk, now: Timestamp) -> Answer {
    match ask {
        BesideAsk::Holding(number) => match holding(reader, number) {
            Ok(found) => Answer::Holding(found),
            Err(error) => unreadable(&error),
        },
        BesideAsk::Retention => match survey(reader) {
            Ok(survey) => Answer::Retention(Box::new(proposals(rules, &survey, now))),
            Err(error) => unreadable(&error),
        },
        BesideAsk::Sample(ask) => match survey(reader) {
            Ok(survey) => match sample(rules, &survey, *ask, now) {
                Ok(sample) => Answer::Sample(Box::new(sample)),
                Err(why) => no_report(why),
            },
            Err(error) => unreadable(&error),
        },
    }
}

fn survey(reader: &Reader<RealDisk>) -> Result<Survey, ReadError> {
    let mut survey = Survey::default();
    reader.scan(1, &mut |record, _| {
        survey.follow(record);
        ControlFlow::Continue(())
    })?;
    Ok(survey)
}

/// What the records of a case hold of whoever has a number. Whoever asks has made the record that says so before.
pub fn opened(reader: &Reader<RealDisk>, case: CaseId, told: CaseTold, number: &str) -> Answer {
    let records = match told.read() {
        Ok(records) => records,
        Err(error) => return unreadable(&error),
    };
    match person::opened(reader, case, &records, number) {
        Ok((own, of_others)) => Answer::Opened(OpenedTold { own, of_others, case: told }),
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &(dyn Error + 'static)) -> Answer {
    failed("records_unreadable", Say::CannotReadRecords.with(&[]), error)
}
