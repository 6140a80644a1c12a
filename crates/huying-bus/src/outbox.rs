//! The outbox on the wire: what units ought to have, under headers that name each message for ever, and what the
//! stream holds of it.

use crate::{
    header::{CE_ID, CE_SOURCE, CE_TYPE, CloudEvent, EventType, MESSAGE_ID, MessageId},
    message::{
        assignment::{Assignment, WorkPart},
        notice::Notice,
    },
    nats::{self, Listed, Message, Nats},
    stream::Stream,
    streams::{Owner, config::WITHDRAWN_KEPT_DAYS, error::ShapeError},
    subject::{Subject, token::NoticeKind},
};
use async_nats::{HeaderMap, header::NATS_MESSAGE_TTL, jetstream::context::PublishError};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesOrdered};
use huying_domain::{
    ids::{CaseId, Seq, UnitId},
    time::Timestamp,
};
use thiserror::Error;

/// Messages to units on their way at once.
pub const OUTBOX_WINDOW_MESSAGES: usize = 256;

/// Why a message to a unit did not arrive.
#[derive(Debug, Error)]
pub enum OutboxError {
    /// The server does not answer, or refuses.
    #[error("a message to a unit could not be sent")]
    Lost(#[source] PublishError),
    /// The message has no JSON form.
    #[error("a message to a unit cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The client cannot take it.
    #[error("a notice could not be handed to the client")]
    Notice(#[from] async_nats::PublishError),
}

/// A message that the stream took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posted {
    /// To whom.
    pub unit: UnitId,
    /// About which case.
    pub case: CaseId,
    /// The record that made it.
    pub seq: Seq,
    /// Whether it is a withdrawal.
    pub withdrawn: bool,
    /// The stream's sequence.
    pub sequence: u64,
}

/// Messages to units on their way, in order.
pub struct Outbox<N> {
    nats: N,
    owner: Owner,
    in_flight: FuturesOrdered<BoxFuture<'static, Result<Posted, OutboxError>>>,
}

impl<N: Nats> Outbox<N> {
    /// Nothing is on its way yet.
    pub fn new(nats: N, owner: Owner) -> Self {
        Self { nats, owner, in_flight: FuturesOrdered::new() }
    }

    /// How many may be sent now.
    pub fn room(&self) -> usize {
        OUTBOX_WINDOW_MESSAGES.saturating_sub(self.in_flight.len())
    }

    /// Whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Sends what a unit ought to have; `at` is when the engine decided.
    ///
    /// # Errors
    /// [`OutboxError`] if it cannot even be handed to the client.
    pub async fn send(
        &mut self,
        unit: &UnitId,
        assignment: &Assignment,
        at: Timestamp,
    ) -> Result<(), OutboxError> {
        let withdrawn = assignment.part == WorkPart::Withdrawn;
        let kind = if withdrawn { EventType::Withdrawn } else { EventType::Assigned };
        let (unit, case, seq) = (unit.clone(), assignment.case, assignment.seq);
        let id = MessageId { seq, unit: unit.clone() };
        let mut headers = headers(&self.owner, id.clone(), kind, at);
        // One record may move two cases of one unit: the server's own check for repeats has to tell them apart.
        headers.insert(MESSAGE_ID, format!("{}.{id}.{case}", self.owner.epoch()).as_str());
        if withdrawn {
            headers.insert(NATS_MESSAGE_TTL, format!("{}h", WITHDRAWN_KEPT_DAYS * 24).as_str());
        }
        let subject = Subject::Assignment { unit: unit.clone(), case }.to_string();
        let body = serde_json::to_vec(assignment)?.into();
        let taken = self.nats.publish(Message { subject, headers, body }).await.map_err(OutboxError::Lost)?;
        self.in_flight.push_back(Box::pin(async move {
            let sequence = taken.await.map_err(OutboxError::Lost)?;
            Ok(Posted { unit, case, seq, withdrawn, sequence })
        }));
        Ok(())
    }

