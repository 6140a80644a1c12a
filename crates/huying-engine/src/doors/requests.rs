//! What everybody may know of cases, beyond what is kept in memory.

use super::{Doors, first_at_or_after};
use huying_bus::message::answer::RefusalMessage;
use huying_domain::{
    ids::{CaseId, Seq},
    refusal::Refusal,
    time::Timestamp,
};
use huying_journal::{disk::Disk, error::ReadError};
use huying_projection::requests::{Request, Requests, standing::Standing};
use std::ops::ControlFlow;

/// Most records that one question for news looks through.
pub const NEWS_RECORDS_MAX: usize = 200_000;
/// Most news of one answer.
pub const NEWS_MAX: usize = 1_000;

/// Something that happened to a case and that everybody may know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News {
    /// The record in which it stands.
    pub seq: Seq,
    /// Which of the record's events it is.
    pub nth: usize,
    /// When.
    pub at: Timestamp,
    /// The case.
    pub case: CaseId,
    /// What happened.
    pub standing: Standing,
}

impl<D: Disk> Doors<D> {
    /// A case as everybody may see it, however old; none that is hidden.
    ///
    /// # Errors
    /// `unknown_case`; `busy` where it cannot be read now.
    pub async fn request(&self, case: CaseId) -> Result<Request, RefusalMessage> {
        let kept = self.look(move |engine| {
            let requests = &engine.views().requests;
            (requests.holds(case), requests.shown(case).cloned())
        });
        let unknown = || RefusalMessage::from(&Refusal::UnknownCase(case));
        match kept.await.map_err(|refusal| RefusalMessage::from(&refusal))? {
            (_, Some(request)) => Ok(request),
            (true, None) => Err(unknown()),
            (false, None) => {
                let mut alone = Requests::default();
                self.history(case).await?.iter().for_each(|record| alone.follow(record));
                alone.shown(case).cloned().ok_or_else(unknown)
            }
        }
    }

    /// What happened from one second up to and with another, in the order of time, hidden cases not left out; none
    /// where that is more than [`NEWS_RECORDS_MAX`] records. It reads the disk: not for a thread that serves others.
    ///
    /// # Errors
    /// The journal cannot be read just now.
    pub fn news(&self, from: Timestamp, to: Timestamp) -> Result<Option<Vec<News>>, ReadError> {
        let (mut news, mut looked) = (Vec::new(), 0);
        if self.reader.synced() == 0 {
            return Ok(Some(news));
        }
        let first = first_at_or_after(&self.reader, from)?;
        self.reader.scan(first, &mut |record, _| {
            looked += 1;
            if record.at.seconds() > to.seconds() || looked > NEWS_RECORDS_MAX {
                return ControlFlow::Break(());
            }
            if record.at < from {
                return ControlFlow::Continue(());
            }
            let events = record
                .parts
                .iter()
                .flat_map(|part| part.events.iter().map(move |event| (part.case(), event)));
            for (nth, (case, event)) in events.enumerate() {
                if let (Some(case), Some(standing)) = (case, Standing::after(event)) {
                    news.push(News { seq: record.seq, nth, at: record.at, case, standing });
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok((looked <= NEWS_RECORDS_MAX).then_some(news))
    }
}
