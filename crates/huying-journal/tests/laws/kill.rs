//! kill -9, in the middle of appending and in the middle of opening. The test's own binary is the child.

use crate::making::*;
use huying_journal::disk::sim::SplitMix;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const CHILD_FOLDER: &str = "HUYING_JOURNAL_CHILD_FOLDER";
const ROUNDS: u64 = 8;

/// Does nothing unless it is started as the child: then it appends until it is killed, telling what is safe.
#[test]
#[ignore = "the child of another test"]
fn child_appends_until_killed() {
    use std::io::Write as _;
    let Some(dir) = std::env::var_os(CHILD_FOLDER) else { return };
    let (mut journal, _) = open_real(Path::new(&dir)).expect("opens");
    let mut out = std::io::stdout();
    loop {
        for size in [1, 40, 7, 200] {
            let first = journal.next_seq();
            journal.begin(drafts(first, size)).expect("begins");
            let synced = journal.synced().expect("runs");
            writeln!(out, "safe {synced}").expect("the parent listens");
        }
    }
}

fn start(dir: &Path) -> Child {
    let me = std::env::current_exe().expect("the test's own binary");
    Command::new(me)
        .args(["--ignored", "--exact", "kill::child_appends_until_killed", "--nocapture"])
        .env(CHILD_FOLDER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

#[test]
fn nothing_told_to_be_safe_is_lost_by_kill_9_while_appending_or_opening() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut random = SplitMix(9);
    let mut answered = 0;
    for round in 0..ROUNDS {
        if round % 3 == 1 {
            let mut child = start(dir.path());
            thread::sleep(Duration::from_millis(random.bits() % 40));
            child.kill().expect("kills");
            child.wait().expect("ends");
        }
        let mut child = start(dir.path());
        let out = child.stdout.take().expect("piped");
        let reader = thread::spawn(move || {
            let told = BufReader::new(out).lines().map_while(Result::ok);
            told.filter_map(|line| line.strip_prefix("safe ")?.parse::<u64>().ok()).last().unwrap_or(0)
        });
        thread::sleep(Duration::from_millis(100 + random.bits() % 400));
        child.kill().expect("kills");
        child.wait().expect("ends");
        answered = reader.join().expect("reads").max(answered);
        if round % 2 == 0 {
            let (journal, _) = open_real(dir.path()).expect("kill -9 never keeps a journal from opening");
            let last = journal.head().seq;
            assert!(last >= answered, "round {round}: {last} of {answered}");
            assert_history(&journal, last);
        }
    }
    assert!(answered > 1000, "the children must get somewhere: {answered}");
    assert!(fs::read_dir(dir.path()).expect("there").count() < 10, "no folder is moved aside for a kill");
}
