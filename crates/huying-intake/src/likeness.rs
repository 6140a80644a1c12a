//! Likeness: whether a call is about a matter that somebody has called about a while ago, close by.
//!
//! [`Neighbours`] follows the records and keeps the open lead cases of the last while. An old open case
//! swallows no new event: a lead is proposed only within the profile's radius and window, counted from the
//! *lead's* filing, so that a chain of calls does not carry a case along for ever. One-key alarms and
//! accusations are never joined, nor joined to. Who says something else than the lead's caller must be the nearer. What is proposed is taken or not by the caller's threshold.

mod cells;
pub mod upcoming;
pub(crate) mod words;

use self::{
    cells::Cells,
    words::{ALIKE_ENOUGH_PERMILLE, Wording},
};
use crate::{metres::metres_between, report::Report};
use huying_domain::{
    area::{AreaCode, Point},
    event::{
        Event,
        collect::{Corrected, Filing},
    },
    ids::{CaseId, ClassId, ConditionId},
    record::{CommandId, Origin, Record},
    rules::join::{Join, SCORE_PERMILLE_MAX},
    time::Timestamp,
    vocabulary::Channel,
    words::Words,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How long it is remembered what a call became, so that the same call sent again becomes the same command:
/// as long as the engine knows repeats.
pub const REMEMBER_S: u32 = 7 * 86_400;
/// Most calls whose words are kept until their records come back.
const HEARD_MAX: usize = 4_096;
/// Of a full score, the share that is left of a likeness by area alone, in thousandths.
const WITHOUT_POINT_PERMILLE: u16 = 750;

/// The open lead cases of the last while, and what the calls of the last days became.
#[derive(Debug)]
pub struct Neighbours {
    reach: Join,
    leads: BTreeMap<CaseId, Lead>,
    by_age: BTreeSet<(Timestamp, CaseId)>,
    cells: Cells<CaseId>,
    became: BTreeMap<CommandId, Became>,
    became_by_age: BTreeSet<(Timestamp, CommandId)>,
    /// The words of calls whose records are on their way.
    heard: VecDeque<(CommandId, Wording)>,
}

/// A case to which others may be joined.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Lead {
    filed: Timestamp,
    class: ClassId,
    condition: Option<ConditionId>,
    area: AreaCode,
    place: Option<Point>,
    wording: Wording,
}

/// What a call became when it first came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Became {
    Registered,
    Joined(CaseId),
}

/// What is asked of the neighbours about one report.
#[derive(Clone, Copy, Debug)]
pub struct Matter<'r> {
    /// The id of the command that the report will become.
    pub id: CommandId,
    /// The report.
    pub report: &'r Report,
    /// In which area it lies.
    pub area: AreaCode,
    /// The instant at the door.
    pub now: Timestamp,
}

/// A lead case that may be about the same matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The lead case.
    pub lead: CaseId,
    /// How alike, from 0 to 1000: full at the same place and instant, falling with distance and age.
    pub score: u16,
    /// How far apart, in metres; none where it was found by its area.
    pub metres: Option<u32>,
    /// Seconds since the lead was filed.
    pub age_s: u32,
    /// Why, for people.
    pub words: Words,
}

impl Neighbours {
    /// Keeps leads for as long and as far as the widest of the profiles in use reaches.
    pub fn new(reach: Join) -> Self {
        Self {
            reach,
            leads: BTreeMap::new(),
            by_age: BTreeSet::new(),
            cells: Cells::new(reach.radius_m, CaseId::new(0, 0)..=CaseId::MAX),
            became: BTreeMap::new(),
            became_by_age: BTreeSet::new(),
            heard: VecDeque::new(),
        }
    }

    /// How many leads are kept.
    pub fn len(&self) -> usize {
        self.leads.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.leads.is_empty()
    }

