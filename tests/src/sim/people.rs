//! What somebody asks next: mostly what the case wants, by whom it wants it; sometimes anything, by anybody.

mod wild;

use super::{
    city::{AREAS, MATTERS, UNITS, UNITS_KNOWN},
    history::Step,
};
use huying_domain::event::collect::Guide;
use huying_domain::vocabulary::review::{BeyondPower, CallBackWay};
use huying_domain::{
    area::AreaCode,
    case::Case,
    command::{Ask, Command},
    event::{
        collect::{Brief, Corrected, Filing},
        feedback::Verdict,
        setting::{AccountField, AccountSet, KeysSet},
    },
    ids::{CaseId, ExternalId, PersonId, SourceId, TellChannel, UnitId},
    private::Private,
    record::{Actor, CommandId, Hash, Origin},
    rules::Rules,
    state::State,
    time::Timestamp,
    vocabulary::{
        CaseKind, Channel, CloseCondition, Grade, Outcome, RefusalGround, ReturnGround, Rung, Solved, Stage,
        Tag,
    },
    words::Words,
};
use huying_engine::door::Lane;
use huying_journal::disk::sim::SplitMix;

/// People of a unit who act at random.
const PEOPLE_PER_UNIT: usize = 3;

/// Somebody sends something.
pub(crate) struct Sending {
    pub(crate) command: Command,
    pub(crate) lane: Lane,
    /// The source's name for a call that must be taken.
    pub(crate) call: Option<String>,
}

impl Sending {
    /// Who asks what of which case.
    pub(crate) fn words(&self) -> String {
        let Command { actor, case, ask, .. } = &self.command;
        let case = case.map_or_else(|| "no case".to_owned(), |case| case.to_string());
        format!("{} asks {} of {case}", actor.unit, ask.name())
    }
}

/// Everybody in the city, out of one seed.
pub(crate) struct People {
    seed: u64,
    pub(crate) dice: SplitMix,
    sent: u64,
    calls: u64,
}

