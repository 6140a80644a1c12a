//! Our verdict on time against the source's own: ours is whether the resolve clock was breached before the
//! result.

use crate::report::{Agreement, DISAGREEMENTS_MAX, Disagreement};
use huying_domain::{
    event::Event,
    ids::{CaseId, ExternalId},
    time::Timestamp,
    vocabulary::Clock,
};
use std::collections::BTreeMap;

/// The comparison so far, and the cases whose verdict is to come.
#[derive(Debug, Default)]
pub struct Verdicts {
    awaited: BTreeMap<CaseId, Awaited>,
    agreement: Agreement,
}

#[derive(Debug)]
struct Awaited {
    external: ExternalId,
    target: Timestamp,
    closed: Timestamp,
    theirs: Option<bool>,
    breached: bool,
}

impl Verdicts {
    /// A case with a promised instant that the source closed will have a verdict.
    pub fn await_verdict(
        &mut self,
        case: CaseId,
        external: &ExternalId,
        target: Option<Timestamp>,
        closed: Timestamp,
        theirs: Option<bool>,
    ) {
        if let Some(target) = target {
            let external = external.clone();
            self.awaited.insert(case, Awaited { external, target, closed, theirs, breached: false });
        }
    }

    /// Takes in what happened to a case.
    pub fn follow(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::ClockBreached(event) if event.clock == Clock::Resolve => {
                if let Some(awaited) = self.awaited.get_mut(&case) {
                    awaited.breached = true;
                }
            }
            Event::Resolved(_) => {
                if let Some(awaited) = self.awaited.remove(&case) {
                    self.judge(awaited);
                }
            }
            Event::Cancelled(_) | Event::Refused(_) | Event::Referred(_) => {
                self.awaited.remove(&case);
            }
            _ => {}
        }
    }

    fn judge(&mut self, awaited: Awaited) {
        let Awaited { external, target, closed, theirs, breached } = awaited;
        let Some(theirs) = theirs else {
            self.agreement.without_flag += 1;
            return;
        };
        let ours = !breached;
        self.agreement.of += 1;
        if ours == theirs {
            self.agreement.agree += 1;
        } else if self.agreement.disagreements.len() < DISAGREEMENTS_MAX {
            let external = external.as_str().to_owned();
            self.agreement.disagreements.push(Disagreement { external, closed, target, ours, theirs });
        }
    }

    /// The comparison; none where the source has no verdicts.
    pub fn agreement(&self) -> Option<Agreement> {
        let mut agreement = self.agreement.clone();
        #[expect(clippy::cast_precision_loss, reason = "a share for people; the integers stand beside it")]
        let share = agreement.agree as f64 / agreement.of.max(1) as f64;
        agreement.share = share;
        (agreement.of > 0).then_some(agreement)
    }
}
