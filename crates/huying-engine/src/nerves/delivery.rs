//! How the units' work arrives: read from the consumers, set beside what they have not accepted, and shown.

use super::Ctx;
use crate::engine::Engine;
use huying_bus::delivery::{Arrival, Arrivals, Delivery, Silent, UnitDelivery};
use huying_domain::{ids::UnitId, time::Timestamp};
use huying_journal::disk::Disk;
use huying_projection::ought::Ought;
use std::{sync::Arc, time::Duration};

/// How often the consumers are read.
const READ_EVERY_MS: u64 = 2_000;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    tokio::select! { () = ctx.stopped() => {} () = watch(&ctx) => {} }
}

async fn watch<D: Disk>(ctx: &Ctx<D>) {
    loop {
        ctx.ground.ours(0).await;
        match Arrivals::read(&ctx.link).await {
            Ok(arrivals) => {
                let looked = ctx.handle.look(move |engine| note(engine, &arrivals));
                if let Ok(ticket) = looked
                    && let Some(delivery) = ticket.answer().await
                {
                    ctx.gauges.delivered(&delivery);
                }
            }
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "consumers cannot be read")
            }
        }
        tokio::time::sleep(Duration::from_millis(READ_EVERY_MS)).await;
    }
}

/// Measured against the engine's own clock, so it holds in virtual time too.
fn note<D: Disk>(engine: &mut Engine<D>, arrivals: &Arrivals) -> Delivery {
    let now = engine.clock().now();
    let mut delivery = Delivery { at: Some(now), ..Delivery::default() };
    {
        let ought = engine.views().ought.lock();
        for (unit, arrival) in arrivals.units() {
            delivery.units.insert(unit.clone(), shown(&ought, unit, *arrival, now));
        }
        if let Some(all) = arrivals.all() {
            for unit in ought.waiting_units() {
                let shown = shown(&ought, &unit, *all, now);
                // What the one consumer counts is nobody's own.
                let arrival = Arrival { acked_through: all.acked_through, ..Arrival::default() };
                delivery.units.entry(unit).or_insert(UnitDelivery { arrival, ..shown });
            }
        }
    }
    engine.views.delivery = delivery.clone();
    delivery
}

fn shown(ought: &Ought, unit: &UnitId, arrival: Arrival, now: Timestamp) -> UnitDelivery {
    let silence = ought.silence(unit, arrival.acked_through, now);
    UnitDelivery {
        arrival,
        oldest_unaccepted_s: ought.oldest_unaccepted(unit).map(|since| now.seconds_since(since).max(0)),
        silent: silence.map(|silence| Silent { case: silence.case, since: silence.since, due: silence.due }),
    }
}
