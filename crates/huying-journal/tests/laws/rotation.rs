//! A new master key: everything opens, what was erased stays erased, the old key opens nothing; at any cut of power.

use crate::making::*;
use huying_journal::{
    backup::{backup, restore},
    disk::{
        Disk, DiskFile, Mode,
        real::RealDisk,
        sim::{SimDisk, SplitMix},
    },
    error::{KeyError, OpenError},
    journal::{Journal, Options, Shelf},
    rotation::{Rotated, rotate},
    seal::MasterKey,
    verify::verify,
    writer::Writer,
};
use std::fs;

/// Cases with sealed words; the first of them is erased.
const CASES: u64 = 6;
/// Ways in which each cut may leave the disk.
const SEEDS: u64 = 12;

fn with_master<D: Disk>(disk: &D, shelf: Shelf, seed: u64) -> Options {
    let master_key = MasterKey::load_or_create(disk, &mut entropy(seed)).expect("there or made");
    Options { master_key, entropy: entropy(seed), ..options(shelf, Writer::Inline, 16 * 1024) }
}

fn open<D: Disk + Clone>(disk: &D, seed: u64) -> Result<Journal<D>, OpenError> {
    Journal::open(disk.clone(), with_master(disk, Shelf::None, seed)).map(|(journal, _)| journal)
}

/// A journal with sealed cases, one of them erased and said to be so by nothing but its key.
fn sealed<D: Disk + Clone>(disk: &D) -> Vec<huying_domain::record::Record> {
    let mut journal = open(disk, 1).expect("opens");
    journal.begin((1..=CASES).map(|n| private_draft(n, None)).collect()).expect("begins");
    journal.wait_synced(CASES).expect("syncs");
    let records = journal.read(1, 100).expect("reads");
    journal.erase_slot(slot_of(&records[0])).expect("erases");
    records
}

fn slot_of(record: &huying_domain::record::Record) -> u32 {
    record.sealed.as_ref().expect("sealed").slot
}

/// Every case opens, save the first.
#[track_caller]
fn assert_sealed<D: Disk>(journal: &Journal<D>, records: &[huying_domain::record::Record], said: &str) {
    for (n, record) in (1..).zip(records) {
        let found = journal.open_sealed(case(n), record).unwrap_or_else(|error| panic!("{said}: {error}"));
        assert_eq!(found.is_some(), n != 1, "{said}: case {n}");
        if let Some(found) = found {
            assert_eq!(found.number.as_deref(), Some(NUMBER), "{said}");
        }
    }
}

fn master<D: Disk>(disk: &D) -> Vec<u8> {
    let file = disk.open("keys/master.key", Mode::Read).expect("there");
    file.bytes_at(0, 64).expect("reads")
}

#[test]
fn a_new_master_key_opens_all_that_the_old_one_did_and_the_old_one_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    let disk = RealDisk::new(dir.path()).expect("makes");
    let records = sealed(&disk);
    let digest = open(&disk, 2).expect("opens").digest(b"13800138000");
    let (kept, restored) = (other.path().join("before"), other.path().join("restored"));
    backup(dir.path(), &kept).expect("backs up");
    let old = master(&disk);
    let wrapped = fs::read(dir.path().join("keys/a.keys")).expect("there")[4096 + 72..4096 + 144].to_vec();

    let rotated = rotate(&disk, with_master(&disk, Shelf::None, 3)).expect("rotates");
    assert_eq!(rotated, Rotated { keys: 1023, erased: 1 }, "a block of keys, one of them erased");
    assert_ne!(master(&disk), old);
    let names = disk.list("keys").expect("there");
    assert_eq!(names, ["a.keys", "b.keys", "erased", "master.key"], "nothing is left beside");
    for name in &names {
        let bytes = fs::read(dir.path().join("keys").join(name)).expect("there");
        assert!(!bytes.windows(32).any(|window| window == old), "the old key is in {name}");
        assert!(!bytes.windows(72).any(|window| window == wrapped), "an old wrapping is in {name}");
    }
    assert_eq!(verify(dir.path(), None, Some(&other.path().join("scratch"))).findings, []);

    let stale = Options {
        master_key: MasterKey(old.try_into().expect("32 bytes")),
        ..with_master(&disk, Shelf::None, 4)
    };
    let refused = Journal::open(disk.clone(), stale).err().expect("refused");
    assert!(matches!(refused, OpenError::Keys(KeyError::Unopenable)));
    let mut journal = open(&disk, 5).expect("opens");
    assert_sealed(&journal, &records, "after the rotation");
    assert_eq!(journal.digest(b"13800138000"), digest, "who has called before is known again");
    let next = journal.begin(vec![private_draft(CASES + 1, None)]).expect("begins");
    assert_eq!(u64::from(slot_of(&next[0].record)), CASES, "the slots go on where they were");

    // What is erased from now on is erased in the older backup too, which has its own master key.
    journal.erase_slot(slot_of(&records[2])).expect("erases");
    drop(journal);
    restore(&kept, &restored, None, &[dir.path().join("keys/erased")]).expect("restores");
    let journal = open(&RealDisk::new(&restored).expect("there"), 6).expect("opens with its own keys");
    for (n, there) in [(1, false), (2, true), (3, false), (4, true)] {
        let found = journal.open_sealed(case(n), &records[usize::try_from(n - 1).expect("small")]);
        assert_eq!(found.expect("no fault").is_some(), there, "case {n} of the older backup");
    }
}

