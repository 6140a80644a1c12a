//! Which personal data are kept longer than the policy says: proposals. Whoever confirms them erases them by the same
//! command as any other; nothing here erases.

use crate::survey::Survey;
use huying_domain::{
    ids::{CaseId, ClassId, Seq},
    rules::Rules,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Most proposals of one answer, those that have been due the longest.
pub const PROPOSALS_MAX: usize = 10_000;

/// A case whose personal data ought to be erased.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// The case.
    pub case: CaseId,
    /// Its class.
    pub class: ClassId,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Since when it is due.
    pub due_since: Timestamp,
    /// Days after closing, says the rule.
    pub days: u32,
    /// Whether the rule is of this class alone.
    pub own_rule: bool,
    /// Who says so.
    pub source: String,
}

/// What is due.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proposals {
    /// The longest due first.
    pub due: Vec<Proposal>,
    /// How many are due in all.
    pub total: u64,
    /// Closed cases with personal data whose time is not over yet.
    pub kept: u64,
    /// Closed cases with personal data of whose class the policy says nothing: they are kept.
    pub without_rule: u64,
    /// The policy that says so.
    pub policy: String,
    /// The zone of the city's clocks on the wall.
    pub zone: String,
    /// The record up to which this holds.
    pub up_to: Seq,
}

/// What is due at an instant. A reopened case is open and not among them; one that is erased has nothing left.
pub fn proposals(rules: &Rules, survey: &Survey, now: Timestamp) -> Proposals {
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    let (mut due, mut kept, mut without_rule) = (Vec::new(), 0, 0);
    for (case, surveyed, closed) in survey.closed().filter(|(_, case, _)| case.is_sealed && !case.is_erased) {
        let Some(rule) = rules.policy.retention.rule(&surveyed.class) else {
            without_rule += 1;
            continue;
        };
        let day = rule.due(calendar.date(closed.at));
        let begins = day.to_zoned(calendar.zone().clone());
        let due_since = begins.map_or(Timestamp::FAR, |zoned| zoned.timestamp().into());
        if due_since > now {
            kept += 1;
            continue;
        }
        due.push(Proposal {
            case,
            class: surveyed.class.clone(),
            closed_at: closed.at,
            due_since,
            days: rule.days,
            own_rule: rule.class.is_some(),
            source: rule.source.clone(),
        });
    }
    due.sort_by_key(|proposal| (proposal.due_since, proposal.case));
    let total = due.len() as u64;
    due.truncate(PROPOSALS_MAX);
    let zone = calendar.zone().iana_name().unwrap_or("UTC").to_owned();
    Proposals { due, total, kept, without_rule, policy: rules.label.to_string(), zone, up_to: survey.up_to }
}
