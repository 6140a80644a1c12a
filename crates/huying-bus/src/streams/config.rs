//! What each stream must be, and what of an existing one has to change.

use super::Owner;
use crate::stream::{RECEIPTS_KEPT_DAYS, Stream};
use async_nats::jetstream::stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType};
use std::time::Duration;

/// In the metadata of RECORDS and ASSIGNMENTS: the journal's id.
pub const JOURNAL_KEY: &str = "huying-journal";
/// In the metadata of RECORDS and ASSIGNMENTS: the journal's epoch.
pub const EPOCH_KEY: &str = "huying-epoch";

/// Most bytes that wait in the inbox; beyond it the server refuses, and the feed keeps its call.
pub const INBOX_BYTES_MAX: i64 = 512 * 1024 * 1024;
/// Most messages that wait in the inbox.
pub const INBOX_MESSAGES_MAX: i64 = 1_000_000;
/// Most bytes in quarantine; beyond it a bad message stays in the inbox.
pub const QUARANTINE_BYTES_MAX: i64 = 128 * 1024 * 1024;
/// How long a person has to look at what nobody could read, in days: it may hold what a caller said.
pub const QUARANTINE_KEPT_DAYS: u32 = 30;
/// How long a withdrawal stands in the place of its assignment, in days: by then every client has fetched it, and
/// the server lets it go, or the stream would hold a message for each case that ever was.
pub const WITHDRAWN_KEPT_DAYS: u32 = 30;
/// Most units that fetch their own assignments.
pub const CONSUMERS_MAX: i32 = 10_000;
/// For how long a receipt or a quarantined message that is sent again is known to be there already, in days: an engine
/// that was killed before it let the call go is back by then.
pub const SENT_ONCE_DAYS: u32 = 1;

const DAY_S: u64 = 86_400;

/// The stream as it is created.
///
/// * RECORDS never lets go, begins at 1, and refuses whatever does not follow. The server need not sync each
///   message: the journal can send them again.
/// * ASSIGNMENTS holds the last message of each subject.
/// * INBOX is a *work queue*: what is acknowledged goes, and what nobody has fetched stays even where no consumer was
///   ever made. (With *interest* a call that is left before the engine's first start would be thrown away.) Full, it
///   refuses: the feed learns of it and keeps its call.
/// * RECEIPTS forget by age, QUARANTINE by age alone.
pub fn wanted(stream: Stream, owner: &Owner) -> Config {
    let common = Config {
        name: stream.name().to_owned(),
        subjects: vec![stream.keeps().to_string()],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        allow_direct: true,
        num_replicas: 1,
        persist_mode: stream.can_be_sent_again().then_some(PersistenceMode::Async),
        ..Config::default()
    };
    let days = |days: u32| Duration::from_secs(u64::from(days) * DAY_S);
    match stream {
        Stream::Records => Config {
            first_sequence: Some(1),
            deny_delete: true,
            deny_purge: true,
            metadata: named(owner),
            ..common
        },
        Stream::Assignments => Config {
            discard: DiscardPolicy::Old,
            max_messages_per_subject: 1,
            allow_message_ttl: true,
            max_consumers: CONSUMERS_MAX,
            metadata: named(owner),
            ..common
        },
        Stream::Inbox => Config {
            retention: RetentionPolicy::WorkQueue,
            max_bytes: INBOX_BYTES_MAX,
            max_messages: INBOX_MESSAGES_MAX,
            ..common
        },
        Stream::Receipts => {
            let max_age = days(RECEIPTS_KEPT_DAYS);
            Config { discard: DiscardPolicy::Old, max_age, duplicate_window: days(SENT_ONCE_DAYS), ..common }
        }
        Stream::Quarantine => {
            let max_age = days(QUARANTINE_KEPT_DAYS);
            let duplicate_window = days(SENT_ONCE_DAYS);
            Config { max_bytes: QUARANTINE_BYTES_MAX, max_age, duplicate_window, ..common }
        }
    }
}

/// An existing stream as it must be; none where nothing has to change. What an operator chose beside that stays:
/// replicas, placement, compression, wider bounds.
pub fn mended(stream: Stream, owner: &Owner, has: &Config) -> Option<Config> {
    let wanted = wanted(stream, owner);
    let mut mended = has.clone();
    mended.subjects = wanted.subjects;
    mended.discard = wanted.discard;
    mended.deny_delete |= wanted.deny_delete;
    mended.deny_purge |= wanted.deny_purge;
    mended.allow_direct = true;
    mended.allow_message_ttl |= wanted.allow_message_ttl;
    if wanted.max_messages_per_subject > 0 {
        mended.max_messages_per_subject = wanted.max_messages_per_subject;
    }
    if !wanted.max_age.is_zero() {
        mended.max_age = wanted.max_age;
    }
    if !wanted.duplicate_window.is_zero() {
        mended.duplicate_window = wanted.duplicate_window;
    }
    mended.metadata.extend(wanted.metadata);
    (mended != *has).then_some(mended)
}

type Metadata = std::collections::HashMap<String, String>; // lookup only: the client's own type

fn named(owner: &Owner) -> Metadata {
    [(JOURNAL_KEY, owner.journal().to_owned()), (EPOCH_KEY, owner.epoch().to_string())]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
}
