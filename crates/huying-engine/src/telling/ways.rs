//! Whether residents can be told at all: what the self-test of each way of telling found last.

use huying_domain::{ids::TellChannel, time::Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most characters that are kept of why a way does not work.
const WHY_CHARS_MAX: usize = 200;

/// The ways of telling that the policy names, and those that somebody waits for. A self-test goes to each at the start
/// and every minute from then on, so that an adapter that nobody started is seen before the first answer is owed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Ways {
    /// When they were tested; none before the first test, and without NATS.
    pub at: Option<Timestamp>,
    /// Each way.
    pub ways: BTreeMap<TellChannel, Way>,
}

/// One way of telling.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Way {
    /// Why nobody can be told this way; none while it works. The adapter's own words.
    pub broken: Option<String>,
    /// Since when it has been so.
    pub since: Timestamp,
}

/// What a test changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It works, and did not before.
    Works,
    /// It does not work, and did before or was never tested.
    Broke,
    /// All is as it was.
    Same,
}

impl Ways {
    /// Takes down what a test found.
    pub fn tested(&mut self, channel: &TellChannel, found: Result<(), String>, now: Timestamp) -> Turn {
        let broken = found.err().map(|why| why.chars().take(WHY_CHARS_MAX).collect::<String>());
        self.at = Some(now);
        let turn = match (self.ways.get(channel).map(|way| way.broken.is_none()), broken.is_none()) {
            (Some(false) | None, true) => Turn::Works,
            (Some(true) | None, false) => Turn::Broke,
            (Some(_), _) => Turn::Same,
        };
        let since = match (turn, self.ways.get(channel)) {
            (Turn::Same, Some(way)) => way.since,
            (Turn::Same | Turn::Works | Turn::Broke, _) => now,
        };
        self.ways.insert(channel.clone(), Way { broken, since });
        turn
    }

    /// Those that do not work.
    pub fn broken(&self) -> impl Iterator<Item = (&TellChannel, &Way)> {
        self.ways.iter().filter(|(_, way)| way.broken.is_some())
    }

    /// Forgets ways that nobody asks for any more.
    pub fn keep(&mut self, asked: impl Fn(&TellChannel) -> bool) {
        self.ways.retain(|channel, _| asked(channel));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_breaks_is_broken_since_then_whatever_it_says_later() {
        let mail: TellChannel = "mail".parse().expect("a channel");
        let at = |second| Timestamp::EPOCH.plus_seconds(second);
        let mut ways = Ways::default();
        assert_eq!(ways.tested(&mail, Ok(()), at(1)), Turn::Works);
        assert_eq!(ways.tested(&mail, Err("no answer".into()), at(2)), Turn::Broke);
        assert_eq!(ways.tested(&mail, Err("refused".into()), at(3)), Turn::Same);
        let broken: Vec<_> = ways.broken().map(|(_, way)| (way.broken.as_deref(), way.since)).collect();
        assert_eq!(broken, [(Some("refused"), at(2))]);
        assert_eq!(ways.tested(&mail, Ok(()), at(4)), Turn::Works);
        assert_eq!(ways.broken().count(), 0);
    }
}
