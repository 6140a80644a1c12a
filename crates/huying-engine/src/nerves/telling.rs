//! Telling the resident: what was asked and is not yet told goes to the channel's adapter.

use super::Ctx;
use huying_journal::disk::Disk;
use std::sync::Arc;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    ctx.stopped().await;
}
