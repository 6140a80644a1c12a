//! The stations that run in processes of their own, as the loop knows them.
//!
//! On the machine's clock there is little to know: what they name comes through the one door like everybody's.
//!
//! In virtual time the clock moves only when every station is idle, wherever it runs. So before the loop decides, it
//! asks the stations elsewhere how far they have followed ([`Tick`]) and waits until each of them has followed every
//! record that is folded here. What they named is then queued in the order in which it would stand if they ran here:
//! by the record that caused it, routing before feedback, timers last. Same seed, same head hash, both ways.

use crate::{
    door::Answer,
    engine::{Engine, Pending},
    rulebook,
};
use huying_bus::{
    message::station::{Named, NamedCommand, Tick},
    subject::token::Station,
};
use huying_domain::{
    command::{Ask, Command},
    ids::Seq,
    record::{CommandId, Hash},
    time::Timestamp,
};
use huying_journal::disk::Disk;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::{oneshot, watch};

/// How often the waiting loop looks whether it is to stop, in milliseconds.
const LOOK_EVERY_MS: u64 = 200;

/// Gives the bytes of a rule file by the hash of its content.
type Library = Box<dyn Fn(Hash) -> Option<Vec<u8>> + Send + Sync>;

/// What loop and nerves share about the stations elsewhere.
pub struct Elsewhere {
    stations: BTreeSet<Station>,
    in_step: bool,
    heard: Mutex<Heard>,
    bell: Condvar,
    asked: watch::Sender<Option<Tick>>,
    library: Library,
}

#[derive(Default)]
struct Heard {
    reports: BTreeMap<Station, Report>,
    waits: bool,
    closed: bool,
    /// Whoever drives virtual time takes calls itself.
    drives_calls: bool,
    calls: VecDeque<TakenCall>,
}

/// What intake elsewhere named and whoever drives virtual time puts in at its moment.
pub struct TakenCall {
    /// One command for each call of a message.
    pub commands: Vec<Command>,
    reply: oneshot::Sender<Vec<Answer>>,
}

impl TakenCall {
    /// Hands the answers back, one for each command.
    pub fn answer(self, answers: Vec<Answer>) {
        // Whoever no longer listens asks again and gets the first answer.
        drop(self.reply.send(answers));
    }
}

/// What one station has said.
#[derive(Default)]
struct Report {
    through: Seq,
    answered: Option<u64>,
    next_due: Option<Timestamp>,
    /// What it named for the question that stands.
    commands: Vec<NamedCommand>,
    /// Their ids: a piece that is sent again is the same piece.
    ids: BTreeSet<CommandId>,
}

impl Elsewhere {
    /// `now` stands still in virtual time and is absent on the machine's clock.
    pub(crate) fn new<D: Disk + Clone>(
        stations: BTreeSet<Station>,
        now: Option<Timestamp>,
        disk: &D,
    ) -> Arc<Self> {
        // Rounds of a process begin where those of no other do: a station that outlives it is not misled.
        let round = u64::from(std::process::id()) << 32;
        let in_step = now.is_some() && stations.iter().any(|station| *station != Station::Intake);
        let tick = now.filter(|_| !stations.is_empty()).map(|now| Tick { round, now, head: 0 });
        let disk = disk.clone();
        Arc::new(Self {
            stations,
            in_step,
            heard: Mutex::default(),
            bell: Condvar::new(),
            asked: watch::channel(tick).0,
            library: Box::new(move |hash| rulebook::bytes_of(&disk, hash)),
        })
    }

    /// Which stations run in processes of their own.
    pub const fn stations(&self) -> &BTreeSet<Station> {
        &self.stations
    }

    /// Whether a station runs in a process of its own.
    pub fn contains(&self, station: &Station) -> bool {
        self.stations.contains(station)
    }

    /// Whether every station runs in the engine's process.
    pub fn is_empty(&self) -> bool {
        self.stations.is_empty()
    }

    /// Waits for nobody any more, and decides nothing more: the engine is about to stop.
    pub fn close(&self) {
        self.lock().closed = true;
        self.bell.notify_all();
    }

