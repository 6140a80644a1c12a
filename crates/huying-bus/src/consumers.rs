//! The consumers: one for each account that fetches, made by the engine and by nobody else.
//!
//! A department's account may fetch from its own consumer and may not make one: with a filter of its own choice it
//! would read the work of others.

use crate::{
    link::Link,
    stream::Stream,
    streams::error::{Api, ShapeError},
    subject::{
        filter::{Family, Filter},
        token::Station,
    },
};
use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, Info, pull},
    stream::ConsumerErrorKind,
};
use futures::TryStreamExt as _;
use huying_domain::ids::{SourceId, UnitId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// The inbox's consumer.
pub const INBOX: &str = "inbox";
/// The consumer of the one account that fetches the work of all units.
pub const ALL_UNITS: &str = "units-all";
/// What stands before a unit's id.
const UNIT: &str = "unit-";
/// What stands before a station's name.
const STATION: &str = "station-";
/// What stands before a source's id.
const SOURCE: &str = "source-";

/// How long a department has to acknowledge an assignment that it fetched, before it is handed out again.
pub const ASSIGNMENT_ACK_WAIT_S: u64 = 60;
/// Assignments that a department may have fetched and not acknowledged.
pub const ASSIGNMENTS_UNACKED_MAX: i64 = 1_000;
/// How long a station has for the records that it fetched.
pub const RECORD_ACK_WAIT_S: u64 = 30;
/// Records that a station may have fetched and not acknowledged.
pub const RECORDS_UNACKED_MAX: i64 = 4_096;
/// How long the engine has to commit the calls that it fetched from the inbox.
pub const INBOX_ACK_WAIT_S: u64 = 30;
/// Calls that may be fetched from the inbox and not committed.
pub const INBOX_UNACKED_MAX: i64 = 1_024;

/// Who fetches.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Readers {
    /// Units with an account of their own.
    pub units: BTreeSet<UnitId>,
    /// Whether one account fetches for all units.
    pub all_units: bool,
    /// Sources that fetch their receipts.
    pub feeds: BTreeSet<SourceId>,
    /// Stations in processes of their own.
    pub stations: BTreeSet<Station>,
}

/// The consumer of a unit: `unit-<unit>`.
pub fn of_unit(unit: &UnitId) -> String {
    format!("{UNIT}{unit}")
}

/// The consumer of a station: `station-<station>`.
pub fn of_station(station: Station) -> String {
    format!("{STATION}{station}")
}

/// The consumer of a source: `source-<source>`.
pub fn of_source(source: &SourceId) -> String {
    format!("{SOURCE}{source}")
}

/// The unit whose consumer this is.
pub(crate) fn unit_of(consumer: &str) -> Option<UnitId> {
    consumer.strip_prefix(UNIT)?.parse().ok()
}

impl Readers {
    /// The consumers of a stream by name.
    fn wanted(&self, stream: Stream) -> BTreeMap<String, pull::Config> {
        let own = |name: String, filter: Filter| (name.clone(), consumer(name, stream, filter));
        match stream {
            Stream::Assignments => {
                let all =
                    self.all_units.then(|| own(ALL_UNITS.to_owned(), Filter::Whole(Family::Assignment)));
                let units =
                    self.units.iter().map(|unit| own(of_unit(unit), Filter::AssignedTo(unit.clone())));
                units.chain(all).collect()
            }
            Stream::Records => {
                let filter = || Filter::Whole(Family::Record);
                self.stations.iter().map(|station| own(of_station(*station), filter())).collect()
            }
            Stream::Receipts => {
                self.feeds.iter().map(|feed| own(of_source(feed), Filter::ReceiptsOf(feed.clone()))).collect()
            }
            Stream::Inbox => [own(INBOX.to_owned(), Filter::Whole(Family::Inbox))].into(),
            Stream::Quarantine => BTreeMap::new(),
        }
    }
}

fn consumer(name: String, stream: Stream, filter: Filter) -> pull::Config {
    let (ack_wait_s, max_ack_pending) = match stream {
        Stream::Records => (RECORD_ACK_WAIT_S, RECORDS_UNACKED_MAX),
        Stream::Inbox => (INBOX_ACK_WAIT_S, INBOX_UNACKED_MAX),
        Stream::Assignments | Stream::Receipts | Stream::Quarantine => {
            (ASSIGNMENT_ACK_WAIT_S, ASSIGNMENTS_UNACKED_MAX)
        }
    };
    pull::Config {
        durable_name: Some(name),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(ack_wait_s),
        // For ever: an assignment that a client cannot take in is still owed.
        max_deliver: -1,
        max_ack_pending,
        filter_subject: filter.to_string(),
        ..pull::Config::default()
    }
}

/// Makes the consumers that are wanted, and removes those of accounts that were revoked.
///
/// A server that was killed may have lost the newest messages of a stream and kept what its consumers acknowledged.
/// It then sets such a consumer back to the stream's end by itself (seen with 2.15.1, and held by a story), so that
/// what comes next is not passed over.
///
/// # Errors
/// [`ShapeError::Api`]: the server refused or did not answer.
pub async fn keep(link: &Link, readers: &Readers) -> Result<(), ShapeError> {
    for stream in Stream::ALL {
        let wanted = readers.wanted(stream);
        let there = list(link, stream).await?;
        let held = link.jetstream().get_stream_no_info(stream.name()).await.api()?;
        for name in there.keys() {
            if is_ours(name) && !wanted.contains_key(name) {
                match held.delete_consumer(name).await {
                    Ok(_) => tracing::info!(consumer = name, "a consumer is taken away"),
                    Err(error) if matches!(error.kind(), ConsumerErrorKind::JetStream(_)) => {
                        tracing::debug!(consumer = name, %error, "it was gone");
                    }
                    Err(error) => return Err(ShapeError::api(error)),
                }
            }
        }
        for (name, config) in wanted {
            if !there.get(&name).is_some_and(|info| same(&config, info)) {
                held.create_consumer(config).await.api()?;
            }
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    name == ALL_UNITS || [UNIT, STATION, SOURCE].iter().any(|prefix| name.starts_with(prefix))
}

fn same(wanted: &pull::Config, has: &Info) -> bool {
    has.config.filter_subject == wanted.filter_subject
        && has.config.ack_wait == wanted.ack_wait
        && has.config.max_ack_pending == wanted.max_ack_pending
}

/// The consumers of a stream by name.
pub(crate) async fn list(link: &Link, stream: Stream) -> Result<BTreeMap<String, Info>, ShapeError> {
    let held = link.jetstream().get_stream_no_info(stream.name()).await.api()?;
    let mut consumers = held.consumers();
    let mut by_name = BTreeMap::new();
    while let Some(info) = consumers.try_next().await.api()? {
        by_name.insert(info.name.clone(), info);
    }
    Ok(by_name)
}
