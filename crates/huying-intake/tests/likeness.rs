//! Which calls are taken for one matter, and which never are; and the command that follows.

use huying_domain::{
    area::{AreaCode, Point},
    command::{Ask, Command, Digest},
    event::{
        Event,
        collect::{Cancelled, Corrected, Filing, Joined, Registered, Rehomed},
        handle::Resolved,
    },
    ids::{CaseId, RulesLabel, SourceId, UnitId},
    record::{Actor, CommandId, Hash, Origin, Part, Record, Subject},
    rules::join::Join,
    time::Timestamp,
    vocabulary::{CancelGround, Channel},
};
use huying_intake::{
    likeness::{Matter, Neighbours, Proposal, REMEMBER_S, upcoming::Upcoming},
    open::{Opening, Placed, command_id, open, placed},
    place::Gazetteer,
    read::read_json,
    report::Report,
};
use serde_json::json;

const JOIN: Join = Join {
    radius_m: 100,
    window_s: 3600,
    threshold_permille: 500,
    words_permille: 400,
    without_point: false,
};
const METRE: f64 = 1.0 / 111_195.0;

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("an instant")
}

fn area() -> AreaCode {
    AreaCode::new(370_202_001).expect("a code")
}

fn case(number: u64) -> CaseId {
    CaseId::new(0, number)
}

fn unit(name: &str) -> UnitId {
    UnitId::new(name).expect("an id")
}

fn source() -> SourceId {
    SourceId::new("hotline").expect("an id")
}

/// A call of a class, so many metres north of a place in Qingdao; none without a point.
fn call(external: &str, class: &str, metres: Option<f64>) -> Report {
    said(external, class, metres, "太吵")
}

fn said(external: &str, class: &str, metres: Option<f64>, words: &str) -> Report {
    let mut json = json!({ "external_id": external, "class": class, "words": words });
    if let Some(metres) = metres {
        json["place"] = json!({ "point": { "lon": 120.0, "lat": 36.0 + metres * METRE } });
    }
    read_json(None, Channel::Call, noon(), json.to_string().as_bytes()).expect("reads")
}

fn opened(report: &Report, proposal: Option<&Proposal>) -> Command {
    let source = source();
    let opening = Opening {
        source: &source,
        actor: &Actor::unit(unit("feed-hotline")),
        by: Origin::Feed,
        id: command_id(&source, report).expect("named"),
        placed: Placed { area: area(), orphan: false },
        proposal,
        threshold_permille: JOIN.threshold_permille,
        classed: None,
    };
    open(report, &opening)
}

fn record(at: Timestamp, command: CommandId, about: CaseId, events: Vec<Event>) -> Record {
    Record {
        seq: 1,
        at,
        late_for: None,
        actor: Actor::unit(unit("feed-hotline")),
        by: Origin::Feed,
        because: None,
        command,
        digest: Digest([0; 16]),
        parts: vec![Part { subject: Subject::Case(about), version: 0, events }],
        sealed: None,
        prev: Hash::ZERO,
    }
}

/// The record that the engine would write for the command.
fn committed(at: Timestamp, command: &Command, about: CaseId) -> Record {
    let dispatcher = unit("centre");
    let event = match &command.ask {
        Ask::Register(filing) => Event::Registered(Registered {
            filing: Filing::clone(filing),
            dispatcher,
            rules: RulesLabel::new("test").expect("a label"),
        }),
        Ask::Join { lead, filing } => {
            Event::Joined(Joined { filing: Filing::clone(filing), lead: *lead, dispatcher })
        }
        other => panic!("{} opens nothing", other.name()),
    };
    record(at, command.id, about, vec![event])
}

fn filed(neighbours: &mut Neighbours, at: Timestamp, report: &Report, number: u64) {
    neighbours.hear(command_id(&source(), report).expect("named"), report);
    neighbours.follow(&committed(at, &opened(report, None), case(number)));
}

fn like(neighbours: &Neighbours, now: Timestamp, report: &Report) -> Option<Proposal> {
    let id = command_id(&source(), report).expect("named");
    neighbours.like(&Matter { id, report, area: area(), now }, &JOIN)
}

