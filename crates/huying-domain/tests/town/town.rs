//! A tiny city for stories: its five rule files, its records, and a clock that the test moves.

use huying_domain::{
    calendar::SHIPPED,
    case::Case,
    command::{Ask, AtOnce, Command, Digest},
    decide::decide,
    event::{
        Event,
        collect::{Brief, Filing},
        feedback::Verdict,
        setting::{AccountField, AccountSet, KeysSet},
    },
    ids::{CaseId, UnitId},
    record::{Actor, CommandId, Hash, Origin, Record, RuleFile},
    refusal::Refusal,
    rules::Rules,
    state::State,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Clock, Grade, Rung, Solved, Tag, review::CallBackWay},
    wire,
    words::Words,
};
use std::collections::BTreeMap;

/// A Monday morning at nine on the city's wall.
pub(crate) const MORNING: &str = "2026-11-23T09:00:00+08:00";
/// The grid in which everything happens.
pub(crate) const GRID: &str = "211081001001001";

const POLICY: &str = r#"
[policy]
name = "town"
source = "made up for the tests"
centre = "centre"
calendar = "continuous"
top_repeat = "8uh"
returns_max = 2
reopenings_max = 2
call_backs_max = 2
ladder = ["grid", "community", "street", "department"]
[limits]
dispatch = "15um"
accept = "30um"
contact = "1uh"
check = "1uh"
answer = "2uh"
call_back = "1nd"
close = "1nd"
resolve = "50uh"
[hold.grid]
limit = "4uh"
share = 20
[hold.community]
limit = "4uh"
share = 20
[hold.street]
limit = "8uh"
share = 20
[hold.department]
limit = "8uh"
share = 40
[acts]
source = "made up for the tests"
extensions_max = 2
repeats_supervised = 3
suspension_max = "365nd"
helper_share = 80
[acts.report_in]
demand = "4uh"
key_work = "4uh"
enforcement = "2uh"
emergency = "30um"
[alarm]
source = "made up for the tests"
classes = ["alarm."]
ring = "60us"
again = "5um"
line = "120"
gateway = "police-desk"
rings = [["grid", "community", "works"], ["street", "centre"]]

[[class]]
id = "alarm.press"
zh = "一键呼叫"
en = "one-key alarm"
source = "made up for the tests"
limits = { arrive = "15um", resolve = "4uh" }
[[class]]
id = "light"
zh = "路灯"
en = "street light"
source = "made up"
[[class]]
id = "noise"
zh = "噪声"
en = "noise"
source = "made up"
limits = { arrive = "45um" }
[[class.condition]]
id = "night"
zh = "夜间"
en = "at night"
limits = { resolve = "5uh" }
[[class]]
id = "parcel"
zh = "快递"
en = "parcel"
source = "made up"
"#;

const DUTY: &str = r#"
[[duty]]
class = "noise"
start = "department"
department = "police-desk"
forbid = ["community"]
zh = "噪声由公安负责"
en = "noise is the police desk's"
source = "made up"
[[duty]]
start = "grid"
department = "works"
zh = "由网格先行处置"
en = "the grid goes first"
source = "made up"
"#;

const TERRITORY: &str = "code,zh,en,from,to\n211081,灯塔市,Dengta,,\n211081001,一街道,Street One,,\n\
    211081001001,一社区,Community One,,\n211081001001001,一网格,Grid One,,\n";

const UNITS: &str = "id,area,parent,calendar,staff,zh,en\n\
    centre,,,continuous,9,指挥中心,Centre\nworks,,,continuous,5,住建局,Works\n\
    police-desk,,,continuous,5,公安,Police desk\nstreet-1,211081001,,continuous,4,一街道,Street One\n\
    comm-1,211081001001,,continuous,3,一社区,Community One\n\
    grid-1,211081001001001,,continuous,1,一网格,Grid One\n";

/// The rules of the town.
pub(crate) fn rules() -> Rules {
    rules_with(POLICY)
}

/// The rules without any resolve limit.
pub(crate) fn rules_without_target() -> Rules {
    rules_with(&POLICY.replace("resolve = \"50uh\"", ""))
}

/// The rules of a city that looks again thirty days after closing.
pub(crate) fn rules_that_look_again() -> Rules {
    rules_that_look_again_and("")
}

