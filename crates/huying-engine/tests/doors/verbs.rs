//! Every verb of a unit, done once over a real server: each unit by its own account and subject.

use crate::{
    house::case,
    making::{self, WEDNESDAY_9, at},
    nats::{Joined, Nats, call, join, until},
};
use bytes::Bytes;
use huying_bus::{link::Link, message::answer::UnitReply, role::Role, subject::token::Verb};
use huying_domain::{
    command::Ask,
    event::{Event, clocks::ClockBreached},
    ids::{CaseId, TellChannel, UnitId},
    time::Timestamp,
    vocabulary::{Clock, Stage},
};
use huying_engine::door::Lane;
use std::collections::{BTreeMap, BTreeSet};

const UNITS: [&str; 5] = ["centre", "community-1", "grid-1-1", "urban", "power"];
const WHY: &str = r#""reason":"理由""#;
const NOTE: &str = r#""note":"记录""#;

struct Story<'n> {
    nats: &'n Nats,
    joined: Joined,
    links: BTreeMap<&'static str, Link>,
    feed: Link,
    done: BTreeSet<Verb>,
    asked: u32,
    now: Timestamp,
}

impl<'n> Story<'n> {
    fn begin(nats: &'n Nats, joined: Joined) -> Self {
        let link = |unit: &'static str| {
            let units: BTreeSet<UnitId> = [unit.parse().expect("one token")].into();
            (unit, nats.link(&Role::Units { units }))
        };
        let links = UNITS.into_iter().map(link).collect();
        let now = at(WEDNESDAY_9);
        Self { nats, joined, links, feed: nats.feed(), done: BTreeSet::new(), asked: 0, now }
    }

    /// A call that the first grid has been given.
    fn call(&mut self) -> CaseId {
        self.asked += 1;
        let answers = self.nats.calls(&self.feed, &call(&format!("V-{}", self.asked)));
        self.joined.house.settle();
        case(&answers[0])
    }

    fn asks(&mut self, who: &'static str, case: CaseId, verb: &str, with: &str) -> UnitReply {
        self.asked += 1;
        let (unit, person) = who.split_once('/').unwrap_or((who, "li"));
        let with = if with.is_empty() { String::new() } else { format!(r#","with":{{{with}}}"#) };
        let body = format!(
            r#"{{"id":"v-{}","case":"{case}","person":"{person}","deed":{{"verb":"{verb}"{with}}}}}"#,
            self.asked
        );
        let answer = self.nats.ask(&self.links[unit], &format!("huying.v1.as.{unit}.{verb}"), &body);
        let reply = serde_json::from_slice(&answer.payload).expect("the form of a reply");
        self.joined.house.settle();
        reply
    }

    fn does(&mut self, who: &'static str, case: CaseId, verb: &str, with: &str) {
        let reply = self.asks(who, case, verb, with);
        let done = matches!(reply, UnitReply::Done { .. } | UnitReply::Revealed { .. });
        assert!(done, "{who} {verb} {with}: {reply:?}");
        self.done.insert(verb.parse().expect("a verb"));
    }

    /// The channel's receipt, which an adapter brings.
    fn told(&self, case: CaseId) {
        let ask = Ask::ConfirmTold { channel: TellChannel::callback_list(), receipt: "r-1".to_owned() };
        let command = making::act(900_000 + case.number(), "centre", Some(case), ask);
        let ticket = self.joined.house.handle.submit(command, Lane::Ordinary).expect("there is room");
        ticket.wait().expect("it runs").expect("the case was answered");
    }

    fn hours_pass(&mut self, hours: i64) {
        self.now = self.now.plus_seconds(hours * 3_600);
        self.joined.house.wait_until(self.now);
    }

    fn finish(&mut self, case: CaseId, confirmed: bool) {
        self.does("grid-1-1", case, "resolve", r#""result":"已处理""#);
        self.does("centre/qian", case, "check", &format!(r#""passed":true,{NOTE}"#));
        self.does("centre/li", case, "answer", &self.answer());
        self.told(case);
        let verdict = if confirmed { r#""yes""# } else { r#""no","beyond":"law""# };
        let heard = format!(r#""way":"sms","verdict":{{"contacted":true,"solved":{verdict}}}"#);
        self.does("centre/li", case, "call_back", &heard);
        // What is confirmed the station closes; what lies outside the unit's power waits for a person.
        if !confirmed {
            self.does("centre/zhou", case, "close", r#""condition":"unsolved","reason":"政策所限，已说明""#);
        }
        assert_eq!(self.joined.house.status(case).stage, Stage::Closed);
    }

    fn answer(&self) -> String {
        format!(r#""when":"{}","contacted":"来电人","done":"已处理""#, self.now)
    }

    fn breach(&self, case: CaseId) -> ClockBreached {
        let records = self.joined.house.records();
        let parts = records.iter().flat_map(|record| &record.parts).filter(|part| part.case() == Some(case));
        let breach = parts.flat_map(|part| &part.events).find_map(|event| match event {
            Event::ClockBreached(event) if event.clock == Clock::Contact => Some(event.clone()),
            _ => None,
        });
        breach.expect("nobody was contacted in time")
    }
}

fn handling(story: &mut Story<'_>) {
    let case = story.call();
    story.does("centre", case, "tag", r#""tags":["sensitive"]"#);
    story.does("centre", case, "correct", r#""kind":"complaint""#);
    story.does("centre", case, "remind", NOTE);
    story.does("grid-1-1", case, "accept", "");
    story.does("grid-1-1", case, "delegate", r#""person":"li""#);
    story.does("grid-1-1", case, "contact", r#""reached":true"#);
    story.does("grid-1-1", case, "arrive", r#""point":null"#);
    story.does("grid-1-1", case, "progress", NOTE);
    story.does("grid-1-1", case, "reveal", r#""purpose":"联系""#);
    story.does("grid-1-1", case, "whistle", &format!(r#""kind":"demand","units":["urban"],{WHY}"#));
    story.does("urban", case, "report_in", "");
    story.does("grid-1-1", case, "call_help", &format!(r#""units":["power"],{WHY}"#));
    story.does("power", case, "report", &format!(r#"{NOTE},"finished":true"#));
    let soon = story.now.plus_seconds(86_400);
    let tasks = format!(r#""tasks":[{{"owner":"urban","what":"围挡","due":"{soon}"}}]"#);
    story.does(
        "centre",
        case,
        "consult",
        &format!(r#""participants":["urban"],"decision":"先围挡",{tasks}"#),
    );
    story.does("urban", case, "finish_task", &format!(r#""number":3,{NOTE}"#));
    story.does("centre", case, "supervise", &format!(r#""degree":"talk","ground":"repeated",{NOTE}"#));
    story.does("centre", case, "instruct", r#""text":"务必解决""#);
    let until = story.now.plus_seconds(9 * 86_400);
    story.does("grid-1-1", case, "extend", &format!(r#""until":"{until}",{WHY}"#));
    story.does("centre", case, "grant", r#""note":null"#);
    story.does("grid-1-1", case, "terminate", &format!(r#""ground":"uncooperative",{WHY}"#));
    story.does("centre", case, "deny", NOTE);
    let until = story.now.plus_seconds(20 * 86_400);
    story.does("grid-1-1", case, "suspend", &format!(r#""ground":"season","until":"{until}",{WHY}"#));
    story.does("centre", case, "grant", r#""note":null"#);
    story.does("grid-1-1", case, "resume", "");
    story.finish(case, true);
    story.does("centre/wang", case, "look_again", &format!(r#""kind":"sample","stands":false,{NOTE}"#));
    assert!(story.joined.house.status(case).stage != Stage::Closed, "what came back is worked on again");
}

fn other_ways(story: &mut Story<'_>) {
    let back = format!(r#""ground":"not_our_duty",{WHY},"proposed":"urban""#);
    let case = story.call();
    story.does("grid-1-1", case, "return", &back);
    let to = r#""rung":"department","reason":"归口""#;
    story.does("centre", case, "reassign", &format!(r#""lead":"power",{to}"#));
    story.does("power", case, "accept", "");
    story.does("power", case, "escalate", WHY);
    // Whoever gave it by hand has it back, and may only give it again.
    let given = story.call();
    story.does("centre", given, "reassign", r#""lead":"community-1","rung":"community","reason":"上移""#);
    let grid = r#""lead":"grid-1-1","rung":"grid","reason":"就近""#;
    story.does("community-1", given, "reassign", grid);
    story.does("grid-1-1", given, "return", &format!(r#""ground":"unclear",{WHY},"proposed":null"#));
    assert_eq!(story.joined.house.status(given).holder.as_str(), "community-1");
    story.does("community-1", given, "assign", grid);
    story.does("centre", case, "rehome", r#""to":"211081001001002""#);
    story.does("centre", case, "refer", r#""line":"110","receipt":"r""#);
    story.does("centre/li", case, "answer", &story.answer());
    story.does("centre", case, "reopen", WHY);

    let (one, other) = (story.call(), story.call());
    story.does("centre", one, "merge", &format!(r#""into":"{other}",{WHY}"#));
    assert_eq!(story.joined.house.status(one).stage, Stage::Following);
    story.does("centre", one, "unmerge", WHY);
    assert_eq!(story.joined.house.status(one).holder.as_str(), "grid-1-1");
    story.does("centre", one, "cancel", &format!(r#""ground":"withdrawn",{WHY}"#));
}

/// What a person decides about a case that lies with the desk: the routing station would be quicker, were the desk
/// not asked by a ruling.
fn at_the_desk(story: &mut Story<'_>) {
    let mut case = story.call();
    for ask in ["rule", "refuse"] {
        // Returned once more than the policy allows: nobody but a person decides then.
        for unit in ["grid-1-1", "urban", "power"] {
            if story.joined.house.status(case).holder.as_str() == unit {
                let back = format!(r#""ground":"not_our_duty",{WHY},"proposed":null"#);
                story.does(unit, case, "return", &back);
            }
            let lead = match unit {
                "grid-1-1" => "urban",
                _ => "power",
            };
            let status = story.joined.house.status(case);
            if status.stage == Stage::Returned && unit != "power" {
                let with = format!(r#""lead":"{lead}","rung":"department","reason":"归口""#);
                story.does("centre", case, "assign", &with);
            } else if unit != "power" && status.holder.as_str() != lead {
                let with = format!(r#""lead":"{lead}","rung":"department","reason":"归口""#);
                story.does("centre", case, "reassign", &with);
            }
        }
        assert_eq!(story.joined.house.status(case).stage, Stage::Returned, "{ask}");
        match ask {
            "rule" => {
                story.does("centre", case, "rule", &format!(r#""holder":"urban","rung":"department",{WHY}"#));
                case = story.call();
            }
            _ => {
                let way = r#""ground":"beyond_duty","way":"物业公司","earlier":null"#;
                story.does("centre", case, "refuse", &format!("{way},{WHY}"));
            }
        }
    }
}

fn late(story: &mut Story<'_>) {
    let (exempted, appealed) = (story.call(), story.call());
    for case in [exempted, appealed] {
        story.does("grid-1-1", case, "accept", "");
    }
    story.hours_pass(7);
    let breach = story.breach(exempted);
    let of = |breach: &ClockBreached| format!(r#""clock":"contact","due":"{}",{WHY}"#, breach.due);
    story.does("centre/zhou", exempted, "exempt", &format!(r#"{},"ground":"caller""#, of(&breach)));
    let breach = story.breach(appealed);
    if story.joined.house.status(appealed).holder.as_str() != "grid-1-1" {
        story.does("centre", appealed, "reassign", r#""lead":"grid-1-1","rung":"grid","reason":"就近""#);
        story.does("grid-1-1", appealed, "accept", "");
    }
    story.finish(appealed, false);
    story.does("grid-1-1", appealed, "appeal", &format!(r#"{},"ground":"third_party""#, of(&breach)));
    story.does("centre/zhou", appealed, "judge_appeal", &format!(r#""upheld":true,{NOTE}"#));
}

#[test]
fn every_verb_is_done_over_nats_by_whose_it_is() {
    let (nats, dir) = (Nats::of(&UNITS), tempfile::tempdir().expect("a folder"));
    let joined = join(&nats, dir.path(), 5);
    joined.stands();
    let mut story = Story::begin(&nats, joined);
    until("the services answer", || {
        let asked = story.feed.client().request("huying.v1.intake.hotline.call", Bytes::from_static(b"[]"));
        nats.runtime.block_on(asked).is_ok()
    });
    handling(&mut story);
    other_ways(&mut story);
    at_the_desk(&mut story);
    late(&mut story);
    let missing: Vec<_> = Verb::ALL.iter().filter(|verb| !story.done.contains(verb)).collect();
    assert!(missing.is_empty(), "never done: {missing:?}");
    story.joined.leave();
}
