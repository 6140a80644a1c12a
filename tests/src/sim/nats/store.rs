//! What the simulated server keeps: streams with their rules, and how far each unit has fetched.

use async_nats::{
    HeaderMap,
    header::NATS_MESSAGE_TTL,
    jetstream::{context::PublishErrorKind, stream::Config},
};
use bytes::Bytes;
use huying_bus::{
    header::{EXPECTED_LAST_SEQUENCE, MESSAGE_ID},
    nats::Message,
};
use huying_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How long the server knows a message's id where the stream does not say.
const KNOWN_ID_S: i64 = 120;
const HOUR_S: i64 = 3_600;

/// A message in a stream.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    at: Timestamp,
    until: Option<Timestamp>,
}

/// A stream.
#[derive(Clone, Debug)]
pub(crate) struct SimStream {
    pub(crate) config: Config,
    pub(crate) messages: BTreeMap<u64, Stored>,
    pub(crate) last: u64,
    of_subject: BTreeMap<String, u64>,
    /// Ids of messages, each with when it came and where it stands.
    ids: BTreeMap<String, (Timestamp, u64)>,
}

/// The value of a header.
pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.as_str())
}

impl SimStream {
    pub(crate) fn new(config: Config) -> Self {
        let (messages, of_subject, ids) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { config, messages, last: 0, of_subject, ids }
    }

    /// Takes a message as the server does: an id that is known takes nothing, a sequence that does not follow is
    /// refused, and a subject with room for one message lets the earlier one go.
    pub(crate) fn take(&mut self, message: Message, now: Timestamp) -> Result<u64, PublishErrorKind> {
        let Message { subject, headers, body } = message;
        let known_ms = i64::try_from(self.config.duplicate_window.as_millis()).unwrap_or(i64::MAX);
        let known_ms = if known_ms == 0 { KNOWN_ID_S * 1_000 } else { known_ms };
        self.ids.retain(|_, (at, _)| now.millis() - at.millis() < known_ms);
        let id = header(&headers, MESSAGE_ID).map(str::to_owned);
        if let Some((_, sequence)) = id.as_ref().and_then(|id| self.ids.get(id)) {
            return Ok(*sequence);
        }
        let expected = header(&headers, EXPECTED_LAST_SEQUENCE);
        if expected.is_some_and(|expected| expected != self.last.to_string()) {
            return Err(PublishErrorKind::WrongLastSequence);
        }
        self.last += 1;
        if let Some(id) = id {
            self.ids.insert(id, (now, self.last));
        }
        let hours = header(&headers, NATS_MESSAGE_TTL.as_ref())
            .and_then(|hours| hours.strip_suffix('h')?.parse().ok());
        let until = hours.map(|hours: i64| now.plus_seconds(hours * HOUR_S));
        let before = self.of_subject.insert(subject.clone(), self.last);
        if let Some(before) = before.filter(|_| self.config.max_messages_per_subject == 1) {
            self.messages.remove(&before);
        }
        self.messages.insert(self.last, Stored { subject, headers, body, at: now, until });
        Ok(self.last)
    }

    /// Lets messages go that were to be kept until now.
    pub(crate) fn come_of_age(&mut self, now: Timestamp) {
        self.messages.retain(|_, stored| stored.until.is_none_or(|until| until > now));
    }

    pub(crate) fn last_of(&self, subject: &str) -> Option<&Stored> {
        self.messages.get(self.of_subject.get(subject)?)
    }

    /// The stream as a server finds it that starts anew: ids are those of the messages that it has.
    pub(crate) fn restarted(mut self) -> Self {
        let ids = self.messages.iter().filter_map(|(sequence, stored)| {
            Some((header(&stored.headers, MESSAGE_ID)?.to_owned(), (stored.at, *sequence)))
        });
        self.ids = ids.collect();
        self
    }
}

/// How far a unit has fetched.
#[derive(Clone, Debug, Default)]
pub(crate) struct SimConsumer {
    /// Behind what was handed out.
    next: u64,
    /// Handed out and not acknowledged: until when it is waited for, and how often it was handed out.
    open: BTreeMap<u64, (Timestamp, u32)>,
    acknowledged: BTreeSet<u64>,
}

/// A message as a unit fetches it.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) sequence: u64,
    pub(crate) stored: Stored,
    /// The how-manieth time that it is handed out.
    pub(crate) delivered: u32,
}

