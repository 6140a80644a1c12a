//! A case as a list shows it, with the words that people read.

use crate::rights::ACTS;
use crate::sign_in::account::Account;
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, ClassId, Seq, UnitId},
    rules::Rules,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Clock, Rung, Stage, Tag},
    words::Words,
};
use huying_projection::{
    cases::{query::Shown, row::Ticking},
    word::{Word, WordCounts},
};
use schemars::JsonSchema;
use serde::Serialize;

/// How many stand under each word.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(crate) struct Counts {
    within: u64,
    approaching: u64,
    breached: u64,
    unknown: u64,
    pub(crate) all: u64,
}

impl From<&WordCounts> for Counts {
    fn from(counts: &WordCounts) -> Self {
        let WordCounts { within, approaching, breached, unknown } = *counts;
        Self { within, approaching, breached, unknown, all: counts.all() }
    }
}

/// The written name of a word.
pub(crate) const fn name_of(word: Word) -> &'static str {
    match word {
        Word::Within => "within",
        Word::Approaching => "approaching",
        Word::Unknown => "unknown",
        Word::Breached => "breached",
    }
}

/// The word of this name.
pub(crate) fn word_of(name: &str) -> Option<Word> {
    Word::ALL.into_iter().find(|word| name_of(*word) == name)
}

/// A clock in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Tick {
    clock: Clock,
    clock_words: Words,
    from: Timestamp,
    due: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_at: Option<Timestamp>,
    breached: bool,
    word: &'static str,
}

/// A place in degrees of WGS-84.
#[derive(Clone, Copy, Serialize, JsonSchema)]
pub(crate) struct Place {
    lon: f64,
    lat: f64,
}

impl From<huying_domain::area::Point> for Place {
    fn from(point: huying_domain::area::Point) -> Self {
        let (lon, lat) = point.degrees();
        Self { lon, lat }
    }
}

/// A case in a list: nothing of the caller.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Row {
    pub(crate) case: CaseId,
    filed_at: Timestamp,
    stage: Stage,
    stage_words: Words,
    rung: Rung,
    holder: UnitId,
    holder_words: Words,
    class: ClassId,
    class_words: Words,
    area: AreaCode,
    area_words: Words,
    place: Option<Place>,
    channel: Channel,
    kind: CaseKind,
    summary: String,
    summary_words: Words,
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<CaseId>,
    members: u32,
    leg: u8,
    reminded: u32,
    orphan: bool,
    /// `within`, `approaching`, `unknown` or `breached`.
    word: &'static str,
    /// The next instant at which the engine will act by itself.
    next: Option<Timestamp>,
    clocks: Vec<Tick>,
    /// The record that changed it last.
    seq: Seq,
    /// What the asker's roles and unit let them ask; the engine decides each once more.
    asks: Vec<&'static str>,
}

/// The words that the rules have for names.
#[derive(Clone, Copy)]
pub(crate) struct Tongue<'r>(pub(crate) &'r Rules);

impl Tongue<'_> {
    pub(crate) fn unit(self, id: &UnitId) -> Words {
        self.0.unit(id).map_or_else(|| Words::new(id.as_str(), id.as_str()), |unit| unit.name.clone())
    }

    pub(crate) fn class(self, id: &ClassId) -> Words {
        let class = self.0.policy.classes.get(id);
        class.map_or_else(|| unlisted(id), |class| Words::new(&class.zh, &class.en))
    }

    pub(crate) fn area(self, code: AreaCode) -> Words {
        let named = self.0.territory.name(code).cloned();
        named.unwrap_or_else(|| Words::new(code.to_string(), code.to_string()))
    }

    /// A row of a list, for somebody.
    pub(crate) fn row(self, shown: &Shown<'_>, account: &Account, now: Timestamp) -> Row {
        let row = shown.row;
        Row {
            case: row.case,
            filed_at: row.filed_at,
            stage: row.stage,
            stage_words: Words::new(row.stage.zh(), row.stage.name()),
            rung: row.rung,
            holder: row.holder.clone(),
            holder_words: self.unit(&row.holder),
            class: row.class.clone(),
            class_words: self.class(&row.class),
            area: row.area,
            area_words: self.area(row.area),
            place: row.place.map(Place::from),
            channel: row.channel,
            kind: row.kind,
            summary: row.summary.to_string(),
            summary_words: self.summary(&row.summary),
            tags: row.tags.to_vec(),
            lead: row.lead,
            members: row.members,
            leg: row.leg,
            reminded: row.reminded,
            orphan: row.orphan,
            word: name_of(shown.word),
            next: shown.next,
            clocks: row.clocks.iter().map(|ticking| tick(ticking, now)).collect(),
            seq: row.seq,
            asks: self.asks(account, &row.holder, &row.co_handlers),
        }
    }

    /// What roles and unit let somebody ask of a case with this holder.
    fn asks(self, account: &Account, holder: &UnitId, helpers: &[UnitId]) -> Vec<&'static str> {
        let unit = &account.unit;
        let near = unit == holder || helpers.contains(unit) || self.0.supervises(unit, holder);
        let may = ACTS.iter().filter(|act| near && account.may_ask(act));
        may.map(|act| act.ask).collect()
    }
}

fn tick(ticking: &Ticking, now: Timestamp) -> Tick {
    Tick {
        clock: ticking.clock,
        clock_words: Words::new(ticking.clock.zh(), ticking.clock.name()),
        from: ticking.from,
        due: ticking.due,
        paused_at: ticking.paused_at,
        breached: ticking.breached,
        word: name_of(ticking.word(now)),
    }
}

/// A class that the policy does not list: what nobody could read out of the words, or what was withdrawn.
fn unlisted(id: &ClassId) -> Words {
    match id.as_str() {
        "unclassified" => Words::new("未分类", "unclassified"),
        other => Words::new(other, other),
    }
}
