//! The durable inbox: calls that feeds left, taken in, receipted, or laid into quarantine.

use super::Ctx;
use huying_journal::disk::Disk;
use std::sync::Arc;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    ctx.stopped().await;
}
