//! The durable inbox: calls that feeds left, taken in, receipted, or laid into quarantine.
//!
//! All messages that lie there are taken together, so that their calls share a batch. A message is let go when its
//! calls are cases, its receipt is kept, and, where a call could not be taken, the message lies in quarantine: the
//! feed has gone on and would not come back for it.

use super::Ctx;
use crate::doors::{
    calls::{Caller, Incoming, Naming},
    deed::bad_subject,
};
use huying_bus::{
    inbox::{Inbox, Left},
    message::answer::{CallAnswer, InboxReceipt, ProposalMessage, RefusalMessage},
    subject::token::Station,
    talk::NoAnswer,
};
use huying_domain::refusal::Refusal;
use huying_journal::disk::Disk;
use std::sync::Arc;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    if ctx.elsewhere.contains(&Station::Intake) {
        return ctx.stopped().await;
    }
    let mut behind = 0;
    loop {
        let turn =
            tokio::select! { biased; () = ctx.stopped() => return, turn = ctx.ground.ours(behind) => turn };
        behind = turn.number;
        let ended = tokio::select! {
            biased;
            () = ctx.ground.over(turn) => Ok(()),
            ended = empty(&ctx) => ended,
        };
        match ended {
            Ok(()) if *ctx.stopping.borrow() => return,
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the inbox is read anew");
                ctx.ground.doubt(turn);
            }
        }
    }
}

/// Takes whatever comes until the nerves are told to stop; what was begun is finished.
async fn empty<D: Disk>(ctx: &Ctx<D>) -> Result<(), NoAnswer> {
    let mut inbox = Inbox::open(&ctx.link).await?;
    loop {
        let left =
            tokio::select! { biased; () = ctx.stopped() => return Ok(()), left = inbox.next() => left? };
        take(ctx, &inbox, left).await?;
    }
}

/// What a message comes to.
struct Opened {
    left: Left,
    /// How many calls it holds, or why it cannot be cut into calls.
    calls: Result<usize, RefusalMessage>,
}

async fn take<D: Disk>(ctx: &Ctx<D>, inbox: &Inbox, messages: Vec<Left>) -> Result<(), NoAnswer> {
    let mut all: Vec<Incoming> = Vec::new();
    let mut opened = Vec::with_capacity(messages.len());
    for left in messages {
        let calls = match cut(ctx, &left).await {
            Ok(mut calls) => {
                let count = calls.len();
                all.append(&mut calls);
                Ok(count)
            }
            Err(refusal) => Err(refusal),
        };
        opened.push(Opened { left, calls });
    }
    let mut answers = ctx.doors.take(all).await.into_iter();
    for Opened { left, calls } in opened {
        let own = match calls {
            Ok(count) => answers.by_ref().take(count).collect(),
            Err(refusal) => vec![CallAnswer::Refused { external_id: None, refusal }],
        };
        settle(inbox, &left, own).await?;
    }
    Ok(())
}

async fn cut<D: Disk>(ctx: &Ctx<D>, left: &Left) -> Result<Vec<Incoming>, RefusalMessage> {
    let (Some(source), Some(channel)) = (left.source.clone(), left.channel) else {
        return Err(bad_subject());
    };
    let caller = Caller { source, channel, person: None, unit: None };
    ctx.doors.cut(&caller, &Naming::Inbox(left.id), &left.payload).await
}

/// Keeps what follows from a message and lets it go; or leaves it where it is, if a call found no room just now.
pub(crate) async fn settle(inbox: &Inbox, left: &Left, answers: Vec<CallAnswer>) -> Result<(), NoAnswer> {
    let reasons = || {
        answers.iter().filter_map(|answer| match answer {
            CallAnswer::Refused { refusal, .. } => Some(refusal.code.as_str()),
            CallAnswer::Taken { .. } | CallAnswer::Heard { .. } => None,
        })
    };
    if reasons().any(|code| code == Refusal::Busy.code() || code == Refusal::Stopping.code()) {
        return left.later().await;
    }
    let reason = reasons().next().map(str::to_owned);
    if let Some(reason) = &reason {
        tracing::warn!(sequence = left.sequence, reason, "a call of the inbox could not be taken");
        inbox.quarantine(left, reason).await?;
    }
    let answers = answers.into_iter().map(|answer| told(answer, left.again)).collect();
    let receipt = InboxReceipt { sequence: left.sequence, answers, quarantined: reason.is_some() };
    inbox.receipt(left, &receipt).await?;
    left.done().await
}

/// Of a message that was handed out before nobody knows whether its calls were repeats the first time; its receipt is
/// the one that it would have had then.
fn told(answer: CallAnswer, again: bool) -> CallAnswer {
    match answer {
        CallAnswer::Heard { device } => CallAnswer::Heard { device },
        CallAnswer::Taken { external_id, case, lead, repeat, proposal } => {
            // A receipt stands in a stream for days, and the caller's words do not.
            let proposal = proposal.map(|told| ProposalMessage { strongest: Vec::new(), ..told });
            CallAnswer::Taken { external_id, case, lead, repeat: repeat && !again, proposal }
        }
        refused @ CallAnswer::Refused { .. } => refused,
    }
}
