//! The call desk: a call's JSON becomes one command, the same one each time that it comes in.
//!
//! Plain and synchronous: it asks no clock, no chance and no engine. In the engine's process it follows the records
//! as they are folded; in an intake station of its own it follows the echo. Both name the same command.
//!
//! *The same one* holds for [`REMEMBER_DAYS`]: what a call became at first (its area, its class, the lead that it
//! joined) is read off its record, so neither new rules, another model nor what was filed since make another command
//! of it.

use super::{
    arrivals::{Arrivals, Before, OnItsWay},
    refused::unreadable,
};
use huying_bus::message::answer::{ProposalMessage, RefusalMessage};
use huying_domain::{
    area::{AreaCode, Level},
    command::{Ask, Command},
    event::{Event, collect::ClassProposal},
    ids::{CaseId, ExternalId, PersonId, SourceId, UnitId},
    record::{Actor, CommandId, Origin, Record},
    refusal::Refusal,
    rules::{
        Rules,
        join::{Join, SCORE_PERMILLE_MAX},
    },
    time::Timestamp,
    vocabulary::Channel,
    words::Words,
};
use huying_intake::{
    class::labels::{Classes, follow},
    devices::Devices,
    likeness::{Matter, Neighbours, Proposal},
    metres::metres_between,
    open::{Opening, Placed, command_id, open, placed},
    place::{Gazetteer, GazetteerError},
    read::read_json,
    report::Report,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// For how many days it is remembered what a call became: as long as the engine knows repeats.
pub const REMEMBER_DAYS: i64 = 30;

const DAY_S: i64 = 86_400;

/// Where calls are opened.
#[derive(Debug)]
pub struct CallDesk {
    rules: Arc<Rules>,
    /// The outlines with the names that stand in them.
    map: Gazetteer,
    /// The same with the names of the territory in force.
    gazetteer: Gazetteer,
    /// Where a call goes whose place nobody finds: the county, which is the command centre's.
    fallback: Option<AreaCode>,
    classes: Option<Arc<Classes>>,
    devices: Option<Devices>,
    neighbours: Option<Neighbours>,
    arrivals: Option<Arrivals>,
    first: BTreeMap<CommandId, First>,
    by_age: VecDeque<(Timestamp, CommandId)>,
}

/// What a call became when it first came in.
#[derive(Clone, Debug)]
struct First {
    placed: Placed,
    lead: Option<CaseId>,
    classed: Option<ClassProposal>,
}

/// A call at the desk.
#[derive(Debug)]
pub enum AtDesk {
    /// Its command, to be submitted; whoever submits it keeps the other until the desk knows what became of it.
    Opened(Box<Command>, Option<OnItsWay>),
    /// It may follow a call that is on its way: it comes to the desk again when that one is known.
    Waits(Before),
}

/// What the door knows of a call.
#[derive(Clone, Debug)]
pub struct Taking {
    /// The feed or desk, as the door has proven.
    pub source: SourceId,
    /// How the call came in.
    pub channel: Channel,
    /// Whether a feed or a person brings it.
    pub by: Origin,
    /// Who took the call, if a person did.
    pub person: Option<PersonId>,
    /// In which unit's name; the command centre's where it is not said.
    pub unit: Option<UnitId>,
    /// The command's id where the call has no name of its own.
    pub fallback_id: CommandId,
    /// The instant at the door.
    pub now: Timestamp,
}

/// A call that was read and not yet opened.
#[derive(Clone, Debug)]
pub struct Heard {
    report: Report,
    id: CommandId,
}

impl Heard {
    /// Reads a call. No desk is needed for that.
    pub fn read(taking: &Taking, bytes: &[u8]) -> Result<Self, RefusalMessage> {
        let report = read_json(None, taking.channel, taking.now, bytes).map_err(unreadable)?;
        let id = command_id(&taking.source, &report).unwrap_or(taking.fallback_id);
        Ok(Self { report, id })
    }

    /// The id of its command.
    pub const fn id(&self) -> CommandId {
        self.id
    }

    /// Whether the desk, and not who took the call, found the case that its command follows.
    pub const fn was_joined_by_the_desk(&self, command: &Command) -> bool {
        matches!(command.ask, Ask::Join { .. }) && self.report.follows.is_none()
    }

    /// The source's own name for it.
    pub const fn external(&self) -> Option<&ExternalId> {
        self.report.external.as_ref()
    }
}

impl CallDesk {
    /// A desk under these rules, with the outlines of `areas.geojson`. It knows nothing of the past until it has
    /// followed the records.
    pub fn new(rules: Arc<Rules>, outlines: Option<&str>) -> Result<Self, GazetteerError> {
        let map = outlines.map_or_else(|| Ok(Gazetteer::default()), Gazetteer::from_geojson)?;
        let mut desk = Self {
            rules: Arc::clone(&rules),
            gazetteer: map.clone(),
            map,
            fallback: None,
            classes: None,
            devices: None,
            neighbours: rules.policy.join.map(Neighbours::new),
            arrivals: rules.policy.join.map(Arrivals::new),
            first: BTreeMap::new(),
            by_age: VecDeque::new(),
        };
        desk.set_rules(rules);
        Ok(desk)
    }

    /// Listens from now on for signs of life of these devices.
    pub fn set_devices(&mut self, devices: Option<Devices>) {
        self.devices = devices;
    }

    /// The devices whose signs of life it listens for.
    pub const fn devices(&self) -> Option<&Devices> {
        self.devices.as_ref()
    }

    pub(super) const fn devices_mut(&mut self) -> Option<&mut Devices> {
        self.devices.as_mut()
    }

    /// Proposes classes from now on for calls that come with words and without a class.
    pub fn set_classes(&mut self, classes: Option<Arc<Classes>>) {
        self.classes = classes;
    }

    /// Works by these rules from now on: after a record that published one, whoever hosts the desk hands them in. Where
    /// others say when calls are joined, it knows no case of before.
    pub fn set_rules(&mut self, rules: Arc<Rules>) {
        let territory = &rules.territory;
        let mut gazetteer = self.map.clone();
        for code in Level::ALL.into_iter().flat_map(|level| territory.codes(level)) {
            if let Some(Words { zh, en }) = territory.name(code) {
                gazetteer.add_names([zh, en].map(|name| (code, name.as_str())));
            }
        }
        self.gazetteer = gazetteer;
        self.fallback = territory.codes(Level::County).next();
        if self.rules.policy.join != rules.policy.join {
            self.neighbours = rules.policy.join.map(Neighbours::new);
            self.arrivals = rules.policy.join.map(Arrivals::new);
        }
        self.rules = rules;
    }

    /// The rules by which it works.
    pub const fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// Follows a record of the journal.
    pub fn follow(&mut self, record: &Record) {
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.follow(record);
        }
        if !matches!(record.by, Origin::Feed | Origin::Person) {
            return;
        }
        let oldest = record.at.plus_seconds(-REMEMBER_DAYS * DAY_S);
        while let Some((_, id)) = self.by_age.pop_front_if(|(at, _)| *at < oldest) {
            self.first.remove(&id);
        }
        let Some(event) = record.parts.first().and_then(|part| part.events.first()) else { return };
        let (filing, lead) = match event {
            Event::Registered(event) => (&event.filing, None),
            Event::Joined(event) => (&event.filing, Some(event.lead)),
            _ => return,
        };
        let placed = Placed { area: filing.brief.area, orphan: filing.orphan };
        let classed = filing.proposal.clone();
        self.first.insert(record.command, First { placed, lead, classed });
        self.by_age.push_back((record.at, record.command));
    }

    /// Opens a call that was read, or says which one it has to wait for.
    pub fn take(&mut self, taking: &Taking, heard: &Heard) -> Result<AtDesk, RefusalMessage> {
        let command = self.command(taking, heard)?;
        let mut way = None;
        if let (Ask::Register(filing), Some(arrivals)) = (&command.ask, &mut self.arrivals)
            && !self.first.contains_key(&heard.id)
        {
            // Who speaks with the caller says themselves what it follows; others may follow it all the same.
            let before =
                if taking.by == Origin::Feed { arrivals.before(filing, &heard.report) } else { None };
            if let Some(before) = before {
                return Ok(AtDesk::Waits(before));
            }
            way = arrivals.enter(filing, &heard.report, taking.now);
        }
        self.hear(heard);
        Ok(AtDesk::Opened(Box::new(command), way))
    }

    /// Keeps what the caller says, so that further callers can be told from others: in memory alone.
    fn hear(&mut self, heard: &Heard) {
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.hear(heard.id, &heard.report);
        }
    }

    /// Whether it has followed the record that this command made.
    pub fn knows(&self, id: CommandId) -> bool {
        self.first.contains_key(&id)
    }

    /// Opens a call: the command to submit, or why it cannot be one.
    ///
    /// A command that joins may still be refused because the lead was settled meanwhile
    /// ([`may_be_registered_instead`]): the caller is not to suffer for that, and [`CallDesk::open_alone`] names the
    /// command that registers.
    pub fn open(&self, taking: &Taking, bytes: &[u8]) -> Result<Command, RefusalMessage> {
        self.command(taking, &Heard::read(taking, bytes)?)
    }

    /// The same, never joined to another case.
    pub fn open_alone(&self, taking: &Taking, bytes: &[u8]) -> Result<Command, RefusalMessage> {
        self.alone(taking, &Heard::read(taking, bytes)?)
    }

    /// Opens a call that was read.
    pub fn command(&self, taking: &Taking, heard: &Heard) -> Result<Command, RefusalMessage> {
        let (report, classed) = self.classed(heard);
        let what = What { id: heard.id, report: &report, classed: classed.as_ref() };
        if let Some(First { placed, lead, .. }) = self.first.get(&heard.id) {
            return Ok(self.made(taking, &what, *placed, lead.map(repeated).as_ref()));
        }
        let placed = self.placed(&report)?;
        let matter = Matter { id: heard.id, report: &report, area: placed.area, now: taking.now };
        // Who speaks with the caller sees what is alike, and says themselves that it is one matter.
        let like = |neighbours: &Neighbours| neighbours.like(&matter, self.join()?);
        let proposal = self.neighbours.as_ref().filter(|_| taking.by == Origin::Feed).and_then(like);
        Ok(self.made(taking, &what, placed, proposal.as_ref()))
    }

    /// Opens a call that was read as a case of its own.
    pub fn alone(&self, taking: &Taking, heard: &Heard) -> Result<Command, RefusalMessage> {
        let (report, classed) = self.classed(heard);
        let what = What { id: heard.id, report: &report, classed: classed.as_ref() };
        Ok(self.made(taking, &what, self.placed(&report)?, None))
    }

    /// What was proposed for a call, with its reasons, for whoever brought the words.
    pub fn proposal(&self, heard: &Heard, command: &Command) -> Option<ProposalMessage> {
        let (Ask::Register(filing) | Ask::Join { filing, .. }) = &command.ask else { return None };
        let proposal = filing.proposal.as_ref()?;
        let again = self.classes.as_ref().and_then(|classes| classes.propose(&self.rules, &heard.report));
        // Another model would have other reasons.
        let reasons = again.filter(|(same, _)| same.model == proposal.model).map(|(_, reasons)| reasons);
        Some(ProposalMessage {
            class: proposal.class.clone(),
            condition: proposal.condition.clone(),
            department: proposal.department.clone(),
            confidence_permille: proposal.confidence_permille,
            second: proposal.second.clone(),
            sure: proposal.sure,
            strongest: reasons.unwrap_or_default(),
        })
    }

    /// The report as it is filed: of the class that it names, that it got at first, or that its words speak for.
    fn classed(&self, heard: &Heard) -> (Report, Option<ClassProposal>) {
        let mut report = heard.report.clone();
        let classed = match (self.first.get(&heard.id), &self.classes) {
            (Some(first), _) => first.classed.clone(),
            (None, Some(classes)) => classes.propose(&self.rules, &report).map(|(proposal, _)| proposal),
            (None, None) => None,
        };
        if let Some(proposal) = &classed {
            follow(&mut report, proposal);
        }
        (report, classed)
    }

    fn join(&self) -> Option<&Join> {
        self.rules.policy.join.as_ref()
    }

    /// Whether the second of two calls could be joined to the first, once that is a case: then it is opened only
    /// after the desk has followed the first one's record. Rather said too often than too seldom.
    pub fn may_be_alike(&self, first: &Heard, second: &Heard) -> bool {
        let Some(join) = self.join() else { return first.id == second.id };
        let (first, second) = (&first.report, &second.report);
        first.class == second.class
            && match (first.point, second.point) {
                (Some(a), Some(b)) => metres_between(a, b) <= f64::from(join.radius_m) + 1.0,
                (None, None) => join.without_point,
                (Some(_), None) | (None, Some(_)) => false,
            }
    }

    fn placed(&self, report: &Report) -> Result<Placed, RefusalMessage> {
        let known = |area: AreaCode| self.rules.territory.name(area).is_some();
        let nowhere = || RefusalMessage::from(&Refusal::Missing("place"));
        Ok(placed(report, &self.gazetteer, known, self.fallback.ok_or_else(nowhere)?))
    }

    fn made(&self, taking: &Taking, what: &What<'_>, placed: Placed, proposal: Option<&Proposal>) -> Command {
        let unit = taking.unit.as_ref().unwrap_or_else(|| self.rules.centre());
        let actor = Actor { unit: unit.clone(), person: taking.person.clone() };
        let opening = Opening {
            source: &taking.source,
            actor: &actor,
            by: taking.by,
            id: what.id,
            placed,
            proposal,
            threshold_permille: self.join().map_or(SCORE_PERMILLE_MAX, |join| join.threshold_permille),
            classed: what.classed,
        };
        open(what.report, &opening)
    }
}

/// A call as it is filed.
struct What<'w> {
    id: CommandId,
    report: &'w Report,
    classed: Option<&'w ClassProposal>,
}

/// Whether a command that joins was refused only because of its lead: the call is registered by itself then.
pub const fn may_be_registered_instead(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::LeadSettled | Refusal::FollowsLead(_) | Refusal::UnknownCase(_))
}

/// The lead that a call has joined before, whatever it is like now.
fn repeated(lead: CaseId) -> Proposal {
    Proposal { lead, score: SCORE_PERMILLE_MAX, metres: None, age_s: 0, words: Words::default() }
}