impl People {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, dice: SplitMix(seed), sent: 0, calls: 0 }
    }

    /// Takes up the dice and the numbers of a step.
    pub(crate) fn begin(&mut self, step: Step) {
        self.dice = step.dice(self.seed);
        self.sent = step.first_name();
        self.calls = step.first_name();
    }

    /// Whether something of so many hundredths happens.
    pub(crate) fn happens(&mut self, percent: usize) -> bool {
        self.dice.below(100) < percent
    }

    /// One of these.
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.dice.below(of.len())].clone()
    }

    /// What one of them does at a moment, behind what the others do at the same.
    pub(crate) fn act(&mut self, state: &State, rules: &Rules, now: Timestamp, sendings: &mut Vec<Sending>) {
        match self.dice.below(100) {
            0..11 => self.call(state, sendings),
            11..15 => sendings.extend(self.further_call(state)),
            15..58 => sendings.extend(self.proper(state, rules, now)),
            58..73 => sendings.extend(self.governed(state, now)),
            73..78 => sendings.extend(self.late(state)),
            78..94 => sendings.push(self.wild(state, now)),
            94 => sendings.push(self.admit()),
            _ => {
                let unit = id(UNITS[1 + self.dice.below(UNITS_KNOWN - 1)]);
                let ask = Ask::SetDuty { unit: unit.clone(), on_duty: self.happens(60) };
                sendings.push(self.ordinary(&unit, None, ask));
            }
        }
    }

    /// Who may come in: an account of a unit, or a key of a feed.
    fn admit(&mut self) -> Sending {
        let unit = id(UNITS[1 + self.dice.below(UNITS_KNOWN - 1)]);
        let ask = if self.happens(50) {
            let set = AccountSet {
                account: "wang".parse().expect("a person"),
                changed: vec![AccountField::Roles],
                was: None,
                roles: vec!["handler".into()],
                area: None,
                cleared: Vec::new(),
                locked: self.happens(30),
                by_provider: None,
            };
            Ask::SetAccount { unit, set: Box::new(set) }
        } else {
            let revoked = u32::from(self.happens(50));
            Ask::SetKeys { set: KeysSet { source: source(), channels: vec![Channel::Call], revoked } }
        };
        self.ordinary(&id("centre"), None, ask)
    }

    fn call(&mut self, state: &State, sendings: &mut Vec<Sending>) {
        let mut filing = self.filing();
        let alarm = self.happens(15);
        if alarm {
            filing.channel = Channel::Device;
            filing.brief.class = "alarm.press".parse().expect("a class");
            filing.brief.condition = None;
            filing.tags = if self.happens(30) { vec![Tag::Drill] } else { Vec::new() };
        }
        let external = filing.external.clone().expect("every call has a name");
        let ask = if !alarm && self.happens(8) {
            self.settled(filing)
        } else if !alarm && self.happens(12) {
            let evidence = vec![Hash([7; 32])];
            Ask::RegisterSolved { filing: Box::new(filing), result: "已当场处理".to_owned(), evidence }
        } else {
            Ask::Register(Box::new(filing))
        };
        let unit = if self.happens(80) { "centre" } else { self.one(&UNITS[..UNITS_KNOWN]) };
        let mut sending = self.ordinary(&id(unit), None, ask);
        sending.command.id = CommandId::of_call(&source(), &external);
        sending.call = Some(external.to_string());
        if self.happens(50) {
            let number = Some(format!("138{:08}", self.dice.below(100_000_000)));
            sending.command.private = Some(Private { number, ..Private::default() });
        }
        let is_first = !sendings.iter().any(|sending| sending.call.is_some());
        let turned_away = is_first && !alarm && self.happens(10);
        let twice = self.happens(15).then(|| Sending {
            command: sending.command.clone(),
            lane: sending.lane,
            call: None,
        });
        let command = sending.command.clone();
        sendings.push(sending);
        if turned_away {
            // While the caller is on the line, before anybody gets the case.
            let ask = Ask::Refuse {
                ground: self.one(RefusalGround::ALL),
                reason: "已说明理由".to_owned(),
                guide: Some(Guide::Way("司法所".to_owned())),
            };
            sendings.push(self.ordinary(&id("centre"), Some(state.next_case()), ask));
        }
        sendings.extend(twice);
        if self.happens(8) {
            // The same name for another matter: whatever comes first is the call, the other one is refused.
            let other = Ask::Register(Box::new(self.filing()));
            sendings.push(Sending {
                command: Command { ask: other, ..command },
                lane: Lane::Ordinary,
                call: None,
            });
        }
    }

    fn further_call(&mut self, state: &State) -> Option<Sending> {
        let lead = self.some_case(state)?.id;
        let filing = self.filing();
        let ask = Ask::Join { lead, filing: Box::new(filing) };
        Some(self.ordinary(&id("centre"), None, ask))
    }

    fn filing(&mut self) -> Filing {
        self.calls += 1;
        let (class, condition) = self.one(&MATTERS);
        let accused =
            self.happens(25).then(|| self.one(&["community-1", "street-1", "urban", "police", "police"]));
        Filing {
            source: source(),
            channel: self.one(&[Channel::Call, Channel::App, Channel::Counter]),
            external: Some(ExternalId::new(format!("call-{}", self.calls)).expect("a short name")),
            kind: self.one(&[CaseKind::Help, CaseKind::Complaint, CaseKind::Accusation]),
            brief: Brief {
                class: class.parse().expect("a class"),
                condition: condition.map(|name| name.parse().expect("a condition")),
                area: self.area(),
                accused: accused.map(id),
                department: self.happens(10).then(|| id(self.one(&["water", "urban", "power"]))),
            },
            place: None,
            orphan: false,
            summary: format!("第{}个来电", self.calls).into(),
            occurred_at: None,
            target: None,
            tags: Vec::new(),
            proposal: None,
            photos: Vec::new(),
        }
    }

    fn area(&mut self) -> AreaCode {
        AreaCode::new(self.one(&AREAS)).expect("an area of the city")
    }

    pub(super) fn some_case<'a>(&mut self, state: &'a State) -> Option<&'a Case> {
        let open = state.cases().filter(|case| case.stage.is_open());
        let open: Vec<_> = open.collect();
        if open.is_empty() { None } else { Some(open[self.dice.below(open.len())]) }
    }

    /// What the case wants, by whom it wants it, with all that people do instead.
    fn proper(&mut self, state: &State, rules: &Rules, now: Timestamp) -> Option<Sending> {
        if self.happens(50)
            && let Some(case) = self.one_of(state, |case| case.returns > 0 && case.holder != *rules.centre())
        {
            // What one did not want the next one does not want either, until somebody rules.
            let (holder, ask) = (case.holder.clone(), self.give_back());
            return Some(self.ordinary(&holder, Some(case.id), ask));
        }
        let case = self.some_case(state)?;
        let centre = rules.centre().clone();
        if case.rings() && self.happens(70) {
            let (unit, ask) = self.answer_alarm(case)?;
            return Some(self.ordinary(&unit, Some(case.id), ask));
        }
        let by_holder = matches!(case.stage, Stage::Assigned | Stage::Handling);
        let roll = self.dice.below(100);
        let (unit, ask) = match (case.stage, roll) {
            // Whoever gets what another gave back often gives it back too.
            (Stage::Assigned, 0..40) if case.returns > 0 => (&case.holder, self.give_back()),
            (Stage::Assigned, 0..42) => (&case.holder, Ask::Accept),
            (Stage::Assigned | Stage::Handling, 42..62) => (&case.holder, self.give_back()),
            (Stage::Assigned | Stage::Handling, 62..68) => {
                let reason = Words::new("本级无法解决", "beyond us");
                (&case.holder, Ask::Escalate { reason })
            }
            (Stage::Assigned | Stage::Handling, 68..74) => {
                let lead = id(self.one(&UNITS));
                let rung = self.one(Rung::ALL);
                (&centre, Ask::Reassign { lead, rung, reason: Words::new("改派", "another unit") })
            }
            (Stage::Assigned | Stage::Handling, 74..80) => (&case.holder, Ask::Arrive { place: None }),
            (Stage::Assigned | Stage::Handling, 80..90) => {
                (&case.holder, Ask::Contact { reached: roll < 86 })
            }
            (Stage::Returned, 0..30) => {
                let reason = "应走法定途径".to_owned();
                (
                    &centre,
                    Ask::Refuse {
                        ground: RefusalGround::OtherLegalWay,
                        reason,
                        guide: Some(Guide::Way("市场".to_owned())),
                    },
                )
            }
            (Stage::Resolved, 0..25) => (&centre, Ask::Check { passed: false, note: "未到位".to_owned() }),
            (Stage::Answered | Stage::CalledBack, 0..60) if case.told => (&centre, self.after_telling(case)),
            (Stage::Answered, 0..20) => {
                (&centre, Ask::CallBack { way: CallBackWay::Phone, verdict: Some(content()) })
            }
            (Stage::CalledBack, 0..60) => {
                (&centre, Ask::Close { condition: condition(case), reason: "已作解释".to_owned() })
            }
            (_, 90..95) => return Some(self.edit(case)),
            _ if by_holder && roll < 90 => (&case.holder, resolve()),
            _ => {
                let (unit, ask) = wanted(case, rules, now)?;
                return Some(self.ordinary(&unit, Some(case.id), ask));
            }
        };
        let unit = unit.clone();
        Some(self.ordinary(&unit, Some(case.id), ask))
    }

    /// Whoever was rung answers; the gateway of the line takes it over with a receipt.
    fn answer_alarm(&mut self, case: &Case) -> Option<(UnitId, Ask)> {
        let alarm = case.alarm.as_ref()?;
        let unit = self.one(&alarm.units);
        let ask = match alarm.line.filter(|_| unit.as_str() == "power") {
            Some(line) => Ask::Refer { line, receipt: Some("回执".to_owned()) },
            None => Ask::Accept,
        };
        Some((unit, ask))
    }

    fn give_back(&mut self) -> Ask {
        let proposed = self.happens(40).then(|| id(self.one(&UNITS[..UNITS_KNOWN])));
        Ask::Return { ground: self.one(ReturnGround::ALL), reason: "非本单位职责".to_owned(), proposed }
    }

    fn after_telling(&mut self, case: &Case) -> Ask {
        if case.stage == Stage::CalledBack || self.happens(15) {
            let condition = self.one(CloseCondition::ALL);
            return Ask::Close { condition, reason: "已作解释".to_owned() };
        }
        let verdict = Verdict {
            contacted: self.happens(70),
            solved: self.one(Solved::ALL),
            grade: self.happens(50).then(|| self.one(Grade::ALL)),
            beyond: self.happens(10).then(|| self.one(BeyondPower::ALL)),
        };
        Ask::CallBack { way: CallBackWay::Phone, verdict: self.happens(60).then_some(verdict) }
    }

    /// An edit, a note, a mark: nothing of it may move a clock.
    fn edit(&mut self, case: &Case) -> Sending {
        let ask = match self.dice.below(6) {
            0 => {
                let (class, condition) = self.one(&MATTERS);
                Ask::Correct(Corrected {
                    class: Some(class.parse().expect("a class")),
                    condition: condition.map(|name| name.parse().expect("a condition")),
                    ..Corrected::default()
                })
            }
            1 => Ask::Tag { tags: vec![self.one(Tag::ALL)] },
            2 => Ask::Progress { note: "正在处理".to_owned() },
            3 => Ask::Remind { note: "请抓紧".to_owned() },
            4 => Ask::Rehome { to: self.area() },
            _ => Ask::Reveal { purpose: "联系来电人".to_owned() },
        };
        let unit = if self.happens(50) { case.holder.clone() } else { id("centre") };
        self.ordinary(&unit, Some(case.id), ask)
    }

    /// A person of the unit asks, under an id of its own.
    pub(crate) fn ordinary(&mut self, unit: &UnitId, case: Option<CaseId>, ask: Ask) -> Sending {
        self.sent += 1;
        let who = self.dice.below(PEOPLE_PER_UNIT);
        let lane = if matches!(ask, Ask::Refer { .. }) { Lane::Urgent } else { Lane::Ordinary };
        let command = Command {
            id: CommandId::of_act("people", unit.as_str(), self.sent),
            actor: person(unit, &who.to_string()),
            by: if who == 0 && unit.as_str() != "centre" { Origin::Feed } else { Origin::Person },
            because: None,
            saw: None,
            case,
            ask,
            private: None,
        };
        Sending { command, lane, call: None }
    }

    /// What still happens to cases that were closed: data are erased, marks are set, work is begun anew.
    pub(crate) fn afterwards(&mut self, state: &State) -> Vec<Sending> {
        let last = state.next_case().number();
        let mut sendings = self.contested(state);
        for number in 1..last {
            let ask = match self.dice.below(8) {
                0 | 1 => Ask::Erase { reason: "来电人要求".to_owned() },
                2 => Ask::Tag { tags: vec![Tag::Sensitive] },
                3 => Ask::Reopen { reason: Words::new("返工", "not done") },
                4 => Ask::Remind { note: "请抓紧".to_owned() },
                _ => continue,
            };
            let case = Some(CaseId::new(0, number));
            let mut sending = self.ordinary(&id("centre"), case, ask);
            sending.command.by = Origin::Person;
            sendings.push(sending);
        }
        sendings
    }

    /// What brings a case one step nearer to its end, by whoever must do it; none if nobody but the engine must, or a
    /// unit that has it in its queue.
    /// As long as there is time, now and then a check fails and a caller calls it unsolved.
    pub(crate) fn finish(
        &mut self,
        case: &Case,
        rules: &Rules,
        now: Timestamp,
        in_haste: bool,
    ) -> Option<Sending> {
        let (unit, mut ask) = match case.stage {
            Stage::Suspended => (case.holder.clone(), Ask::Resume),
            _ => wanted(case, rules, now)?,
        };
        if !in_haste && self.happens(30) {
            match &mut ask {
                Ask::Check { passed, .. } => *passed = false,
                Ask::CallBack { verdict, .. } => {
                    *verdict = Some(Verdict { solved: self.one(Solved::ALL), ..content() });
                }
                _ => {}
            }
        }
        let role = match ask {
            Ask::Check { .. } => "checker",
            Ask::Close { .. } => "decider",
            _ => "worker",
        };
        let mut sending = self.ordinary(&unit, Some(case.id), ask);
        sending.command.actor = person(&unit, role);
        sending.command.by = Origin::Person;
        Some(sending)
    }
}

