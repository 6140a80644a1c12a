//! What is asked of the level above, of units beside the holder and by those who watch, and who is first at an alarm:
//! the asks that such an act is, for the case as it is.

use super::{clerk, worker};
use huying_domain::{
    case::Case,
    command::{Ask, TaskWanted},
    ids::{TellChannel, UnitId},
    record::Actor,
    rules::Rules,
    time::Timestamp,
    vocabulary::{
        Clock, EmergencyLine, Rung, Stage,
        governed::{
            ErrandKind, RequestKind, SupervisionDegree, SupervisionGround, SuspensionGround,
            TerminationGround, WhistleKind,
        },
    },
};

const DAY_S: i64 = 86_400;

/// What a party asks or does beside the main flow.
#[derive(Clone, PartialEq, Debug)]
pub enum Governed {
    /// The holder asks for time: half as much again as it had.
    Extend,
    /// The holder asks to let the case rest for so many days.
    Suspend {
        /// Why.
        ground: SuspensionGround,
        /// How long.
        days: i64,
    },
    /// The holder asks to give it up.
    Terminate {
        /// Why.
        ground: TerminationGround,
    },
    /// Whoever stands above decides.
    Decide {
        /// Whether as asked.
        grants: bool,
    },
    /// The holder goes on before the day.
    Resume,
    /// The holder calls a department by whistle.
    Whistle {
        /// What for.
        kind: WhistleKind,
        /// Which of the departments, counted round.
        which: usize,
    },
    /// A unit that was called is there.
    ReportIn(UnitId),
    /// The holder asks a department for help.
    CallHelp {
        /// Which of the departments, counted round.
        which: usize,
    },
    /// A helper has done its part.
    Help(UnitId),
    /// The centre consults holder and department, and gives each a task.
    Consult {
        /// Within how many days the tasks are done.
        days: i64,
    },
    /// A task is done.
    FinishTask(u16),
    /// The centre supervises.
    Supervise(SupervisionDegree, SupervisionGround),
    /// A leader writes on it.
    Instruct,
    /// The centre reminds the holder.
    Remind,
    /// The caller has been told what became of the limit.
    Informed {
        /// How.
        channel: TellChannel,
        /// When it was asked for: a case may have news more than once.
        asked_at: Timestamp,
    },
    /// A unit at which an alarm rings answers.
    AnswerAlarm(UnitId),
    /// The centre has the emergency line take an alarm over.
    HandOver(EmergencyLine),
}

