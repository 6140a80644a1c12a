//! Personal data: sealed, opened, erased, and not to be found again.

use crate::making::*;
use huying_journal::{
    backup::{backup, carry_erasures, restore},
    disk::{
        Disk as _,
        real::RealDisk,
        sim::{SimDisk, SplitMix},
    },
    error::{AppendError, KeyError, OpenError},
    journal::{Journal, Shelf},
    seal::MasterKey,
    verify::verify,
    writer::Writer,
};
use std::{fs, path::Path};

/// Every file below a folder that holds these bytes.
fn files_with(dir: &Path, needle: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("there") {
        let path = entry.expect("reads").path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if fs::read(&path).expect("reads").windows(needle.len()).any(|window| window == needle) {
            found.push(path);
        }
    }
    found
}

fn assert_no_words(dir: &Path) {
    for words in [NUMBER, NAME, WORDS] {
        assert_eq!(files_with(dir, words.as_bytes()), Vec::<std::path::PathBuf>::new(), "{words}");
    }
}

#[test]
fn sealed_words_open_until_they_are_erased_and_then_nowhere() {
    let dir = tempfile::tempdir().expect("a folder");
    let backups = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open_real(dir.path()).expect("opens");
    let committed = journal.begin(vec![private_draft(1, None), private_draft(2, None)]).expect("begins");
    journal.wait_synced(2).expect("syncs");
    let record = journal.read(1, 1).expect("reads").remove(0);
    let opened = journal.open_sealed(case(1), &record).expect("opens").expect("there");
    assert_eq!(opened.number.as_deref(), Some(NUMBER));
    assert_eq!(opened.words.as_deref(), Some(WORDS));
    assert!(
        matches!(journal.open_sealed(case(2), &record), Err(KeyError::SealBroken(1))),
        "bound to its case"
    );

    let slot = committed[0].record.sealed.as_ref().expect("sealed").slot;
    let place = 4096 + slot as usize * 72;
    let wrapped = fs::read(dir.path().join("keys/a.keys")).expect("there")[place..place + 72].to_vec();
    assert_eq!(files_with(dir.path(), &wrapped).len(), 2, "the two copies");
    assert!(journal.slot_is_live(slot).expect("reads"));
    journal.erase_slot(slot).expect("erases");
    journal.erase_slot(slot).expect("once more is no harm");
    assert!(!journal.slot_is_live(slot).expect("reads"));
    assert!(journal.open_sealed(case(1), &record).expect("no fault").is_none());
    let refused = journal.begin(vec![draft(3), private_draft(1, Some(slot))]);
    assert!(matches!(refused, Err(AppendError::Erased { index: 1, .. })));
    append(&mut journal, &[2]);
    backup(dir.path(), &backups.path().join("b")).expect("a living journal is backed up");
    drop(journal);

    for folder in [dir.path(), backups.path()] {
        assert_no_words(folder);
        assert!(files_with(folder, &wrapped).is_empty(), "the key is gone from {folder:?}");
    }
    let (journal, _) = open_real(dir.path()).expect("opens");
    assert!(journal.open_sealed(case(1), &record).expect("no fault").is_none());
    let second = journal.read(2, 1).expect("reads").remove(0);
    assert!(
        journal.open_sealed(case(2), &second).expect("opens").is_some(),
        "the other case keeps its words"
    );
}

#[test]
fn a_restore_raises_the_epoch_and_applies_what_was_erased_since() {
    let dir = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open_real(dir.path()).expect("opens");
    let committed = journal
        .begin(vec![private_draft(1, None), private_draft(2, None), private_draft(3, None)])
        .expect("begins");
    journal.wait_synced(3).expect("syncs");
    append(&mut journal, &[400]);
    let (kept, copy) = (other.path().join("backup"), other.path().join("restored"));
    backup(dir.path(), &kept).expect("backs up");
    let slot = |place: usize| committed[place].record.sealed.as_ref().expect("sealed").slot;
    journal.erase_slot(slot(0)).expect("erases");
    carry_erasures(dir.path(), &kept).expect("carries");
    journal.erase_slot(slot(1)).expect("erases");
    append(&mut journal, &[10]);
    drop(journal);

    let list = dir.path().join("keys/erased");
    let restored = restore(&kept, &copy, None, &[list]).expect("restores");
    assert_eq!((restored.head.seq, restored.epoch, restored.erased_slots), (403, 2, 2));
    let (mut journal, opened) = open_real(&copy).expect("opens");
    assert_eq!((opened.identity.epoch, opened.head.seq), (2, 403));
    for (place, there) in [(0, false), (1, false), (2, true)] {
        let record = &committed[place].record;
        let found = journal.open_sealed(case(place as u64 + 1), record).expect("no fault");
        assert_eq!(found.is_some(), there, "case {}", place + 1);
    }
    append(&mut journal, &[5]);
    drop(journal);
    let (journal, opened) = open_real(&copy).expect("opens");
    assert_eq!((opened.identity.epoch, journal.head().seq), (2, 408));
    assert!(restore(&kept, &copy, None, &[]).is_err(), "never over something else");
    drop(journal);
    assert_eq!(verify(&copy, None, Some(&other.path().join("scratch"))).findings, []);
}

