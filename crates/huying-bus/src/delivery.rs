//! Delivery is not acceptance: what was sent, fetched and acknowledged is read from the consumers and shown, and
//! changes nothing. That a unit accepts is an event, and comes by the door.

use crate::{consumers, link::Link, stream::Stream, streams::error::ShapeError};
use async_nats::jetstream::consumer::Info;
use huying_domain::{
    ids::{CaseId, UnitId},
    time::Timestamp,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// How the work of one consumer arrives.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Arrival {
    /// Messages that the stream holds or held for it since it was made.
    pub sent: u64,
    /// Of these, how many were fetched.
    pub delivered: u64,
    /// Of these, how many were acknowledged.
    pub acked: u64,
    /// Everything up to this sequence of the stream is acknowledged.
    pub acked_through: u64,
}

impl Arrival {
    fn of(info: &Info) -> Self {
        let again = info.num_redelivered as u64;
        let delivered = info.delivered.consumer_sequence.saturating_sub(again);
        Self {
            sent: delivered + info.num_pending,
            delivered,
            acked: delivered.saturating_sub(info.num_ack_pending as u64),
            acked_through: info.ack_floor.stream_sequence,
        }
    }
}

/// How the work of all units arrives.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Arrivals {
    units: BTreeMap<UnitId, Arrival>,
    all: Option<Arrival>,
}

impl Arrivals {
    /// Asks the server for the consumers of ASSIGNMENTS.
    ///
    /// # Errors
    /// [`ShapeError::Api`]: the server did not answer.
    pub async fn read(link: &Link) -> Result<Self, ShapeError> {
        let consumers = consumers::list(link, Stream::Assignments).await?;
        let own = |(name, info): (&String, &Info)| Some((consumers::unit_of(name)?, Arrival::of(info)));
        Ok(Self {
            units: consumers.iter().filter_map(own).collect(),
            all: consumers.get(consumers::ALL_UNITS).map(Arrival::of),
        })
    }

    /// The units that have a consumer of their own.
    pub fn units(&self) -> impl Iterator<Item = (&UnitId, &Arrival)> {
        self.units.iter()
    }

    /// The one consumer of all units, where there is one.
    pub const fn all(&self) -> Option<&Arrival> {
        self.all.as_ref()
    }
}

/// How one unit's work arrives, and whether anybody takes it up.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct UnitDelivery {
    /// What its consumer says.
    #[serde(flatten)]
    pub arrival: Arrival,
    /// How long its oldest work has not been accepted, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_unaccepted_s: Option<i64>,
    /// Present when the unit is silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent: Option<Silent>,
}

/// A unit does not take up what was sent to it, and its first limit draws near.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Silent {
    /// The oldest such work.
    pub case: CaseId,
    /// Since when it is the unit's.
    pub since: Timestamp,
    /// When its first limit is reached.
    pub due: Timestamp,
}

/// How the work of the units arrived at an instant.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Delivery {
    /// The engine's instant; none while nothing was ever read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By unit: those that have a consumer, and those with work where one consumer fetches for all.
    pub units: BTreeMap<UnitId, UnitDelivery>,
}

impl Delivery {
    /// The units that are silent.
    pub fn silent(&self) -> impl Iterator<Item = (&UnitId, &Silent)> {
        self.units.iter().filter_map(|(unit, shown)| Some((unit, shown.silent.as_ref()?)))
    }
}
