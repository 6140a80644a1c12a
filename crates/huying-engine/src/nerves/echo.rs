//! The echo: every record that is on the platter goes to the stream, whose sequence is its seq.
//!
//! It begins behind the last record that the stream holds and follows the head. Whatever goes wrong, the stream's end
//! is read anew and it goes on from there: the server refuses a record that does not follow the one before, so there
//! is no gap and no double.

use super::{ground::Turn, post::Post};
use bytes::Bytes;
use huying_bus::{
    echo::{Echo, EchoError, body},
    nats::Nats,
    subject::Subject,
};
use huying_domain::{ids::Seq, record::Record};
use huying_journal::{disk::Disk, error::ReadError};
use std::{sync::Arc, time::Duration};
use thiserror::Error;

/// Records read from the journal at once: those that are not in memory are read from disk meanwhile.
const READ_AT_ONCE_RECORDS: usize = 256;
/// Pause after the journal could not be read.
const UNREAD_PAUSE_S: u64 = 5;

#[derive(Debug, Error)]
enum Broken {
    #[error(transparent)]
    Echo(#[from] EchoError),
    #[error("the journal cannot be read")]
    Read(#[from] ReadError),
    #[error("a record has no wire form")]
    Wire(#[from] huying_domain::wire::WireError),
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
            broken = follow(&ctx, turn) => broken,
        };
        let Err(error) = broken else { continue };
        tracing::info!(error = &error as &dyn std::error::Error, "the echo looks anew where it stands");
        if !matches!(error, Broken::Echo(_)) {
            ctx.link.pause(Duration::from_secs(UNREAD_PAUSE_S)).await;
        }
        ctx.ground.doubt(turn);
    }
}

async fn follow<D: Disk, N: Nats>(ctx: &Post<D, N>, turn: Turn) -> Result<(), Broken> {
    let mut echo = Echo::behind(ctx.link.clone(), turn.echoed);
    let mut head = ctx.head.clone();
    note(ctx, turn.echoed);
    let mut alive = true;
    loop {
        let last = *head.borrow_and_update();
        while let Some(wanted) = wanted(&echo, last) {
            let records = ctx.reader.read(echo.next(), wanted)?;
            if records.is_empty() {
                break;
            }
            let said = records.into_iter().map(said).collect::<Result<_, _>>()?;
            echo.send(said).await?;
        }
        tokio::select! {
            biased;
            landed = echo.landed() => note(ctx, landed?),
            changed = head.changed(), if alive && echo.room() >= READ_AT_ONCE_RECORDS => alive = changed.is_ok(),
        }
    }
}

/// What is said of a record, and about what.
fn said(record: Record) -> Result<(Subject, Bytes), Broken> {
    let Some(part) = record.parts.first() else { return Err(ReadError::NotThere(record.seq).into()) };
    let about = Subject::Record(part.subject.clone());
    Ok((about, body(record)?))
}

/// How many records to read now: what there is, as soon as there is room for it or for a good many.
fn wanted<N: Nats>(echo: &Echo<N>, last: Seq) -> Option<usize> {
    let there = usize::try_from((last + 1).saturating_sub(echo.next())).unwrap_or(usize::MAX);
    let wanted = there.min(READ_AT_ONCE_RECORDS);
    (wanted > 0 && echo.room() >= wanted).then_some(wanted)
}

fn note<D: Disk, N: Nats>(ctx: &Post<D, N>, echoed: Seq) {
    ctx.progress.send_modify(|progress| progress.echoed = echoed);
    let lag = ctx.reader.synced().saturating_sub(echoed);
    ctx.gauges.echo_lag.set(i64::try_from(lag).unwrap_or(i64::MAX));
}
