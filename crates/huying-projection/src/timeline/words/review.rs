//! The sentences for merges, appeals, and for looking again.

use super::{english, wall};
use huying_domain::{event::Event, words::Words};
use jiff::tz::TimeZone;

pub(super) fn told(event: &Event, zone: &TimeZone) -> Words {
    match event {
        Event::Merged(event) => Words::new(
            format!("并入工单 {}：{}", event.into, event.reason),
            format!("merged into {}: {}", event.into, event.reason),
        ),
        Event::TookIn(event) => {
            let (zh, en) = event.strict.map_or_else(Default::default, |due| {
                let due = wall(due, zone);
                (format!("，时限从严，改为 {due}"), format!(", and has its stricter limit, {due}"))
            });
            let merged = event.merged;
            Words::new(format!("并入工单 {merged}{zh}"), format!("took in {merged}{en}"))
        }
        Event::Unmerged(event) => Words::new(
            format!("从 {} 拆出，由 {} 继续办理：{}", event.from, event.holder, event.reason),
            format!("goes its own way again, from {}, with {}: {}", event.from, event.holder, event.reason),
        ),
        Event::LetGo(event) => Words::new(
            format!("工单 {} 已拆出", event.unmerged),
            format!("{} goes its own way again", event.unmerged),
        ),
        Event::Appealed(event) => Words::new(
            format!(
                "{} 就{}超期申诉（{}）：{}",
                event.unit,
                event.clock.zh(),
                event.ground.zh(),
                event.reason
            ),
            format!("{} appeals: {}, {}: {}", event.unit, english(event.clock), event.ground, event.reason),
        ),
        Event::AppealJudged(event) if event.upheld => Words::new(
            format!("{} 支持 {} 的申诉，超期事实保留：{}", event.by, event.unit, event.note),
            format!("{} upheld the appeal of {}; the breach stays: {}", event.by, event.unit, event.note),
        ),
        Event::AppealJudged(event) => Words::new(
            format!("{} 不支持 {} 的申诉：{}", event.by, event.unit, event.note),
            format!("{} did not uphold the appeal of {}: {}", event.by, event.unit, event.note),
        ),
        Event::LookAsked(event) => Words::new(
            format!("回头看日期已到（第 {} 次提请）", event.count),
            format!("the day to look again has come, asked {} times", event.count),
        ),
        Event::LookedAgain(event) if event.stands => Words::new(
            format!("回头看（{}）：问题未反弹。{}", event.kind.zh(), event.note),
            format!("looked again ({}): it still stands. {}", event.kind, event.note),
        ),
        Event::LookedAgain(event) => Words::new(
            format!("回头看（{}）：问题反弹。{}", event.kind.zh(), event.note),
            format!("looked again ({}): it has come back. {}", event.kind, event.note),
        ),
        _ => Words::default(),
    }
}
