//! A disk without room and a disk that fails.

use crate::making::*;
use huying_journal::{
    disk::sim::SimDisk,
    error::{AppendError, Failure, OpenError},
};

#[test]
fn a_full_disk_stops_the_journal_with_a_sentence_and_keeps_what_was_answered() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[10]);
    disk.set_capacity(Some(disk.used_bytes() + 1000));
    let mut answered = 10;
    let refused = loop {
        match journal.begin(drafts(journal.next_seq(), 10)) {
            Ok(_) => answered = journal.synced().expect("inline: safe at once"),
            Err(AppendError::Stopped(stopped)) => break stopped,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(matches!(refused.failure, Failure::DiskFull(_)), "{refused}");
    assert!(refused.to_string().contains("the disk is full 磁盘空间不足"), "{refused}");
    assert_eq!(refused.synced, answered);
    disk.set_capacity(None);
    assert!(journal.begin(drafts(answered + 1, 1)).is_err(), "stopped is stopped");
    assert!(journal.wait_synced(answered + 1).is_err());
    assert_eq!(journal.wait_synced(answered).expect("safe"), answered);
    drop(journal);
    let (mut journal, _) = open_sim(&disk).expect("room again");
    assert_history(&journal, answered);
    append(&mut journal, &[10]);
}

#[test]
fn a_new_journal_on_a_full_disk_says_so() {
    let disk = SimDisk::new();
    disk.set_capacity(Some(5000));
    let refused = open_sim(&disk).err().expect("no room");
    assert!(matches!(refused, OpenError::DiskFull { segment_bytes: 16_384, .. }), "{refused:?}");
    assert!(refused.to_string().contains("磁盘空间不足"));
    disk.set_capacity(None);
    open_sim(&disk).expect("nothing half-made stands in the way");
}

#[test]
fn a_failed_sync_is_never_forgotten_and_nothing_behind_it_is_answered() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[4]);
    disk.fail_syncs(true);
    let refused = journal.begin(drafts(5, 2));
    assert!(
        matches!(refused, Err(AppendError::Stopped(stopped)) if matches!(stopped.failure, Failure::Disk(_)))
    );
    disk.fail_syncs(false);
    assert!(journal.begin(drafts(5, 2)).is_err());
    assert_eq!(journal.read(1, 100).expect("what is safe can be read").len(), 4);
    drop(journal);
    disk.crash(3);
    let (journal, _) = open_sim(&disk).expect("opens");
    let last = journal.head().seq;
    assert!(last == 4 || last == 6, "the batch is there whole or not at all: {last}");
    assert_history(&journal, last);
}
