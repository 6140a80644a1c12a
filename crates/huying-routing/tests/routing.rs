//! Who gets a case, as stories of the tiny city. Each proposal is put to the real door, which must take it.

#[path = "../../../tests/city/tiny.rs"]
mod tiny;

use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    command::{Ask, Command},
    event::{Event, collect::Brief},
    ids::{CaseId, UnitId},
    record::Record,
    refusal::Refusal,
    vocabulary::{Grade, ReturnGround, Rung, Solved},
    words::Words,
};
use huying_domain::{event::feedback::Verdict, record::Origin};
use huying_routing::router::Router;
use tiny::{City, GRID, id, matter};

/// The city with its router, which sees every record.
struct Watched {
    city: City,
    router: Router,
}

/// What an `Assign` says.
#[derive(Debug)]
struct Order {
    lead: UnitId,
    rung: Rung,
    told: Vec<UnitId>,
    reason: Words,
}

impl Watched {
    fn new() -> Self {
        Self { city: City::new(), router: Router::default() }
    }

    fn see(&mut self, record: &Record) -> Option<Command> {
        self.router.follow(&self.city.rules, record)
    }

    fn ask(&mut self, unit: &str, case: Option<CaseId>, ask: Ask) -> Option<Command> {
        let record = self.city.ask(unit, case, ask);
        self.see(&record)
    }

    fn off_duty(&mut self, unit: &str) {
        let asked = self.ask(unit, None, Ask::SetDuty { unit: id(unit), on_duty: false });
        assert_eq!(asked, None, "duty calls for no assignment");
    }

    /// A call comes in; the door takes the proposal.
    fn call(&mut self, brief: Brief) -> (CaseId, Order) {
        let (case, record) = self.city.call(brief);
        let command = self.see(&record).expect("a registered case wants a holder");
        (case, self.take(command))
    }

    fn take(&mut self, command: Command) -> Order {
        let Ask::Assign { lead, rung, told, reason, .. } = command.ask.clone() else {
            panic!("routing asks for nothing but assignments: {command:?}")
        };
        let record = self.city.submit(command).expect("the door takes what routing proposes");
        assert_eq!(self.see(&record), None, "an assignment calls for no further one");
        Order { lead, rung, told, reason }
    }

    /// The holder gives the case back.
    fn give_back(&mut self, case: CaseId, ground: ReturnGround, proposed: Option<&str>) -> Option<Command> {
        let holder = self.city.state.case(case).expect("open").holder.clone();
        let reason = "不属于我单位".to_owned();
        self.ask(holder.as_str(), Some(case), Ask::Return { ground, reason, proposed: proposed.map(id) })
    }
}

/// Given units off duty and a matter, it goes to this unit on this rung.
fn check(off_duty: &[&str], brief: Brief, then: (&str, Rung)) -> Order {
    let mut watched = Watched::new();
    off_duty.iter().for_each(|unit| watched.off_duty(unit));
    let (_, order) = watched.call(brief);
    assert_eq!((order.lead.as_str(), order.rung), then, "{order:?}");
    order
}

#[test]
fn a_departments_matter_goes_to_it_at_once_and_the_grid_is_told() {
    let order = check(&[], matter("water.burst", GRID), ("water", Rung::Department));
    assert_eq!(order.told, [id("grid-1-1")]);
}

#[test]
fn what_no_entry_names_begins_at_the_grid() {
    let order = check(&[], matter("noise.neighbour", GRID), ("grid-1-1", Rung::Grid));
    assert_eq!(order.told, []);
}

#[test]
fn a_vacant_rung_is_skipped_at_once() {
    let vacant = matter("noise.neighbour", "211081001002002");
    let order = check(&[], vacant, ("community-2", Rung::Community));
    assert!(order.reason.zh.contains("跳过河畔二格（空岗）"), "{}", order.reason.zh);
    assert!(order.reason.en.contains("Riverside Grid 2 (grid) skipped: vacant"), "{}", order.reason.en);
}

#[test]
fn a_unit_off_duty_is_skipped_and_so_is_the_next() {
    let off = ["grid-1-1", "community-1"];
    let order = check(&off, matter("noise.neighbour", GRID), ("street-1", Rung::Street));
    assert!(order.reason.zh.contains("跳过站前社区（无人值守）"), "{}", order.reason.zh);
}

#[test]
fn a_unit_that_is_back_on_duty_gets_cases_again() {
    let mut watched = Watched::new();
    watched.off_duty("grid-1-1");
    watched.ask("grid-1-1", None, Ask::SetDuty { unit: id("grid-1-1"), on_duty: true });
    assert_eq!(watched.call(matter("noise.neighbour", GRID)).1.lead, id("grid-1-1"));
}

#[test]
fn when_nobody_is_there_the_centre_has_it_even_if_it_says_that_it_is_off_duty() {
    let off = ["grid-1-1", "community-1", "street-1", "police", "centre"];
    check(&off, matter("noise.neighbour", GRID), ("centre", Rung::Centre));
}

