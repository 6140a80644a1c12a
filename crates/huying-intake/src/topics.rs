//! Hot topics: cases of one class in one place whose words are alike and which follow each other within a window.
//!
//! [`Topics`] follows the records and keeps of each case its class, place, instant and redacted summary; a case
//! belongs to one class, the one that it has now. [`Topics::find`] clusters them anew for each question, so that two
//! questions with different windows do not disturb each other. A case joins the cluster that it is most like; what is
//! alike is the share of neighbouring letters that two texts have in common.

use crate::likeness::words::Wording;
use huying_domain::{
    area::{AreaCode, Level},
    event::{Event, collect::Filing},
    ids::{CaseId, ClassId},
    record::Record,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most cases that are kept; where there are more, the oldest go.
pub const TOPIC_CASES_MAX: usize = 1_000_000;
/// With how many of a cluster's newest cases a further one is compared.
const COMPARED_MAX: usize = 16;

/// What makes a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TopicAsk {
    /// Cases in the same area of this level are in one place.
    pub level: Level,
    /// Longest gap between a case and the one before it, in seconds.
    pub window_s: i64,
    /// Fewest cases.
    pub cases_min: u32,
    /// How alike the words of two cases are at least, in thousandths.
    pub alike_permille: u16,
    /// Only cases filed at or after this instant.
    pub since: Timestamp,
}

/// A cluster of cases.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Topic {
    /// Of which class.
    pub class: ClassId,
    /// Where; none for cases that lie above the level.
    pub area: Option<AreaCode>,
    /// The redacted summary of the first case.
    pub about: String,
    /// When its first case was filed.
    pub first: Timestamp,
    /// When its last one was.
    pub last: Timestamp,
    /// Its cases, in the order of their filing.
    pub cases: Vec<CaseId>,
}

/// What is kept of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    /// When it was filed.
    pub at: Timestamp,
    /// Its class.
    pub class: ClassId,
    /// Where it lies.
    pub area: AreaCode,
    /// What it is about, redacted, without kind and class.
    pub words: String,
}

/// The cases of which topics are made.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Topics {
    cases: BTreeMap<CaseId, Noted>,
}

impl Topics {
    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        for part in &record.parts {
            let Some(case) = part.case() else { continue };
            for event in &part.events {
                match event {
                    Event::Registered(event) => self.note(case, noted(&event.filing, record.at)),
                    Event::Joined(event) => self.note(case, noted(&event.filing, record.at)),
                    Event::Corrected(event) => {
                        if let (Some(class), Some(known)) = (&event.class, self.cases.get_mut(&case)) {
                            known.class.clone_from(class);
                        }
                    }
                    Event::Rehomed(event) => {
                        if let Some(known) = self.cases.get_mut(&case) {
                            known.area = event.to;
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Keeps a case.
    pub fn note(&mut self, case: CaseId, noted: Noted) {
        self.cases.insert(case, noted);
        if self.cases.len() > TOPIC_CASES_MAX {
            self.cases.pop_first();
        }
    }

    /// The topics, the largest first.
    pub fn find(&self, ask: &TopicAsk) -> Vec<Topic> {
        let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (case, noted) in self.cases.iter().filter(|(_, noted)| noted.at >= ask.since) {
            places.entry((&noted.class, noted.area.at(ask.level))).or_default().push((noted.at, *case));
        }
        let mut topics = Vec::new();
        for ((class, area), mut cases) in places {
            cases.sort_unstable();
            let clusters = self.clusters(&cases, ask).into_iter();
            topics.extend(clusters.filter(|cluster| cluster.cases.len() >= ask.cases_min as usize).map(
                |cluster| Topic {
                    class: class.clone(),
                    area,
                    about: self.cases[&cluster.cases[0]].words.clone(),
                    first: self.cases[&cluster.cases[0]].at,
                    last: cluster.last,
                    cases: cluster.cases,
                },
            ));
        }
        topics.sort_by(|one, other| {
            other.cases.len().cmp(&one.cases.len()).then_with(|| one.cases.cmp(&other.cases))
        });
        topics
    }

    fn clusters(&self, cases: &[(Timestamp, CaseId)], ask: &TopicAsk) -> Vec<Cluster> {
        let mut clusters: Vec<Cluster> = Vec::new();
        for &(at, case) in cases {
            let wording = Wording::of(&self.cases[&case].words);
            let near =
                clusters.iter().enumerate().filter(|(_, one)| at.seconds_since(one.last) <= ask.window_s);
            let alike = near.map(|(place, cluster)| (cluster.alike(&wording), place));
            // The most alike; among equals the one that began last.
            match alike.max().filter(|(alike, _)| *alike >= ask.alike_permille) {
                Some((_, place)) => clusters[place].take(case, at, wording),
                None => clusters.push(Cluster { last: at, cases: vec![case], wordings: vec![wording] }),
            }
        }
        clusters
    }
}

struct Cluster {
    last: Timestamp,
    cases: Vec<CaseId>,
    /// Of its newest cases.
    wordings: Vec<Wording>,
}

impl Cluster {
    /// How alike a text is to the one of these that it is most like, in thousandths.
    fn alike(&self, wording: &Wording) -> u16 {
        self.wordings.iter().map(|other| wording.alike(other)).max().unwrap_or_default()
    }

    fn take(&mut self, case: CaseId, at: Timestamp, wording: Wording) {
        self.last = at;
        self.cases.push(case);
        if self.wordings.len() == COMPARED_MAX {
            self.wordings.remove(0);
        }
        self.wordings.push(wording);
    }
}

fn noted(filing: &Filing, at: Timestamp) -> Noted {
    // Kind and class stand in every summary of the class.
    let known = format!("{} · {}", filing.kind.zh(), filing.brief.class);
    let words = filing.summary.strip_prefix(&known).unwrap_or(&filing.summary);
    let words = words.trim_start_matches([' ', '·', '｜']).to_owned();
    Noted { at, class: filing.brief.class.clone(), area: filing.brief.area, words }
}