/// What a case behind the handling, or given back, wants of the centre.
fn wanted(case: &Case, rules: &Rules, now: Timestamp) -> Option<(UnitId, Ask)> {
    let centre = rules.centre().clone();
    let told = Ask::ConfirmTold { channel: channel(), receipt: "短信回执".to_owned() };
    let handled = matches!(case.outcome, Some(Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead));
    let ask = match case.stage {
        Stage::Assigned | Stage::Handling | Stage::Suspended | Stage::Following | Stage::Closed => {
            return None;
        }
        Stage::Filed => {
            let reason = Words::new("人工派单", "dispatched by a person");
            let lead = centre.clone();
            Ask::Assign { lead, co_handlers: Vec::new(), told: Vec::new(), rung: Rung::Centre, reason }
        }
        Stage::Returned => {
            Ask::Rule {
                holder: centre.clone(), rung: Rung::Centre, reason: "审定由指挥中心承办".to_owned()
            }
        }
        Stage::Resolved => Ask::Check { passed: true, note: "属实".to_owned() },
        Stage::Settled => answer(now),
        Stage::Answered | Stage::CalledBack if !case.told => told,
        Stage::Answered if handled && case.attempts < rules.policy.call_backs_max => {
            Ask::CallBack { way: CallBackWay::Phone, verdict: Some(content()) }
        }
        Stage::Answered | Stage::CalledBack => {
            Ask::Close { condition: condition(case), reason: "已作解释".to_owned() }
        }
    };
    Some((centre, ask))
}