/// Those, with these lines behind.
pub(crate) fn rules_that_look_again_and(more: &str) -> Rules {
    let policy = POLICY.replace("close = \"1nd\"", "close = \"1nd\"\nlook_again = \"30nd\"");
    rules_with(&format!("{policy}{more}"))
}

/// The rules of a city that states nothing of governed acts.
pub(crate) fn rules_without_acts() -> Rules {
    let start = POLICY.find("[acts]").expect("it has them");
    let end = POLICY.find("[[class]]").expect("it has classes");
    rules_with(&format!("{}{}", &POLICY[..start], &POLICY[end..]))
}

/// The rules with these lines behind the policy.
pub(crate) fn rules_and(more: &str) -> Rules {
    rules_with(&format!("{POLICY}{more}"))
}

/// The rules of a town whose units have so many people each, in the order of the units; the last have as ever.
pub(crate) fn rules_with_staff(staff: &[u8], target: bool) -> Rules {
    let mut lines = UNITS.lines();
    let mut units = format!("{}\n", lines.next().expect("it has heads"));
    for (n, line) in lines.enumerate() {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if let Some(staff) = staff.get(n) {
            cells[4] = staff.to_string();
        }
        units.push_str(&cells.join(","));
        units.push('\n');
    }
    let policy = if target { POLICY.to_owned() } else { POLICY.replace("resolve = \"50uh\"", "") };
    rules_of(&policy, SHIPPED, &units)
}

/// The rules of a town that keeps office hours by these calendars, with this resolve limit.
pub(crate) fn rules_on(calendars: &str, resolve: &str) -> Rules {
    let policy = POLICY.replace("calendar = \"continuous\"", "calendar = \"cn-office\"");
    let policy = policy.replace("resolve = \"50uh\"", &format!("resolve = \"{resolve}\""));
    rules_of(&policy, calendars, &UNITS.replace("211081001001001,,continuous", "211081001001001,,cn-office"))
}

fn rules_with(policy: &str) -> Rules {
    rules_of(policy, SHIPPED, UNITS)
}

fn rules_of(policy: &str, calendars: &str, units: &str) -> Rules {
    let texts = [
        (RuleFile::Policy, policy),
        (RuleFile::Duty, DUTY),
        (RuleFile::Calendar, calendars),
        (RuleFile::Territory, TERRITORY),
        (RuleFile::Units, units),
    ];
    let texts: BTreeMap<_, _> = texts.into_iter().map(|(file, text)| (file, text.into())).collect();
    Rules::read(&texts).expect("the town's rules hold together")
}

/// The town: what its engine would hold, and every record so far.
pub(crate) struct Town {
    pub(crate) rules: Rules,
    pub(crate) state: State,
    pub(crate) now: Timestamp,
    pub(crate) records: Vec<Record>,
    asked: u64,
}

