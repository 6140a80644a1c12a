//! Who speaks to the server, and what each may say and hear.
//!
//! Units, feeds and observers live in NATS accounts of their own, see [`Role::is_outside`]; engine, stations and
//! adapters share the one that holds the streams. A role is turned into subjects here and nowhere else: the engine's own server and the files of a large
//! deployment are written from the same lists. Ids are checked names, so none can bring a wildcard along.

use crate::{
    consumers,
    stream::{API_PREFIX, Stream},
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

pub mod members;
pub mod permissions;
pub mod text;

use self::permissions::Permissions;

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

impl Role {
    /// The name that a user of this role has unless another is given. An account of several units has none.
    pub fn user(&self) -> Option<User> {
        let name = match self {
            Self::Engine => "engine".to_owned(),
            Self::Station { station } => consumers::of_station(*station),
            Self::Units { units } if units.len() == 1 => consumers::of_unit(units.first()?),
            Self::Units { .. } => return None,
            Self::AllUnits => consumers::ALL_UNITS.to_owned(),
            Self::Feed { source } => format!("feed-{source}"),
            Self::Adapter { channel } => format!("tell-{channel}"),
            Self::Observer => "observer".to_owned(),
        };
        name.parse().ok()
    }

    /// Whether it lives in an account of its own, apart from the streams and from all others.
    ///
    /// Within one account whoever may ask JetStream anything can have the answer delivered on any subject that a
    /// stream keeps, past all permissions: a department could so write into the echo. From an account of its own
    /// it reaches what was imported for it, and its answers reach nobody else.
    pub const fn is_outside(&self) -> bool {
        match self {
            Self::Units { .. } | Self::AllUnits | Self::Feed { .. } | Self::Observer => true,
            Self::Engine | Self::Station { .. } | Self::Adapter { .. } => false,
        }
    }

    /// What a user of this role may publish, subscribe to and answer.
    pub fn permissions(&self, user: &User) -> Permissions {
        if *self == Self::Engine {
            return Permissions::all();
        }
        let mut may = Permissions::common(user);
        if !matches!(self, Self::Adapter { .. }) {
            may.ask_services();
        }
        match self {
            Self::Engine => {}
            Self::Station { station } => station_may(&mut may, *station),
            Self::Units { units } => {
                for unit in units {
                    may.publish(Filter::SpokenBy(unit.clone()));
                    may.subscribe(Filter::NoticedTo(unit.clone()));
                    may.consume(Stream::Assignments, &consumers::of_unit(unit));
                }
            }
            Self::AllUnits => {
                may.publish(Filter::Whole(Family::As));
                may.subscribe(Filter::Whole(Family::Notice));
                may.consume(Stream::Assignments, consumers::ALL_UNITS);
            }
            Self::Feed { source } => {
                may.publish(Filter::AskedBy(source.clone()));
                may.publish(Filter::LeftBy(source.clone()));
                may.consume(Stream::Receipts, &consumers::of_source(source));
            }
            Self::Adapter { channel } => {
                may.subscribe(Subject::Tell { channel: *channel });
                may.answer();
            }
            Self::Observer => may.read_records(),
        }
        may
    }
}

fn station_may(may: &mut Permissions, station: Station) {
    may.publish(Subject::Station { station });
    may.publish(Filter::Whole(Family::Rules));
    may.subscribe(Filter::Whole(Family::Clock));
    may.read_records();
    may.follow_records(station);
    if station == Station::Intake {
        may.subscribe(Filter::Whole(Family::Intake));
        may.serve();
        may.consume(Stream::Inbox, consumers::INBOX);
        // The instant of the stream's making is part of the ids of calls that have no name of their own.
        may.publish(format!("{API_PREFIX}.STREAM.INFO.{}", Stream::Inbox));
        may.publish(Filter::Whole(Family::Receipt));
        may.publish(Filter::Whole(Family::Quarantine));
    }
}