#[test]
fn keys_survive_every_crash_and_an_erasure_is_never_undone() {
    for seed in 0..150 {
        let disk = SimDisk::new();
        let mut random = SplitMix(seed);
        let (mut journal, _) = open_sim(&disk).expect("opens");
        let committed = journal.begin((1..=4).map(|n| private_draft(n, None)).collect()).expect("begins");
        disk.power_off_after(random.bits() % 8);
        let erased = journal.erase_slot(committed[0].record.sealed.as_ref().expect("sealed").slot).is_ok();
        drop(journal);
        disk.crash(random.bits());
        let (mut journal, _) = open_sim(&disk).expect("opens");
        for (n, one) in (1..).zip(&committed) {
            let found = journal.open_sealed(case(n), &one.record).expect("no fault");
            assert!(found.is_some() || n == 1, "seed {seed}: case {n} lost its key");
            assert!(!(n == 1 && erased && found.is_some()), "seed {seed}: the erasure was undone");
        }
        let next = journal.begin(vec![private_draft(5, None)]).expect("begins");
        let slots: Vec<u32> = committed
            .iter()
            .chain(&next)
            .map(|one| one.record.sealed.as_ref().expect("sealed").slot)
            .collect();
        assert_eq!(slots, [0, 1, 2, 3, 4], "no slot is given twice");
    }
}

#[test]
fn one_lost_key_file_is_healed_from_the_other_and_two_are_a_refusal() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    let committed = journal.begin(vec![private_draft(1, None)]).expect("begins");
    drop(journal);
    for name in ["keys/a.keys", "keys/b.keys"] {
        disk.remove(name).expect("removes");
        let (journal, _) = open_sim(&disk).expect("healed");
        assert!(journal.open_sealed(case(1), &committed[0].record).expect("opens").is_some());
        drop(journal);
        let mut bytes = disk.bytes_of(name).expect("there again");
        bytes[4096 + 30] ^= 1;
        disk.put_bytes(name, bytes.clone());
        let (journal, _) = open_sim(&disk).expect("opens");
        assert!(journal.open_sealed(case(1), &committed[0].record).expect("the mirror answers").is_some());
        drop(journal);
        bytes[4096 + 30] ^= 1;
        disk.put_bytes(name, bytes);
    }
    disk.remove("keys/a.keys").expect("removes");
    disk.remove("keys/b.keys").expect("removes");
    assert!(matches!(open_sim(&disk), Err(OpenError::Keys(KeyError::Missing))));
}

#[test]
fn another_master_key_opens_nothing() {
    let disk = SimDisk::new();
    drop(open_sim(&disk).expect("opens"));
    let mut other = options(Shelf::None, Writer::Inline, 16 * 1024);
    other.master_key = MasterKey([8; 32]);
    let refused = Journal::open(disk, other).err().expect("refused");
    assert!(matches!(refused, OpenError::Keys(KeyError::Unopenable)));
}

#[test]
fn the_master_key_is_made_once_and_never_made_again_where_keys_hang_on_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = RealDisk::new(dir.path()).expect("makes");
    let made = MasterKey::load_or_create(&disk, &mut entropy(5)).expect("makes");
    assert_eq!(MasterKey::load_or_create(&disk, &mut entropy(6)).expect("loads").0, made.0);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(dir.path().join("keys/master.key")).expect("there").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    drop(open_real(dir.path()).expect("opens"));
    disk.remove("keys/master.key").expect("removes");
    let refused = MasterKey::load_or_create(&disk, &mut entropy(7));
    assert!(matches!(refused, Err(KeyError::MasterMissing)));
}

#[test]
fn the_digest_is_keyed_and_stays_the_same() {
    let disk = SimDisk::new();
    let first = open_sim(&disk).expect("opens").0.digest(b"13800138000");
    assert_eq!(open_sim(&disk).expect("opens").0.digest(b"13800138000"), first);
    assert_ne!(open_sim(&disk).expect("opens").0.digest(b"13800138001"), first);
    let mut other = options(Shelf::None, Writer::Inline, 16 * 1024);
    other.entropy = entropy(2);
    let elsewhere = Journal::open(SimDisk::new(), other).expect("opens").0.digest(b"13800138000");
    assert_ne!(elsewhere, first, "all telephone numbers can be tried, but not without the key");
}

#[test]
fn a_backup_of_a_journal_that_is_being_written_restores_to_all_that_was_safe_when_it_began() {
    let dir = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    let disk = RealDisk::new(dir.path()).expect("makes");
    let (mut journal, _) = Journal::open(disk, options(SLED, Writer::Thread, 1024 * 1024)).expect("opens");
    for round in 0..6 {
        append(&mut journal, &[50]);
        let safe = journal.synced().expect("runs");
        let kept = other.path().join(format!("b{round}"));
        let (from, to) = (dir.path().to_owned(), kept.clone());
        let copying = std::thread::spawn(move || backup(&from, &to));
        while !copying.is_finished() {
            journal.begin(drafts(journal.next_seq(), 20)).expect("begins");
        }
        copying.join().expect("no panic").expect("backs up");
        let restored = restore(&kept, &other.path().join(format!("r{round}")), None, &[]).expect("restores");
        assert!(restored.head.seq >= safe, "{} of {safe}", restored.head.seq);
    }
}