    /// Follows one record of the journal.
    pub fn follow(&mut self, record: &Record) {
        self.forget_before(record.at);
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                self.evolve(record, case, event);
            }
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, so that a new one stops the build here"
    )]
    fn evolve(&mut self, record: &Record, case: CaseId, event: &Event) {
        match event {
            Event::Registered(registered) => {
                self.remember(record, Became::Registered);
                let wording = self.heard_of(record.command);
                self.add(case, record.at, &registered.filing, wording);
            }
            Event::Joined(joined) => self.remember(record, Became::Joined(joined.lead)),
            Event::Corrected(correction) => self.change(case, |lead| lead.correct(correction)),
            Event::Rehomed(rehomed) => self.change(case, |lead| lead.area = rehomed.to),
            // What is settled takes no further callers; one reopened is about its own old event.
            Event::Refused(_)
            | Event::Referred(_)
            | Event::Cancelled(_)
            | Event::Terminated(_)
            | Event::Merged(_)
            | Event::Resolved(_)
            | Event::Answered(_)
            | Event::Closed(_)
            | Event::Reopened(_) => {
                self.drop_lead(case);
            }
            Event::MemberAdded(_)
            | Event::Tagged(_)
            | Event::Assigned(_)
            | Event::Accepted(_)
            | Event::Returned(_)
            | Event::Ruled(_)
            | Event::Delegated(_)
            | Event::Contacted(_)
            | Event::Arrived(_)
            | Event::Progressed(_)
            | Event::Clocked(_)
            | Event::ClockBreached(_)
            | Event::Exempted(_)
            | Event::Escalated(_)
            | Event::TopAsked(_)
            | Event::Alarmed(_)
            | Event::Noticed(_)
            | Event::Reminded(_)
            | Event::Requested(_)
            | Event::Denied(_)
            | Event::Extended(_)
            | Event::Suspended(_)
            | Event::Resumed(_)
            | Event::InformAsked(_)
            | Event::Informed(_)
            | Event::Whistled(_)
            | Event::ReportedIn(_)
            | Event::HelpCalled(_)
            | Event::HelpReported(_)
            | Event::Consulted(_)
            | Event::TaskFinished(_)
            | Event::ErrandMissed(_)
            | Event::TookIn(_)
            | Event::Unmerged(_)
            | Event::LetGo(_)
            | Event::Appealed(_)
            | Event::AppealJudged(_)
            | Event::LookAsked(_)
            | Event::LookedAgain(_)
            | Event::NewsPassed(_)
            | Event::Supervised(_)
            | Event::Instructed(_)
            | Event::Checked(_)
            | Event::PassedOn(_)
            | Event::TellAsked(_)
            | Event::Told(_)
            | Event::CalledBack(_)
            | Event::Revealed(_)
            | Event::Erased(_)
            | Event::RulesPublished(_)
            | Event::DutySet(_)
            | Event::AccountSet(_)
            | Event::KeysSet(_) => {}
        }
    }

    /// The lead that the report is most like, if one lies within the profile's bounds: the highest score,
    /// then the nearest, then the oldest case. A call that has come in before gets what it became then,
    /// whatever has been filed since: the same call is the same command.
    pub fn like(&self, matter: &Matter<'_>, join: &Join) -> Option<Proposal> {
        if let Some(became) = self.became.get(&matter.id) {
            return match *became {
                Became::Registered => None,
                Became::Joined(lead) => Some(repeated(lead)),
            };
        }
        let report = matter.report;
        if !may_follow(report.channel, report.accused.is_some()) {
            return None;
        }
        let bounds = Join {
            radius_m: join.radius_m.min(self.reach.radius_m),
            window_s: join.window_s.min(self.reach.window_s),
            ..*join
        };
        match report.point {
            Some(point) => self.by_point(matter, point, &bounds),
            None if bounds.without_point => self.by_area(matter, &bounds),
            None => None,
        }
    }

    fn by_point(&self, matter: &Matter<'_>, point: Point, bounds: &Join) -> Option<Proposal> {
        let wording = wording(matter.report);
        let near = self.cells.around(&matter.report.class, point, bounds.radius_m);
        let alike = near.filter_map(|case| {
            let lead = self.leads.get(&case)?;
            let age_s = lead.age_s(matter.now, bounds)?;
            let metres = whole_metres(metres_between(lead.place?, point));
            let score = worded(score(metres, age_s, bounds)?, &lead.wording, &wording, bounds);
            Some(((SCORE_PERMILLE_MAX - score, metres, case), age_s))
        });
        let ((lost, metres, lead), age_s) = alike.min()?;
        Some(Proposal {
            lead,
            score: SCORE_PERMILLE_MAX - lost,
            metres: Some(metres),
            age_s,
            words: words_near(lead, metres, age_s),
        })
    }

    fn by_area(&self, matter: &Matter<'_>, bounds: &Join) -> Option<Proposal> {
        let report = matter.report;
        let wording = wording(report);
        let alike = self.cells.placeless(&report.class, matter.area).filter_map(|case| {
            let lead = self.leads.get(&case).filter(|lead| lead.condition == report.condition)?;
            let age_s = lead.age_s(matter.now, bounds)?;
            let score = worded(score(0, age_s, bounds)?, &lead.wording, &wording, bounds);
            Some((SCORE_PERMILLE_MAX - score, age_s, case))
        });
        let (lost, age_s, lead) = alike.min()?;
        let score = share(SCORE_PERMILLE_MAX - lost, WITHOUT_POINT_PERMILLE);
        Some(Proposal { lead, score, metres: None, age_s, words: words_in_area(lead, age_s) })
    }

    /// Keeps what a caller says until the case is filed, and then as long as it may have further callers: as pairs of
    /// letters, in memory alone. The words themselves are sealed, so a lead from before a start has none.
    pub fn hear(&mut self, id: CommandId, report: &Report) {
        let wording = wording(report);
        if wording.is_empty() || self.heard.iter().any(|(heard, _)| *heard == id) {
            return;
        }
        if self.heard.len() == HEARD_MAX {
            self.heard.pop_front();
        }
        self.heard.push_back((id, wording));
    }

    fn heard_of(&mut self, id: CommandId) -> Wording {
        let place = self.heard.iter().position(|(heard, _)| *heard == id);
        place.and_then(|place| self.heard.remove(place)).map(|(_, wording)| wording).unwrap_or_default()
    }

    fn add(&mut self, case: CaseId, filed: Timestamp, filing: &Filing, wording: Wording) {
        if !may_follow(filing.channel, filing.brief.accused.is_some()) {
            return;
        }
        let lead = Lead::of(filing, filed, wording);
        self.cells.insert(case, &lead);
        self.by_age.insert((filed, case));
        self.leads.insert(case, lead);
    }

    fn drop_lead(&mut self, case: CaseId) -> Option<Lead> {
        let lead = self.leads.remove(&case)?;
        self.cells.remove(case, &lead);
        self.by_age.remove(&(lead.filed, case));
        Some(lead)
    }

    fn change(&mut self, case: CaseId, change: impl FnOnce(&mut Lead)) {
        if let Some(mut lead) = self.drop_lead(case) {
            change(&mut lead);
            self.cells.insert(case, &lead);
            self.by_age.insert((lead.filed, case));
            self.leads.insert(case, lead);
        }
    }

    fn remember(&mut self, record: &Record, became: Became) {
        if matches!(record.by, Origin::Feed | Origin::Person) {
            self.became.insert(record.command, became);
            self.became_by_age.insert((record.at, record.command));
        }
    }

    fn forget_before(&mut self, now: Timestamp) {
        let window = now.plus_seconds(-i64::from(self.reach.window_s));
        while let Some(&(filed, case)) = self.by_age.first().filter(|(filed, _)| *filed < window) {
            self.by_age.remove(&(filed, case));
            self.drop_lead(case);
        }
        let remembered = now.plus_seconds(-i64::from(REMEMBER_S));
        while let Some(oldest) = self.became_by_age.first().copied().filter(|(at, _)| *at < remembered) {
            self.became_by_age.remove(&oldest);
            self.became.remove(&oldest.1);
        }
    }
}

