//! A journal whose cases were closed long ago, in virtual time.

use crate::stage::{WEDNESDAY_9, call, city};
use huying_domain::{
    command::{Ask, Command},
    ids::{CaseId, PersonId, TellChannel},
    record::{Actor, CommandId, Origin, RuleFile},
    rules::Rules,
    time::Timestamp,
    vocabulary::{CancelGround, Channel, CloseCondition, review::CallBackWay},
    words::Words,
};
use huying_engine::{door::Lane, engine::Engine, start::Setup};
use huying_intake::{
    open::{Opening, Placed, command_id, open},
    read::read_json,
};
use huying_journal::disk::real::RealDisk;
use std::path::Path;

/// A journal in the making.
pub(crate) struct Past {
    engine: Engine,
    rules: Rules,
    now: Timestamp,
    acts: u64,
}

impl Past {
    /// The tiny city with more of a policy, on Wednesday at nine.
    pub(crate) fn begin(dir: &Path, more: &str) -> Self {
        let mut texts = city().texts;
        texts.get_mut(&RuleFile::Policy).expect("a policy").extend_from_slice(more.as_bytes());
        let rules = Rules::read(&texts).expect("the rules hold together");
        let now: Timestamp = WEDNESDAY_9.parse().expect("an instant");
        let mut next = 0_u8;
        let entropy = Box::new(move |bytes: &mut [u8]| {
            bytes.iter_mut().for_each(|byte| {
                next = next.wrapping_add(41);
                *byte = next;
            });
        });
        let disk = RealDisk::new(dir).expect("the folder can be made");
        let engine = Engine::start(disk, Setup::at(now, Some(texts), entropy)).expect("it starts").engine;
        let mut past = Self { engine, rules, now, acts: 0 };
        past.settle();
        past
    }

    fn settle(&mut self) {
        self.engine.clock().advance_to(self.now);
        while !self.engine.step(self.now).expect("the disk holds").idle {}
    }

    /// Lets time pass; the clocks of cases that are open ring.
    pub(crate) fn days(&mut self, days: i64) {
        self.now = self.now.plus_seconds(days * 86_400);
        self.settle();
    }

    /// A call about a class.
    pub(crate) fn call(&mut self, name: &str, class: &str) -> CaseId {
        let source = "hotline".parse().expect("a source");
        let json = call(name, class);
        let report = read_json(None, Channel::Call, self.now, json.as_bytes()).expect("a call");
        let actor = Actor::unit(self.rules.centre().clone());
        let command = open(
            &report,
            &Opening {
                source: &source,
                actor: &actor,
                by: Origin::Feed,
                id: command_id(&source, &report).expect("the call has a name"),
                placed: Placed { area: "211081001001001".parse().expect("a code"), orphan: false },
                proposal: None,
                threshold_permille: 1000,
                classed: None,
            },
        );
        self.submit(command)
    }

    fn submit(&mut self, command: Command) -> CaseId {
        let name = command.ask.name();
        let mut ticket = self.engine.handle().submit(command, Lane::Ordinary).expect("there is room");
        self.settle();
        let answer = ticket.try_take().expect("a loop at rest has answered");
        answer.unwrap_or_else(|refusal| panic!("{name}: {refusal:?}")).case.expect("about a case")
    }

    /// A person of a unit does something.
    pub(crate) fn act(&mut self, case: CaseId, unit: &str, person: &str, ask: Ask) {
        self.acts += 1;
        let actor = Actor {
            unit: unit.parse().expect("a unit"),
            person: Some(PersonId::new(person).expect("a person")),
        };
        self.submit(Command {
            id: CommandId::of_act("past", unit, self.acts),
            actor,
            by: Origin::Person,
            because: None,
            saw: None,
            case: Some(case),
            ask,
            private: None,
        });
    }

    /// The caller is told, and the case closes by itself.
    fn told(&mut self, case: CaseId) {
        let (contacted, done) = ("来电人".to_owned(), "已答复".to_owned());
        self.act(case, "centre", "li", Ask::Answer { when: self.now, contacted, done, by_when: None });
        let told = Ask::ConfirmTold { channel: TellChannel::callback_list(), receipt: "r".to_owned() };
        self.act(case, "centre", "li", told);
    }

    /// A call that is withdrawn and closed at once.
    pub(crate) fn closed(&mut self, name: &str, class: &str) -> CaseId {
        let case = self.call(name, class);
        let reason = "来电人撤回".to_owned();
        self.act(case, "centre", "li", Ask::Cancel { ground: CancelGround::Withdrawn, reason });
        self.told(case);
        case
    }

    /// A call that its holder solves; the caller is not reached, and this person of the centre closes it.
    pub(crate) fn solved(&mut self, name: &str, class: &str, closer: &str) -> CaseId {
        let case = self.call(name, class);
        let holder = self.engine.state().case(case).expect("it is open").holder.to_string();
        self.act(case, &holder, "zhang", Ask::Accept);
        let result = "已修补".to_owned();
        self.act(case, &holder, "zhang", Ask::Resolve { result, evidence: Vec::new() });
        self.act(case, "centre", "li", Ask::Check { passed: true, note: "看过了".to_owned() });
        self.told(case);
        for _ in 0..3 {
            self.act(case, "centre", "li", Ask::CallBack { way: CallBackWay::Phone, verdict: None });
        }
        let reason = "三次未接".to_owned();
        self.act(case, "centre", closer, Ask::Close { condition: CloseCondition::Unreached, reason });
        case
    }

    /// Opened again by a person.
    pub(crate) fn reopen(&mut self, case: CaseId) {
        let reason = Words::new("又发生了", "it came back");
        self.act(case, "centre", "li", Ask::Reopen { reason });
    }
}
