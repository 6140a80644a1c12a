//! The sentences for what is asked of the level above, for errands, and for those who watch.

use super::wall;
use huying_domain::{
    event::{
        Event,
        errand::Called,
        request::{Extended, Request, Requested, Suspended},
    },
    ids::UnitId,
    words::Words,
};
use jiff::tz::TimeZone;

pub(super) fn told(event: &Event, zone: &TimeZone) -> Words {
    match event {
        Event::Requested(event) => requested(event, zone),
        Event::Denied(event) => Words::new(
            format!("{} 不同意{}：{}", event.by, event.kind.zh(), event.note),
            format!("{} denied the {}: {}", event.by, event.kind, event.note),
        ),
        Event::Extended(Extended { by, count, until, note, .. }) => {
            let until = wall(*until, zone);
            let zh = format!("{by} 同意第 {count} 次延期，至 {until}");
            noted(zh, format!("{by} granted extension {count}, until {until}"), note)
        }
        Event::Suspended(Suspended { by, ground, until, note, .. }) => {
            let until = wall(*until, zone);
            let zh = format!("{by} 同意挂账（{}），至 {until}", ground.zh());
            noted(zh, format!("{by} suspended it, {ground}, until {until}"), note)
        }
        Event::Resumed(event) => match &event.by {
            Some(by) => Words::new(format!("{by} 恢复办理"), format!("{by} let it go on")),
            None => Words::new("挂账到期，恢复办理", "the suspension is over; it goes on"),
        },
        Event::Terminated(event) => Words::new(
            format!("{} 同意终止办理（{}）：{}", event.by, event.ground.zh(), event.reason),
            format!("{} approved to give it up, {}: {}", event.by, event.ground, event.reason),
        ),
        Event::InformAsked(event) => Words::new(
            format!("通过 {} 告知时限变化", event.channel),
            format!("telling by {} what becomes of the limit", event.channel),
        ),
        Event::Informed(event) => Words::new(
            format!("已告知时限变化（{}，回执 {}）", event.channel, event.receipt),
            format!("told what becomes of the limit by {}, receipt {}", event.channel, event.receipt),
        ),
        Event::NewsPassed(event) => Words::new(
            format!("时限变化已转告并入的来电人，尚余 {}", event.left),
            format!("further callers are told of the limit, {} left", event.left),
        ),
        event => errands(event, zone),
    }
}

/// What was decided, and what was said about it, if anything was.
fn noted(zh: String, en: String, note: &str) -> Words {
    if note.is_empty() {
        Words { zh, en }
    } else {
        Words::new(format!("{zh}：{note}"), format!("{en}: {note}"))
    }
}

fn requested(event: &Requested, zone: &TimeZone) -> Words {
    let Requested { unit, request, reason } = event;
    match request {
        Request::Extension { until } => Words::new(
            format!("{unit} 申请延期至 {}：{reason}", wall(*until, zone)),
            format!("{unit} asks for time until {}: {reason}", wall(*until, zone)),
        ),
        Request::Suspension { ground, until } => Words::new(
            format!("{unit} 申请挂账（{}）至 {}：{reason}", ground.zh(), wall(*until, zone)),
            format!("{unit} asks to suspend it, {ground}, until {}: {reason}", wall(*until, zone)),
        ),
        Request::Termination { ground } => Words::new(
            format!("{unit} 申请终止办理（{}）：{reason}", ground.zh()),
            format!("{unit} asks to give it up, {ground}: {reason}"),
        ),
    }
}

fn errands(event: &Event, zone: &TimeZone) -> Words {
    match event {
        Event::Whistled(event) => Words::new(
            format!(
                "{} 吹哨（{}）：{}；{}",
                event.by,
                event.kind.zh(),
                event.reason,
                called(&event.called, zone)
            ),
            format!(
                "{} whistled, {}: {}; {}",
                event.by,
                event.kind,
                event.reason,
                called(&event.called, zone)
            ),
        ),
        Event::ReportedIn(event) => Words::new(
            format!("{} {}", event.unit, if event.late { "报到（逾时）" } else { "报到" }),
            format!("{} reported in{}", event.unit, late(event.late)),
        ),
        Event::HelpCalled(event) => Words::new(
            format!("请协办：{}", called(&event.helpers, zone)),
            format!("asked to help: {}", called(&event.helpers, zone)),
        ),
        Event::HelpReported(event) => Words::new(
            format!("{} 向 {} 报告：{}", event.unit, event.lead, event.note),
            format!("{} reported to {}{}: {}", event.unit, event.lead, late(event.late), event.note),
        ),
        Event::Consulted(event) => {
            let with = names(&event.participants);
            Words::new(
                format!("{} 组织会商（{with}）：{}；任务 {} 项", event.by, event.decision, event.tasks.len()),
                format!("{} consulted {with}: {}; {} tasks", event.by, event.decision, event.tasks.len()),
            )
        }
        Event::TaskFinished(event) => Words::new(
            format!("{} 完成第 {} 项任务：{}", event.owner, event.number, event.note),
            format!("{} did task {}{}: {}", event.owner, event.number, late(event.late), event.note),
        ),
        Event::ErrandMissed(event) => Words::new(
            format!("{} {}逾时（{} 应完成）", event.unit, event.kind.zh(), wall(event.due, zone)),
            format!("{} missed to {}, due {}", event.unit, event.kind, wall(event.due, zone)),
        ),
        Event::Supervised(event) => Words::new(
            format!(
                "{} 对 {} {}（{}）：{}",
                event.by,
                event.unit,
                event.degree.zh(),
                event.ground.zh(),
                event.note
            ),
            format!(
                "{} supervises {}, {}, {}: {}",
                event.by, event.unit, event.degree, event.ground, event.note
            ),
        ),
        Event::Instructed(event) => Words::new(
            format!("{} 批示：{}", event.by, event.text),
            format!("{} instructed: {}", event.by, event.text),
        ),
        _ => Words::default(),
    }
}

const fn late(late: bool) -> &'static str {
    if late { ", late" } else { "" }
}

fn called(units: &[Called], zone: &TimeZone) -> String {
    let one = |called: &Called| format!("{} → {}", called.unit, wall(called.due, zone));
    units.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn names(units: &[UnitId]) -> String {
    units.iter().map(UnitId::as_str).collect::<Vec<_>>().join(", ")
}
