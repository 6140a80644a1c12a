//! Looks from time to time for devices that have fallen silent.

use super::Ctx;
use huying_journal::disk::Disk;
use std::{sync::Arc, time::Duration};

/// How often it is looked, in seconds: far shorter than any device's time.
const LOOK_EVERY_S: u64 = 60;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    loop {
        tokio::select! {
            () = ctx.stopped() => return,
            () = tokio::time::sleep(Duration::from_secs(LOOK_EVERY_S)) => {}
        }
        let cases = ctx.doors.look_for_silence().await;
        if cases > 0 {
            tracing::info!(cases, "devices have fallen silent");
        }
    }
}