impl Lead {
    fn of(filing: &Filing, filed: Timestamp, wording: Wording) -> Self {
        Self {
            filed,
            class: filing.brief.class.clone(),
            condition: filing.brief.condition.clone(),
            area: filing.brief.area,
            place: filing.place,
            wording,
        }
    }

    fn correct(&mut self, correction: &Corrected) {
        if let Some(class) = &correction.class {
            self.class.clone_from(class);
        }
        if let Some(condition) = &correction.condition {
            self.condition = Some(condition.clone());
        }
        if correction.place.is_some() {
            self.place = correction.place;
        }
    }

    /// Seconds since it was filed; none beyond the window, or before it was filed.
    fn age_s(&self, now: Timestamp, bounds: &Join) -> Option<u32> {
        let age = u32::try_from(now.seconds_since(self.filed)).ok()?;
        (age <= bounds.window_s).then_some(age)
    }
}

/// An alarm is a new event each time; a matter about a unit must not go to whoever holds another case.
const fn may_follow(channel: Channel, accuses: bool) -> bool {
    !accuses && !matches!(channel, Channel::Device)
}

/// Half is lost over the whole radius, and half of the rest over the whole window.
fn score(metres: u32, age_s: u32, bounds: &Join) -> Option<u16> {
    let (radius, window) = (u64::from(bounds.radius_m) * 2, u64::from(bounds.window_s) * 2);
    if metres > bounds.radius_m {
        return None;
    }
    let left = (radius - u64::from(metres)) * (window - u64::from(age_s));
    u16::try_from(u64::from(SCORE_PERMILLE_MAX) * left / (radius * window)).ok()
}

