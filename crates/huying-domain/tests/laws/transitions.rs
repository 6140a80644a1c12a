//! The table of stages and asks in `docs/TRANSITIONS.md` is what the door does: each cell is tried at a case in that
//! stage. With `HUYING_BLESS=1` it is written.

use crate::town::{self, Town, assign, unit, words};
use huying_domain::event::collect::Guide;
use huying_domain::{
    acts::{ACTS, Act},
    command::{Ask, TaskWanted},
    event::{Event, clocks::ClockChange, collect::Corrected},
    refusal::Refusal,
    vocabulary::{
        CancelGround, CloseCondition, EmergencyLine, RefusalGround, ReturnGround, Rung, Solved, Stage, Tag,
        governed::{SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind},
        review::LookKind,
    },
};
use std::{fmt::Write as _, fs, path::Path};

const BLESS: &str = "HUYING_BLESS";
/// What comes before the stage that is tried, for acts that need something to have been asked or called before.
const BEFORE: [&str; 3] = ["whistle", "call_help", "consult"];

/// Another case, into which it may be merged.
const OTHER: u64 = 2;

/// Who asks, and an example of it. None for an act that has no example here: the table says then what it allows.
#[expect(clippy::too_many_lines, reason = "one example for each ask")]
fn example(town: &Town, ask: &str) -> Option<(&'static str, Ask)> {
    let text = || "理由".to_owned();
    let soon = town.now.plus_seconds(3_600);
    let sms = || "sms".parse().expect("one token");
    Some(match ask {
        "correct" => {
            ("centre/li", Ask::Correct(Corrected { summary: Some(text().into()), ..Corrected::default() }))
        }
        "tag" => ("centre/li", Ask::Tag { tags: vec![Tag::Sensitive] }),
        "refuse" => (
            "centre/li",
            Ask::Refuse {
                ground: RefusalGround::BeyondDuty,
                reason: text(),
                guide: Some(Guide::Way("市场".to_owned())),
            },
        ),
        "refer" => ("centre/li", Ask::Refer { line: EmergencyLine::Fire, receipt: None }),
        "merge" => ("centre/li", town::merge(OTHER)),
        "unmerge" => ("centre/li", town::unmerge()),
        "look_again" => {
            let (kind, note) = (LookKind::Planned, text());
            ("centre/zhou", Ask::LookAgain { kind, stands: true, note })
        }
        "appeal" | "exempt" | "judge_appeal" => return None,
        "cancel" => ("centre/li", Ask::Cancel { ground: CancelGround::Withdrawn, reason: text() }),
        "rehome" => ("centre/li", Ask::Rehome { to: "211081001001".parse().expect("an area") }),
        "assign" => ("centre/li", assign("works", Rung::Department)),
        "accept" => ("holder", Ask::Accept),
        "return" => {
            ("holder", Ask::Return { ground: ReturnGround::NotOurDuty, reason: text(), proposed: None })
        }
        "rule" => ("centre/li", Ask::Rule { holder: unit("works"), rung: Rung::Department, reason: text() }),
        "reassign" => {
            let reason = words("改派");
            ("centre/li", Ask::Reassign { lead: unit("works"), rung: Rung::Department, reason })
        }
        "delegate" => ("holder", Ask::Delegate { person: "wang".parse().expect("a person") }),
        "contact" => ("holder", Ask::Contact { reached: true }),
        "arrive" => ("holder", Ask::Arrive { place: None }),
        "progress" => ("holder", Ask::Progress { note: text() }),
        "whistle" => {
            let (kind, units) = (WhistleKind::Emergency, vec![unit("works")]);
            ("holder", Ask::Whistle { kind, units, reason: text() })
        }
        "report_in" => ("works", Ask::ReportIn),
        "call_help" => ("holder", Ask::CallHelp { units: vec![unit("police-desk")], reason: text() }),
        "report" => ("police-desk", Ask::Report { note: text(), finished: true }),
        "extend" => ("holder", Ask::Extend { until: town.now.plus_seconds(60 * 3_600), reason: text() }),
        "suspend" => {
            ("holder", Ask::Suspend { ground: SuspensionGround::Season, until: soon, reason: text() })
        }
        "terminate" => {
            ("holder", Ask::Terminate { ground: TerminationGround::Uncooperative, reason: text() })
        }
        "grant" => ("centre/li", Ask::Grant { note: text() }),
        "deny" => ("centre/li", Ask::Deny { note: text() }),
        "resume" => ("holder", Ask::Resume),
        "escalate" => ("holder", Ask::Escalate { reason: words("难") }),
        "resolve" => ("holder", town::resolve()),
        "remind" => ("centre/li", Ask::Remind { note: text() }),
        "supervise" => {
            let (degree, ground) = (SupervisionDegree::Routine, SupervisionGround::Shirked);
            ("centre/li", Ask::Supervise { degree, ground, note: text() })
        }
        "instruct" => ("centre/li", Ask::Instruct { text: text() }),
        "consult" => {
            let tasks = vec![TaskWanted { owner: unit("street-1"), what: text(), due: soon }];
            ("centre/li", Ask::Consult { participants: vec![unit("street-1")], decision: text(), tasks })
        }
        "finish_task" => ("street-1", Ask::FinishTask { number: 3, note: text() }),
        "check" => ("centre/qian", town::check(true)),
        "answer" => ("centre/li", town::answer()),
        "tell" => ("centre", town::tell()),
        "confirm_told" => ("centre", town::told()),
        "inform" => ("centre", Ask::Inform { channel: sms() }),
        "confirm_informed" => ("centre", Ask::ConfirmInformed { channel: sms(), receipt: "ok-1".to_owned() }),
        "call_back" => ("centre/li", town::call_back(Solved::Yes)),
        "reopen" => ("centre/li", Ask::Reopen { reason: words("没修好") }),
        "close" => ("centre/qian", town::close(CloseCondition::Confirmed)),
        "reveal" => ("centre/li", Ask::Reveal { purpose: text() }),
        "erase" => ("centre/li", Ask::Erase { reason: text() }),
        _ => return None,
    })
}

