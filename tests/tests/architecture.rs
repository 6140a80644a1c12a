//! The plan of the house, held: who may lean on whom, and where clocks, environment and hash maps may stand.

use huying_tests::tree::{none_may, project, root, rust};
use serde_json::Value;
use std::{collections::BTreeMap, process::Command};

/// The eleven rooms and what each may lean on. `cli` may lean on all.
const MAY_LEAN_ON: [(&str, &[&str]); 10] = [
    ("huying-domain", &[]),
    ("huying-intake", &["huying-domain"]),
    ("huying-routing", &["huying-domain"]),
    ("huying-escalation", &["huying-domain"]),
    ("huying-feedback", &["huying-domain"]),
    ("huying-projection", &["huying-domain"]),
    ("huying-journal", &["huying-domain"]),
    ("huying-bus", &["huying-domain"]),
    (
        "huying-engine",
        &[
            "huying-domain",
            "huying-intake",
            "huying-routing",
            "huying-escalation",
            "huying-feedback",
            "huying-projection",
            "huying-journal",
            "huying-bus",
        ],
    ),
    ("huying-web", &["huying-domain", "huying-projection", "huying-engine"]),
];
const FACE_WITHOUT_LIMITS: &str = "huying-cli";
/// What leans on the house and bears nothing.
const OUTSIDE: [&str; 2] = ["huying-tests", "huying-benches"];

/// Asking what time it is, or what surrounds the process.
const ASKING: [&str; 9] = [
    "SystemTime::now",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "thread_rng",
    "env::var",
    "env::vars",
    "env::set_var",
    "rand::rng()",
];
/// The files that may: the one clock, the config, and where a face measures how long it took or drew its seed.
const MAY_ASK: [&str; 4] = [
    "crates/huying-engine/src/clock.rs",
    "crates/huying-engine/src/config.rs",
    "crates/huying-cli/src/main.rs",
    "crates/huying-cli/src/wall.rs",
];

/// Crates whose work can reach an event or a figure; the order of a hash map would reach it too.
const IN_ORDER: [&str; 6] = [
    "huying-domain",
    "huying-routing",
    "huying-escalation",
    "huying-feedback",
    "huying-projection",
    "huying-intake",
];
/// What a line must say that only looks things up.
const LOOKUP_MARK: &str = "// lookup only";

/// Names that say nothing of what a crate owns.
const NO_NAMES: [&str; 7] = ["types", "common", "utils", "util", "helpers", "core", "shared"];

#[test]
fn rooms_lean_only_on_what_stands_below_them() {
    let leans = leanings();
    let plan: BTreeMap<_, _> = MAY_LEAN_ON.into_iter().collect();
    let mut broken = Vec::new();
    for (room, on) in &leans {
        // A measurement may hold what it measured against the laws: both stand outside.
        if OUTSIDE.contains(&room.as_str()) {
            continue;
        }
        for other in on.iter().filter(|other| OUTSIDE.contains(&other.as_str())) {
            broken.push(format!("{room} leans on {other}, which only looks in from outside"));
        }
        if room == FACE_WITHOUT_LIMITS {
            continue;
        }
        match plan.get(room.as_str()) {
            None => broken.push(format!("{room} is not on the plan: give it its place in this test")),
            Some(allowed) => broken.extend(
                on.iter()
                    .filter(|other| !allowed.contains(&other.as_str()))
                    .map(|other| format!("{room} leans on {other}: columns meet through events")),
            ),
        }
    }
    let missing = plan.keys().filter(|room| !leans.contains_key(**room));
    broken.extend(missing.map(|room| format!("{room} is on the plan and not in the house")));
    none_may("imports point down (crates/*/Cargo.toml)", &broken);
}

#[test]
fn only_the_clock_asks_the_time_and_only_the_config_reads_the_environment() {
    let mut broken = Vec::new();
    for source in rust().iter().filter(|source| source.krate().is_some() && !source.is_test()) {
        if MAY_ASK.contains(&source.path.as_str()) {
            continue;
        }
        for (number, line) in source.product_lines() {
            broken.extend(
                ASKING
                    .iter()
                    .filter(|asking| line.contains(**asking))
                    .map(|asking| format!("{}:{number}: {asking}", source.path)),
            );
        }
    }
    none_may("time, environment and chance are handed in", &broken);
}

#[test]
fn nothing_that_can_reach_an_event_lives_in_a_hash_map() {
    let mut broken = Vec::new();
    for source in rust().iter().filter(|source| !source.is_test()) {
        if !source.krate().is_some_and(|krate| IN_ORDER.contains(&krate)) {
            continue;
        }
        for (number, line) in source.product_lines() {
            let hashed = line.contains("HashMap") || line.contains("HashSet");
            if hashed && !line.contains(LOOKUP_MARK) {
                broken.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none_may("hash maps have no order: use BTreeMap, or mark the line `// lookup only`", &broken);
}

#[test]
fn no_crate_has_a_name_that_says_nothing() {
    let rooms = leanings();
    let vague = rooms.keys().filter(|room| NO_NAMES.iter().any(|name| room.ends_with(&format!("-{name}"))));
    let pairs = rooms.keys().filter(|room| room.ends_with("-api") || room.ends_with("-impl"));
    let broken: Vec<_> = vague.chain(pairs).map(|room| format!("crates/{room}")).collect();
    none_may("a crate is named by what it owns", &broken);
}

#[test]
fn every_package_takes_the_houses_lints_and_none_may_be_unsafe() {
    let files = project();
    let manifests: Vec<_> = files.iter().filter(|file| file.path.ends_with("/Cargo.toml")).collect();
    assert!(manifests.len() > MAY_LEAN_ON.len(), "the manifests were not found");
    let broken: Vec<_> = manifests
        .iter()
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| format!("{}: no `[lints] workspace = true`", file.path))
        .collect();
    none_may("the house's lints hold everywhere", &broken);
    let house = files.iter().find(|file| file.path == "Cargo.toml").expect("the workspace has a manifest");
    assert!(house.text.contains("unsafe_code = \"forbid\""), "Cargo.toml: unsafe_code must be forbidden");
}

/// Each package of the workspace with those of the workspace that it names, for whatever purpose.
fn leanings() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");
    let name = |value: &Value| value["name"].as_str().expect("packages have names").to_owned();
    let of_the_house = |dependency: &&Value| dependency["path"].is_string();
    let packages = metadata["packages"].as_array().expect("there are packages");
    packages
        .iter()
        .map(|package| {
            let on = package["dependencies"].as_array().expect("a list, if empty");
            (name(package), on.iter().filter(of_the_house).map(name).collect())
        })
        .collect()
}
