//! The stations of one process: they read synced records and name next commands.
//!
//! A station is a pure fold; this is only its host, in the engine's own process or in one beside it. What it named and
//! what has not been accepted yet is kept, so that a restart asks again for whatever the stop cut off.

use huying_bus::subject::token::Station;
use huying_domain::{
    command::Command,
    ids::{CaseId, Seq, UnitId},
    record::{CommandId, Record},
    rules::Rules,
    time::Timestamp,
};
use huying_escalation::watch::{Overdue, Watch};
use huying_feedback::follow_up;
use huying_routing::router::Router;
use std::collections::{BTreeMap, BTreeSet};

/// Routing, feedback and the watch, or those of them that are here.
#[derive(Debug)]
pub(crate) struct Stations {
    routing: Option<Router>,
    feedback: bool,
    watching: bool,
    watch: Watch,
}

impl Stations {
    /// All but those that run elsewhere.
    pub(crate) fn without(elsewhere: &BTreeSet<Station>) -> Self {
        let is_here = |station| !elsewhere.contains(&station);
        Self {
            routing: is_here(Station::Routing).then(Router::default),
            feedback: is_here(Station::Feedback),
            watching: is_here(Station::Escalation),
            watch: Watch::default(),
        }
    }

    /// One of them alone.
    pub(crate) fn only(station: Station) -> Self {
        Self::without(&Station::ALL.iter().copied().filter(|other| *other != station).collect())
    }

    /// What the stations ask for because of a record, routing first.
    pub(crate) fn follow(&mut self, rules: &Rules, record: &Record) -> Vec<(Station, Command)> {
        let mut named = Vec::new();
        if self.watching {
            self.watch.follow(record);
        }
        if let Some(router) = &mut self.routing {
            named.extend(router.follow(rules, record).map(|command| (Station::Routing, command)));
        }
        if self.feedback {
            named.extend(follow_up(rules, record).into_iter().map(|command| (Station::Feedback, command)));
        }
        named
    }

    /// The clocks whose instant has passed, as commands.
    pub(crate) fn overdue(
        &mut self,
        centre: &UnitId,
        now: Timestamp,
        limit: usize,
    ) -> Vec<(Timestamp, Command)> {
        let as_command = |overdue: Overdue| (overdue.scheduled, Watch::command(centre, &overdue, None));
        self.watch.overdue(now, limit).into_iter().map(as_command).collect()
    }

    /// The next instant at which a clock wants to be asked.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.watch.next_due()
    }

    /// How many clocks run.
    pub(crate) fn running(&self) -> usize {
        self.watch.len()
    }
}

/// When the engine was not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Away {
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

/// What the stations named while the journal was read at start, less what was accepted.
#[derive(Debug, Default)]
pub(crate) struct Unanswered {
    named: BTreeMap<CommandId, (Seq, Station, Command)>,
}

impl Unanswered {
    pub(crate) fn name(&mut self, cause: Seq, named: Vec<(Station, Command)>) {
        self.named
            .extend(named.into_iter().map(|(station, command)| (command.id, (cause, station, command))));
    }

    pub(crate) fn accepted(&mut self, id: CommandId) {
        self.named.remove(&id);
    }

    /// What is still to be asked, in the order in which it was named, for cases that are not at rest.
    pub(crate) fn left(self, is_open: impl Fn(CaseId) -> bool) -> Vec<(Station, Command)> {
        let mut left: Vec<_> =
            self.named.into_values().filter(|(_, _, command)| command.case.is_none_or(&is_open)).collect();
        left.sort_by_key(|(cause, _, command)| (*cause, command.id));
        left.into_iter().map(|(_, station, command)| (station, command)).collect()
    }
}
