//! The life of a case as its clients ask it, each step with the version that they saw.

use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    area::AreaCode,
    command::{Ask, Command},
    event::{
        collect::{Brief, Filing},
        feedback::Verdict,
    },
    ids::{CaseId, ExternalId, PersonId, SourceId, TellChannel, UnitId, Version},
    private::Private,
    record::{Actor, CommandId, Origin},
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Solved},
    words::Words,
};
use huying_engine::door::Accepted;

/// What clients ask until the result is checked: register, accept, escalate, accept one rung up, resolve,
/// check. The assignment between the first two is the routing station's.
pub const CHECKED_ASKS: usize = 6;
/// The same, then answer, receipt of the channel and call-back; the station asks the channel and closes the
/// case.
pub const CLOSED_ASKS: usize = 9;
/// Events of the records that stations add where a client goes on behind them: the assignment with its
/// clocks, and what is asked of the channel. A wrong number would be refused as stale.
const ASSIGNMENT_EVENTS: Version = 2;
const TELLING_EVENTS: Version = 1;

/// Grids with a worker, and the community above each.
const GRIDS: [(u64, &str, &str); 3] = [
    (211_081_001_001_001, "grid-1-1", "community-1"),
    (211_081_001_001_002, "grid-1-2", "community-1"),
    (211_081_001_002_001, "grid-2-1", "community-2"),
];
const CENTRE: &str = "centre";

/// One case, seen from outside.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    number: u64,
    asked: usize,
    case: Option<CaseId>,
    version: Version,
}

impl Life {
    /// A call that is not in yet. Its number names it and no other.
    pub const fn new(number: u64) -> Self {
        Self { number, asked: 0, case: None, version: 0 }
    }

    /// How much was asked and answered.
    pub const fn asked(&self) -> usize {
        self.asked
    }

    /// The next step. There are [`CLOSED_ASKS`] of them.
    pub fn next(&self) -> Command {
        let (_, grid, community) = self.grid();
        let (unit, ask) = match self.asked {
            0 => (CENTRE, Ask::Register(Box::new(self.filing()))),
            1 => (grid, Ask::Accept),
            2 => (grid, Ask::Escalate { reason: Words::new("需要社区协调", "it needs the community") }),
            3 => (community, Ask::Accept),
            4 => (
                community,
                Ask::Resolve {
                    result: "已上门调解，双方达成一致".to_owned(), evidence: Vec::new()
                },
            ),
            5 => (CENTRE, Ask::Check { passed: true, note: "照片与现场一致".to_owned() }),
            6 => (CENTRE, self.answer()),
            7 => (CENTRE, Ask::ConfirmTold { channel: channel(), receipt: format!("r-{}", self.number) }),
            _ => (CENTRE, Ask::CallBack { way: CallBackWay::Phone, verdict: Some(solved()) }),
        };
        let person = PersonId::new(format!("someone of {unit}")).expect("a name");
        Command {
            id: CommandId::of_act("bench", &self.number.to_string(), self.asked as u64),
            actor: Actor { unit: UnitId::new(unit).expect("a unit id"), person: Some(person) },
            by: Origin::Person,
            because: None,
            saw: self.case.map(|_| self.version),
            case: self.case,
            ask,
            private: (self.asked == 0).then(|| self.caller()),
        }
    }

    /// Goes on behind an answer.
    pub fn answered(&mut self, accepted: Accepted) {
        self.version = accepted.version
            + match self.asked {
                0 => ASSIGNMENT_EVENTS,
                6 => TELLING_EVENTS,
                _ => 0,
            };
        self.case = accepted.case;
        self.asked += 1;
    }

    fn grid(&self) -> (u64, &'static str, &'static str) {
        let place = usize::try_from(self.number % GRIDS.len() as u64).expect("below three");
        GRIDS[place]
    }

    fn filing(&self) -> Filing {
        let (area, ..) = self.grid();
        Filing {
            source: SourceId::new("hotline").expect("a source"),
            channel: Channel::Call,
            external: Some(ExternalId::new(format!("call-{:09}", self.number)).expect("an id")),
            kind: CaseKind::Help,
            brief: Brief {
                class: "noise.neighbour".parse().expect("a class"),
                condition: None,
                area: AreaCode::new(area).expect("a grid's code"),
                accused: None,
                department: None,
            },
            place: None,
            orphan: false,
            summary: "楼上深夜噪声扰民，多次沟通无效，请求上门处理".into(),
            occurred_at: None,
            target: None,
            tags: Vec::new(),
            proposal: None,
            photos: Vec::new(),
        }
    }

    fn caller(&self) -> Private {
        Private {
            number: Some(format!("139{:08}", self.number)),
            name: Some("张小红".to_owned()),
            words: Some("楼上天天半夜搬东西，我都说了好几次了，你们来看看吧".to_owned()),
            ..Private::default()
        }
    }

    fn answer(&self) -> Ask {
        Ask::Answer {
            when: Timestamp::from_seconds(1_790_000_000),
            contacted: "双方当事人".to_owned(),
            done: "已上门调解".to_owned(),
            by_when: None,
        }
    }
}

fn channel() -> TellChannel {
    TellChannel::new("callback-list").expect("one token")
}

const fn solved() -> Verdict {
    Verdict { contacted: true, solved: Solved::Yes, grade: None, beyond: None }
}
