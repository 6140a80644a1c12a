//! The sentence for each event. Every event is named, so that a new one stops the build here.

mod governed;
mod review;

use huying_domain::{
    event::{
        Event,
        clocks::{ClockChange, Exempted, Noticed},
        collect::{Filing, Guide},
        feedback::{CalledBack, Verdict},
    },
    ids::UnitId,
    time::Timestamp,
    vocabulary::{Clock, Grade, Solved},
    words::Words,
};
use jiff::tz::TimeZone;

/// What happened, as a sentence; instants on the wall of the zone.
#[expect(clippy::too_many_lines, reason = "one arm for each event, so that a new one stops the build here")]
pub(super) fn told(event: &Event, zone: &TimeZone) -> Words {
    match event {
        Event::Registered(_)
        | Event::Joined(_)
        | Event::MemberAdded(_)
        | Event::Corrected(_)
        | Event::Tagged(_)
        | Event::Refused(_)
        | Event::Referred(_)
        | Event::Cancelled(_)
        | Event::Revealed(_)
        | Event::Erased(_)
        | Event::Rehomed(_) => collected(event),
        Event::Assigned(_)
        | Event::Accepted(_)
        | Event::Returned(_)
        | Event::Ruled(_)
        | Event::Delegated(_)
        | Event::Escalated(_)
        | Event::TopAsked(_)
        | Event::Alarmed(_)
        | Event::Reminded(_) => dispatched(event),
        Event::Contacted(_) | Event::Arrived(_) | Event::Progressed(_) | Event::Resolved(_) => handled(event),
        Event::Clocked(event) => joined(event.changes.iter().map(|change| clocked(change, zone))),
        Event::Noticed(event) => noticed(event),
        Event::ClockBreached(event) => Words::new(
            format!(
                "{}超期（{} 应完成），时由 {} 承办",
                event.clock.zh(),
                wall(event.due, zone),
                event.holder
            ),
            format!(
                "{} missed, due {}, held by {}",
                english(event.clock),
                wall(event.due, zone),
                event.holder
            ),
        ),
        Event::Exempted(event) => exempted(event),
        Event::Requested(_)
        | Event::Denied(_)
        | Event::Extended(_)
        | Event::Suspended(_)
        | Event::Resumed(_)
        | Event::Terminated(_)
        | Event::InformAsked(_)
        | Event::Informed(_)
        | Event::Whistled(_)
        | Event::ReportedIn(_)
        | Event::HelpCalled(_)
        | Event::HelpReported(_)
        | Event::Consulted(_)
        | Event::TaskFinished(_)
        | Event::ErrandMissed(_)
        | Event::NewsPassed(_)
        | Event::Supervised(_)
        | Event::Instructed(_) => governed::told(event, zone),
        Event::Merged(_)
        | Event::TookIn(_)
        | Event::Unmerged(_)
        | Event::LetGo(_)
        | Event::Appealed(_)
        | Event::AppealJudged(_)
        | Event::LookAsked(_)
        | Event::LookedAgain(_) => review::told(event, zone),
        Event::Checked(_)
        | Event::Answered(_)
        | Event::PassedOn(_)
        | Event::TellAsked(_)
        | Event::Told(_)
        | Event::CalledBack(_)
        | Event::Reopened(_)
        | Event::Closed(_) => fed_back(event),
        Event::RulesPublished(_) => Words::new("规则文件生效", "a rule file came into force"),
        Event::DutySet(event) if event.on_duty => Words::new("有人值守", "somebody is on duty"),
        Event::DutySet(_) => Words::new("无人值守", "nobody is on duty"),
        Event::AccountSet(event) => Words::new(
            format!("账号 {} 已更改", event.account),
            format!("the account {} was changed", event.account),
        ),
        Event::KeysSet(event) => Words::new(
            format!("{} 的接入密钥已更改", event.source),
            format!("the keys of {} were changed", event.source),
        ),
    }
}

/// What a program made of the words, where it was asked.
fn proposed(filing: &Filing) -> Words {
    let Some(proposal) = &filing.proposal else { return Words::default() };
    let (class, permille) = (&proposal.class, proposal.confidence_permille);
    let sure = format!("{}.{} %", permille / 10, permille % 10);
    if proposal.sure {
        Words::new(
            format!("；类别 {class} 由文本得出（把握 {sure}）"),
            format!("; class {class} from the words ({sure} sure)"),
        )
    } else {
        Words::new(
            format!("；文本提示 {class}（把握 {sure}），等待人工定类"),
            format!("; the words hint at {class} ({sure} sure): a person decides"),
        )
    }
}

