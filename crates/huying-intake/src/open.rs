//! Opening: a report that has been read and placed becomes one command, the same one each time that it comes
//! in.

use crate::{likeness::Proposal, place::Gazetteer, report::Report};
use huying_domain::{
    area::AreaCode,
    command::{Ask, Command},
    event::collect::{Brief, ClassProposal, Filing},
    ids::SourceId,
    record::{Actor, CommandId, Origin},
};

/// Where a report was found to lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placed {
    /// The area, or the fallback.
    pub area: AreaCode,
    /// Nothing was found; the area is the named fallback, and the case goes onto the list of orphans.
    pub orphan: bool,
}

/// What the desk or feed adds to a report.
#[derive(Clone, Debug)]
pub struct Opening<'o> {
    /// The feed or desk.
    pub source: &'o SourceId,
    /// Who asks, as the door has proven.
    pub actor: &'o Actor,
    /// Whether a feed or a person brings it.
    pub by: Origin,
    /// The id of the command: [`command_id`] of the report, or one that the inbox makes for a call without a
    /// name.
    pub id: CommandId,
    /// Where it lies.
    pub placed: Placed,
    /// A lead case to which it may belong.
    pub proposal: Option<&'o Proposal>,
    /// From which score on the proposal is taken.
    pub threshold_permille: u16,
    /// What a program made of the words, where the call named no class.
    pub classed: Option<&'o ClassProposal>,
}

/// The id of the command that a report becomes, where its source names it.
pub fn command_id(source: &SourceId, report: &Report) -> Option<CommandId> {
    report.external.as_ref().map(|external| CommandId::of_call(source, external))
}

/// Finds the area of a report: what the source knows from the same territory, then the point, then the names
/// in the hint and the address, then the fallback. `known` says whether the territory in force has an area.
pub fn placed(
    report: &Report,
    gazetteer: &Gazetteer,
    known: impl Fn(AreaCode) -> bool,
    fallback: AreaCode,
) -> Placed {
    let named = |text: &Option<String>| text.as_deref().and_then(|text| gazetteer.area_by_name(text));
    let found = report
        .area
        .filter(|area| known(*area))
        .or_else(|| report.point.and_then(|point| gazetteer.area_of(point)).filter(|area| known(*area)))
        .or_else(|| named(&report.address).filter(|area| known(*area)))
        .or_else(|| named(&report.area_hint).filter(|area| known(*area)));
    Placed { area: found.unwrap_or(fallback), orphan: found.is_none() }
}

/// Makes the command: settled at once, where the call-taker has; joined, where whoever took it says so or a proposal is
/// good enough; else registered.
pub fn open(report: &Report, opening: &Opening<'_>) -> Command {
    let filing = Box::new(Filing {
        source: opening.source.clone(),
        channel: report.channel,
        external: report.external.clone(),
        kind: report.kind,
        brief: Brief {
            class: report.class.clone(),
            condition: report.condition.clone(),
            area: opening.placed.area,
            accused: report.accused.clone(),
            department: report.department.clone(),
        },
        place: report.point,
        orphan: opening.placed.orphan,
        summary: report.summary.as_str().into(),
        occurred_at: report.occurred_at,
        target: report.target,
        tags: report.tags.clone(),
        proposal: opening.classed.cloned(),
        photos: report.photos.clone(),
    });
    let taken = opening.proposal.filter(|proposal| proposal.score >= opening.threshold_permille);
    let lead = report.follows.or(taken.map(|proposal| proposal.lead));
    Command {
        id: opening.id,
        actor: opening.actor.clone(),
        by: opening.by,
        because: None,
        saw: None,
        case: None,
        ask: match (&report.settled, lead) {
            (Some(how), _) => Ask::RegisterSettled { filing, how: how.clone() },
            (None, Some(lead)) => Ask::Join { lead, filing },
            (None, None) => Ask::Register(filing),
        },
        private: (!report.private.is_empty()).then(|| report.private.clone()),
    }
}
