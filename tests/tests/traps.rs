//! The list of traps is whole, and what it names is there.

use huying_tests::tree::{none_may, project, rust};
use std::collections::BTreeSet;

/// The traps are numbered from 1.
const TRAPS: usize = 32;
const VERDICTS: [&str; 4] = ["held", "in part", "open", "with the pages"];

struct Trap {
    line: usize,
    name: String,
    verdict: String,
    tests: Vec<String>,
}

fn traps() -> Vec<Trap> {
    let files = project();
    let list = files.iter().find(|file| file.path == "tests/TRAPS.md").expect("the list is tracked");
    let rows = list.text.lines().enumerate().filter(|(_, line)| line.starts_with("| T"));
    rows.map(|(at, line)| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let tests = cells.get(3).copied().unwrap_or_default().split(',');
        Trap {
            line: at + 1,
            name: cells[0].to_owned(),
            verdict: cells.get(2).copied().unwrap_or_default().to_owned(),
            tests: tests
                .map(|test| test.trim().trim_matches('`').to_owned())
                .filter(|t| !t.is_empty())
                .collect(),
        }
    })
    .collect()
}

/// The names of all functions behind `#[test]`, with what else may stand between.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in rust() {
        let mut marked = false;
        for line in source.text.lines().map(str::trim) {
            let declared = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if line == "#[test]" || line.starts_with("#[tokio::test") {
                marked = true;
            } else if let Some(rest) = declared.filter(|_| std::mem::take(&mut marked)) {
                names.extend(rest.split('(').next().map(str::to_owned));
            }
        }
    }
    names
}

#[test]
fn every_trap_stands_once_in_the_list_with_a_verdict() {
    let found: Vec<String> = traps().into_iter().map(|trap| trap.name).collect();
    let expected: Vec<String> = (1..=TRAPS).map(|number| format!("T{number}")).collect();
    assert_eq!(found, expected);
    let broken: Vec<_> = traps()
        .iter()
        .filter(|trap| {
            let known = VERDICTS.iter().any(|verdict| trap.verdict.starts_with(verdict));
            let proven = !trap.tests.is_empty()
                || ["open", "with the pages"].iter().any(|v| trap.verdict.starts_with(v));
            !known || !proven
        })
        .map(|trap| format!("tests/TRAPS.md:{}: {}: {}", trap.line, trap.name, trap.verdict))
        .collect();
    none_may("a trap has a verdict, and one that is held a test", &broken);
}

#[test]
fn every_test_that_the_list_of_traps_names_is_in_the_sources() {
    let tests = tests();
    assert!(tests.len() > 300, "the tests were not found");
    let mut broken = Vec::new();
    for trap in traps() {
        let absent = trap.tests.iter().filter(|test| !tests.contains(*test));
        broken.extend(absent.map(|test| format!("tests/TRAPS.md:{}: {test}", trap.line)));
    }
    none_may("a test that the list of traps names exists", &broken);
}
