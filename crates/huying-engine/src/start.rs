//! The start: open the journal, read every record once, ask again for whatever a stop cut off.

use crate::{
    clock::Clock,
    config::Bounds,
    door::Inbox,
    elsewhere::{Apart, Elsewhere},
    engine::{Engine, Fault, Pending},
    metrics::Metrics,
    publishing::publishes_calendars,
    repeats::Repeats,
    rulebook::{self, RulebookError},
    stations::{Away, Stations, Unanswered},
    traces::Traces,
    views::Views,
};
use huying_bus::subject::token::Station;
use huying_domain::{
    command::{Ask, Command},
    event::Event,
    ids::{PersonId, Seq},
    record::{Actor, CommandId, Hash, Origin, Record, RuleFile, Subject},
    rules::{RuleTexts, Rules, RulesError},
    state::State,
    time::Timestamp,
};
use huying_journal::{
    board::SHELF_LAG_RECORDS_MAX,
    disk::{Disk, DiskFile, Mode, put_file},
    error::{KeyError, OpenError, ReadError},
    journal::{Journal, Options, SEGMENT_BYTES, Shelf},
    recovery::Opened,
    seal::{Entropy, MasterKey},
    segment::ClockKind,
    writer::Writer,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    ops::ControlFlow,
    sync::Arc,
};
use thiserror::Error;