    /// Whether it is about to stop.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// From now on calls that come in elsewhere wait for [`Self::take_call`]: whoever drives virtual time puts them in
    /// together with what belongs to them.
    pub fn drive_calls(&self) {
        self.lock().drives_calls = true;
    }

    /// Says where virtual time stands, for stations that ask before they name.
    pub fn stand(&self, now: Timestamp, head: Seq) {
        let _heard = self.lock();
        self.asked.send_if_modified(|tick| {
            if let Some(tick) = tick {
                (tick.now, tick.head) = (now, head);
            }
            false
        });
    }

    /// The next call that waits.
    pub fn take_call(&self) -> Option<TakenCall> {
        self.lock().calls.pop_front()
    }

    pub(crate) fn drives_calls(&self) -> bool {
        self.lock().drives_calls
    }

    /// Lets calls wait until they are put in; none if that never happens.
    pub(crate) async fn put_call(&self, commands: Vec<Command>) -> Option<Vec<Answer>> {
        let (reply, answers) = oneshot::channel();
        self.lock().calls.push_back(TakenCall { commands, reply });
        answers.await.ok()
    }

    /// In virtual time, where the engine stands, as the stations are told; it changes with each question.
    pub(crate) fn asked(&self) -> watch::Receiver<Option<Tick>> {
        self.asked.subscribe()
    }

    /// Whether the loop waits for an answer.
    pub(crate) fn waits(&self) -> bool {
        self.lock().waits
    }

    /// The bytes of a rule file.
    pub(crate) fn rule_file(&self, hash: Hash) -> Option<Vec<u8>> {
        (self.library)(hash)
    }

    /// Takes in what a station says of itself on the machine's clock: how far it is and when it wants to ask next.
    pub(crate) fn note(&self, named: &Named) {
        let mut heard = self.lock();
        let report = heard.reports.entry(named.station).or_default();
        report.through = named.through;
        report.next_due = named.next_due;
    }

    /// Takes in what a station names in virtual time. An answer to another question than the one that stands is
    /// none; what follows from records that the station had answered for is known already.
    pub(crate) fn hear(&self, named: Named) {
        let mut heard = self.lock();
        let Some(tick) = *self.asked.borrow() else { return };
        let report = heard.reports.entry(named.station).or_default();
        if named.round != Some(tick.round) || report.answered == named.round || named.through < tick.head {
            return;
        }
        for new in named.commands {
            let is_new = new.command.because.is_none_or(|cause| cause > report.through);
            if is_new && report.ids.insert(new.command.id) {
                report.commands.push(new);
            }
        }
        if !named.more {
            report.answered = named.round;
            report.through = named.through;
            report.next_due = named.next_due;
            self.bell.notify_all();
        }
    }

    /// The next instant at which a clock that is watched elsewhere wants to be asked.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        if self.stations.is_empty() {
            return None;
        }
        self.lock().reports.get(&Station::Escalation).and_then(|report| report.next_due)
    }

    /// Asks the stations that are behind and waits for them. None if it is closed meanwhile.
    fn gather(&self, now: Timestamp, head: Seq) -> Option<Vec<(Station, NamedCommand)>> {
        let mut heard = self.lock();
        let behind: Vec<Station> = self.behind(&heard, now, head);
        if behind.is_empty() {
            return (!heard.closed).then(Vec::new);
        }
        for report in heard.reports.values_mut() {
            report.commands.clear();
            report.ids.clear();
        }
        let round = self.asked.borrow().map_or(0, |tick| tick.round) + 1;
        heard.waits = true;
        self.asked.send_replace(Some(Tick { round, now, head }));
        let answered = |heard: &Heard| {
            let of = |station| heard.reports.get(station).and_then(|report| report.answered);
            behind.iter().all(|station| of(station) == Some(round))
        };
        while !heard.closed && !answered(&heard) {
            let waited = self.bell.wait_timeout(heard, Duration::from_millis(LOOK_EVERY_MS));
            heard = waited.expect("nobody panics while holding what was heard").0;
        }
        heard.waits = false;
        if heard.closed {
            return None;
        }
        let mut named = Vec::new();
        for (station, report) in &mut heard.reports {
            named.extend(report.commands.drain(..).map(|command| (*station, command)));
        }
        Some(named)
    }

    fn behind(&self, heard: &Heard, now: Timestamp, head: Seq) -> Vec<Station> {
        let is_behind = |station: &Station| {
            let report = heard.reports.get(station);
            let due = report.and_then(|report| report.next_due).is_some_and(|due| due <= now);
            report.map_or(0, |report| report.through) < head || (due && *station == Station::Escalation)
        };
        let stepping = self.stations.iter().copied().filter(|station| *station != Station::Intake);
        stepping.filter(is_behind).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("nobody panics while holding what was heard")
    }
}

