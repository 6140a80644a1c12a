//! A calendar is published: what was due beyond the one before is due as if it had been known from the start, and
//! nothing else moves.

use crate::town::{Town, assign, give_back, register, rules_on};
use huying_domain::{
    case::Running,
    command::Ask,
    record::Origin,
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
    vocabulary::{Clock, Rung, governed::SuspensionGround},
};

/// Days off of 2026 and none of any later year.
const KNOWN: &str = include_str!("../../../../tests/city/calendar.toml");
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// The calendars with those of the next year.
fn published() -> String {
    let next = r#"    { from = "2027-01-01", to = "2027-01-03", zh = "元旦", en = "New Year's Day" },
    { from = "2027-02-05", to = "2027-02-12", zh = "春节", en = "Spring Festival" },
]
workdays = ["2027-01-30", "2027-02-20", "#;
    let with_days = KNOWN.replace("]\nworkdays = [", next);
    assert_ne!(with_days, KNOWN, "the year was put in");
    with_days.replace("2026-12-31", "2027-12-31")
}

fn known(resolve: &str) -> Rules {
    rules_on(KNOWN, resolve)
}

fn recompute(town: &mut Town) -> Result<(), Refusal> {
    town.ask_as("centre", Origin::Timer, 1, Ask::Recompute).map(|_| ())
}

fn running(town: &Town, clock: Clock) -> &Running {
    town.case(1).running(clock).unwrap_or_else(|| panic!("{clock} does not run"))
}

fn dues(town: &Town) -> Vec<(Clock, Timestamp, Option<Timestamp>)> {
    town.case(1).clocks.iter().map(|one| (one.clock, one.due, one.paused_at)).collect()
}

/// What may happen on the way.
#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(i64),
    Suspend(i64),
    Resume,
    Return,
    Again,
    Publish,
}

/// Lives through the steps; where nothing is published, the town has known the days from the start.
fn live(mut town: Town, steps: &[Step], next: Option<&str>, resolve: &str) -> (Town, bool) {
    town.must("centre", 0, register("light")).wait(5).must("centre", 1, assign("grid-1", Rung::Grid));
    town.must("grid-1", 1, Ask::Accept);
    let mut moved = false;
    for step in steps {
        match *step {
            Step::Wait(minutes) => drop(town.wait(minutes)),
            Step::Suspend(minutes) => {
                let until = town.now.plus_seconds(minutes * 60);
                let (ground, reason) = (SuspensionGround::Season, "冬季".to_owned());
                town.must("grid-1", 1, Ask::Suspend { ground, until, reason });
                town.must("centre/li", 1, Ask::Grant { note: String::new() });
            }
            Step::Resume => drop(town.must("grid-1", 1, Ask::Resume)),
            Step::Return => drop(town.must("grid-1", 1, give_back())),
            Step::Again => {
                town.must("centre", 1, assign("grid-1", Rung::Grid)).must("grid-1", 1, Ask::Accept);
            }
            Step::Publish => {
                if let Some(next) = next {
                    town.rules = rules_on(next, resolve);
                    moved |= recompute(&mut town).is_ok();
                }
            }
        }
    }
    (town, moved)
}

#[test]
fn due_after_publishing_is_due_as_if_the_days_had_been_known_from_the_start() {
    use Step::*;
    let next = published();
    let mut moved = 0;
    let paths: [&[Step]; 7] = [
        &[Publish],
        &[Wait(3 * DAY), Publish, Wait(DAY)],
        &[Wait(2 * DAY), Suspend(60 * DAY), Wait(9 * DAY), Publish, Wait(20 * DAY), Resume],
        &[Wait(2 * DAY), Suspend(60 * DAY), Wait(50 * DAY), Resume, Wait(3 * DAY), Publish],
        &[Wait(90), Return, Wait(DAY), Publish, Wait(DAY), Again],
        &[Wait(90), Return, Wait(2 * DAY), Again, Wait(90), Publish],
        &[Wait(90), Return, Wait(DAY), Again, Wait(50), Suspend(80 * DAY), Wait(70 * DAY), Resume, Publish],
    ];
    for resolve in ["5wd", "24wd", "30wd", "200wh", "300wh", "38nd", "45nd"] {
        for (at, path) in paths.iter().enumerate() {
            let (learned, did) = live(Town::under(known(resolve)), path, Some(&next), resolve);
            let (knew, _) = live(Town::under(rules_on(&next, resolve)), path, None, resolve);
            assert_eq!(dues(&learned), dues(&knew), "{resolve} on path {at}");
            moved += u32::from(did);
        }
    }
    assert!(moved >= 20, "the days off did move something: {moved}");
}

#[test]
fn what_was_promised_on_published_days_never_moves() {
    let mut town = Town::under(known("30wd"));
    town.must("centre", 0, register("light")).must("centre", 1, assign("grid-1", Rung::Grid));
    let sure: Vec<_> = town.case(1).clocks.iter().filter(|one| !one.provisional()).cloned().collect();
    assert!(sure.len() >= 2 && running(&town, Clock::Resolve).provisional());
    // Even if the new calendar says something else of days that were published.
    let rewritten = published().replace("14:00-18:00", "14:00-15:00");
    town.rules = rules_on(&rewritten, "30wd");
    recompute(&mut town).expect("the resolve clock moves");
    for before in sure {
        assert_eq!(running(&town, before.clock), &before);
    }
    assert!(!running(&town, Clock::Resolve).provisional(), "it is sure now");
    assert_eq!(recompute(&mut town), Err(Refusal::NothingNew), "and is not moved twice");
}

#[test]
fn a_granted_extension_stays_where_it_was_granted() {
    let mut town = Town::under(known("30wd"));
    town.handling("light");
    let until = running(&town, Clock::Resolve).due.plus_seconds(3 * 86_400);
    town.must("grid-1", 1, Ask::Extend { until, reason: "配件在途".to_owned() });
    town.must("centre/li", 1, Ask::Grant { note: String::new() });
    town.rules = rules_on(&published(), "30wd");
    assert_eq!(recompute(&mut town), Err(Refusal::NothingNew));
    assert_eq!(running(&town, Clock::Resolve).due, until);
}

#[test]
fn a_breach_stays_a_breach_and_only_the_engine_may_ask() {
    let mut town = Town::under(known("30wd"));
    town.handling("light");
    town.rules = rules_on(&published(), "30wd");
    let by_hand = town.ask("centre/li", 1, Ask::Recompute).map(|_| ());
    assert_eq!(by_hand, Err(Refusal::NotYours));
    let mut town = Town::under(known("30wd"));
    town.handling("light");
    while !running(&town, Clock::Resolve).breached {
        town.tick();
    }
    let before = running(&town, Clock::Resolve).clone();
    town.rules = rules_on(&published(), "30wd");
    let _moved_others_or_nothing = recompute(&mut town);
    assert_eq!(running(&town, Clock::Resolve), &before);
}