fn collected(event: &Event) -> Words {
    match event {
        Event::Registered(event) => {
            let Words { zh, en } = proposed(&event.filing);
            Words::new(
                format!("{}登记，诉求：{}{zh}", event.filing.channel.zh(), event.filing.summary),
                format!("registered from {}: {}{en}", event.filing.channel, event.filing.summary),
            )
        }
        Event::Joined(event) => Words::new(
            format!("并入工单 {}：{}", event.lead, event.filing.summary),
            format!("joined to {}: {}", event.lead, event.filing.summary),
        ),
        Event::MemberAdded(event) => Words::new(
            format!("又有来电，工单 {} 并入", event.member),
            format!("a further caller: {} joined", event.member),
        ),
        Event::Corrected(_) => Words::new("登记内容更正，时限不变", "corrected; no limit moved"),
        Event::Tagged(event) => Words::new(
            format!("标记：{}", event.tags.iter().map(|tag| tag.zh()).collect::<Vec<_>>().join("、")),
            format!("marked {}", event.tags.iter().map(|tag| tag.name()).collect::<Vec<_>>().join(", ")),
        ),
        Event::Refused(event) => {
            let Words { zh, en } = event.guide.as_ref().map(Guide::words).unwrap_or_default();
            Words::new(
                format!("不予受理（{}）：{}{zh}", event.ground.zh(), event.reason),
                format!("not taken on, {}: {}{en}", event.ground, event.reason),
            )
        }
        Event::Referred(event) => {
            Words::new(format!("转{}", event.line.zh()), format!("handed to {}", event.line))
        }
        Event::Cancelled(event) => Words::new(
            format!("{}：{}", event.ground.zh(), event.reason),
            format!("cancelled, {}: {}", event.ground, event.reason),
        ),
        Event::Revealed(event) => Words::new(
            format!("查看来电人信息，用途：{}", event.purpose),
            format!("the caller's number was read for: {}", event.purpose),
        ),
        Event::Erased(event) => Words::new(
            format!("个人信息已删除：{}", event.reason),
            format!("personal data erased: {}", event.reason),
        ),
        Event::Rehomed(event) => Words::new(
            format!("所在地由 {} 改为 {}", event.from, event.to),
            format!("lies in {} now, not {}", event.to, event.from),
        ),
        _ => Words::default(),
    }
}

fn dispatched(event: &Event) -> Words {
    match event {
        Event::Assigned(event) => Words::new(
            format!("派至 {}（{}）：{}", event.lead, event.rung.zh(), event.reason.zh),
            format!("assigned to {} on the {}: {}", event.lead, event.rung, event.reason.en),
        ),
        Event::Accepted(event) => {
            Words::new(format!("{} 签收", event.unit), format!("{} signed for it", event.unit))
        }
        Event::Returned(event) => Words::new(
            format!("{} 第 {} 次退回（{}）：{}", event.unit, event.count, event.ground.zh(), event.reason),
            format!(
                "{} gave it back, return {}, {}: {}",
                event.unit, event.count, event.ground, event.reason
            ),
        ),
        Event::Ruled(event) => Words::new(
            format!("审定由 {} 承办：{}", event.holder, event.reason),
            format!("ruled that {} has it: {}", event.holder, event.reason),
        ),
        Event::Delegated(event) => {
            Words::new(format!("交 {} 办理", event.person), format!("given to {}", event.person))
        }
        Event::Escalated(event) => Words::new(
            format!("升级至 {}（{}）：{}", event.to, event.rung.zh(), event.reason.zh),
            format!("climbed to {} on the {}: {}", event.to, event.rung, event.reason.en),
        ),
        Event::TopAsked(event) => Words::new(
            format!("第 {} 次提请指挥中心", event.count),
            format!("the command centre was asked again, time {}", event.count),
        ),
        Event::Alarmed(event) => {
            let units: Vec<&str> = event.units.iter().map(UnitId::as_str).collect();
            let (zh, en) = match (event.drill, event.line) {
                (true, _) => ("演练：一键呼叫".to_owned(), "drill of an alarm".to_owned()),
                (false, Some(line)) => {
                    (format!("无人应答，移交{}", line.zh()), format!("handed over to {line}"))
                }
                (false, None) => ("一键呼叫".to_owned(), "alarm".to_owned()),
            };
            Words::new(
                format!("{zh}，第 {} 轮，同时呼叫 {}", event.ring, units.join("、")),
                format!("{en}, ring {}: {}", event.ring, units.join(", ")),
            )
        }
        Event::Reminded(event) => Words::new(
            format!("{} 催办：{}", event.by, event.note),
            format!("{} reminded: {}", event.by, event.note),
        ),
        _ => Words::default(),
    }
}

fn handled(event: &Event) -> Words {
    match event {
        Event::Contacted(event) if event.reached => Words::new("已联系来电人", "the caller was contacted"),
        Event::Contacted(_) => Words::new("联系来电人未果", "the caller was not reached"),
        Event::Arrived(_) => Words::new("到达现场", "arrived on the spot"),
        Event::Progressed(event) => {
            Words::new(format!("进展：{}", event.note), format!("progress: {}", event.note))
        }
        Event::Resolved(event) => Words::new(
            format!("{} {}：{}", event.unit, on_spot(event.on_the_spot).0, event.result),
            format!("{} {}: {}", event.unit, on_spot(event.on_the_spot).1, event.result),
        ),
        _ => Words::default(),
    }
}

