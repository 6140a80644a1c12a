//! Stations elsewhere: what they name comes in here, and the rule files go out.

use super::Ctx;
use huying_journal::disk::Disk;
use std::sync::Arc;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    ctx.stopped().await;
}