/// The file that says when the engine was last alive: an instant as text.
const ALIVE_FILE: &str = "alive";
/// sled's cache in bytes: enough for the newest pages, small beside the state.
const SHELF_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Why the engine does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The journal does not open.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The journal cannot be read to its end.
    #[error("the journal cannot be read")]
    Read(#[from] ReadError),
    /// The keys cannot be had.
    #[error("the keys cannot be had")]
    Keys(#[from] KeyError),
    /// The rules cannot be had.
    #[error(transparent)]
    Rulebook(#[from] RulebookError),
    /// The journal is new and no city was given.
    #[error("the data folder is new: say which city it is for")]
    NoCity,
    /// The city's files are no rules.
    #[error("the city's rules cannot be used")]
    Rules(#[from] RulesError),
    /// The folder cannot be used.
    #[error("the data folder cannot be used")]
    Disk(#[from] io::Error),
    /// The first records could not be written.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a start needs.
pub struct Setup {
    /// The city's rule files; needed for a new folder, ignored for one that has its rules.
    pub city: Option<RuleTexts>,
    /// The engine's clock.
    pub clock: Clock,
    /// Random bytes: of the machine, or from a seed.
    pub entropy: Entropy,
    /// Bounds.
    pub bounds: Bounds,
    /// Whether batches are written in the loop's own thread, which makes a run repeatable.
    pub inline: bool,
    /// Whether sled follows the log; only on a real disk.
    pub shelf: bool,
    /// Bytes of a new segment of the log.
    pub segment_bytes: u64,
    /// The shard.
    pub shard: u16,
    /// The stations that run in processes of their own; none else reads for them.
    pub elsewhere: BTreeSet<Station>,
}

impl Setup {
    /// The setup of an engine on the machine's clock.
    pub fn live(city: Option<RuleTexts>, entropy: Entropy) -> Self {
        let clock = Clock::system();
        Self::with(city, clock, entropy, false)
    }

    /// The setup of an engine whose clock stands at this instant and moves only when it is told to.
    pub fn at(start: Timestamp, city: Option<RuleTexts>, entropy: Entropy) -> Self {
        let clock = Clock::Virtual(start);
        Self::with(city, clock, entropy, true)
    }

    fn with(city: Option<RuleTexts>, clock: Clock, entropy: Entropy, inline: bool) -> Self {
        let (bounds, segment_bytes) = (Bounds::default(), SEGMENT_BYTES);
        let elsewhere = BTreeSet::new();
        Self { city, clock, entropy, bounds, inline, shelf: true, segment_bytes, shard: 0, elsewhere }
    }
}

/// A started engine and what was found on the way.
pub struct Started<D: Disk> {
    /// The engine.
    pub engine: Engine<D>,
    /// What the journal found and healed.
    pub opened: Opened,
}

impl<D: Disk + Clone> Engine<D> {
    /// Opens the folder, or makes it, and brings the state to where the records end.
    pub fn start(disk: D, setup: Setup) -> Result<Started<D>, StartError> {
        let Setup { city, mut clock, mut entropy, bounds, inline, shelf, segment_bytes, shard, elsewhere } =
            setup;
        let now = clock.now();
        let master_key = MasterKey::load_or_create(&disk, &mut entropy)?;
        let options = Options {
            shelf: if shelf { Shelf::Sled { cache_bytes: SHELF_CACHE_BYTES } } else { Shelf::None },
            writer: if inline { Writer::Inline } else { Writer::Thread },
            clock_kind: if clock.is_virtual() { ClockKind::Virtual } else { ClockKind::System },
            segment_bytes,
            now,
            master_key,
            entropy,
        };
        let (journal, opened) = Journal::open(disk.clone(), options)?;
        let (rules, in_force, founding) = first_rules(&disk, &journal, city)?;
        let inbox = Inbox::new(bounds);
        let bell = Arc::clone(&inbox);
        journal.on_synced(Box::new(move || bell.ring()));
        let stations = Stations::without(&elsewhere);
        let shared = Elsewhere::new(elsewhere, clock.is_virtual().then_some(now), &disk);
        let apart = Apart { shared, staged: Vec::new(), folded: 0 };
        let mut engine = Self {
            journal,
            disk,
            rules: Arc::new(rules),
            in_force,
            state: State::new(shard),
            traces: Traces::default(),
            repeats: Repeats::default(),
            stations,
            apart,
            pending: VecDeque::new(),
            flights: VecDeque::new(),
            inbox,
            bounds,
            clock,
            last_at: Timestamp::EPOCH,
            away: None,
            views: Views::default(),
            subscribers: Vec::new(),
            metrics: Arc::new(Metrics::new()),
        };
        let told_before = told_before(&opened, shelf);
        engine.read_all(now, told_before, !inline)?;
        engine.pending.extend(founding.into_iter().map(|command| Pending { command, scheduled: None }));
        Ok(Started { engine, opened })
    }

    /// Folds every record of the journal into state, read models and stations; read `ahead` where a run need not be
    /// repeatable to the last read of the disk.
    fn read_all(&mut self, now: Timestamp, told_before: Seq, ahead: bool) -> Result<(), StartError> {
        let mut unanswered = Unanswered::default();
        let mut calendars = None;
        let mut records: Result<(), Fault> = Ok(());
        let reader = self.journal.reader();
        let mut each = |record: &Record| {
            records = self.relive(record, told_before, &mut unanswered);
            if publishes_calendars(record) {
                calendars = Some(record.seq);
            }
            if records.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        if ahead {
            reader.scan_ahead(1, &mut each)?
        } else {
            reader.scan(1, &mut |record, _| each(record))?
        }
        records?;
        if self.last_at > Timestamp::EPOCH {
            let alive = last_alive(&self.disk)?.map_or(self.last_at, |alive| alive.max(self.last_at));
            self.away = Some(Away { since: alive, until: now });
        }
        self.gauge();
        let left = unanswered.left(|case| self.state.case(case).is_some());
        self.queue(left);
        if let Some(seq) = calendars {
            self.recompute(seq);
        }
        Ok(())
    }

    fn relive(
        &mut self,
        record: &Record,
        told_before: Seq,
        unanswered: &mut Unanswered,
    ) -> Result<(), Fault> {
        self.last_at = record.at;
        self.repeats.note(record, record.seq);
        unanswered.accepted(record.command);
        let about = record.parts.iter().filter_map(|part| part.case());
        let gone: Vec<_> =
            about.filter(|id| self.state.case(*id).is_none() && self.state.knows(*id)).collect();
        for case in gone {
            self.recall_before(case, record.seq)?;
        }
        if let (Some(sealed), Some(case)) =
            (&record.sealed, record.parts.first().and_then(|part| part.case()))
        {
            self.traces.note_slot(case, sealed.slot);
        }
        self.evolve(record)?;
        self.views.follow(record);
        let named = self.stations.follow(&self.rules, record);
        unanswered.name(record.seq, named);
        self.apart.folded = record.seq;
        self.settle(record, record.seq > told_before);
        Ok(())
    }
}

/// Up to which record the shelf must have had the notes about rested cases and sources' names: it takes them in
/// the order of the records and lags by a bounded number. Later ones are told again, which changes nothing.
const fn told_before(opened: &Opened, shelf: bool) -> Seq {
    if shelf { opened.head.seq.saturating_sub(opened.shelved_records + SHELF_LAG_RECORDS_MAX) } else { 0 }
}

/// The rules to begin with, the hashes of their files, and the commands that publish them, if they are new.
type First = (Rules, BTreeMap<RuleFile, Hash>, Vec<Command>);

/// The rules to begin with. For a new journal the city's, with the commands that publish them; else the first that
/// the journal names, which the reading then replaces as they were replaced.
fn first_rules<D: Disk>(
    disk: &D,
    journal: &Journal<D>,
    city: Option<RuleTexts>,
) -> Result<First, StartError> {
    let mut in_force = BTreeMap::new();
    journal.scan(1, &mut |record, _| {
        for part in &record.parts {
            for event in &part.events {
                if let (Event::RulesPublished(event), Subject::Rulebook(file)) = (event, &part.subject) {
                    in_force.entry(*file).or_insert(event.hash);
                }
            }
        }
        if in_force.len() == RuleFile::ALL.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if in_force.len() == RuleFile::ALL.len() {
        return Ok((rulebook::read(disk, &in_force)?, in_force, Vec::new()));
    }
    // New, or stopped before its founding was whole: the same commands again, each accepted once.
    let city = city.ok_or(StartError::NoCity)?;
    let rules = Rules::read(&city)?;
    let actor = Actor { unit: rules.centre().clone(), person: Some(founder()) };
    let mut commands = Vec::new();
    for (file, bytes) in &city {
        let hash = rulebook::keep(disk, bytes)?;
        in_force.insert(*file, hash);
        commands.push(Command {
            id: CommandId::of_act("founding", &hash.to_string(), 0),
            actor: actor.clone(),
            by: Origin::Person,
            because: None,
            saw: None,
            case: None,
            ask: Ask::PublishRules { file: *file, hash, bytes: bytes.len() as u64 },
            private: None,
        });
    }
    Ok((rules, in_force, commands))
}

fn founder() -> PersonId {
    PersonId::new("founder").expect("the word is a person id")
}

fn last_alive<D: Disk>(disk: &D) -> io::Result<Option<Timestamp>> {
    let Ok(file) = disk.open(ALIVE_FILE, Mode::Read) else { return Ok(None) };
    let text = file.bytes_at(0, 64)?;
    Ok(std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()))
}

/// Writes down that the engine is alive, so that an outage has a beginning.
pub(crate) fn note_alive<D: Disk>(disk: &D, now: Timestamp) -> io::Result<()> {
    put_file(disk, ".", ALIVE_FILE, now.to_string().as_bytes())
}