#[test]
fn a_place_without_a_grid_begins_with_the_lowest_unit_above_it() {
    let order = check(&[], matter("noise.neighbour", "211081001001"), ("community-1", Rung::Community));
    assert!(order.reason.zh.contains("跳过网格（无此层级单位）"), "{}", order.reason.zh);
}

#[test]
fn a_case_about_a_unit_goes_neither_to_it_nor_below_it_and_they_are_not_told() {
    let about = |class: &str, accused: &str| Brief { accused: Some(id(accused)), ..matter(class, GRID) };
    check(&[], about("noise.neighbour", "grid-1-1"), ("community-1", Rung::Community));
    check(&[], about("noise.neighbour", "community-1"), ("street-1", Rung::Street));
    let order = check(&[], about("noise.neighbour", "street-1"), ("police", Rung::Department));
    assert_eq!(order.told, [], "the grid stands below the street that the case is about");
    assert!(order.reason.en.contains("the case is about it"), "{}", order.reason.en);
    check(&[], about("water.burst", "water"), ("centre", Rung::Centre));
}

#[test]
fn a_forbidden_rung_is_never_asked_to_lead() {
    let order = check(&[], matter("road.pothole", GRID), ("street-1", Rung::Street));
    assert!(order.reason.zh.contains("道路养护由街道牵头"), "{}", order.reason.zh);
    // The street is away: the department stands above it.
    check(&["street-1"], matter("road.pothole", GRID), ("urban", Rung::Department));
}

#[test]
fn the_department_that_the_source_names_stands_on_the_departments_rung() {
    let named = Brief { department: Some(id("heat")), ..matter("light.street", GRID) };
    check(&[], named, ("heat", Rung::Department));
}

#[test]
fn the_reason_says_which_entry_won_in_both_languages() {
    let order = check(&[], matter("light.street", GRID), ("urban", Rung::Department));
    assert_eq!(order.reason.zh, "派单目录：路灯由城管部门负责，从部门起派；由城管局（部门）主办");
    assert_eq!(
        order.reason.en,
        "duty list: street lights are the urban department's, from the department on; \
         led by Urban Department (department)"
    );
}

#[test]
fn the_same_record_names_the_same_command_and_says_what_it_saw() {
    let mut watched = Watched::new();
    let (case, record) = watched.city.call(matter("light.street", GRID));
    let command = watched.see(&record).expect("a proposal");
    assert_eq!(Some(&command), watched.see(&record).as_ref());
    assert_eq!((command.because, command.by), (Some(1), Origin::Station));
    assert_eq!(command.saw, watched.city.state.case(case).map(|case| case.version));
}

#[test]
fn a_person_who_dispatched_first_is_not_overruled() {
    let mut watched = Watched::new();
    let (case, record) = watched.city.call(matter("light.street", GRID));
    let late = watched.see(&record).expect("a proposal");
    let by_hand = Ask::Assign {
        lead: id("police"),
        co_handlers: Vec::new(),
        told: Vec::new(),
        rung: Rung::Department,
        reason: Words::new("值班长指定", "named by the head of the watch"),
    };
    watched.ask("centre", Some(case), by_hand);
    assert!(matches!(watched.city.submit(late), Err(Refusal::Stale { .. })));
}

#[test]
fn a_returned_case_goes_to_the_unit_that_the_returner_proposed() {
    let mut watched = Watched::new();
    let (case, _) = watched.call(matter("noise.neighbour", GRID));
    let again = watched.give_back(case, ReturnGround::NotOurDuty, Some("urban")).expect("a proposal");
    let order = watched.take(again);
    assert_eq!((order.lead.as_str(), order.rung), ("urban", Rung::Department));
    let zh = "站前一格以“非本单位职责”退回（第1次）；建议由城管局办理；由城管局（部门）主办";
    assert_eq!(order.reason.zh, zh);
    assert_eq!(order.told, [id("grid-1-1")]);
}

#[test]
fn a_neighbouring_grid_may_be_proposed_and_leads_on_its_own_rung() {
    let mut watched = Watched::new();
    let (case, _) = watched.call(matter("noise.neighbour", GRID));
    let again = watched.give_back(case, ReturnGround::NotOurArea, Some("grid-2-1")).expect("a proposal");
    let order = watched.take(again);
    assert_eq!((order.lead.as_str(), order.rung), ("grid-2-1", Rung::Grid));
}

#[test]
fn a_returned_case_climbs_one_rung_when_nobody_or_nobody_fit_was_proposed() {
    for (ground, proposed) in [
        (ReturnGround::NotOurDuty, None),
        (ReturnGround::Unclear, Some("grid-1-1")),
        (ReturnGround::NotOurArea, Some("grid-2-2")),
        (ReturnGround::Conflict, None),
    ] {
        let mut watched = Watched::new();
        let (case, _) = watched.call(matter("noise.neighbour", GRID));
        let again = watched.give_back(case, ground, proposed).expect("a proposal");
        let order = watched.take(again);
        assert_eq!((order.lead.as_str(), order.rung), ("community-1", Rung::Community), "{ground}");
    }
}