fn with_one_lead() -> Neighbours {
    let mut neighbours = Neighbours::new(JOIN);
    filed(&mut neighbours, noon(), &call("first", "noise", Some(0.0)), 1);
    neighbours
}

#[test]
fn a_call_about_the_same_class_close_by_and_soon_after_is_proposed_to_join() {
    let proposal =
        like(&with_one_lead(), noon().plus_seconds(60), &call("second", "noise", Some(10.0))).expect("like");
    assert_eq!((proposal.lead, proposal.metres, proposal.age_s), (case(1), Some(10), 60));
    assert_eq!(proposal.score, 942);
    assert!(proposal.words.zh.contains("0-1") && proposal.words.en.contains("10 m"));
}

#[test]
fn the_score_falls_with_distance_and_with_age() {
    let neighbours = with_one_lead();
    let score = |metres, after| {
        like(&neighbours, noon().plus_seconds(after), &call("second", "noise", Some(metres)))
            .map(|found| found.score)
    };
    assert_eq!(score(0.0, 0), Some(1000));
    assert_eq!((score(100.0, 0), score(0.0, 3600), score(100.0, 3600)), (Some(500), Some(500), Some(250)));
    assert!(score(50.0, 0) > score(60.0, 0) && score(0.0, 600) > score(0.0, 900));
}

#[test]
fn who_says_something_else_must_be_the_nearer_and_who_says_nothing_is_judged_by_place_and_time() {
    let mut neighbours = Neighbours::new(JOIN);
    let first = "三号楼前井盖塌陷，有人掉下去了";
    filed(&mut neighbours, noon(), &said("first", "road", Some(0.0), first), 1);
    let score_at = |neighbours: &Neighbours, words| {
        let found = like(neighbours, noon(), &said("second", "road", Some(50.0), words));
        found.expect("like").score
    };
    let score = |words| score_at(&neighbours, words);
    assert_eq!(score("这边井盖塌陷了，车都过不去"), 750, "another caller about it");
    assert_eq!(score("路灯坏了一个月没人修"), 450, "another matter: below the threshold");
    let near = "这里路面坑洼不平，骑车要摔，下雨积水，旁边井盖也响";
    assert!((451..750).contains(&score(near)), "between the two: {}", score(near));
    neighbours.follow(&committed(noon(), &opened(&said("before", "road", Some(0.0), first), None), case(2)));
    assert_eq!(
        score_at(&neighbours, "路灯坏了一个月没人修"),
        750,
        "nobody remembers what the caller of case 2 said"
    );
}

#[test]
fn an_old_open_case_swallows_no_new_event() {
    let neighbours = with_one_lead();
    let again = call("second", "noise", Some(0.0));
    assert!(like(&neighbours, noon().plus_seconds(3600), &again).is_some());
    assert_eq!(like(&neighbours, noon().plus_seconds(3601), &again), None);
    assert_eq!(like(&neighbours, noon().plus_seconds(-1), &again), None);
}

#[test]
fn further_calls_do_not_carry_a_case_along() {
    let mut neighbours = with_one_lead();
    let second = call("second", "noise", Some(0.0));
    let at = noon().plus_seconds(3000);
    let proposal = like(&neighbours, at, &second).expect("like");
    neighbours.follow(&committed(at, &opened(&second, Some(&proposal)), case(2)));
    assert_eq!(like(&neighbours, at.plus_seconds(700), &call("third", "noise", Some(0.0))), None);
}

#[test]
fn another_class_and_another_place_are_another_matter() {
    let neighbours = with_one_lead();
    assert_eq!(like(&neighbours, noon(), &call("second", "water", Some(0.0))), None);
    assert_eq!(like(&neighbours, noon(), &call("second", "noise", Some(101.0))), None);
    assert_eq!(like(&neighbours, noon(), &call("second", "noise", None)), None);
    for north in [-99.0, 99.0] {
        assert!(like(&neighbours, noon(), &call("second", "noise", Some(north))).is_some());
    }
}

