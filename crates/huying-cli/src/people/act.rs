//! One thing that a simulated party does to a case, and the commands that it is.

pub mod governed;

use self::governed::Governed;
use huying_domain::vocabulary::review::CallBackWay;
use huying_domain::{
    case::Case,
    command::{Ask, Command},
    event::feedback::Verdict,
    ids::{CaseId, PersonId, TellChannel, UnitId},
    record::{Actor, CommandId, Origin},
    rules::Rules,
    time::Timestamp,
    vocabulary::{CancelGround, CloseCondition, Grade, Outcome, ReturnGround, Rung, Solved, Stage},
    words::Words,
};

/// An act: what, to which case, on which occasion.
#[derive(Clone, PartialEq, Debug)]
pub struct Act {
    /// The case.
    pub case: CaseId,
    /// The turn of the case on which it was intended: a case that has moved on makes most acts pointless.
    pub turn: u32,
    /// What.
    pub deed: Deed,
}

/// What a party does.
#[derive(Clone, PartialEq, Debug)]
pub enum Deed {
    /// The holder signs.
    Sign,
    /// The holder gives it back as not its duty.
    GiveBack,
    /// The holder speaks with the caller, or tries to.
    Contact {
        /// Whether reached.
        reached: bool,
    },
    /// Somebody of the holder is there.
    Arrive,
    /// A note on the way.
    Note,
    /// The holder asks the level above.
    AskAbove,
    /// The holder, whoever it is by then, signs if it has not and reports the result, because the data say
    /// so.
    FinishByData,
    /// The holder reports the result.
    Finish,
    /// The centre rules who has it, after too many returns.
    Rule,
    /// The centre's checker looks at the result.
    Check {
        /// Whether it stands.
        passed: bool,
    },
    /// The centre answers.
    Answer,
    /// The channel has told the caller.
    Receipt(TellChannel),
    /// The centre calls back.
    CallBack {
        /// What the caller says; none if not reached.
        verdict: Option<Verdict>,
    },
    /// A person of the centre decides about a case that no station may end.
    Decide,
    /// Something beside the main flow.
    Governed(Governed),
    /// The data end here.
    Censor,
}

/// The stages in which a case waits for its result.
const UNDONE: [Stage; 4] = [Stage::Filed, Stage::Assigned, Stage::Handling, Stage::Returned];

impl Deed {
    /// The name, part of the command's id.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::GiveBack => "give_back",
            Self::Contact { reached: true } => "contact",
            Self::Contact { reached: false } => "contact_missed",
            Self::Arrive => "arrive",
            Self::Note => "note",
            Self::AskAbove => "ask_above",
            Self::FinishByData => "finish_by_data",
            Self::Finish => "finish",
            Self::Rule => "rule",
            Self::Check { .. } => "check",
            Self::Answer => "answer",
            Self::Receipt(_) => "receipt",
            Self::CallBack { .. } => "call_back",
            Self::Decide => "decide",
            Self::Governed(governed) => governed.name(),
            Self::Censor => "censor",
        }
    }

    /// Whether the act still makes sense for the case as it is.
    fn fits(&self, case: &Case, same_turn: bool) -> bool {
        match self {
            Self::FinishByData => case.leg == 1 && UNDONE.contains(&case.stage),
            Self::Censor => case.leg == 1 && (UNDONE.contains(&case.stage) || case.stage == Stage::Resolved),
            Self::Receipt(_) => !case.told && matches!(case.stage, Stage::Answered | Stage::CalledBack),
            Self::Contact { .. } | Self::Arrive | Self::Note => same_turn && case.stage == Stage::Handling,
            Self::Governed(governed) => same_turn || !governed.of_this_turn(),
            _ => same_turn,
        }
    }
}

impl Act {
    /// The id of the command (the last one, where an act is two): the same whenever the act is intended anew.
    pub fn id(&self) -> CommandId {
        self.id_of(0)
    }

    fn id_of(&self, n: u64) -> CommandId {
        let occasion = match &self.deed {
            Deed::Governed(governed) => format!("{}/{}/{}", self.case, self.turn, governed.of()),
            _ => format!("{}/{}", self.case, self.turn),
        };
        CommandId::of_act(self.deed.name(), &occasion, n)
    }