#[test]
fn a_proposed_unit_that_may_not_lead_is_said_to_be_skipped() {
    let mut watched = Watched::new();
    let (case, _) = watched.call(matter("water.burst", GRID));
    let again = watched.give_back(case, ReturnGround::NotOurDuty, Some("community-1")).expect("a proposal");
    let order = watched.take(again);
    assert_eq!((order.lead.as_str(), order.rung), ("centre", Rung::Centre));
    assert!(order.reason.zh.contains("跳过站前社区（目录规定该层级不得主办）"), "{}", order.reason.zh);
}

#[test]
fn after_more_returns_than_the_policy_allows_a_person_rules() {
    let mut watched = Watched::new();
    let (case, _) = watched.call(matter("noise.neighbour", GRID));
    for _ in 0..watched.city.rules.policy.returns_max {
        let again = watched.give_back(case, ReturnGround::NotOurDuty, None).expect("a proposal");
        watched.take(again);
    }
    assert_eq!(watched.give_back(case, ReturnGround::NotOurDuty, Some("urban")), None);
    let open = watched.city.state.case(case).expect("open");
    assert!(open.next_instant().is_some(), "the centre's dispatch clock runs");
}

#[test]
fn a_reopened_case_begins_again_where_the_duty_list_says() {
    let mut watched = Watched::new();
    let (case, _) = watched.call(matter("light.street", GRID));
    watched.ask("urban", Some(case), Ask::Accept);
    let result = "已修复".to_owned();
    watched.ask("urban", Some(case), Ask::Resolve { result, evidence: Vec::new() });
    watched.ask("centre", Some(case), Ask::Check { passed: true, note: "属实".to_owned() });
    let (when, contacted, done) = (watched.city.now, "来电人".to_owned(), "已更换灯泡".to_owned());
    watched.ask("centre", Some(case), Ask::Answer { when, contacted, done, by_when: None });
    let verdict =
        Verdict { contacted: true, solved: Solved::No, grade: Some(Grade::Dissatisfied), beyond: None };
    watched.ask("centre", Some(case), Ask::CallBack { way: CallBackWay::Phone, verdict: Some(verdict) });
    let reason = Words::new("仍不亮", "still dark");
    let again = watched.ask("centre", Some(case), Ask::Reopen { reason }).expect("a proposal");
    assert_eq!(watched.take(again).lead, id("urban"));
    let open = watched.city.state.case(case).expect("open");
    assert_eq!(open.leg, 2);
}

#[test]
fn a_further_call_that_joins_a_lead_wants_no_holder_of_its_own() {
    let mut watched = Watched::new();
    let (lead, _) = watched.call(matter("light.street", GRID));
    let filing = Box::new(tiny::filing(matter("light.street", GRID)));
    assert_eq!(watched.ask("centre", None, Ask::Join { lead, filing }), None);
    let last = watched.city.history.last().expect("a record");
    assert!(matches!(last.parts[0].events[0], Event::Joined(_)));
}

/// A call whose words a program was not sure of waits at the desk; a person's word sends it on.
#[test]
fn a_case_that_waits_for_its_class_is_routed_when_a_person_names_it() {
    use huying_domain::event::collect::{ClassProposal, Corrected};
    let ask = |sure: bool| {
        let mut filing = tiny::filing(matter("unclassified", GRID));
        filing.proposal = Some(ClassProposal {
            class: "road.pothole".parse().expect("a class"),
            condition: None,
            department: None,
            confidence_permille: 600,
            second: None,
            sure,
            model: "0a1b2c3d".to_owned(),
        });
        Ask::Register(Box::new(filing))
    };
    let mut watched = Watched::new();
    let case = CaseId::new(0, 1);
    assert_eq!(watched.ask("centre", None, ask(false)), None, "nobody is looked for yet");
    let summary = Corrected { summary: Some("路面坑洼".into()), ..Corrected::default() };
    assert_eq!(watched.ask("centre", Some(case), Ask::Correct(summary)), None, "that is no class");
    let class = Corrected { class: Some("road.pothole".parse().expect("a class")), ..Corrected::default() };
    let command = watched.ask("centre", Some(case), Ask::Correct(class.clone())).expect("it is routed now");
    let order = watched.take(command);
    let mut named = Watched::new();
    assert_eq!(named.call(matter("road.pothole", GRID)).1.lead, order.lead, "as if the caller had named it");
    // Named once, a later correction moves it no more.
    assert_eq!(watched.ask("centre", Some(case), Ask::Correct(class)), None);
    let sure = watched.ask("centre", None, ask(true));
    assert!(sure.is_some(), "what is sure is routed at once");
}
