//! What of it a start would not read: asked by `verify`, so that a folder whose start is refused is not called whole.
//!
//! Read as a start reads it; nothing is made and nothing needs a key. What has no check of its own, such as one flipped
//! bit within a key, is not seen here: whatever was sealed or signed by it does not open any more.

use crate::{
    failure::Failure,
    http,
    live::folder::{devices, map, model},
};
use huying_bus::roster::{self, NATS_FOLDER, Roster};
use huying_domain::time::Timestamp;
use huying_journal::files::{self, FILES_KEY};
use std::path::Path;

/// Each file that a start would refuse, and why.
pub(in crate::commands) fn unread(data: &Path) -> Vec<Failure> {
    let of_nats = data.join(NATS_FOLDER).join(roster::ACCOUNTS_FILE);
    let looks = [
        http::accounts(data).map(drop),
        http::keys(data).map(drop),
        http::arrivals(data).map(drop),
        http::known_resident_key(data).map(drop),
        files::check(data).map_err(|error| Failure::unreadable(data.join(FILES_KEY).display(), error)),
        Roster::open(data).map(drop).map_err(|error| Failure::unreadable(of_nats.display(), error)),
        map(data).map(drop),
        model(data).map(drop),
        devices(data, Timestamp::EPOCH).map(drop),
    ];
    looks.into_iter().filter_map(Result::err).collect()
}
