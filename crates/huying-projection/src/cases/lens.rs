//! A question made ready for many cases: its names have become numbers, and each area was looked at once.

use super::{
    Cases,
    glance::{Glance, bit},
    names::UNKNOWN,
    query::Query,
    row::Row,
};
use crate::{health::Flaw, word::Word};
use huying_domain::{
    area::AreaCode,
    ids::CaseId,
    time::Timestamp,
    vocabulary::{Stage, Tag},
};

/// A question, ready to be asked of each case.
pub(super) struct Lens<'a, 'q> {
    cases: &'a Cases,
    query: &'q Query,
    now: Timestamp,
    holder: Option<u32>,
    class: Option<u32>,
    /// The unit of whoever asks.
    unit: Option<u32>,
    /// For each area: whether it is meant, and whether whoever asks sees it whole.
    areas: Vec<(bool, bool)>,
}

impl<'a, 'q> Lens<'a, 'q> {
    pub(super) fn new(cases: &'a Cases, query: &'q Query, now: Timestamp) -> Self {
        let numbered = &cases.numbered;
        let meant =
            |code: AreaCode| query.area.is_none_or(|area| area == code || !query.itself && area.covers(code));
        let sight = &query.sight;
        let seen = |code: AreaCode| sight.whole || sight.area.is_some_and(|own| own.covers(code));
        Self {
            cases,
            query,
            now,
            holder: query.holder.as_ref().map(|unit| numbered.units.find(unit)),
            class: query.class.as_ref().map(|class| numbered.classes.find(class)),
            unit: sight.unit.as_ref().map(|unit| numbered.units.find(unit)),
            areas: numbered.areas.all().iter().map(|code| (meant(*code), seen(*code))).collect(),
        }
    }

    /// How a case stands, if it is meant.
    fn word_if_meant(&self, glance: &Glance) -> Option<Word> {
        let word = self.has(glance).then(|| self.cases.word_at(glance, self.now))?;
        self.query.word.is_none_or(|asked| asked == word).then_some(word)
    }

    /// Whether a case is meant, whatever word it stands under.
    pub(super) fn has(&self, glance: &Glance) -> bool {
        let (query, at) = (self.query, glance.filed_at);
        query.rung.is_none_or(|rung| rung == glance.rung)
            && self.holder.is_none_or(|holder| holder == glance.holder)
            && query.stage.is_none_or(|stage| stage == glance.stage)
            && self.class.is_none_or(|class| class == glance.class)
            && query.kind.is_none_or(|kind| kind == glance.kind)
            && query.channel.is_none_or(|channel| channel == glance.channel)
            && query.tag.is_none_or(|tag| glance.tags & bit(tag) != 0)
            && query.filed_from.is_none_or(|from| from <= at)
            && query.filed_to.is_none_or(|to| at < to)
            && self.sees(glance)
            && query.flaw.is_none_or(|flaw| self.cases.is_flawed(glance, flaw))
            && query.filed_on.as_ref().is_none_or(|on| on.has(at))
    }

    fn sees(&self, glance: &Glance) -> bool {
        let (meant, whole) = self.areas.get(glance.area as usize).copied().unwrap_or_default();
        if !meant || glance.tags & bit(Tag::Sensitive) != 0 && !self.query.sight.sensitive {
            return false;
        }
        whole
            || self.unit.filter(|own| *own != UNKNOWN).is_some_and(|own| {
                [glance.holder, glance.dispatcher, glance.handler].contains(&own)
                    || glance.helpers.contains(&own)
            })
    }
}

impl Cases {
    /// The open cases that are meant, by id, with how they stand.
    pub(crate) fn glances<'a, 'q>(
        &'a self,
        query: &'q Query,
        now: Timestamp,
    ) -> impl Iterator<Item = (CaseId, &'a Glance, &'a Row, Word)> + use<'a, 'q> {
        let lens = Lens::new(self, query, now);
        self.walk().filter_map(move |(case, open)| {
            let word = lens.word_if_meant(&open.glance)?;
            Some((case, &open.glance, &*open.row, word))
        })
    }

    /// The rows that are meant, by id, with how they stand.
    pub fn meant<'a, 'q>(
        &'a self,
        query: &'q Query,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'a Row, Word)> + use<'a, 'q> {
        self.glances(query, now).map(|(_, _, row, word)| (row, word))
    }

    /// How a case stands; one that has no clock and follows another stands as that one.
    pub(super) fn word_at(&self, glance: &Glance, now: Timestamp) -> Word {
        let lead = glance.lead.filter(|_| glance.clockless).and_then(|lead| self.open.get(lead));
        lead.map_or(glance.steps, |lead| lead.glance.steps).at(now)
    }

    /// What is wrong with a case, or with what is known of it.
    pub(crate) fn is_flawed(&self, glance: &Glance, flaw: Flaw) -> bool {
        match flaw {
            Flaw::Orphan => glance.orphan,
            Flaw::NoTarget => glance.no_target,
            Flaw::NoNext => {
                let goes_with_lead = glance.stage == Stage::Following
                    && glance.lead.is_some_and(|lead| self.open.contains(lead));
                glance.next == Timestamp::FAR && !goes_with_lead
            }
            Flaw::Unaccepted => glance.stage == Stage::Assigned,
        }
    }
}
