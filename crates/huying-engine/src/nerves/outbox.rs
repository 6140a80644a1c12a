//! The outbox: what each unit ought to have in its queue, kept equal to what the stream holds.
//!
//! With each turn what ought to be is compared with what the stream holds, by the headers of its messages alone, and
//! only the difference is sent. Then it follows the records. What is sent is always the current state, so a unit that
//! was away for hours finds what it owes now and not what came between. Nothing is kept here: the fold is one of the
//! engine's views, and what was on its way when something broke is found out by the next comparison.

mod stale;
mod wording;

pub(super) use self::wording::notice as wording_of_notice;
use super::post::Post;
use huying_bus::{
    nats::Nats,
    outbox::{Listing, Outbox, OutboxError},
    streams::{Owner, error::ShapeError},
};
use huying_journal::disk::Disk;
use huying_projection::ought::Found;
use std::sync::Arc;
use thiserror::Error;

/// Messages of the stream that are compared in one step: the loop waits that long at most.
const COMPARED_AT_ONCE_MESSAGES: usize = 500;
/// Cases that are looked through in one step of a comparison.
const COMPARED_AT_ONCE_CASES: usize = 500;
/// Messages that are taken from the fold in one step.
const TAKEN_AT_ONCE_MESSAGES: usize = 64;

#[derive(Debug, Error)]
enum Broken {
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Server(#[from] ShapeError),
}

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk, N: Nats>(ctx: Arc<Post<D, N>>) {
    let mut behind = 0;
    loop {
        let turn = tokio::select! {
            biased;
            () = ctx.stopped() => return,
            turn = ctx.ground.ours(behind) => turn,
        };
        behind = turn.number;
        let broken = tokio::select! {
            biased;
            () = ctx.stopped() => return,
            () = ctx.ground.over(turn) => continue,
            broken = keep(&ctx) => broken,
        };
        if let Err(error) = broken {
            tracing::info!(error = &error as &dyn std::error::Error, "the outbox compares anew");
            ctx.ground.doubt(turn);
        }
    }
}

async fn keep<D: Disk, N: Nats>(ctx: &Post<D, N>) -> Result<(), Broken> {
    let owner = Owner::new(&ctx.identity.journal_id, ctx.identity.epoch);
    let mut outbox = Outbox::new(ctx.link.clone(), owner.clone());
    let mut head = ctx.head.clone();
    let mut alive = true;
    compare(ctx, &owner, &mut outbox).await?;
    loop {
        head.borrow_and_update();
        if ctx.ought.lock().has_overflowed() {
            land_all(ctx, &mut outbox).await?;
            compare(ctx, &owner, &mut outbox).await?;
        }
        let taken = ctx.ought.lock().take_unsent(outbox.room().min(TAKEN_AT_ONCE_MESSAGES));
        let more = !taken.is_empty();
        for work in taken {
            let work = stale::with_face(ctx, work).await;
            outbox.send(&work.unit.clone(), &wording::assignment(&work), work.at).await?;
        }
        if more && outbox.room() > 0 {
            continue;
        }
        note(ctx, &outbox);
        tokio::select! {
            biased;
            landed = outbox.landed() => landed?.iter().for_each(|posted| take_down(ctx, posted)),
            changed = head.changed(), if alive && outbox.room() > 0 => alive = changed.is_ok(),
        }
    }
}

/// Finds out what the stream holds, withdraws what nobody knows of any more, and leaves in the fold what is to be sent.
async fn compare<D: Disk, N: Nats>(
    ctx: &Post<D, N>,
    owner: &Owner,
    outbox: &mut Outbox<N>,
) -> Result<(), Broken> {
    ctx.gauges.comparisons.inc();
    ctx.ought.lock().begin_comparison();
    let mut listing = Listing::begin(&ctx.link, owner.clone()).await?;
    let (mut listed, mut same) = (0_usize, 0_usize);
    loop {
        let held = listing.next(COMPARED_AT_ONCE_MESSAGES).await?;
        if held.is_empty() {
            break;
        }
        listed += held.len();
        let mut unknown = Vec::new();
        {
            let mut ought = ctx.ought.lock();
            for message in held {
                match ought.found(&message.unit, message.case, message.seq, message.sequence) {
                    Found::Same => same += 1,
                    Found::Unknown if !message.withdrawn => unknown.push(message),
                    Found::Unknown | Found::Differs => {}
                }
            }
        }
        for message in unknown {
            if outbox.room() == 0 {
                land_all(ctx, outbox).await?;
            }
            stale::withdraw(ctx, outbox, &message).await?;
        }
    }
    let mut after = None;
    loop {
        after = ctx.ought.lock().go_on_comparing(after, COMPARED_AT_ONCE_CASES);
        if after.is_none() {
            break;
        }
        tokio::task::yield_now().await;
    }
    let unsent = ctx.ought.lock().unsent();
    tracing::info!(listed, same, unsent, "what units ought to have is compared with the stream");
    Ok(())
}

async fn land_all<D: Disk, N: Nats>(ctx: &Post<D, N>, outbox: &mut Outbox<N>) -> Result<(), Broken> {
    while !outbox.is_empty() {
        outbox.landed().await?.iter().for_each(|posted| take_down(ctx, posted));
    }
    Ok(())
}

fn take_down<D: Disk, N: Nats>(ctx: &Post<D, N>, posted: &huying_bus::outbox::Posted) {
    ctx.ought.lock().sent(&posted.unit, posted.case, posted.seq, posted.sequence);
    let counter = if posted.withdrawn { &ctx.gauges.withdrawn_sent } else { &ctx.gauges.assignments_sent };
    counter.inc();
}

fn note<D: Disk, N: Nats>(ctx: &Post<D, N>, outbox: &Outbox<N>) {
    let (seq, unsent) = {
        let ought = ctx.ought.lock();
        (ought.seq(), ought.unsent())
    };
    ctx.gauges.outbox_unsent.set(i64::try_from(unsent).unwrap_or(i64::MAX));
    if unsent == 0 && outbox.is_empty() {
        ctx.progress.send_if_modified(|progress| std::mem::replace(&mut progress.posted, seq) != seq);
    }
}
