//! Who speaks to the server, and what each may say and hear.
//!
//! A role is turned into subjects here and nowhere else: the engine's own server and the files of a large
//! deployment are written from the same lists. Ids are checked names, so none can bring a wildcard along.

use crate::{
    stream::Stream,
    subject::{
        Subject,
        filter::{Family, Filter},
        token::{Station, TellChannel},
    },
    user::User,
};
use huying_domain::ids::{SourceId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub mod permissions;
pub mod text;

use self::permissions::Permissions;

/// The durable consumer of the inbox, read by whoever hosts intake.
pub const INBOX_CONSUMER: &str = "inbox";
/// The durable consumer of all units' work, for a player of all departments.
pub const ALL_UNITS_CONSUMER: &str = "units-all";

/// What a user is to the city.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum Role {
    /// The engine: everything.
    Engine,
    /// A station in a process of its own.
    Station {
        /// Which.
        station: Station,
    },
    /// A department that speaks for one or several units.
    Units {
        /// For whom; never empty.
        units: BTreeSet<UnitId>,
    },
    /// Speaks for every unit: a demonstration plays all departments in one process. Never for a living city.
    AllUnits,
    /// A call centre, app or device net that brings calls.
    Feed {
        /// As which source.
        source: SourceId,
    },
    /// Tells residents on one channel.
    Adapter {
        /// Which channel.
        channel: TellChannel,
    },
    /// Reads the echo and nothing else: other systems.
    Observer,
}

/// The durable consumer that holds a unit's work: `unit-<unit>`.
pub fn unit_consumer(unit: &UnitId) -> String {
    format!("unit-{unit}")
}

/// The durable consumer with which a station follows the echo: `station-<station>`.
pub fn station_consumer(station: Station) -> String {
    format!("station-{station}")
}

/// The durable consumer of a source's receipts: `source-<source>`.
pub fn source_consumer(source: &SourceId) -> String {
    format!("source-{source}")
}

impl Role {
    /// The name that a user of this role has unless another is given. An account of several units has none.
    pub fn user(&self) -> Option<User> {
        let name = match self {
            Self::Engine => "engine".to_owned(),
            Self::Station { station } => station_consumer(*station),
            Self::Units { units } if units.len() == 1 => unit_consumer(units.first()?),
            Self::Units { .. } => return None,
            Self::AllUnits => ALL_UNITS_CONSUMER.to_owned(),
            Self::Feed { source } => format!("feed-{source}"),
            Self::Adapter { channel } => format!("tell-{channel}"),
            Self::Observer => "observer".to_owned(),
        };
        name.parse().ok()
    }

    /// What a user of this role may publish, subscribe to and answer.
    pub fn permissions(&self, user: &User) -> Permissions {
        if *self == Self::Engine {
            return Permissions::all();
        }
        let mut may = Permissions::common(user);
        match self {
            Self::Engine => {}
            Self::Station { station } => station_may(&mut may, *station),
            Self::Units { units } => {
                for unit in units {
                    may.publish(Filter::SpokenBy(unit.clone()));
                    may.subscribe(Filter::NoticedTo(unit.clone()));
                    may.consume(Stream::Assignments, &unit_consumer(unit));
                }
            }
            Self::AllUnits => {
                may.publish(Filter::Whole(Family::As));
                may.subscribe(Filter::Whole(Family::Notice));
                may.consume(Stream::Assignments, ALL_UNITS_CONSUMER);
            }
            Self::Feed { source } => {
                may.publish(Filter::AskedBy(source.clone()));
                may.publish(Filter::LeftBy(source.clone()));
                may.consume(Stream::Receipts, &source_consumer(source));
            }
            Self::Adapter { channel } => {
                may.subscribe(Subject::Tell { channel: *channel });
                may.answer();
            }
            Self::Observer => may.read_records(None),
        }
        may
    }
}

fn station_may(may: &mut Permissions, station: Station) {
    may.publish(Subject::Station { station });
    may.publish(Filter::Whole(Family::Rules));
    may.subscribe(Filter::Whole(Family::Clock));
    may.read_records(Some(station));
    if station == Station::Intake {
        may.subscribe(Filter::Whole(Family::Intake));
        may.serve();
        may.consume(Stream::Inbox, INBOX_CONSUMER);
        may.publish(Filter::Whole(Family::Receipt));
        may.publish(Filter::Whole(Family::Quarantine));
    }
}
