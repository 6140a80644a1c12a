//! Notices: told is not held; each has its instant, its end and its reason.

use crate::town::{Town, assign, register, resolve, rules_and, unit};
use huying_domain::{
    command::Ask,
    event::{Event, clocks::Noticed},
    record::Origin,
    refusal::Refusal,
    time::Timestamp,
    vocabulary::{Clock, NoticePhase, NoticeRole, Rung},
};

const NOTICES: &str = r#"
[quiet]
source = "made up"
from = "22:00"
to = "07:00"
[[notice]]
source = "made up"
clock = "resolve"
before = 20
to = ["holder", "above", "sponsor"]
holds = "2uh"
[[notice]]
source = "made up"
clock = "resolve"
to = ["holder", "centre"]
holds = "2uh"
[[notice]]
source = "made up"
clock = "resolve"
after = "4uh"
units = ["works"]
holds = "2uh"
[sponsors]
street-1 = "works"
"#;

fn town() -> Town {
    let mut town = Town::under(rules_and(NOTICES));
    town.must("centre", 0, register("light")).must("centre", 1, assign("grid-1", Rung::Grid));
    town.must("grid-1", 1, Ask::Accept);
    town
}

/// Moves the clock to the notice of this number and lets the watch ask.
fn give_out(town: &mut Town, step: u8) -> Result<Noticed, Refusal> {
    let planned = town.case(1).running(Clock::Resolve).and_then(|running| {
        running.notices.iter().find(|notice| notice.step == step).map(|notice| notice.at)
    });
    let scheduled = planned.ok_or(Refusal::NoSuchClock)?;
    town.now = town.now.max(scheduled);
    ask(town, step, scheduled)
}

fn ask(town: &mut Town, step: u8, scheduled: Timestamp) -> Result<Noticed, Refusal> {
    let ask = Ask::CheckNotice { clock: Clock::Resolve, step, scheduled };
    let record = town.ask_as("centre", Origin::Timer, 1, ask)?;
    match &record.parts[0].events[..] {
        [Event::Noticed(noticed)] => Ok(noticed.clone()),
        other => panic!("a notice moves nothing: {other:?}"),
    }
}

fn told(noticed: &Noticed) -> Vec<&str> {
    noticed.to.iter().map(|to| to.unit.as_str()).collect()
}

#[test]
fn a_clock_is_told_of_before_it_is_due_when_it_is_and_after_and_nobody_new_holds_it() {
    let mut town = town();
    let before = give_out(&mut town, 0).expect("its instant has come");
    assert_eq!((before.phase, told(&before)), (NoticePhase::Before, vec!["grid-1", "comm-1", "works"]));
    assert_eq!(before.to[2].role, Some(NoticeRole::Sponsor), "the sponsor of the street is told");
    let morning: Timestamp = "2026-11-25T07:00:00+08:00".parse().expect("an instant");
    assert_eq!(town.now, morning, "a fifth is left at one in the night, and people are let sleep");
    assert_eq!(town.case(1).holder, unit("grid-1"));
    assert_eq!(ask(&mut town, 0, morning), Err(Refusal::NoSuchClock), "once");
    let at = give_out(&mut town, 1).expect("its instant has come");
    assert_eq!((at.phase, told(&at)), (NoticePhase::At, vec!["grid-1", "centre"]));
    let after = give_out(&mut town, 2).expect("its instant has come");
    assert_eq!((after.phase, told(&after)), (NoticePhase::After, vec!["works"]));
}

#[test]
fn who_is_told_is_found_out_when_it_is_sent_and_never_an_empty_room() {
    let mut town = town();
    for nobody in ["grid-1", "comm-1"] {
        town.must(nobody, 0, Ask::SetDuty { unit: unit(nobody), on_duty: false });
    }
    let before = give_out(&mut town, 0).expect("its instant has come");
    assert_eq!(told(&before), ["street-1", "works"], "each once, by whoever stands above");
    assert_eq!(before.to[0].instead_of, Some(unit("grid-1")));
}