impl SimConsumer {
    /// Hands out at most `most` messages of subjects that begin so: first again what was not acknowledged in time.
    pub(crate) fn fetch(
        &mut self,
        stream: &SimStream,
        prefix: &str,
        most: usize,
        (now, ack_wait_s): (Timestamp, i64),
    ) -> Vec<Fetched> {
        self.open.retain(|sequence, _| stream.messages.contains_key(sequence));
        let late = self.open.iter().filter(|(_, (until, _))| *until <= now).map(|(sequence, _)| *sequence);
        let mut sequences: Vec<u64> = late.take(most).collect();
        let new = stream.messages.range(self.next.max(1)..);
        let new = new.filter(|(_, stored)| stored.subject.starts_with(prefix)).map(|(sequence, _)| *sequence);
        sequences.extend(new.take(most - sequences.len()));
        let mut fetched = Vec::new();
        for sequence in sequences {
            let (until, delivered) = self.open.entry(sequence).or_insert((now, 0));
            *until = now.plus_seconds(ack_wait_s);
            *delivered += 1;
            let (stored, delivered) = (stream.messages[&sequence].clone(), *delivered);
            fetched.push(Fetched { sequence, stored, delivered });
            self.next = self.next.max(sequence + 1);
        }
        fetched
    }

    pub(crate) fn acknowledge(&mut self, sequence: u64) {
        if self.open.remove(&sequence).is_some() {
            self.acknowledged.insert(sequence);
        }
    }

    /// The server sets a consumer that is ahead of its stream back to the stream's end.
    pub(crate) fn set_back(&mut self, last: u64) {
        self.next = self.next.min(last + 1);
        self.open.retain(|sequence, _| *sequence <= last);
        self.acknowledged.retain(|sequence| *sequence <= last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::EPOCH;

    fn message(subject: &str, id: &str) -> Message {
        let mut headers = HeaderMap::new();
        headers.insert(MESSAGE_ID, id);
        Message { subject: subject.to_owned(), headers, body: Bytes::new() }
    }

    fn one_a_subject() -> SimStream {
        SimStream::new(Config { max_messages_per_subject: 1, ..Config::default() })
    }

    #[test]
    fn a_message_whose_id_is_known_is_not_taken_twice_until_its_time_is_over() {
        let mut stream = one_a_subject();
        assert_eq!(stream.take(message("a.1", "x"), NOW), Ok(1));
        assert_eq!(stream.take(message("a.1", "x"), NOW.plus_seconds(KNOWN_ID_S - 1)), Ok(1));
        assert_eq!(stream.take(message("a.1", "x"), NOW.plus_seconds(KNOWN_ID_S)), Ok(2));
        assert_eq!(stream.messages.keys().collect::<Vec<_>>(), [&2]);
    }

    #[test]
    fn what_does_not_follow_is_refused() {
        let mut stream = SimStream::new(Config::default());
        let mut behind = message("a.1", "x");
        behind.headers.insert(EXPECTED_LAST_SEQUENCE, "1");
        assert_eq!(stream.take(behind.clone(), NOW), Err(PublishErrorKind::WrongLastSequence));
        assert_eq!(stream.take(message("a.1", "y"), NOW), Ok(1));
        assert_eq!(stream.take(behind, NOW), Ok(2));
    }

    #[test]
    fn what_is_not_acknowledged_is_handed_out_again_and_says_so() {
        let mut stream = one_a_subject();
        for number in 1..=3 {
            let taken = stream.take(message(&format!("a.{number}"), &number.to_string()), NOW);
            assert_eq!(taken, Ok(number));
        }
        let mut unit = SimConsumer::default();
        let fetch = |unit: &mut SimConsumer, at: i64| -> Vec<(u64, u32)> {
            let fetched = unit.fetch(&stream, "a.", 2, (NOW.plus_seconds(at), 60));
            fetched.iter().map(|one| (one.sequence, one.delivered)).collect()
        };
        assert_eq!(fetch(&mut unit, 0), [(1, 1), (2, 1)]);
        unit.acknowledge(1);
        assert_eq!(fetch(&mut unit, 59), [(3, 1)]);
        assert_eq!(fetch(&mut unit, 60), [(2, 2)]);
        assert_eq!(fetch(&mut unit, 61), []);
    }
}