fn asked(town: &mut Town, case: u64, ask: &str) -> Option<Result<Vec<Event>, Refusal>> {
    let (who, command) = example(town, ask)?;
    let holder = town.case(case).holder.to_string();
    let who = if who == "holder" { &holder } else { who };
    Some(town.ask(who, case, command).map(|record| record.parts[0].events.clone()))
}

/// A case in this stage, and its number. Where it went through handling, units were called, asked and given a task.
fn at(stage: Stage) -> (Town, u64) {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light"));
    match stage {
        Stage::Filed => return (town, 1),
        Stage::Following => {
            town.must("centre", 0, town::join(1));
            return (town, 2);
        }
        _ => town.must("centre", 1, assign("grid-1", Rung::Grid)),
    };
    if stage != Stage::Assigned {
        town.must("grid-1", 1, Ask::Accept);
    }
    for ask in BEFORE {
        asked(&mut town, 1, ask).expect("an example").expect("it may");
    }
    let steps: &[&str] = match stage {
        Stage::Suspended => &["suspend", "grant"],
        Stage::Returned => &["return"],
        Stage::Resolved => &["resolve"],
        Stage::Settled => &["resolve", "check"],
        Stage::Answered => &["resolve", "check", "answer"],
        Stage::CalledBack => &["resolve", "check", "answer", "confirm_told", "call_back"],
        Stage::Closed => &["resolve", "check", "answer", "confirm_told", "call_back", "close"],
        Stage::Filed | Stage::Following | Stage::Assigned | Stage::Handling => &[],
    };
    for ask in steps {
        asked(&mut town, 1, ask).expect("an example").expect("it may");
    }
    assert_eq!(town.case(1).stage, stage);
    (town, 1)
}

/// A case in one of the first stages, of which nothing else is owed.
fn plain(stage: Stage) -> Town {
    let mut town = Town::new();
    town.must("centre", 0, town::register("light"));
    if stage != Stage::Filed {
        town.must("centre", 1, assign("grid-1", Rung::Grid));
    }
    let steps: &[&str] = match stage {
        Stage::Handling => &["accept"],
        Stage::Returned => &["return"],
        Stage::Suspended => &["accept", "suspend", "grant"],
        _ => &[],
    };
    for ask in steps {
        asked(&mut town, 1, ask).expect("an example").expect("it may");
    }
    town
}