fn wording(report: &Report) -> Wording {
    report.private.words.as_deref().map(Wording::of).unwrap_or_default()
}

/// Of a score, what is left when the words are less alike than those of two callers about one matter are. Where nobody
/// heard the words of one, place and time decide alone.
fn worded(score: u16, one: &Wording, other: &Wording, bounds: &Join) -> u16 {
    if one.is_empty() || other.is_empty() {
        return score;
    }
    let alike = u32::from(one.alike(other).min(ALIKE_ENOUGH_PERMILLE));
    let lacking = 1000 - alike * 1000 / u32::from(ALIKE_ENOUGH_PERMILLE);
    let lost = u16::try_from(u32::from(bounds.words_permille) * lacking / 1000).unwrap_or(u16::MAX);
    share(score, 1000_u16.saturating_sub(lost))
}

fn share(score: u16, permille: u16) -> u16 {
    let left = u32::from(score) * u32::from(permille) / 1000;
    u16::try_from(left).expect("a share of a score is a score")
}

fn whole_metres(metres: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a distance on the globe is above zero and fits"
    )]
    let whole = metres.round() as u32;
    whole
}

fn words_near(lead: CaseId, metres: u32, age_s: u32) -> Words {
    let minutes = age_s / 60;
    Words::new(
        format!("{minutes} 分钟前、{metres} 米内已有同类工单 {lead}。"),
        format!("Case {lead} of the same class was filed {minutes} minutes ago, {metres} m away."),
    )
}

fn words_in_area(lead: CaseId, age_s: u32) -> Words {
    let minutes = age_s / 60;
    Words::new(
        format!("{minutes} 分钟前同一辖区已有同类工单 {lead}。"),
        format!("Case {lead} of the same class and area was filed {minutes} minutes ago."),
    )
}

fn repeated(lead: CaseId) -> Proposal {
    Proposal {
        lead,
        score: SCORE_PERMILLE_MAX,
        metres: None,
        age_s: 0,
        words: Words::new(
            format!("该来电此前已并入工单 {lead}。"),
            format!("The same call has already joined case {lead}."),
        ),
    }
}
