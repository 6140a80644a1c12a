//! The form of what is written: lengths, names, and what no file may give away.

use huying_tests::tree::{Source, none_may, project, rust};

/// The wall; 200 is the aim.
const FILE_LINES_MAX: usize = 500;
/// What is built upon has to be read and trusted.
const LOCKED_PACKAGES_MAX: usize = 400;

/// How paths of a person's or a builder's machine begin; put together here so that this file names none.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:", "\\"),
];
/// Hosts from which packages are fetched: a project that names one can only be built behind it.
const REGISTRY_HOSTS: [&str; 9] = [
    concat!("arti", "factory"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs"),
    concat!("npm", "mirror"),
    concat!("registry.", "yarnpkg"),
    concat!("files.", "pythonhosted"),
    concat!("pypi.", "org/simple"),
    concat!("rs", "proxy"),
];
/// The optional folder of real data, which tests may use when it is there.
const REAL_DATA: &str = concat!("../sha", "red");

#[test]
fn no_file_is_longer_than_the_wall() {
    let long = |source: &Source| source.text.lines().count() > FILE_LINES_MAX;
    let written = |source: &Source| [".rs", ".ts", ".vue"].iter().any(|end| source.path.ends_with(end));
    let sources = project();
    assert!(sources.iter().filter(|source| written(source)).count() > 20, "the sources were not found");
    let broken: Vec<_> = sources
        .iter()
        .filter(|source| written(source) && long(source))
        .map(|source| format!("{}:{FILE_LINES_MAX}: {} lines", source.path, source.text.lines().count()))
        .collect();
    none_may("a file has at most 500 lines and aims at 200", &broken);
}

#[test]
fn no_file_is_called_mod() {
    let sources = rust();
    let broken: Vec<_> = sources
        .iter()
        .filter(|source| source.path.ends_with("/mod.rs"))
        .map(|source| source.path.clone())
        .collect();
    none_may("a module is `name.rs`, with `name/` beside it", &broken);
}

#[test]
fn every_lib_says_what_it_is_and_passes_nothing_on() {
    let mut broken = Vec::new();
    for source in rust().iter().filter(|source| source.path.ends_with("/src/lib.rs")) {
        if !source.text.starts_with("//!") {
            broken.push(format!("{}:1: says nothing of the crate", source.path));
        }
        let passed_on = source.lines().filter(|(_, line)| line.starts_with("pub use "));
        broken.extend(passed_on.map(|(number, line)| format!("{}:{number}: {line}", source.path)));
    }
    none_may("lib.rs says what the crate is; import from the file that defines", &broken);
}

#[test]
fn no_file_names_a_path_of_a_machine() {
    none_may("paths of a machine do not belong in the project", &lines_with(&MACHINE_PATHS, |_| true));
}

#[test]
fn no_file_names_a_host_of_a_registry() {
    none_may("hosts of registries do not belong in the project", &lines_with(&REGISTRY_HOSTS, |_| true));
}

#[test]
fn only_tests_name_the_folder_of_real_data() {
    let product = |source: &Source| !source.is_test();
    none_may("real data are for tests, and optional there", &lines_with(&[REAL_DATA], product));
}

#[test]
fn the_lock_file_stays_readable() {
    let files = project();
    let lock = files.iter().find(|file| file.path == "Cargo.lock").expect("the lock file is tracked");
    let packages = lock.text.lines().filter(|line| *line == "[[package]]").count();
    assert!(packages < LOCKED_PACKAGES_MAX, "Cargo.lock: {packages} packages, fewer than 400 are allowed");
}

/// Where one of the texts stands at the beginning of a word or path.
fn lines_with(texts: &[&str], among: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in project().iter().filter(|source| among(source)) {
        for (number, line) in source.lines() {
            let stands = |text: &str| {
                line.match_indices(text).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '}'))
                })
            };
            if texts.iter().any(|text| stands(text)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    found
}