/// The condition on which a person may close the case as it is.
fn condition(case: &Case) -> CloseCondition {
    match (case.outcome, case.verdict) {
        (Some(Outcome::Refused), _) => CloseCondition::Refused,
        (Some(Outcome::Referred), _) => CloseCondition::Referred,
        (Some(Outcome::Terminated), _) => CloseCondition::Terminated,
        (Some(Outcome::Cancelled), _) => CloseCondition::Cancelled,
        (_, None) => CloseCondition::Unreached,
        (_, Some(verdict)) if verdict.solved == Solved::Yes => CloseCondition::Confirmed,
        (_, Some(_)) => CloseCondition::Unsolved,
    }
}

pub(super) fn content() -> Verdict {
    Verdict { contacted: true, solved: Solved::Yes, grade: Some(Grade::Satisfied), beyond: None }
}

pub(crate) fn resolve() -> Ask {
    Ask::Resolve { result: "已处理".to_owned(), evidence: Vec::new() }
}

fn answer(now: Timestamp) -> Ask {
    Ask::Answer { when: now, contacted: "来电人".to_owned(), done: "已处理".to_owned(), by_when: None }
}

pub(super) fn channel() -> TellChannel {
    TellChannel::new("sms").expect("one token")
}

fn source() -> SourceId {
    SourceId::new("hotline").expect("one token")
}

/// A unit by its id.
pub(crate) fn id(unit: &str) -> UnitId {
    UnitId::new(unit).expect("one token")
}

pub(crate) fn person(unit: &UnitId, role: &str) -> Actor {
    let person = PersonId::new(format!("{unit}-{role}")).expect("a short name");
    Actor { unit: unit.clone(), person: Some(person) }
}