#[test]
fn of_several_leads_the_best_wins_then_the_nearest_then_the_oldest() {
    let mut neighbours = Neighbours::new(JOIN);
    for (number, metres) in [(3, 20.0), (2, 20.0), (4, 40.0), (1, -60.0)] {
        filed(&mut neighbours, noon(), &call(&number.to_string(), "noise", Some(metres)), number);
    }
    let nearest = like(&neighbours, noon(), &call("new", "noise", Some(0.0))).expect("like");
    assert_eq!(nearest.lead, case(2));
}

#[test]
fn a_settled_case_takes_no_further_callers() {
    let resolved = Event::Resolved(Resolved {
        unit: unit("grid-1"),
        on_the_spot: false,
        result: "done".into(),
        evidence: vec![],
    });
    let cancelled = Event::Cancelled(Cancelled { ground: CancelGround::ALL[0], reason: "x".into() });
    for event in [resolved, cancelled] {
        let mut neighbours = with_one_lead();
        neighbours.follow(&record(noon(), CommandId([9; 16]), case(1), vec![event]));
        assert_eq!(like(&neighbours, noon(), &call("second", "noise", Some(0.0))), None);
        assert!(neighbours.is_empty());
    }
}

#[test]
fn a_corrected_lead_is_found_where_it_now_lies() {
    let mut neighbours = with_one_lead();
    let moved = Corrected {
        class: Some("water".parse().expect("a class")),
        place: Point::from_degrees(121.0, 36.0),
        ..Corrected::default()
    };
    let events = vec![Event::Corrected(moved), Event::Rehomed(Rehomed { from: area(), to: area() })];
    neighbours.follow(&record(noon(), CommandId([9; 16]), case(1), events));
    assert_eq!(like(&neighbours, noon(), &call("second", "noise", Some(0.0))), None);
    let mut there = call("third", "water", None);
    there.point = Point::from_degrees(121.0, 36.0);
    assert_eq!(like(&neighbours, noon(), &there).expect("like").lead, case(1));
}

#[test]
fn alarms_and_accusations_neither_join_nor_are_joined() {
    let device = |name| Report { channel: Channel::Device, ..call(name, "noise", Some(0.0)) };
    let accusing = |name| Report { accused: Some(unit("street-7")), ..call(name, "noise", Some(0.0)) };
    for special in [device("second"), accusing("second")] {
        assert_eq!(like(&with_one_lead(), noon(), &special), None);
        let mut neighbours = Neighbours::new(JOIN);
        filed(&mut neighbours, noon(), &special, 1);
        assert_eq!(like(&neighbours, noon(), &call("third", "noise", Some(0.0))), None);
    }
}

#[test]
fn without_a_point_area_and_condition_decide_and_only_where_the_profile_allows_it() {
    let mut neighbours = Neighbours::new(JOIN);
    filed(&mut neighbours, noon(), &call("first", "noise", None), 1);
    let second = call("second", "noise", None);
    let id = command_id(&source(), &second).expect("named");
    let matter = Matter { id, report: &second, area: area(), now: noon() };
    assert_eq!(neighbours.like(&matter, &JOIN), None);
    let allowed = Join { without_point: true, ..JOIN };
    let proposal = neighbours.like(&matter, &allowed).expect("like");
    assert_eq!((proposal.lead, proposal.score, proposal.metres), (case(1), 750, None));
    let elsewhere = Matter { area: AreaCode::new(370_202_002).expect("a code"), ..matter };
    assert_eq!(neighbours.like(&elsewhere, &allowed), None);
}