/// What a test wants of a command: the tags of the events of the first part, or the refusal.
pub(crate) type Then<'a> = Result<&'a [&'a str], Refusal>;

impl Town {
    pub(crate) fn new() -> Self {
        Self::under(rules())
    }

    pub(crate) fn under(rules: Rules) -> Self {
        let now = MORNING.parse().expect("an instant");
        Self { rules, state: State::new(0), now, records: Vec::new(), asked: 0 }
    }

    /// One command through the front door. `who` is a unit, or a unit and a person: `centre/li`.
    pub(crate) fn ask(&mut self, who: &str, case: u64, ask: Ask) -> Result<&Record, Refusal> {
        self.ask_as(who, Origin::Person, case, ask)
    }

    pub(crate) fn ask_as(&mut self, who: &str, by: Origin, case: u64, ask: Ask) -> Result<&Record, Refusal> {
        self.asked += 1;
        let case = (case > 0).then(|| id(case));
        let command = Command {
            id: CommandId::of_act("town", who, self.asked),
            actor: actor(who),
            by,
            because: None,
            saw: None,
            case,
            ask,
            private: None,
        };
        let late_for = match &command.ask {
            Ask::CheckClock { scheduled, .. } if *scheduled < self.now => Some(*scheduled),
            _ => None,
        };
        let parts = decide(&self.state, &self.rules, &command, self.now)?;
        self.state.apply(&parts, &command.actor, self.rules.centre(), self.now);
        let prev = self
            .records
            .last()
            .map_or(Hash::ZERO, |last| wire::hash(&wire::encode(last).expect("well formed")));
        self.records.push(Record {
            seq: self.records.len() as u64 + 1,
            at: self.now,
            late_for,
            actor: command.actor,
            by,
            because: None,
            command: command.id,
            digest: Digest([7; 16]),
            parts,
            sealed: None,
            prev,
        });
        Ok(self.records.last().expect("just pushed"))
    }

    /// Asks, and the case must agree.
    pub(crate) fn must(&mut self, who: &str, case: u64, ask: Ask) -> &mut Self {
        let name = ask.name();
        if let Err(refusal) = self.ask(who, case, ask) {
            panic!("{who} asked {name} of {case} and was refused: {}", refusal.code());
        }
        self
    }

    pub(crate) fn wait(&mut self, minutes: i64) -> &mut Self {
        self.now = self.now.plus_seconds(minutes * 60);
        self
    }

    /// The earliest instant at which the engine acts by itself.
    pub(crate) fn next(&self) -> Option<(Timestamp, CaseId, Clock)> {
        let clocks = |case: &Case| {
            let id = case.id;
            let next =
                case.clocks.iter().filter_map(move |running| Some((running.next()?, id, running.clock)));
            next.collect::<Vec<_>>()
        };
        self.state.cases().flat_map(clocks).min()
    }

    /// Moves the clock to that instant, if it has not passed, and lets the timer ask.
    pub(crate) fn tick(&mut self) -> Vec<Event> {
        let (scheduled, case, clock) = self.next().expect("some clock runs");
        self.now = self.now.max(scheduled);
        let ask = Ask::CheckClock { clock, scheduled, away_since: None };
        let record = self.ask_as("centre", Origin::Timer, case.number(), ask).expect("it is due");
        record.parts[0].events.clone()
    }

    pub(crate) fn case(&self, number: u64) -> &Case {
        self.state.case(id(number)).expect("a case of the story")
    }

    /// Registers one more case and dispatches it to the grid, which signs for it.
    pub(crate) fn handling(&mut self, class: &str) -> u64 {
        let number = self.state.next_case().number();
        self.must("centre", 0, register(class));
        self.must("centre", number, assign("grid-1", Rung::Grid)).must("grid-1", number, Ask::Accept);
        number
    }

    /// From handling to closed, as the caller wishes it.
    pub(crate) fn finish(&mut self, number: u64) -> &mut Self {
        let holder = self.case(number).holder.to_string();
        self.must(&holder, number, resolve()).must("centre/qian", number, check(true));
        let answer = answer_of(self.now);
        self.must("centre/qian", number, answer).must("centre", number, tell());
        self.must("centre", number, told()).must("centre", number, call_back(Solved::Yes));
        self.must("centre/qian", number, close(huying_domain::vocabulary::CloseCondition::Confirmed))
    }
}

pub(crate) fn id(number: u64) -> CaseId {
    CaseId::new(0, number)
}

pub(crate) fn unit(name: &str) -> UnitId {
    name.parse().expect("a unit")
}

pub(crate) fn actor(who: &str) -> Actor {
    match who.split_once('/') {
        Some((of, person)) => Actor { unit: unit(of), person: Some(person.parse().expect("a person")) },
        None => Actor::unit(unit(who)),
    }
}

pub(crate) fn words(text: &str) -> Words {
    Words::new(text, text)
}

pub(crate) fn filing(class: &str) -> Filing {
    Filing {
        source: "hotline".parse().expect("well formed"),
        channel: Channel::Call,
        external: None,
        kind: CaseKind::Help,
        brief: Brief {
            class: class.parse().expect("well formed"),
            condition: None,
            area: GRID.parse().expect("well formed"),
            accused: None,
            department: None,
        },
        place: None,
        orphan: false,
        summary: "路灯不亮".into(),
        occurred_at: None,
        target: None,
        tags: Vec::new(),
        proposal: None,
        photos: Vec::new(),
    }
}

pub(crate) fn register(class: &str) -> Ask {
    Ask::Register(Box::new(filing(class)))
}

pub(crate) fn register_solved() -> Ask {
    let filing = Box::new(filing("light"));
    Ask::RegisterSolved { filing, result: "当场扶正".to_owned(), evidence: vec![Hash([7; 32])] }
}

/// A question that is settled on the line.
pub(crate) fn settled(how: AtOnce) -> Ask {
    let filing = Filing { kind: CaseKind::Inquiry, ..filing("light") };
    Ask::RegisterSettled { filing: Box::new(filing), how }
}

pub(crate) fn merge(into: u64) -> Ask {
    Ask::Merge { into: id(into), reason: "同一盏路灯".to_owned() }
}

pub(crate) fn unmerge() -> Ask {
    Ask::Unmerge { reason: "不是同一盏".to_owned() }
}

pub(crate) fn join(lead: u64) -> Ask {
    Ask::Join { lead: id(lead), filing: Box::new(filing("light")) }
}

pub(crate) fn assign(to: &str, rung: Rung) -> Ask {
    Ask::Assign { lead: unit(to), co_handlers: vec![], told: vec![], rung, reason: words("就近") }
}

pub(crate) fn give_back() -> Ask {
    let ground = huying_domain::vocabulary::ReturnGround::NotOurDuty;
    Ask::Return { ground, reason: "非本单位职责".to_owned(), proposed: None }
}

pub(crate) fn resolve() -> Ask {
    Ask::Resolve { result: "已修复".to_owned(), evidence: vec![] }
}

pub(crate) fn check(passed: bool) -> Ask {
    Ask::Check { passed, note: "看过现场".to_owned() }
}

pub(crate) fn answer() -> Ask {
    answer_of(MORNING.parse().expect("well formed"))
}

/// The answer to what was looked into at this instant.
pub(crate) fn answer_of(when: Timestamp) -> Ask {
    Ask::Answer { when, contacted: "来电人".to_owned(), done: "路灯已修复".to_owned(), by_when: None }
}

pub(crate) fn tell() -> Ask {
    Ask::Tell { channel: "sms".parse().expect("well formed") }
}

/// An account of the grid's is made.
pub(crate) fn set_account() -> Ask {
    let set = AccountSet {
        account: "wang".parse().expect("a person"),
        changed: vec![AccountField::Made, AccountField::Roles],
        was: None,
        roles: vec!["handler".into()],
        area: None,
        cleared: vec![Tag::Sensitive],
        locked: false,
        by_provider: None,
    };
    Ask::SetAccount { unit: unit("grid-1"), set: Box::new(set) }
}

/// A feed gets a key.
pub(crate) fn set_keys() -> Ask {
    let source = "hotline".parse().expect("a source");
    Ask::SetKeys { set: KeysSet { source, channels: vec![Channel::Call], revoked: 0 } }
}

pub(crate) fn told() -> Ask {
    Ask::ConfirmTold { channel: "sms".parse().expect("well formed"), receipt: "ok-1".to_owned() }
}

pub(crate) fn verdict(solved: Solved) -> Verdict {
    Verdict { contacted: true, solved, grade: Some(Grade::Satisfied), beyond: None }
}

pub(crate) fn call_back(solved: Solved) -> Ask {
    Ask::CallBack { way: CallBackWay::Phone, verdict: Some(verdict(solved)) }
}

pub(crate) fn close(condition: huying_domain::vocabulary::CloseCondition) -> Ask {
    Ask::Close { condition, reason: "经审定".to_owned() }
}

/// Given what was done before (by whom, to which case), when somebody asks, then these events of the first part, or
/// this refusal. The town is handed back for further questions.
pub(crate) fn check_law(
    given: Vec<(&str, u64, Ask)>,
    (who, case, ask): (&str, u64, Ask),
    then: Then<'_>,
) -> Town {
    let mut town = Town::new();
    for (who, case, ask) in given {
        town.must(who, case, ask);
    }
    let found = town
        .ask(who, case, ask)
        .map(|record| record.parts[0].events.iter().map(|event| event.tag().to_owned()).collect::<Vec<_>>());
    match (found, then) {
        (Ok(found), Ok(then)) => {
            let then: Vec<String> = then.iter().map(|tag| format!("{tag}/1")).collect();
            assert_eq!(found, then);
        }
        (Err(found), Err(then)) => assert_eq!(found, then),
        (found, then) => panic!("expected {then:?}, found {found:?}"),
    }
    town
}
