//! What the fold knows, as it travels.

use huying_bus::{
    message::{
        assignment::{Assignment, DueLimit, PublicPoint, WorkPart},
        notice::Notice,
    },
    subject::token::NoticeKind,
};
use huying_projection::ought::{notice, work};

/// A unit's work as a message.
pub(super) fn assignment(work: &work::Work) -> Assignment {
    let face = &work.face;
    Assignment {
        case: work.case,
        seq: work.seq,
        version: work.version,
        part: match work.part {
            work::WorkPart::Lead => WorkPart::Lead,
            work::WorkPart::CoHandler => WorkPart::CoHandler,
            work::WorkPart::Ring => WorkPart::Ring,
            work::WorkPart::Told => WorkPart::Told,
            work::WorkPart::Withdrawn => WorkPart::Withdrawn,
        },
        kind: face.kind,
        class: face.class.clone(),
        condition: face.condition.clone(),
        summary: face.summary.to_string(),
        area: face.area,
        level: face.area.level(),
        point: face.point.map(|point| {
            let (lon, lat) = point.degrees();
            PublicPoint { lon, lat }
        }),
        rung: work.rung,
        reason: (*work.reason).clone(),
        limits: work.limits.iter().map(due).collect(),
        lead: work.lead.clone(),
        co_handlers: work.co_handlers.clone(),
        tags: face.tags.to_vec(),
        leg: work.leg,
    }
}

/// A notice as a message, and its kind in the subject.
pub(in super::super) fn notice(notice: &notice::Notice) -> (NoticeKind, Notice) {
    let kind = match notice.kind {
        notice::NoticeKind::Reminder => NoticeKind::Reminder,
        notice::NoticeKind::Supervision => NoticeKind::Supervision,
        notice::NoticeKind::Escalation => NoticeKind::Escalation,
        notice::NoticeKind::Alarm => NoticeKind::Alarm,
    };
    let message = Notice {
        seq: notice.seq,
        at: notice.at,
        case: Some(notice.case),
        by: notice.by.clone(),
        words: notice.words.clone(),
        limit: notice.limit.as_ref().map(due),
        expires_at: notice.expires_at,
    };
    (kind, message)
}

const fn due(limit: &work::Limit) -> DueLimit {
    DueLimit { clock: limit.clock, due: limit.due, provisional: limit.provisional }
}
