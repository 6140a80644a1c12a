//! The echo: every record that is on the platter goes to the stream, whose sequence is its seq.

use super::Ctx;
use huying_journal::disk::Disk;
use std::sync::Arc;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    ctx.stopped().await;
}