#[test]
fn what_is_done_or_too_late_is_told_to_nobody() {
    let mut done = town();
    let scheduled = done.case(1).running(Clock::Resolve).expect("it runs").notices[0].at;
    done.must("grid-1", 1, resolve());
    done.now = scheduled;
    assert_eq!(ask(&mut done, 0, scheduled), Err(Refusal::NoSuchClock));
    let mut late = town();
    late.now = scheduled.plus_seconds(3 * 86_400);
    assert!(matches!(ask(&mut late, 0, scheduled), Err(Refusal::NoticeLapsed { .. })));
    let mut early = town();
    assert_eq!(ask(&mut early, 0, scheduled), Err(Refusal::NotYetDue { due: scheduled }));
    let person = Ask::CheckNotice { clock: Clock::Resolve, step: 0, scheduled };
    assert_eq!(early.ask("grid-1", 1, person).err(), Some(Refusal::NotYours));
}

#[test]
fn a_policy_whose_notices_tell_nobody_or_never_is_refused() {
    for (wrong, why) in [
        (NOTICES.replace("units = [\"works\"]", ""), "nobody"),
        (NOTICES.replace("before = 20", "before = 0"), "before"),
        (NOTICES.replace("22:00", "late"), "time of day"),
        (NOTICES.replace("[\"works\"]", "[\"no-such\"]"), "no unit"),
        (NOTICES.replace("street-1 = \"works\"", "street-1 = \"no-such\""), "no unit"),
    ] {
        let refused = std::panic::catch_unwind(|| rules_and(&wrong));
        assert!(refused.is_err(), "{why}");
    }
}

/// Nights from ten to seven and days off are quiet; one notice is urgent.
const OFFICE: &str = r#"
[quiet]
source = "made up"
from = "22:00"
to = "07:00"
days_off = true
[[notice]]
source = "made up"
clock = "resolve"
before = 20
to = ["holder"]
holds = "2uh"
[[notice]]
source = "made up"
clock = "resolve"
after = "4uh"
to = ["above"]
holds = "2uh"
[[notice]]
source = "made up"
clock = "resolve"
after = "3uh"
to = ["centre"]
holds = "2uh"
urgent = true
"#;

#[test]
fn no_notice_comes_at_night_or_on_a_day_off_unless_it_is_urgent() {
    let rules = rules_and(&format!(
        "{OFFICE}[[class]]\nid = \"tree\"\nzh = \"树\"\nen = \"tree\"\n\
        source = \"made up\"\ncalendar = \"cn-office\"\n"
    ));
    let office = rules.calendars.get(&"cn-office".parse().expect("a name")).expect("it is shipped");
    let (mut quiet, mut urgent_at_night) = (0, 0);
    // An hour after the other, over two weeks with a weekend in between.
    for hour in 0..24 * 14 {
        let mut town = Town::under(rules_and(&format!(
            "{OFFICE}[[class]]\nid = \"tree\"\nzh = \"树\"\n\
            en = \"tree\"\nsource = \"made up\"\ncalendar = \"cn-office\"\n"
        )));
        town.wait(hour * 60);
        town.must("centre", 0, register("tree")).must("centre", 1, assign("grid-1", Rung::Grid));
        let resolve = town.case(1).running(Clock::Resolve).expect("it runs").clone();
        for notice in &resolve.notices {
            let wall = office.zone().to_datetime(notice.at.into());
            let asleep = wall.hour() >= 22 || wall.hour() < 7 || !office.is_workday(wall.date());
            if notice.step == 2 {
                urgent_at_night += u32::from(asleep);
                continue;
            }
            assert!(!asleep, "begun in hour {hour}: notice {} at {wall}", notice.step);
            let warns = notice.phase == NoticePhase::Before;
            assert!(!warns || notice.at < resolve.due, "a warning comes before the limit");
            quiet += 1;
        }
    }
    assert!(quiet > 300 && urgent_at_night > 50, "{quiet} by day, {urgent_at_night} urgent ones at night");
}