    /// The commands that the act is, for the case as it is now; none if it has become pointless.
    pub fn commands(&self, case: &Case, turn: u32, rules: &Rules, now: Timestamp) -> Vec<Command> {
        if !self.deed.fits(case, turn == self.turn) {
            return Vec::new();
        }
        let centre = rules.centre();
        let holder = &case.holder;
        let one = |actor: Actor, ask: Ask| vec![self.command(0, actor, ask)];
        match &self.deed {
            Deed::Sign => one(worker(holder), Ask::Accept),
            Deed::GiveBack => one(worker(holder), give_back()),
            Deed::Contact { reached } => one(worker(holder), Ask::Contact { reached: *reached }),
            Deed::Arrive => one(worker(holder), Ask::Arrive { place: None }),
            Deed::Note => one(worker(holder), Ask::Progress { note: "正在处理 (under way)".to_owned() }),
            Deed::AskAbove => one(worker(holder), ask_above()),
            Deed::FinishByData | Deed::Finish => {
                let result = if self.deed == Deed::Finish {
                    "已处理 (done)"
                } else {
                    "按数据记载办结 (closed, says the data)"
                };
                let mut commands = Vec::new();
                if case.stage == Stage::Assigned {
                    commands.push(self.command(1, worker(holder), Ask::Accept));
                }
                commands.push(self.command(0, worker(holder), resolve(result)));
                commands
            }
            Deed::Rule => one(clerk(centre, "dispatcher"), rule(rules, case)),
            Deed::Check { passed } => {
                let note = if *passed { "属实 (it stands)" } else { "未到位 (not done)" };
                one(clerk(centre, "checker"), Ask::Check { passed: *passed, note: note.to_owned() })
            }
            Deed::Answer => one(clerk(centre, "answerer"), answer(case, now)),
            Deed::Receipt(channel) => {
                let receipt = format!("simulated-{}-{}", self.case, self.turn);
                one(clerk(centre, "teller"), Ask::ConfirmTold { channel: channel.clone(), receipt })
            }
            Deed::CallBack { verdict } => {
                one(clerk(centre, "caller"), Ask::CallBack { way: CallBackWay::Phone, verdict: *verdict })
            }
            Deed::Governed(governed) => match governed.ask(case, rules, now) {
                Some((actor, ask)) => one(actor, ask),
                // Whoever cannot ask gets on with it.
                None if governed.or_finish() && case.stage == Stage::Handling => {
                    one(worker(holder), resolve("已处理 (done)"))
                }
                None => Vec::new(),
            },
            Deed::Decide => decide(case).map_or_else(Vec::new, |ask| one(clerk(centre, "decider"), ask)),
            Deed::Censor => {
                let reason = "数据至此为止 (the data end here)".to_owned();
                one(clerk(centre, "decider"), Ask::Cancel { ground: CancelGround::Censored, reason })
            }
        }
    }

    fn command(&self, n: u64, actor: Actor, ask: Ask) -> Command {
        Command {
            id: self.id_of(n),
            actor,
            by: Origin::Person,
            because: None,
            saw: None,
            case: Some(self.case),
            ask,
            private: None,
        }
    }
}

/// The person of a unit who signs and works.
pub fn worker(unit: &UnitId) -> Actor {
    person(unit, "worker")
}

/// A person of the centre. Whoever handles there is its `worker`, so that nobody checks their own work.
pub fn clerk(centre: &UnitId, role: &str) -> Actor {
    person(centre, role)
}

fn person(unit: &UnitId, role: &str) -> Actor {
    let person = PersonId::new(format!("{unit}-{role}")).expect("a unit id and a short word are a person id");
    Actor { unit: unit.clone(), person: Some(person) }
}

fn give_back() -> Ask {
    let reason = "非本单位职责 (not our duty)".to_owned();
    Ask::Return { ground: ReturnGround::NotOurDuty, reason, proposed: None }
}

fn ask_above() -> Ask {
    Ask::Escalate {
        reason: Words::new("本级无法解决，请上级协调", "beyond us; the level above is asked")
    }
}

/// Reports a result.
pub fn resolve(result: &str) -> Ask {
    Ask::Resolve { result: result.to_owned(), evidence: Vec::new() }
}

/// The department whose duty it is, else the centre: a ruling ends the passing round.
fn rule(rules: &Rules, case: &Case) -> Ask {
    let fit = |rung: Rung| {
        let unit = rules.stands_on(rung, &case.brief).filter(|unit| unit.staff > 0)?;
        let about = case.brief.accused.as_ref().is_some_and(|other| rules.is_or_is_below(&unit.id, other));
        (!about && !rules.duty_for(&case.brief).forbid.contains(&rung)).then(|| (rung, unit.id.clone()))
    };
    let found = [Rung::Department, Rung::Street].into_iter().find_map(fit);
    let (rung, holder) = found.unwrap_or_else(|| (Rung::Centre, rules.centre().clone()));
    Ask::Rule {
        holder,
        rung,
        reason: "多次退回，审定承办单位 (returned too often: this unit has it)".to_owned(),
    }
}

fn answer(case: &Case, now: Timestamp) -> Ask {
    let done = match case.outcome {
        Some(Outcome::Refused) => "不予受理，已说明理由 (not taken on; the reason was given)",
        Some(Outcome::Referred) => "已转紧急热线 (handed to the emergency line)",
        Some(Outcome::Terminated) => "终止办理，已说明理由 (given up; the reason was given)",
        Some(Outcome::Cancelled) => "已撤销 (cancelled)",
        Some(Outcome::Handled | Outcome::OnTheSpot | Outcome::WithLead) | None => "已处理 (done)",
    };
    Ask::Answer {
        when: now,
        contacted: "来电人 (the caller)".to_owned(),
        done: done.to_owned(),
        by_when: None,
    }
}

/// What a person does with a case whose caller was asked and which no station may end.
fn decide(case: &Case) -> Option<Ask> {
    let close = |condition, reason: &str| Ask::Close { condition, reason: reason.to_owned() };
    match (case.stage, case.verdict) {
        (Stage::CalledBack, Some(Verdict { solved: Solved::Yes, grade, .. })) => {
            let reason = match grade {
                Some(Grade::Dissatisfied | Grade::VeryDissatisfied) => {
                    "已解决，来电人不满意，已作解释 (solved; explained)"
                }
                _ => "",
            };
            Some(close(CloseCondition::Confirmed, reason))
        }
        (Stage::CalledBack, Some(_)) => Some(close(
            CloseCondition::Unsolved,
            "多次返工仍未解决，已作解释 (unsolved after rework; explained)",
        )),
        (Stage::Answered, None) => {
            Some(close(CloseCondition::Unreached, "多次回访未接通 (not reached in all attempts)"))
        }
        _ => None,
    }
}
