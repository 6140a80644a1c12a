//! Reading the caller: first it is a record who reads and why, then the sealed data are opened and told.

use super::{
    Doors,
    deed::Asked,
    refused::{READ_TOO_OFTEN, SEALED_UNREADABLE, link_not_private, refused},
};
use huying_bus::message::{
    answer::{RefusalMessage, UnitReply},
    call::Caller,
    text::Text,
};
use huying_domain::{
    ids::{CaseId, Seq},
    record::Record,
    refusal::Refusal,
};
use huying_journal::{disk::Disk, error::ReadError};

/// How often one request may read the caller again: an answer can be lost on its way, and each reading is a record.
pub const READINGS_PER_REQUEST_MAX: u64 = 8;
/// How often a case is read anew when its newest records were not on the platter yet.
const READS_MAX: usize = 64;

impl<D: Disk> Doors<D> {
    /// Tells the caller to who may know. `decide` says who that is, each time anew: a request that is sent again is
    /// another reading, and whoever has lost the case meanwhile is refused.
    pub(super) async fn reveal(&self, asked: &Asked, private: bool) -> UnitReply {
        if !private {
            return UnitReply::Refused { refusal: link_not_private() };
        }
        for n in 0..READINGS_PER_REQUEST_MAX {
            let accepted = match self.done(asked.command(n)).await {
                Ok(accepted) => accepted,
                Err(refusal) => return UnitReply::Refused { refusal },
            };
            if accepted.repeat {
                continue;
            }
            return match self.caller_of(asked.case).await {
                Ok(caller) => UnitReply::Revealed { seq: accepted.seq, caller },
                Err(refusal) => UnitReply::Refused { refusal },
            };
        }
        UnitReply::Refused { refusal: read_too_often() }
    }

    /// The caller as the case's records have it sealed; what came later stands for what came earlier.
    async fn caller_of(&self, case: CaseId) -> Result<Caller, RefusalMessage> {
        let mut caller = Caller::default();
        for record in self.history(case).await?.iter().filter(|record| is_about(record, case)) {
            let opened = self.reader.open_sealed(case, record).map_err(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, %case, "sealed data cannot be opened");
                unreadable_now()
            })?;
            if let Some(private) = opened {
                caller.number = fitted(private.number).or(caller.number);
                caller.name = fitted(private.name).or(caller.name);
                caller.home = fitted(private.address).or(caller.home);
            }
        }
        Ok(caller)
    }

    /// Whether the number that a caller left ends so. Nothing of it is told; whoever asks has to know it.
    pub async fn number_ends_with(&self, case: CaseId, digits: &str) -> bool {
        let Ok(caller) = self.caller_of(case).await else { return false };
        let number = caller.number.map(|number| number.as_str().to_owned()).unwrap_or_default();
        let plain: String = number.chars().filter(char::is_ascii_digit).collect();
        !digits.is_empty() && plain.ends_with(digits)
    }

    /// The records of a case that are on the platter.
    pub(super) async fn history(&self, case: CaseId) -> Result<Vec<Record>, RefusalMessage> {
        for _ in 0..READS_MAX {
            let seqs: Option<Vec<Seq>> = self
                .look(move |engine| engine.traces.seqs(case))
                .await
                .map_err(|refusal| RefusalMessage::from(&refusal))?;
            // Read here and not in the loop: a long history would hold up the calls.
            let read = match seqs {
                Some(seqs) => self.reader.read_seqs(&seqs),
                None => self.reader.history(case),
            };
            match read {
                Ok(records) => return Ok(records),
                // What was not on the platter then is there now: the loop answers no look before.
                Err(ReadError::NotThere(_)) => {}
                Err(ReadError::NotAtRest(_)) => {
                    return Err(RefusalMessage::from(&Refusal::UnknownCase(case)));
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, %case, "case cannot be read");
                    return Err(unreadable_now());
                }
            }
        }
        Err(RefusalMessage::from(&Refusal::Busy))
    }
}

/// Personal data are sealed under the key of the case that the record's first part is about.
fn is_about(record: &Record, case: CaseId) -> bool {
    record.sealed.is_some() && record.parts.first().and_then(|part| part.case()) == Some(case)
}

/// A text that came in by another door may be longer than this one tells; it is cut and not withheld.
fn fitted<const CHARS_MAX: usize>(text: Option<String>) -> Option<Text<CHARS_MAX>> {
    let cut: String = text?.chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect();
    Text::new(cut).ok()
}

fn read_too_often() -> RefusalMessage {
    refused(
        READ_TOO_OFTEN,
        format!("同一请求最多查看 {READINGS_PER_REQUEST_MAX} 次，请用新的请求编号并写明用途。"),
        format!(
            "One request reads the caller at most {READINGS_PER_REQUEST_MAX} times; ask with a new id and a purpose."
        ),
        Some("id"),
    )
}

fn unreadable_now() -> RefusalMessage {
    refused(
        SEALED_UNREADABLE,
        "暂时无法读取，请联系管理员。",
        "It cannot be read at present; tell the operator.",
        None,
    )
}