#[test]
fn the_same_call_sent_again_is_the_same_command_whatever_was_filed_since() {
    let mut neighbours = Neighbours::new(JOIN);
    let (first, second) = (call("first", "noise", Some(0.0)), call("second", "noise", Some(5.0)));
    let commands: Vec<Command> = [(&first, 1), (&second, 2)]
        .into_iter()
        .map(|(report, number)| {
            let command = opened(report, like(&neighbours, noon(), report).as_ref());
            neighbours.follow(&committed(noon(), &command, case(number)));
            command
        })
        .collect();
    assert!(matches!(commands[0].ask, Ask::Register(_)));
    assert!(matches!(commands[1].ask, Ask::Join { lead, .. } if lead == case(1)));
    let later = noon().plus_seconds(7200);
    filed(&mut neighbours, later, &call("third", "noise", Some(0.0)), 3);
    for (report, command) in [(&first, &commands[0]), (&second, &commands[1])] {
        assert_eq!(opened(report, like(&neighbours, later, report).as_ref()), *command);
    }
    let forgotten = noon().plus_seconds(i64::from(REMEMBER_S) + 7201);
    filed(&mut neighbours, forgotten, &call("fourth", "noise", Some(0.0)), 4);
    assert_eq!(like(&neighbours, forgotten, &first).expect("like").lead, case(4));
}

#[test]
fn a_proposal_below_the_threshold_is_not_taken() {
    let proposal = like(&with_one_lead(), noon().plus_seconds(3000), &call("second", "noise", Some(60.0)));
    assert!(proposal.as_ref().expect("like").score < JOIN.threshold_permille);
    let command = opened(&call("second", "noise", Some(60.0)), proposal.as_ref());
    assert!(matches!(command.ask, Ask::Register(_)));
}

#[test]
fn a_report_lies_where_its_source_knows_then_its_point_then_its_address_then_the_fallback() {
    let (street, other) = (area(), AreaCode::new(370_202_002).expect("a code"));
    let fallback = AreaCode::new(370_202).expect("a code");
    let gazetteer = Gazetteer::from_names([(street, "香港中路街道")]);
    let place = |report: &Report| placed(report, &gazetteer, |area| area != other, fallback);
    let nowhere = call("a", "noise", None);
    assert_eq!(place(&nowhere), Placed { area: fallback, orphan: true });
    let named = Report { address: Some("香港中路街道12号".into()), ..nowhere.clone() };
    assert_eq!(place(&named), Placed { area: street, orphan: false });
    let coded = Report { area: Some(street), ..nowhere.clone() };
    assert_eq!(place(&coded), Placed { area: street, orphan: false });
    let unknown = Report { area: Some(other), ..nowhere };
    assert_eq!(place(&unknown), Placed { area: fallback, orphan: true });
}

#[test]
fn of_calls_that_are_no_cases_yet_only_those_about_one_matter_are_waited_for() {
    let filing = |report: &Report| match opened(report, None).ask {
        Ask::Register(filing) => filing,
        other => panic!("{} registers nothing", other.name()),
    };
    let mut upcoming = Upcoming::new(JOIN);
    let mut add = |report: &Report| upcoming.add(&filing(report), report, noon());
    let words = "三号楼前井盖塌陷，有人掉下去了";
    let first = add(&said("first", "road", Some(0.0), words)).expect("it may be followed");
    let second = add(&call("second", "noise", Some(0.0))).expect("it may be followed");
    let alarm = Report { channel: Channel::Device, ..call("alarm", "noise", Some(0.0)) };
    assert_eq!(add(&alarm), None, "an alarm leads nobody");
    let none = Vec::<u64>::new();
    let like = |upcoming: &Upcoming, report: &Report| upcoming.like(&filing(report), report);
    let again = said("third", "road", Some(50.0), "这边井盖塌陷了，车都过不去");
    assert_eq!(like(&upcoming, &again), [first]);
    assert_eq!(
        like(&upcoming, &said("fourth", "road", Some(50.0), "路灯坏了一个月没人修")),
        none,
        "another matter"
    );
    assert_eq!(like(&upcoming, &said("fifth", "road", Some(120.0), words)), none, "too far away");
    assert_eq!(like(&upcoming, &call("sixth", "noise", Some(0.0))), [second]);
    assert_eq!(like(&upcoming, &alarm), none);
    upcoming.remove(first);
    assert_eq!(like(&upcoming, &again), none, "it is a case by now");
}
