//! Cases that are in memory no longer: what the stream still holds of them, and what they were about.

use super::{super::post::Post, Broken, wording};
use huying_bus::{
    message::assignment::{Assignment, WorkPart},
    nats::Nats,
    outbox::{Held, Outbox, held},
};
use huying_domain::{ids::CaseId, record::Record, words::Words};
use huying_journal::{disk::Disk, error::ReadError};
use huying_projection::ought::{
    Ought,
    work::{self, Face, Work},
};
use std::{future::pending, time::Duration};

/// Pause before an engine without room is asked again.
const ENGINE_AGAIN_MS: u64 = 100;

/// Withdraws a message of which the fold knows nothing: the case was closed while NATS was away, or the journal was
/// restored from a backup and does not have the case at all.
pub(super) async fn withdraw<D: Disk, N: Nats>(
    ctx: &Post<D, N>,
    outbox: &mut Outbox<N>,
    message: &Held,
) -> Result<(), Broken> {
    if let Some(work) = told_by_history(ctx, message).await {
        outbox.send(&message.unit, &wording::assignment(&work), work.at).await?;
        return Ok(());
    }
    let Some(there) = held(&ctx.link, &message.unit, message.case).await? else { return Ok(()) };
    let head = *ctx.head.borrow();
    let Ok(newest) = ctx.reader.record(head) else { return Ok(()) };
    // Under the record of the assignment the server would take it for that assignment, sent again.
    let withdrawal = Assignment {
        seq: head,
        part: WorkPart::Withdrawn,
        summary: String::new(),
        point: None,
        limits: Vec::new(),
        co_handlers: Vec::new(),
        reason: Words::new("账本恢复后已无此单", "the restored journal does not have this case"),
        ..there
    };
    tracing::warn!(case = %message.case, unit = %message.unit, "work that the journal does not know is withdrawn");
    outbox.send(&message.unit, &withdrawal, newest.at).await?;
    Ok(())
}

/// The withdrawal as the records of the case tell it.
async fn told_by_history<D: Disk, N: Nats>(ctx: &Post<D, N>, message: &Held) -> Option<Work> {
    let mut ought = Ought::default();
    for record in history(ctx, message.case).await.ok()? {
        ought.follow(&record);
    }
    ought.work(&message.unit, message.case).filter(|work| work.part == work::WorkPart::Withdrawn)
}

/// The records of a case, at rest or not: a closed case that somebody will look at again is in the engine's memory.
async fn history<D: Disk, N: Nats>(ctx: &Post<D, N>, case: CaseId) -> Result<Vec<Record>, ReadError> {
    loop {
        match ctx.handle.look(move |engine| engine.history(case)) {
            Ok(ticket) => match ticket.answer().await {
                Some(history) => return history,
                // The engine is gone, and these tasks go with it.
                None => return pending().await,
            },
            Err(_busy) => ctx.link.pause(Duration::from_millis(ENGINE_AGAIN_MS)).await,
        }
    }
}

/// A work with what its case is about: of a case that had been closed and was reopened the fold knows that in part,
/// and the journal whole.
pub(super) async fn with_face<D: Disk, N: Nats>(ctx: &Post<D, N>, work: Work) -> Work {
    if !work.face.partial {
        return work;
    }
    let closed_with = history(ctx, work.case).await;
    let closed_with = closed_with.ok().and_then(|records| Face::of(work.case, &records));
    let Some(face) = closed_with else {
        tracing::warn!(case = %work.case, "what a reopened case was about cannot be read");
        return work;
    };
    let mut ought = ctx.ought.lock();
    ought.recall(work.case, face);
    // It may have changed since it was taken: then the newer one is sent next, and this one is still true.
    let current = ought.work(&work.unit, work.case).filter(|current| current.seq == work.seq);
    current.unwrap_or(work)
}