    /// Waits until the oldest messages on their way stand in the stream, and says which; waits for ever while none is
    /// on its way.
    ///
    /// # Errors
    /// [`OutboxError`]: what the stream holds must be compared anew.
    pub async fn landed(&mut self) -> Result<Vec<Posted>, OutboxError> {
        let mut landed = match self.in_flight.next().await {
            Some(posted) => vec![posted?],
            None => return std::future::pending().await,
        };
        while let Some(Some(posted)) = self.in_flight.next().now_or_never() {
            landed.push(posted?);
        }
        Ok(landed)
    }
}

/// Tells a unit something, once: whoever does not listen now does not hear it.
///
/// # Errors
/// [`OutboxError`] if it cannot be handed to the client.
pub async fn notify(
    nats: &impl Nats,
    owner: &Owner,
    unit: &UnitId,
    kind: NoticeKind,
    notice: &Notice,
) -> Result<(), OutboxError> {
    let id = MessageId { seq: notice.seq, unit: unit.clone() };
    let headers = headers(owner, id, EventType::Noticed, notice.at);
    let subject = Subject::Notice { unit: unit.clone(), kind }.to_string();
    let body = serde_json::to_vec(notice)?.into();
    nats.tell(Message { subject, headers, body }).await?;
    Ok(())
}

fn headers(owner: &Owner, id: MessageId, kind: EventType, at: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in (CloudEvent { id, kind, journal: owner.to_string(), at }).headers() {
        headers.insert(name, value.as_str());
    }
    headers
}

/// A message that the stream holds for a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// For whom.
    pub unit: UnitId,
    /// About which case.
    pub case: CaseId,
    /// The record that made it; 0 where that is not a record of this journal in this epoch.
    pub seq: Seq,
    /// Whether it is a withdrawal.
    pub withdrawn: bool,
    /// The stream's sequence.
    pub sequence: u64,
}

/// Lists what ASSIGNMENTS holds: headers alone, in steps.
pub struct Listing {
    owner: Owner,
    messages: nats::Listing,
}

impl Listing {
    /// Begins to list.
    ///
    /// # Errors
    /// [`ShapeError::Api`]: the server refused or did not answer.
    pub async fn begin(nats: &impl Nats, owner: Owner) -> Result<Self, ShapeError> {
        Ok(Self { owner, messages: nats.list(Stream::Assignments).await? })
    }

    /// The next messages, at most `most`; none when all were listed.
    ///
    /// # Errors
    /// [`ShapeError::Api`]: the server did not answer.
    pub async fn next(&mut self, most: usize) -> Result<Vec<Held>, ShapeError> {
        let mut held = Vec::new();
        while held.len() < most
            && let Some(listed) = self.messages.next().await
        {
            held.extend(self.read(&listed?));
        }
        Ok(held)
    }

    fn read(&self, listed: &Listed) -> Option<Held> {
        let sequence = listed.sequence;
        let Ok(Subject::Assignment { unit, case }) = listed.subject.parse() else {
            tracing::warn!(sequence, "a message of HUYING_ASSIGNMENTS has no subject of an assignment");
            return None;
        };
        let header = |name| listed.headers.get(name).map(|value| value.as_str().to_owned());
        let ours = header(CE_SOURCE).is_some_and(|source| source.ends_with(&format!(":{}", self.owner)));
        let id = header(CE_ID).and_then(|id| id.parse::<MessageId>().ok());
        let seq = id.filter(|_| ours).map_or(0, |id| id.seq);
        let withdrawn = header(CE_TYPE).is_some_and(|kind| kind == EventType::Withdrawn.name());
        Some(Held { unit, case, seq, withdrawn, sequence })
    }
}

/// The body of the message that the stream holds for a unit about a case; none where it holds none, or an unreadable
/// one.
///
/// # Errors
/// [`ShapeError::Api`]: the server did not answer.
pub async fn held(nats: &impl Nats, unit: &UnitId, case: CaseId) -> Result<Option<Assignment>, ShapeError> {
    let subject = Subject::Assignment { unit: unit.clone(), case }.to_string();
    let body = nats.last(Stream::Assignments, &subject).await?;
    Ok(body.and_then(|body| serde_json::from_slice(&body).ok()))
}
