//! Cases that are in memory no longer: what the stream still holds of them, and what they were about.

use super::{super::post::Post, Broken, wording};
use huying_bus::{
    message::assignment::{Assignment, WorkPart},
    nats::Nats,
    outbox::{Held, Outbox, held},
};
use huying_domain::words::Words;
use huying_journal::disk::Disk;
use huying_projection::ought::{
    Ought,
    work::{self, Face, Work},
};

/// Withdraws a message of which the fold knows nothing: the case was closed while NATS was away, or the journal was
/// restored from a backup and does not have the case at all.
pub(super) async fn withdraw<D: Disk, N: Nats>(
    ctx: &Post<D, N>,
    outbox: &mut Outbox<N>,
    message: &Held,
) -> Result<(), Broken> {
    if let Some(work) = told_by_history(ctx, message) {
        outbox.send(&message.unit, &wording::assignment(&work), work.at).await?;
        return Ok(());
    }
    let Some(there) = held(&ctx.link, &message.unit, message.case).await? else { return Ok(()) };
    let withdrawal = Assignment {
        part: WorkPart::Withdrawn,
        summary: String::new(),
        point: None,
        limits: Vec::new(),
        co_handlers: Vec::new(),
        reason: Words::new("账本恢复后已无此单", "the restored journal does not have this case"),
        ..there
    };
    let head = *ctx.head.borrow();
    let Ok(newest) = ctx.reader.record(head) else { return Ok(()) };
    tracing::warn!(case = %message.case, unit = %message.unit, "work that the journal does not know is withdrawn");
    outbox.send(&message.unit, &withdrawal, newest.at).await?;
    Ok(())
}

/// The withdrawal as the records of the case tell it.
fn told_by_history<D: Disk, N: Nats>(ctx: &Post<D, N>, message: &Held) -> Option<Work> {
    let mut ought = Ought::default();
    for record in ctx.reader.history(message.case).ok()? {
        ought.follow(&record);
    }
    ought.work(&message.unit, message.case).filter(|work| work.part == work::WorkPart::Withdrawn)
}

/// A work with what its case is about: of a case that had been closed and was reopened the fold knows that in part,
/// and the journal whole.
pub(super) fn with_face<D: Disk, N: Nats>(ctx: &Post<D, N>, work: Work) -> Work {
    if !work.face.partial {
        return work;
    }
    let closed_with = ctx.reader.history(work.case).ok().and_then(|records| Face::of(work.case, &records));
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
