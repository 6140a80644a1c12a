//! Records in their order, on a disk in order.

use crate::making::*;
use huying_domain::wire;
use huying_journal::{
    disk::sim::SimDisk,
    error::{AppendError, OpenError, ReadError},
    frame,
    journal::{Journal, LOCK_FILE, Shelf},
    segment::ClockKind,
    writer::Writer,
};
use std::{
    fs::{self, File},
    path::Path,
    thread,
};

#[test]
fn records_are_gapless_and_chained_over_many_segments_and_reopenings() {
    let disk = SimDisk::new();
    for round in 0..4 {
        let (mut journal, opened) = open_sim(&disk).expect("opens");
        assert_eq!(opened.created, round == 0);
        append(&mut journal, &[1, 7, 64, 3]);
        assert_history(&journal, (round + 1) * 75);
    }
    assert!(segments(&disk).len() > 3, "the story needs several segments");
}

#[test]
fn the_same_holds_with_sled_and_a_thread() {
    let dir = tempfile::tempdir().expect("a folder");
    for round in 0..3 {
        let (mut journal, _) = open_real(dir.path()).expect("opens");
        append(&mut journal, &[1, 200, 64, 35]);
        assert_history(&journal, (round + 1) * 300);
    }
}

#[test]
fn prev_stands_in_the_last_bytes_of_every_record() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    for committed in journal.begin(vec![draft(1), private_draft(2, None), draft(3)]).expect("begins") {
        assert_eq!(frame::prev_of(&committed.bytes), Some(committed.record.prev));
        assert_eq!(wire::decode(&committed.bytes).expect("decodes"), committed.record);
    }
}

#[test]
fn a_batch_longer_than_a_segment_gets_a_segment_of_its_own() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[200, 1, 300]);
    drop(journal);
    assert_history(&open_sim(&disk).expect("opens").0, 501);
}

#[test]
fn what_is_begun_is_not_read_before_it_is_synced() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open_real(dir.path()).expect("opens");
    for first in (1..2000).step_by(100) {
        journal.begin(drafts(first, 100)).expect("begins");
        let seen = journal.read(1, 4096).expect("reads").len() as u64;
        assert!(seen <= journal.synced().expect("runs"));
        assert!(journal.in_flight() <= 3);
    }
    journal.wait_synced(2000).expect("syncs");
    assert_history(&journal, 2000);
}

#[test]
fn a_draft_that_cannot_be_written_stops_its_batch_and_nothing_else() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[3]);
    let mut batch = drafts(4, 3);
    batch[1].record.parts = std::iter::repeat_n(batch[1].record.parts[0].clone(), 9000).collect();
    let refused = journal.begin(batch);
    assert!(matches!(refused, Err(AppendError::Unwritable { index: 1, .. })), "{refused:?}");
    assert!(matches!(journal.begin(Vec::new()), Err(AppendError::BatchSize(0))));
    append(&mut journal, &[3]);
    assert_history(&journal, 6);
}

#[test]
fn one_process_at_a_time_has_the_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let (journal, _) = open_real(dir.path()).expect("opens");
    let second = open_real(dir.path()).err().expect("the second is refused");
    assert!(matches!(second, OpenError::Held));
    assert_eq!(second.to_string(), "another process has this folder open 另一个进程正在使用该目录");
    drop(journal);
    open_real(dir.path()).expect("free again");
}

#[test]
fn a_folder_that_is_let_go_in_a_moment_is_waited_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let (journal, _) = open_real(dir.path()).expect("opens");
    // Another process that the killed one was just starting holds its lock in this way.
    let inherited = File::open(dir.path().join(LOCK_FILE)).expect("the lock is there");
    drop(journal);
    inherited.lock().expect("nobody else holds it");
    let opened = thread::scope(|scope| {
        let opening = scope.spawn(|| open_real(dir.path()).map(drop));
        while !opening.is_finished() && !is_waited_for(&dir.path().join(LOCK_FILE)) {
            thread::yield_now();
        }
        assert!(!opening.is_finished(), "somebody holds the folder");
        inherited.unlock().expect("it was held");
        opening.join().expect("no panic")
    });
    opened.expect("free again");
}

/// Whether this process has a file open twice: once for the one who holds it, once for the one who waits.
fn is_waited_for(path: &Path) -> bool {
    let open = fs::read_dir("/proc/self/fd").expect("Linux").flatten();
    open.filter(|fd| fs::read_link(fd.path()).is_ok_and(|to| to == path)).count() == 2
}

#[test]
fn a_journal_of_another_clock_does_not_open() {
    let disk = SimDisk::new();
    drop(open_sim(&disk).expect("opens"));
    let mut other = options(Shelf::None, Writer::Inline, 16 * 1024);
    other.clock_kind = ClockKind::Virtual;
    let refused = Journal::open(disk, other).err().expect("refused");
    assert!(matches!(refused, OpenError::Clock { found: ClockKind::System, asked: ClockKind::Virtual }));
}

#[test]
fn the_history_of_a_case_at_rest_is_found_again_and_an_external_id_names_its_case() {
    let dir = tempfile::tempdir().expect("a folder");
    for reopened in [false, true] {
        let (mut journal, _) = open_real(dir.path()).expect("opens");
        if !reopened {
            append(&mut journal, &[50]);
            journal.rest(case(9), vec![9, 11, 40]);
            journal.note_external(20_400, "hotline", "A-77", case(9));
        }
        let history = journal.history(case(9)).expect("at rest");
        assert_eq!(history.iter().map(|record| record.seq).collect::<Vec<_>>(), [9, 11, 40]);
        assert!(matches!(journal.history(case(10)), Err(ReadError::NotAtRest(_))));
        assert_eq!(journal.external(20_400, "hotline", "A-77").expect("reads"), Some(case(9)));
        assert_eq!(journal.external(20_401, "hotline", "A-77").expect("reads"), None);
    }
}