impl Governed {
    /// The name, part of the command's id.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Extend => "extend",
            Self::Suspend { .. } => "suspend",
            Self::Terminate { .. } => "terminate",
            Self::Decide { .. } => "decide_request",
            Self::Resume => "resume",
            Self::Whistle { .. } => "whistle",
            Self::ReportIn(_) => "report_in",
            Self::CallHelp { .. } => "call_help",
            Self::Help(_) => "help",
            Self::Consult { .. } => "consult",
            Self::FinishTask(_) => "finish_task",
            Self::Supervise(..) => "supervise",
            Self::Instruct => "instruct",
            Self::Remind => "remind",
            Self::Informed { .. } => "informed",
            Self::AnswerAlarm(_) => "answer_alarm",
            Self::HandOver(_) => "hand_over",
        }
    }

    /// What tells two of one name on one turn apart.
    pub fn of(&self) -> String {
        match self {
            Self::ReportIn(unit) | Self::Help(unit) | Self::AnswerAlarm(unit) => unit.to_string(),
            Self::FinishTask(number) => number.to_string(),
            Self::Informed { asked_at, .. } => asked_at.millis().to_string(),
            _ => String::new(),
        }
    }

    /// Whether it makes sense only where the case has not moved on.
    pub const fn of_this_turn(&self) -> bool {
        !matches!(
            self,
            Self::ReportIn(_)
                | Self::Help(_)
                | Self::FinishTask(_)
                | Self::Consult { .. }
                | Self::Supervise(..)
                | Self::Instruct
                | Self::Remind
                | Self::Informed { .. }
        )
    }

    /// Whether the holder, where this cannot be asked, goes on without it.
    pub const fn or_finish(&self) -> bool {
        matches!(
            self,
            Self::Extend
                | Self::Suspend { .. }
                | Self::Terminate { .. }
                | Self::Whistle { .. }
                | Self::CallHelp { .. }
        )
    }

    /// Who asks what; none where it makes no sense for the case as it is.
    pub fn ask(&self, case: &Case, rules: &Rules, now: Timestamp) -> Option<(Actor, Ask)> {
        self.of_holder(case, rules, now)
            .or_else(|| self.of_others(case, rules))
            .or_else(|| self.of_centre(case, rules, now))
    }

    fn of_holder(&self, case: &Case, rules: &Rules, now: Timestamp) -> Option<(Actor, Ask)> {
        let handled = || (case.stage == Stage::Handling).then_some(());
        let ask = match self {
            Self::Extend => {
                let until = longer(case, rules, now)?;
                Ask::Extend { until, reason: why("需要更多时间", "more time is needed") }
            }
            Self::Suspend { ground, days } => {
                handled().filter(|()| case.request.is_none() && case.suspensions == 0)?;
                let until = now.plus_seconds(days * DAY_S);
                let reason = why("暂不具备办理条件", "it cannot be done for now");
                Ask::Suspend { ground: *ground, until, reason }
            }
            Self::Terminate { ground } => {
                handled().filter(|()| case.request.is_none())?;
                let reason = why("已多次核实，建议终止", "looked into several times; to be given up");
                Ask::Terminate { ground: *ground, reason }
            }
            Self::Resume => {
                (case.stage == Stage::Suspended).then_some(())?;
                Ask::Resume
            }
            Self::Whistle { kind, which } => {
                held(case)?;
                let units = vec![another(case, rules, ErrandKind::ReportIn, *which)?];
                let reason = why("需要部门到场", "a department has to come");
                Ask::Whistle { kind: *kind, units, reason }
            }
            Self::CallHelp { which } => {
                held(case)?;
                let units = vec![another(case, rules, ErrandKind::Help, *which)?];
                Ask::CallHelp { units, reason: why("请协办", "a part of it is theirs") }
            }
            _ => return None,
        };
        Some((worker(&case.holder), ask))
    }

    fn of_others(&self, case: &Case, rules: &Rules) -> Option<(Actor, Ask)> {
        Some(match self {
            Self::ReportIn(unit) => (owes(case, ErrandKind::ReportIn, unit)?, Ask::ReportIn),
            Self::Help(unit) => {
                let note = why("协办部分已完成", "our part is done");
                (owes(case, ErrandKind::Help, unit)?, Ask::Report { note, finished: true })
            }
            Self::FinishTask(number) => {
                let task = case.errands.iter().find(|errand| errand.number == *number)?;
                (worker(&task.unit), Ask::FinishTask { number: *number, note: why("任务完成", "done") })
            }
            Self::Decide { grants } => {
                let request = case.request.as_ref()?;
                let ends = matches!(request.request.kind(), RequestKind::Termination);
                let above = rules.above(&request.by.unit);
                let by = if ends || above == rules.centre() {
                    clerk(rules.centre(), "decider")
                } else {
                    worker(above)
                };
                let granted = Ask::Grant { note: why("情况属实", "as stated") };
                let denied = Ask::Deny { note: why("理由不充分", "not reason enough") };
                (by, if *grants { granted } else { denied })
            }
            Self::AnswerAlarm(unit) => {
                case.rings().then_some(())?;
                (worker(unit), Ask::Accept)
            }
            _ => return None,
        })
    }

    fn of_centre(&self, case: &Case, rules: &Rules, now: Timestamp) -> Option<(Actor, Ask)> {
        let centre = |role| clerk(rules.centre(), role);
        Some(match self {
            Self::Consult { days } => {
                held(case)?;
                (centre("dispatcher"), consult(case, rules, now.plus_seconds(days * DAY_S)))
            }
            Self::Supervise(degree, ground) => {
                held(case)?;
                let note = why("请尽快办结", "to be finished soon");
                (centre("supervisor"), Ask::Supervise { degree: *degree, ground: *ground, note })
            }
            Self::Instruct => {
                held(case)?;
                (centre("leader"), Ask::Instruct { text: why("请高度重视", "to be taken seriously") })
            }
            Self::Remind => {
                held(case)?;
                (centre("dispatcher"), Ask::Remind { note: why("请尽快签收", "to be accepted soon") })
            }
            Self::Informed { channel, asked_at } => {
                case.news.then_some(())?;
                let receipt = format!("simulated-{}-{}", case.id, asked_at.millis());
                (centre("teller"), Ask::ConfirmInformed { channel: channel.clone(), receipt })
            }
            Self::HandOver(line) => {
                case.rings().then_some(())?;
                (centre("seat"), Ask::Refer { line: *line, receipt: Some("simulated".to_owned()) })
            }
            _ => return None,
        })
    }
}

