//! What is held of one person: the cases whose sealed data hold a number. Read beside the loop, kept nowhere.
//!
//! No index of numbers is kept on any disk, keyed or not: whoever had one could ask it for any number. So every sealed
//! record is opened once and compared; that takes as long as the journal is, and only the program sees what is
//! compared. Who answers a call asks what [`crate::doors::callers`] has in memory.
//! What was erased cannot be compared any more: it is counted, and that is all that can be said of it.

use huying_domain::{
    event::Event,
    ids::{CaseId, Seq},
    private::Private,
    record::Record,
};
use huying_journal::{
    disk::Disk,
    error::{KeyError, ReadError},
    reader::Reader,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, ops::ControlFlow};

/// Most cases of one person in one answer; those behind them are counted.
pub const PERSON_CASES_MAX: usize = 1_000;
/// Digits of a mobile number within the country.
const MOBILE_DIGITS: usize = 11;
/// How the country's own numbers begin where they are written for abroad.
const COUNTRY_CODES: [&str; 2] = ["0086", "86"];

/// Where a number stands.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Holding {
    /// The cases whose sealed data hold it, in their order.
    pub cases: Vec<CaseId>,
    /// Cases beyond [`PERSON_CASES_MAX`].
    pub left_out: u64,
    /// Sealed records that were opened and compared.
    pub opened: u64,
    /// Sealed records whose key cannot be read; a damaged key file.
    pub unreadable: u64,
    /// Cases whose key is destroyed: nobody can say any more whose they were.
    pub erased_cases: u64,
    /// The record up to which this holds.
    pub up_to: Seq,
}

/// Opens every sealed record and compares it with a number.
pub fn holding<D: Disk>(reader: &Reader<D>, number: &str) -> Result<Holding, ReadError> {
    let wanted = plain(number);
    let (mut held, mut erased) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Holding::default();
    reader.scan(1, &mut |record, _| {
        found.up_to = record.seq;
        for part in &record.parts {
            if part.events.iter().any(|event| matches!(event, Event::Erased(_))) {
                erased.extend(part.case());
            }
        }
        let Some(case) = sealed_of(record) else { return ControlFlow::Continue(()) };
        match reader.open_sealed(case, record) {
            Ok(None) => {}
            Ok(Some(private)) => {
                found.opened += 1;
                if private.number.is_some_and(|number| plain(&number) == wanted) {
                    held.insert(case);
                }
            }
            Err(_) => found.unreadable += 1,
        }
        ControlFlow::Continue(())
    })?;
    found.erased_cases = erased.len() as u64;
    found.left_out = held.len().saturating_sub(PERSON_CASES_MAX) as u64;
    found.cases = held.into_iter().take(PERSON_CASES_MAX).collect();
    Ok(found)
}

/// Sealed data of one record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// The record.
    pub seq: Seq,
    /// What it held.
    pub private: Private,
}

/// What a case's records hold of whoever has this number, and how many hold another's number and stay closed.
pub fn opened<D: Disk>(
    reader: &Reader<D>,
    case: CaseId,
    records: &[Record],
    number: &str,
) -> Result<(Vec<Opened>, u64), KeyError> {
    let wanted = plain(number);
    let (mut own, mut of_others) = (Vec::new(), 0);
    for record in records.iter().filter(|record| sealed_of(record) == Some(case)) {
        let Some(private) = reader.open_sealed(case, record)? else { continue };
        if private.number.as_ref().is_none_or(|number| plain(number) == wanted) {
            own.push(Opened { seq: record.seq, private });
        } else {
            of_others += 1;
        }
    }
    Ok((own, of_others))
}

/// Personal data are sealed under the key of the case that the record's first part is about.
pub(crate) fn sealed_of(record: &Record) -> Option<CaseId> {
    record.sealed.as_ref()?;
    record.parts.first()?.case()
}

/// A number as it is compared: digits alone, without the country's own code; an account as it is written.
pub(crate) fn plain(number: &str) -> String {
    let trimmed = number.trim();
    if trimmed.chars().any(char::is_alphabetic) {
        return trimmed.to_owned();
    }
    let digits: String = trimmed.chars().filter(char::is_ascii_digit).collect();
    let within = COUNTRY_CODES.iter().find_map(|code| digits.strip_prefix(code));
    match within.filter(|rest| rest.len() == MOBILE_DIGITS) {
        Some(rest) => rest.to_owned(),
        None => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written_and_another_is_another() {
        for written in ["13900000042", " 139 0000 0042", "+86-139-0000-0042", "0086 13900000042"] {
            assert_eq!(plain(written), "13900000042", "{written}");
        }
        assert_ne!(plain("13900000043"), plain("13900000042"));
        assert_ne!(plain("8613900"), plain("13900"));
        assert_eq!(plain(" wx-42a "), "wx-42a");
    }
}