/// What comes of an act in a stage: what clocks do, or the refusal's code.
fn cell(act: &Act, stage: Stage) -> Option<Result<String, &'static str>> {
    let (mut town, mut case) = at(stage);
    // What is to be decided has been asked; where that is not allowed there is nothing to decide.
    if matches!(act.ask, "grant" | "deny") {
        let request = if stage == Stage::Handling { "extend" } else { "terminate" };
        drop(asked(&mut town, case, request));
    }
    // Who was called by the same act before is called no second time: another case shows it.
    if BEFORE.contains(&act.ask) && act.stages.contains(&stage) && stage != Stage::Suspended {
        town = plain(stage);
    }
    if act.ask == "merge" && act.stages.contains(&stage) {
        town = plain(stage);
        town.handling("light");
    }
    if act.ask == "unmerge" && stage == Stage::Following {
        town = plain(Stage::Handling);
        town.handling("light");
        town.must("centre/li", 1, town::merge(OTHER));
        case = 1;
    }
    let result = asked(&mut town, case, act.ask)?;
    Some(result.map(|events| effects(&events)).map_err(|refusal| refusal.code()))
}

fn effects(events: &[Event]) -> String {
    let changes = events.iter().filter_map(|event| match event {
        Event::Clocked(clocked) => Some(&clocked.changes),
        _ => None,
    });
    let one = |change: &ClockChange| {
        let sign = match change {
            // What will be told of a limit moves none.
            ClockChange::Planned { .. } => return None,
            ClockChange::Started { .. } => "▶",
            ClockChange::Paused { .. } => "⏸",
            ClockChange::Resumed { .. } => "⏵",
            ClockChange::Moved { .. } => "↷",
            ClockChange::Stopped { .. } => "■",
        };
        Some(format!("{sign}{}", change.clock()))
    };
    changes.flatten().filter_map(one).collect::<Vec<_>>().join(" ")
}

fn document() -> String {
    let mut text = "# What may be asked in which stage\n\n\
        Written from the code: `HUYING_BLESS=1 cargo test -p huying-domain --test laws transitions`. Each cell was\n\
        tried at the door by whoever may: ✓ it is accepted, else the code of the refusal. Acts marked · are asked by\n\
        stations, timers and adapters. `wrong_stage` is left empty.\n\n| act |"
        .to_owned();
    let (mut clocks, mut rule) = (String::new(), "|---|".to_owned());
    for stage in Stage::ALL {
        write!(text, " {} {} |", stage.zh(), stage.name()).expect("a text");
        rule.push_str("---|");
    }
    write!(text, "\n{rule}\n").expect("a text");
    for act in ACTS {
        let mark = if act.of_people { "" } else { " ·" };
        write!(text, "| `{}` {}{mark} |", act.ask, act.zh).expect("a text");
        for stage in Stage::ALL {
            let cell = cell(act, *stage);
            let shown = match &cell {
                Some(Ok(effects)) => {
                    if !effects.is_empty() {
                        let (ask, stage) = (act.ask, stage.name());
                        writeln!(clocks, "| `{ask}` | {stage} | {effects} |").expect("a text");
                    }
                    "✓"
                }
                Some(Err("wrong_stage")) => "",
                Some(Err(code)) => code,
                None if act.stages.contains(stage) => "✓",
                None => "",
            };
            write!(text, " {shown} |").expect("a text");
        }
        text.push('\n');
    }
    text.push_str(
        "\n# What clocks do\n\nAn act that is not named here moves none. ▶ starts, ⏸ stands still, ⏵ goes on, ↷ is due at \
         another\ninstant, ■ ends. A timer's question ends a suspension (⏵ all that stood still) and climbs the ladder.\n\n\
         | act | in | clocks |\n|---|---|---|\n",
    );
    text.push_str(&clocks);
    text
}

#[test]
fn the_table_in_the_documents_is_what_the_door_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/TRANSITIONS.md");
    let today = document();
    if std::env::var_os(BLESS).is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of documents");
        fs::write(&path, &today).expect("written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == today, "docs/TRANSITIONS.md is not what the door does; run the test with {BLESS}=1");
}

#[test]
fn the_door_refuses_a_stage_exactly_where_the_table_does() {
    for act in ACTS {
        for stage in Stage::ALL {
            let Some(found) = cell(act, *stage) else { continue };
            let allowed = act.stages.contains(stage);
            let barred = matches!(found, Err("wrong_stage" | "follows_lead"));
            assert!(!(allowed && barred), "{} is allowed while {stage}, and was refused", act.ask);
            assert!(allowed || found.is_err(), "{} is barred while {stage}, and was accepted", act.ask);
        }
    }
}