const fn on_spot(on_the_spot: bool) -> (&'static str, &'static str) {
    if on_the_spot { ("自行处置", "solved it on the spot") } else { ("办结", "reports it done") }
}

fn fed_back(event: &Event) -> Words {
    match event {
        Event::Checked(event) if event.passed => Words::new(
            format!("{} 核查通过：{}", event.by, event.note),
            format!("{} checked it, it stands: {}", event.by, event.note),
        ),
        Event::Checked(event) => Words::new(
            format!("{} 核查不通过：{}", event.by, event.note),
            format!("{} checked it, it does not stand: {}", event.by, event.note),
        ),
        Event::Answered(event) => {
            Words::new(format!("答复：{}", event.done), format!("answered: {}", event.done))
        }
        Event::PassedOn(event) => Words::new(
            format!("答复已转达 {} 位来电人，还有 {} 位", event.served, event.left),
            format!("the answer went to {} further callers, {} wait", event.served, event.left),
        ),
        Event::TellAsked(event) => {
            Words::new(format!("通过 {} 告知", event.channel), format!("telling by {}", event.channel))
        }
        Event::Told(event) => Words::new(
            format!("已告知（{}，回执 {}）", event.channel, event.receipt),
            format!("told by {}, receipt {}", event.channel, event.receipt),
        ),
        Event::CalledBack(event) => called_back(event),
        Event::Reopened(event) => Words::new(
            format!("返工，第 {} 轮：{}", event.leg, event.reason.zh),
            format!("reopened, leg {}: {}", event.leg, event.reason.en),
        ),
        Event::Closed(event) => {
            Words::new(format!("结案：{}", event.condition.zh()), format!("closed: {}", event.condition))
        }
        _ => Words::default(),
    }
}

fn called_back(event: &CalledBack) -> Words {
    let Some(Verdict { solved, grade, .. }) = event.verdict else {
        return Words::new(
            format!("第 {} 次回访未接通", event.attempt),
            format!("call-back {} did not reach the caller", event.attempt),
        );
    };
    Words::new(
        format!("回访：{}，{}", solved.zh(), grade.map_or("未评价", Grade::zh)),
        format!(
            "called back: {}, {}",
            match solved {
                Solved::Yes => "solved",
                Solved::Partly => "solved in part",
                Solved::No => "not solved",
            },
            grade.map_or_else(|| "no grade".to_owned(), |grade| grade.name().replace('_', " "))
        ),
    )
}

fn exempted(event: &Exempted) -> Words {
    Words::new(
        format!("{}超期不计责：{}", event.clock.zh(), event.ground.zh()),
        format!("the breach of {} does not count: {}", english(event.clock), event.ground),
    )
}

fn noticed(event: &Noticed) -> Words {
    let units: Vec<&str> = event.to.iter().map(|to| to.unit.as_str()).collect();
    Words::new(
        format!("{}{}提醒 {}", event.clock.zh(), event.phase.zh(), units.join("、")),
        format!("told {} of {} ({} it is due)", units.join(", "), english(event.clock), event.phase),
    )
}

fn clocked(change: &ClockChange, zone: &TimeZone) -> Words {
    let (zh, en) = (change.clock().zh(), english(change.clock()));
    match change {
        ClockChange::Started { due, limit, .. } => Words::new(
            format!("{zh}计时开始（{limit}），应于 {} 前完成", wall(*due, zone)),
            format!("{en} runs ({limit}), due {}", wall(*due, zone)),
        ),
        ClockChange::Paused { .. } => Words::new(format!("{zh}计时暂停"), format!("{en} stands still")),
        ClockChange::Resumed { due, .. } => Words::new(
            format!("{zh}计时继续，应于 {} 前完成", wall(*due, zone)),
            format!("{en} goes on, due {}", wall(*due, zone)),
        ),
        ClockChange::Moved { due, .. } => Words::new(
            format!("{zh}时限改为 {}", wall(*due, zone)),
            format!("{en} is due {} now", wall(*due, zone)),
        ),
        ClockChange::Planned { notices, .. } => Words::new(
            format!("{zh}安排 {} 次提醒", notices.len()),
            format!("{} notices are planned for {en}", notices.len()),
        ),
        ClockChange::Stopped { .. } => Words::new(format!("{zh}计时结束"), format!("{en} ended")),
    }
}

fn english(clock: Clock) -> String {
    format!("the {} clock", clock.name().replace('_', "-"))
}

fn wall(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from(at).to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn joined(parts: impl Iterator<Item = Words>) -> Words {
    let (zh, en): (Vec<_>, Vec<_>) = parts.map(|words| (words.zh, words.en)).unzip();
    Words::new(zh.join("；"), en.join("; "))
}
