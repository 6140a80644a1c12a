//! sled behind, ahead, foreign, unopenable, hanging; the log healed from it and it from the log.

use crate::making::*;
use huying_journal::{
    error::{OpenError, ShelfError},
    shelf::contained,
    verify::verify,
};
use std::{fs, path::Path, thread, time::Duration};

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes");
    for entry in fs::read_dir(from).expect("there") {
        let entry = entry.expect("reads");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copies");
        }
    }
}

/// A journal with these batches, closed.
fn made(sizes: &[u64]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    append(&mut open_real(dir.path()).expect("opens").0, sizes);
    dir
}

fn log_segments(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(dir.join("log")).expect("there").map(|entry| entry.expect("reads").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    paths.sort();
    paths
}

#[test]
fn sled_behind_the_log_is_brought_up_to_date() {
    let dir = made(&[100]);
    copy_folder(&dir.path().join("sled"), &dir.path().join("old"));
    append(&mut open_real(dir.path()).expect("opens").0, &[30, 70]);
    fs::remove_dir_all(dir.path().join("sled")).expect("removes");
    fs::rename(dir.path().join("old"), dir.path().join("sled")).expect("renames");
    let (journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!((opened.shelved_records, opened.shelf_moved_to), (100, None));
    assert_history(&journal, 200);
}

#[test]
fn sled_gone_is_built_anew() {
    let dir = made(&[100, 50]);
    fs::remove_dir_all(dir.path().join("sled")).expect("removes");
    let (journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!(opened.shelved_records, 150);
    assert_history(&journal, 150);
}

#[test]
fn sled_ahead_of_the_log_gives_its_records_back() {
    let dir = made(&[100]);
    copy_folder(&dir.path().join("log"), &dir.path().join("old"));
    append(&mut open_real(dir.path()).expect("opens").0, &[30, 700]);
    fs::remove_dir_all(dir.path().join("log")).expect("removes");
    fs::rename(dir.path().join("old"), dir.path().join("log")).expect("renames");
    let (mut journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!(opened.put_back_records, 730);
    assert_history(&journal, 830);
    append(&mut journal, &[5]);
    drop(journal);
    assert_history(&open_real(dir.path()).expect("opens").0, 835);
}

#[test]
fn a_log_that_is_gone_comes_back_from_sled_under_its_own_id() {
    let dir = made(&[100, 40]);
    let id = open_real(dir.path()).expect("opens").1.identity.journal_id;
    fs::remove_dir_all(dir.path().join("log")).expect("removes");
    let (journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!((opened.put_back_records, opened.identity.journal_id, opened.created), (140, id, false));
    assert_history(&journal, 140);
}

#[test]
fn sled_ahead_that_does_not_join_stops_and_names_the_seq() {
    let short = made(&[10]);
    let long = made(&[20]);
    let mut other = draft(1);
    other.record.at = huying_domain::time::Timestamp::EPOCH;
    let different = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open_real(different.path()).expect("opens");
    journal.begin(vec![other]).expect("begins");
    journal.wait_synced(1).expect("syncs");
    drop(journal);
    fs::remove_dir_all(different.path().join("sled")).expect("removes");
    copy_folder(&long.path().join("sled"), &different.path().join("sled"));
    assert!(matches!(open_real(different.path()), Err(OpenError::ShelfForeign { seq: 2 })));
    drop(short);
}

#[test]
fn an_unopenable_sled_is_moved_aside_and_built_anew() {
    let dir = made(&[300]);
    let garbage = vec![0x5a; 100_000];
    for entry in fs::read_dir(dir.path().join("sled")).expect("there") {
        let path = entry.expect("reads").path();
        if path.is_file() {
            fs::write(path, &garbage).expect("writes");
        }
    }
    let scratch = tempfile::tempdir().expect("a folder");
    let before = verify(dir.path(), None, Some(&scratch.path().join("before")));
    assert!(before.is_mendable() && before.records == 300, "verify and start agree: {before:?}");
    let (mut journal, opened) = open_real(dir.path()).expect("opens");
    assert!(opened.shelf_moved_to.is_some_and(|path| path.ends_with("shelf.broken-1") && path.is_dir()));
    assert_history(&journal, 300);
    append(&mut journal, &[5]);
    drop(journal);
    let after = verify(dir.path(), None, Some(&scratch.path().join("after")));
    assert_eq!((after.exit_code(), after.records), (0, 305), "{after:?}");
}

#[test]
fn half_written_snapshots_are_removed_before_sled_sees_them() {
    let dir = made(&[300]);
    fs::write(dir.path().join("sled/snap.00000000000003E8.generating"), b"half").expect("writes");
    let (journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!((opened.half_snapshots_removed, opened.shelf_moved_to), (1, None));
    assert_history(&journal, 300);
}

#[test]
fn a_bit_flipped_anywhere_in_sled_loses_nothing() {
    let dir = made(&[300, 300]);
    let db = dir.path().join("sled/db");
    let whole = fs::read(&db).expect("there");
    copy_folder(&dir.path().join("sled"), &dir.path().join("kept"));
    let used = whole.iter().rposition(|&byte| byte != 0).expect("not empty");
    for step in 0..12 {
        let at = used * step / 12 + 17;
        let mut bytes = whole.clone();
        bytes[at.min(used)] ^= 4;
        fs::remove_dir_all(dir.path().join("sled")).expect("removes");
        copy_folder(&dir.path().join("kept"), &dir.path().join("sled"));
        fs::write(&db, bytes).expect("writes");
        let (journal, _) = open_real(dir.path()).expect("the log is the truth");
        assert_history(&journal, 600);
    }
}

#[test]
fn a_bad_frame_of_the_log_is_healed_from_sled_byte_for_byte() {
    let dir = made(&[3, 1, 5, 60, 90, 300, 2]);
    for path in log_segments(dir.path()) {
        let whole = fs::read(&path).expect("there");
        let used = whole.iter().rposition(|&byte| byte != 0).expect("not empty");
        if used < 4096 {
            continue;
        }
        for (from, length) in
            [(4096, 1), (4096 + used / 9, 2000), (used / 2, 1), (used / 2, 3000), (used - used / 5, 1)]
        {
            if from < 4096 {
                continue;
            }
            let mut bytes = whole.clone();
            let to = (from + length).min(used);
            bytes[from..to].iter_mut().for_each(|byte| *byte ^= 0xff);
            fs::write(&path, bytes).expect("writes");
            let (journal, opened) = open_real(dir.path()).expect("healed");
            assert!(opened.healed_records + opened.put_back_records > 0, "{path:?} {from}");
            assert_history(&journal, 461);
        }
    }
    let (journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!(opened.healed_records, 0, "healing lasts");
    assert_history(&journal, 461);
}

#[test]
fn a_lost_last_batch_comes_back_from_sled() {
    let dir = made(&[3, 5]);
    let path = log_segments(dir.path()).remove(0);
    let mut bytes = fs::read(&path).expect("there");
    let used = bytes.iter().rposition(|&byte| byte != 0).expect("not empty");
    bytes[used - 3] ^= 1;
    fs::write(&path, bytes).expect("writes");
    let (journal, opened) = open_real(dir.path()).expect("opens");
    assert_eq!((opened.torn_records, opened.put_back_records), (4, 5));
    assert_history(&journal, 8);
}

#[test]
fn a_damaged_header_is_written_anew() {
    let dir = made(&[300, 300]);
    for path in log_segments(dir.path()) {
        let mut bytes = fs::read(&path).expect("there");
        bytes[20] ^= 1;
        fs::write(&path, bytes).expect("writes");
        let (journal, opened) = open_real(dir.path()).expect("all that it says is known");
        assert_eq!(opened.healed_headers, 1);
        assert_history(&journal, 600);
    }
}

#[test]
fn damage_without_a_copy_is_refused_and_named() {
    let dir = made(&[3, 5, 7]);
    let path = log_segments(dir.path()).remove(0);
    let mut bytes = fs::read(&path).expect("there");
    bytes[4096 + 100] ^= 1;
    fs::write(&path, bytes).expect("writes");
    fs::remove_dir_all(dir.path().join("sled")).expect("removes");
    let refused = open_real(dir.path()).err().expect("refused");
    assert!(matches!(refused, OpenError::Damaged { seq: 1, offset: 4096, .. }), "{refused}");
}

#[test]
fn a_panic_and_a_hang_are_contained() {
    let panicked = contained(5_000, || -> u32 { panic!("as sled does") });
    assert!(matches!(panicked, Err(ShelfError::Panicked)));
    let hung = contained(20, || thread::sleep(Duration::from_secs(2)));
    assert!(matches!(hung, Err(ShelfError::Hung(20))));
    assert_eq!(contained(5_000, || 7).expect("neither"), 7);
}