/// What the loop keeps for the stations elsewhere.
pub(crate) struct Apart {
    pub(crate) shared: Arc<Elsewhere>,
    /// What the stations here named since the others were asked.
    pub(crate) staged: Vec<(Station, Pending)>,
    /// The last record that is folded.
    pub(crate) folded: Seq,
}

impl<D: Disk> Engine<D> {
    /// The stations that run in processes of their own.
    pub fn elsewhere(&self) -> Arc<Elsewhere> {
        Arc::clone(&self.apart.shared)
    }

    /// Queues what the stations here named because of a record; in virtual time only when the others have spoken.
    pub(crate) fn queue(&mut self, named: Vec<(Station, Command)>) {
        let pending = |command| Pending { command, scheduled: None };
        if self.apart.shared.in_step {
            let staged = named.into_iter().map(|(station, command)| (station, pending(command)));
            self.apart.staged.extend(staged);
        } else {
            self.pending.extend(named.into_iter().map(|(_, command)| pending(command)));
        }
    }

    /// Lets the stations name what follows from the records and from the instant. False if the engine is about to
    /// stop and nothing may be decided any more.
    pub(crate) fn hear_stations(&mut self, now: Timestamp) -> bool {
        if self.apart.shared.in_step {
            let Some(heard) = self.apart.shared.gather(now, self.apart.folded) else { return false };
            let mut staged = std::mem::take(&mut self.apart.staged);
            let centre_away = |scheduled| self.away_since(scheduled);
            let mut timers = Vec::new();
            for (station, NamedCommand { mut command, scheduled }) in heard {
                if let Some(at) = scheduled {
                    say_away(&mut command, centre_away(at));
                    timers.push(Pending { command, scheduled });
                } else {
                    staged.push((station, Pending { command, scheduled }));
                }
            }
            // Stable: what one station named for one record stays in its order.
            staged.sort_by_key(|(station, pending)| (pending.command.because, *station));
            self.pending.extend(staged.into_iter().map(|(_, pending)| pending));
            self.ask_timers(now, timers);
        } else {
            self.ask_timers(now, Vec::new());
        }
        true
    }

    /// Queues the questions of the watch, here or elsewhere; while the clock is held, none.
    fn ask_timers(&mut self, now: Timestamp, elsewhere: Vec<Pending>) {
        let lag = self.stations.next_due().map_or(0, |due| now.seconds_since(due).max(0));
        self.metrics.watchdog_lag_s.set(lag);
        self.metrics.clock_held.set(i64::from(self.clock.is_held()));
        if self.clock.is_held() {
            return;
        }
        let overdue = self.stations.overdue(self.rules.centre(), now, self.bounds.sweep_cases_max);
        for (at, mut command) in overdue {
            say_away(&mut command, self.away_since(at));
            self.pending.push_back(Pending { command, scheduled: Some(at) });
        }
        self.pending.extend(elsewhere);
    }

    /// Since when the engine was away, for a timer that was set for an instant before it came back.
    pub(crate) fn away_since(&self, scheduled: Timestamp) -> Option<Timestamp> {
        self.away.filter(|away| scheduled <= away.until).map(|away| away.since)
    }
}

/// Writes into a timer's question since when the engine was away: whoever watches elsewhere cannot know.
pub(crate) fn say_away(command: &mut Command, since: Option<Timestamp>) {
    if let Ask::CheckClock { away_since, .. } = &mut command.ask {
        *away_since = since;
    }
}

#[cfg(test)]
mod tests;