/// Words in both languages.
fn why(zh: &str, en: &str) -> String {
    format!("{zh} ({en})")
}

fn held(case: &Case) -> Option<()> {
    matches!(case.stage, Stage::Assigned | Stage::Handling).then_some(())
}

fn owes(case: &Case, kind: ErrandKind, unit: &UnitId) -> Option<Actor> {
    case.errand_of(kind, unit).map(|_| worker(unit))
}

/// Half as much again as the case had, and no more than may be granted.
fn longer(case: &Case, rules: &Rules, now: Timestamp) -> Option<Timestamp> {
    let granted = rules.policy.acts.as_ref()?.extensions_max;
    let running = case.running(Clock::Resolve).filter(|running| !running.breached && now < running.due)?;
    if case.stage != Stage::Handling || case.request.is_some() || case.extensions >= granted {
        return None;
    }
    let half_s = running.due.seconds_since(running.from) / 2;
    let calendar = rules.calendars.get(&running.calendar)?;
    let latest = calendar.due(&running.limit, running.due).at;
    let until = running.due.plus_seconds(half_s.max(1)).min(latest);
    (until > running.due).then_some(until)
}

/// A department that neither holds the case nor is meant by it nor owes the same already.
fn another(case: &Case, rules: &Rules, kind: ErrandKind, which: usize) -> Option<UnitId> {
    let about = |unit: &UnitId| {
        case.brief.accused.as_ref().is_some_and(|accused| rules.is_or_is_below(unit, accused))
    };
    let departments = rules.units.iter().filter(|unit| unit.area.is_none() && unit.staff > 0);
    let others: Vec<&UnitId> = departments
        .map(|unit| &unit.id)
        .filter(|unit| **unit != case.holder && *unit != rules.centre() && !about(unit))
        .filter(|unit| case.errand_of(kind, unit).is_none())
        .collect();
    others.get(which % others.len().max(1)).map(|unit| (*unit).clone())
}

fn consult(case: &Case, rules: &Rules, due: Timestamp) -> Ask {
    let mut participants = vec![case.holder.clone()];
    let department = rules.stands_on(Rung::Department, &case.brief).map(|unit| unit.id.clone());
    participants.extend(department.filter(|unit| *unit != case.holder));
    let task = |owner: &UnitId| TaskWanted {
        owner: owner.clone(),
        what: "按会商意见落实 (as agreed)".to_owned(),
        due,
    };
    let tasks = participants.iter().map(task).collect();
    Ask::Consult { participants, decision: "分工办理 (each does its part)".to_owned(), tasks }
}
