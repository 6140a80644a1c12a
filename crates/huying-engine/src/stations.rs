//! The stations in the engine's own process: they read synced records off the tail and name next commands.
//!
//! A station is a pure fold; this is only its host. What it named and what has not been accepted yet is kept, so
//! that a restart asks again for whatever the stop cut off.

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
use std::collections::BTreeMap;

/// Routing, feedback and the watch.
#[derive(Debug, Default)]
pub(crate) struct Stations {
    router: Router,
    watch: Watch,
}

impl Stations {
    /// What the stations ask for because of a record.
    pub(crate) fn follow(&mut self, rules: &Rules, record: &Record) -> Vec<Command> {
        self.watch.follow(record);
        let mut named: Vec<Command> = self.router.follow(rules, record).into_iter().collect();
        named.extend(follow_up(rules, record));
        named
    }

    /// The clocks whose instant has passed, as commands.
    pub(crate) fn overdue(
        &mut self,
        centre: &UnitId,
        now: Timestamp,
        limit: usize,
        away: Option<Away>,
    ) -> Vec<(Timestamp, Command)> {
        let as_command = |overdue: Overdue| {
            let since = away.filter(|away| overdue.scheduled <= away.until).map(|away| away.since);
            (overdue.scheduled, Watch::command(centre, &overdue, since))
        };
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
    named: BTreeMap<CommandId, (Seq, Command)>,
}

impl Unanswered {
    pub(crate) fn name(&mut self, cause: Seq, commands: Vec<Command>) {
        self.named.extend(commands.into_iter().map(|command| (command.id, (cause, command))));
    }

    pub(crate) fn accepted(&mut self, id: CommandId) {
        self.named.remove(&id);
    }

    /// What is still to be asked, in the order in which it was named, for cases that are not at rest.
    pub(crate) fn left(self, is_open: impl Fn(CaseId) -> bool) -> Vec<Command> {
        let mut left: Vec<_> =
            self.named.into_values().filter(|(_, command)| command.case.is_none_or(&is_open)).collect();
        left.sort_by_key(|(cause, command)| (*cause, command.id));
        left.into_iter().map(|(_, command)| command).collect()
    }
}
