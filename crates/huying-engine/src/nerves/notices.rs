//! Notices: told once, to whoever listens now, and never late.
//!
//! Each is handed over before the next is taken from the fold: what the client still holds when the link breaks it
//! sends after the outage, and that is one notice at most. It names its own end, for whoever reads it.

use super::{outbox::wording_of_notice, post::Post};
use huying_bus::{nats::Nats, outbox, streams::Owner};
use huying_domain::{
    ids::{Seq, UnitId},
    time::Timestamp,
};
use huying_journal::disk::Disk;
use huying_projection::ought::notice::Notice;
use std::{sync::Arc, time::Duration};

/// How long a notice may wait to be written to the link before the next is looked at.
const WRITTEN_WITHIN_S: u64 = 2;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk, N: Nats>(ctx: Arc<Post<D, N>>) {
    // What was decided before this start was told then, or is too late now.
    let born = *ctx.head.borrow();
    tokio::select! { biased; () = ctx.stopped() => {} () = tell(&ctx, born) => {} }
}

async fn tell<D: Disk, N: Nats>(ctx: &Post<D, N>, born: Seq) {
    let owner = Owner::new(&ctx.identity.journal_id, ctx.identity.epoch);
    let mut head = ctx.head.clone();
    loop {
        // While NATS is away they wait in the fold, which keeps a bounded number.
        ctx.ground.ours(0).await;
        while ctx.link.state().up {
            let Some(notice) = ctx.ought.lock().take_notice() else { break };
            if notice.seq > born
                && let Some((now, unit)) = look_again(ctx, &notice).await
            {
                send(ctx, &owner, &Notice { unit, ..notice }, now).await;
            }
        }
        if head.changed().await.is_err() {
            return;
        }
    }
}

/// Looks at the case again: whether there is still a reason for the notice, whether people are let sleep, and who is
/// there to hear it. An alarm rings where it was sent; any other notice goes to whoever stands above where nobody is
/// left.
async fn look_again<D: Disk, N: Nats>(ctx: &Post<D, N>, notice: &Notice) -> Option<(Timestamp, UnitId)> {
    let looked = notice.clone();
    let look = ctx.handle.look(move |engine| {
        let now = engine.clock().now();
        let case = engine.state().case(looked.case);
        let stands = looked.stands(case);
        let there = || engine.state().present(engine.rules(), &looked.unit);
        let unit = if looked.urgent { looked.unit.clone() } else { there() };
        // A unit that works round the clock has nobody asleep, and an alarm is a matter of life to its end.
        let calendar = engine.rules().calendar_of_unit(&unit);
        let sleeps = looked.lets_sleep
            && !calendar.is_continuous()
            && case.is_none_or(|case| case.alarm.is_none())
            && engine.rules().policy.notices.is_quiet(now, calendar);
        (now, stands, sleeps, unit)
    });
    let (now, stands, sleeps, unit) = look.ok()?.answer().await?;
    if stands && sleeps {
        ctx.gauges.notices_quiet.inc();
        return None;
    }
    if !stands {
        ctx.gauges.notices_void.inc();
        return None;
    }
    Some((now, unit))
}

async fn send<D: Disk, N: Nats>(ctx: &Post<D, N>, owner: &Owner, notice: &Notice, now: Timestamp) {
    if notice.expires_at <= now {
        ctx.gauges.notices_expired.inc();
        return;
    }
    let (kind, message) = wording_of_notice(notice);
    match outbox::notify(&ctx.link, owner, &notice.unit, kind, &message).await {
        Ok(()) => {
            ctx.gauges.notices_sent.inc();
            let written = Duration::from_secs(WRITTEN_WITHIN_S);
            if !ctx.link.written(written).await {
                tracing::debug!("a notice waits for the link");
            }
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "a notice was not sent"),
    }
}