#[test]
fn whenever_the_power_is_cut_one_master_key_opens_everything() {
    let whole = SimDisk::new();
    let records = sealed(&whole);
    let files: Vec<_> = whole.names().into_iter().map(|name| (whole.bytes_of(&name), name)).collect();
    let before = whole.changes();
    rotate(&whole, with_master(&whole, Shelf::None, 3)).expect("rotates");
    let steps = whole.changes() - before;
    assert!(steps > 20, "{steps}");
    let (mut kept, mut new) = (0, 0);
    for step in 0..=steps {
        for seed in 0..SEEDS {
            let disk = SimDisk::new();
            files.iter().for_each(|(bytes, name)| disk.put_bytes(name, bytes.clone().expect("there")));
            let old = master(&disk);
            let mut random = SplitMix(seed * 1000 + step);
            let options = with_master(&disk, Shelf::None, 3);
            disk.power_off_after(step);
            let done = rotate(&disk, options).is_ok();
            disk.crash(random.bits());
            // The power may go again while the rotation is finished.
            for _ in 0..random.below(3) {
                disk.power_off_after(random.bits() % 14);
                let _whole_or_cut = MasterKey::load_or_create(&disk, &mut entropy(4));
                disk.crash(random.bits());
            }
            let said = format!("step {step}, seed {seed}");
            let mut journal = open(&disk, 5).unwrap_or_else(|error| panic!("{said}: {error}"));
            assert_sealed(&journal, &records, &said);
            let is_new = master(&disk) != old;
            assert!(is_new || !done, "{said}: it was said to be done");
            if seed == 0 {
                let next = journal.begin(vec![private_draft(CASES + 1, None)]).expect("begins");
                assert_eq!(u64::from(slot_of(&next[0].record)), CASES, "{said}: no slot is given twice");
            }
            drop(journal);
            if is_new {
                new += 1;
                let stale = Options {
                    master_key: MasterKey(old.clone().try_into().expect("32 bytes")),
                    ..with_master(&disk, Shelf::None, 6)
                };
                assert!(Journal::open(disk.clone(), stale).is_err(), "{said}: the old key still opens");
                let names = disk.list("keys").expect("there");
                assert!(!names.iter().any(|name| name.ends_with(".next")), "{said}: {names:?}");
                for name in names {
                    let bytes = disk.bytes_of(&format!("keys/{name}")).expect("there");
                    assert!(
                        !bytes.windows(32).any(|window| window == old),
                        "{said}: the old key is in {name}"
                    );
                }
            } else {
                kept += 1;
                if seed > 0 {
                    continue;
                }
                rotate(&disk, with_master(&disk, Shelf::None, 7)).expect("another time it is done");
                assert_sealed(&open(&disk, 8).expect("opens"), &records, &said);
            }
        }
    }
    assert!(kept > 20 && new > 20, "both sides of the commit were seen: {kept} and {new}");
}

#[test]
fn a_folder_that_is_in_use_keeps_its_key() {
    let disk = SimDisk::new();
    sealed(&disk);
    let running = open(&disk, 2).expect("opens");
    let old = master(&disk);
    let options = with_master(&disk, Shelf::None, 3);
    assert!(matches!(rotate(&disk, options), Err(OpenError::Held)));
    assert_eq!(master(&disk), old);
    drop(running);
}

#[test]
fn a_key_that_neither_copy_holds_stops_the_rotation_and_changes_nothing() {
    let disk = SimDisk::new();
    let records = sealed(&disk);
    let old = master(&disk);
    for name in ["keys/a.keys", "keys/b.keys"] {
        let mut bytes = disk.bytes_of(name).expect("there");
        bytes[4096 + 72 * slot_of(&records[3]) as usize + 30] ^= 1;
        disk.put_bytes(name, bytes);
    }
    let before = disk.bytes_of("keys/a.keys");
    let refused = rotate(&disk, with_master(&disk, Shelf::None, 3));
    let slot = slot_of(&records[3]);
    assert!(matches!(refused, Err(OpenError::Keys(KeyError::SlotUnreadable(found))) if found == slot));
    assert_eq!((master(&disk), disk.bytes_of("keys/a.keys")), (old, before));
}

#[test]
fn a_rotation_that_was_cut_off_behind_its_commit_is_whole_to_whoever_verifies_and_finished_at_the_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let scratch = dir.path().join("scratch");
    let data = dir.path().join("data");
    let disk = RealDisk::new(&data).expect("makes");
    let records = sealed(&disk);
    rotate(&disk, with_master(&disk, Shelf::None, 3)).expect("rotates");
    let keys = data.join("keys");
    let new = |name: &str| fs::read(keys.join(name)).expect("there");
    let (a, b, master_key) = (new("a.keys"), new("b.keys"), new("master.key"));
    // How far the names had been changed: what waits has not got its name yet, and what it replaces is zeroes.
    for waiting in [&["a.keys", "b.keys", "master.key"][..], &["b.keys", "master.key"], &["master.key"]] {
        for (name, bytes) in [("a.keys", &a), ("b.keys", &b), ("master.key", &master_key)] {
            if waiting.contains(&name) {
                fs::write(keys.join(format!("{name}.next")), bytes).expect("writes");
                fs::write(keys.join(name), vec![0; bytes.len()]).expect("writes");
            }
        }
        assert_eq!(verify(&data, None, Some(&scratch)).findings, [], "{waiting:?} wait");
        assert!(keys.join("master.key.next").exists(), "whoever verifies changes nothing");
        assert_sealed(&open(&disk, 5).expect("opens"), &records, "finished");
        assert_eq!(disk.list("keys").expect("there"), ["a.keys", "b.keys", "erased", "master.key"]);
        assert_eq!((new("a.keys"), new("master.key")), (a.clone(), master_key.clone()));
    }
}
