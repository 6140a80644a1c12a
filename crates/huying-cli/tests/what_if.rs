//! `what-if`: under its own rules a journal comes out as it stands, under others it does not.

use huying_cli::{
    commands::what_if::{WhatIfArgs, live, read},
    demo::{DemoApart, DemoArgs, run},
    http::Where,
    progress::Silent,
};
use huying_domain::{command::Ask, record::RuleFile, vocabulary::Channel};
use std::{fs, path::Path, sync::atomic::AtomicBool};

fn an_evening(data: &Path) -> WhatIfArgs {
    let args = DemoArgs {
        data: Some(data.to_owned()),
        hours: 3,
        calls_per_hour: 30,
        speed: "max".to_owned(),
        headless: true,
        report: None,
        seed: 11,
        http: Where::None,
        apart: DemoApart::default(),
    };
    assert!(run(&args, &AtomicBool::new(false), &mut Silent).expect("it runs").finished);
    let dir = data.to_owned();
    WhatIfArgs { dir, policy: None, duty: None, calendar: None, from: None, to: None, data: None }
}

#[test]
fn history_comes_out_as_it_stands_unless_an_act_or_a_limit_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut args = an_evening(&folder.path().join("demo"));
    let (mut history, texts) = read(&args).expect("it reads");
    assert!(history.acts.len() > 200 && history.left_out.is_empty(), "{:?}", history.left_out);

    let again = live(&args, &history, texts.clone()).expect("it lives");
    assert_eq!(again.same.differs_at, None, "refused: {:?}", again.refused);
    assert_eq!((again.carried, again.refused.len(), again.beyond_end), (0, 0, 0));
    assert_eq!(again.side.breached, history.side.breached);
    assert_eq!(again.side.load, history.side.load);
    assert_eq!(again.side.notices, history.side.notices);

    let policy = String::from_utf8(texts[&RuleFile::Policy].clone()).expect("a policy is a text");
    let hasty: String = policy
        .lines()
        .map(|line| {
            if line.starts_with("accept = ") { "accept = \"1um\"\n".to_owned() } else { format!("{line}\n") }
        })
        .collect();
    assert_ne!(hasty, policy, "the demo's policy has a limit for signing");
    let path = folder.path().join("hasty.toml");
    fs::write(&path, hasty).expect("it can be written");
    args.policy = Some(path);
    let other = live(&args, &history, texts.clone()).expect("it lives");
    assert!(other.same.differs_at.is_some());
    let breaches = |side: &huying_cli::what_if::Side| side.breached.values().sum::<u64>();
    assert!(breaches(&other.side) > breaches(&history.side), "a minute is too short for many");
    let unsigned = other.refused.keys().any(|why| why == "resolve wrong_stage");
    assert!(!unsigned, "whoever has it now signs before the result: {:?}", other.refused);
    let (was, would_be) = (&history.side.tally, &other.side.tally);
    assert_eq!(
        would_be.closed_all(),
        was.closed_all(),
        "what comes later is closed, too: {:?}",
        other.refused
    );
    args.policy = None;

    let act = history.acts.iter_mut().find_map(|act| match &mut act.command.ask {
        Ask::Resolve { result, .. } => Some(result),
        _ => None,
    });
    act.expect("somebody solved something").push('。');
    let altered = live(&args, &history, texts).expect("it lives");
    assert!(altered.same.differs_at.is_some());
}

/// The first call that was settled at once comes by an application instead, where nobody speaks: it is refused.
#[test]
fn a_call_that_is_refused_in_the_trial_takes_its_own_acts_along_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = an_evening(&folder.path().join("demo"));
    let (mut history, texts) = read(&args).expect("it reads");
    let channel = history.acts.iter_mut().find_map(|act| match &mut act.command.ask {
        Ask::RegisterSettled { filing, .. } => Some(&mut filing.channel),
        _ => None,
    });
    *channel.expect("something was settled on the line") = Channel::App;

    let trial = live(&args, &history, texts).expect("it lives");
    let refused = |why: &str| trial.refused.get(why).copied().unwrap_or_default();
    assert_eq!(refused("register_settled nobody_on_the_line"), 1, "{:?}", trial.refused);
    let its_own =
        trial.refused.keys().all(|why| why.starts_with("register_settled") || why.ends_with("call_refused"));
    assert!(its_own, "an act went to another case: {:?}", trial.refused);
    let (was, would_be) = (&history.side.tally, &trial.side.tally);
    assert_eq!(would_be.cases + 1, was.cases);
    assert_eq!(would_be.closed_all() + 1, was.closed_all());
    assert_eq!((&would_be.assigned, &trial.side.load), (&was.assigned, &history.side.load));
}
