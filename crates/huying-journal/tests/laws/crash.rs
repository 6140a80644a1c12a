//! Cuts of power, at every change and in every half-written batch, on the simulated disk.

use crate::making::*;
use huying_journal::{
    disk::{
        Disk as _, DiskFile as _, Mode,
        sim::{SimDisk, SplitMix},
    },
    error::OpenError,
    journal::Journal,
};

#[test]
fn the_simulated_disk_really_drops_what_was_not_synced() {
    let (mut kept, mut dropped, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let disk = SimDisk::new();
        let file = disk.open("log/a", Mode::Create).expect("makes");
        file.write_at(0, &[1; 64]).expect("writes");
        file.sync().expect("syncs");
        disk.sync_dir("log").expect("syncs");
        file.write_at(64, &[2; 64]).expect("writes");
        assert_eq!(disk.bytes_of("log/a").expect("there").len(), 128, "a reader sees it before the cut");
        disk.crash(seed);
        assert!(file.write_at(0, &[3]).is_err(), "a handle from before the cut is dead");
        let bytes = disk.bytes_of("log/a").expect("what was synced stays");
        assert_eq!(bytes[..64], [1; 64], "seed {seed}");
        match bytes.iter().filter(|&&byte| byte == 2).count() {
            0 => dropped += 1,
            64 => kept += 1,
            _ => torn += 1,
        }
    }
    assert!(kept > 20 && dropped > 20 && torn > 50, "kept {kept}, dropped {dropped}, torn {torn}");
}

#[test]
fn the_simulated_disk_really_drops_names_whose_folder_was_not_synced() {
    let lost = (0..100).filter(|&seed| {
        let disk = SimDisk::new();
        let file = disk.open("log/a", Mode::Create).expect("makes");
        file.sync().expect("syncs");
        disk.crash(seed);
        disk.names().is_empty()
    });
    assert!((20..80).contains(&lost.count()));
}

/// Appends until the power goes off; says up to where answers were given.
fn append_until_dark(journal: &mut Journal<SimDisk>, random: &mut SplitMix) -> u64 {
    for _ in 0..12 {
        let size = 1 + random.below(9) as u64;
        if journal.begin(drafts(journal.next_seq(), size)).is_err() {
            break;
        }
    }
    journal.synced_head().seq
}

/// Opens again, with the power cut `cuts` times in the middle of opening.
fn open_through_cuts(disk: &SimDisk, random: &mut SplitMix, cuts: usize) -> Journal<SimDisk> {
    for _ in 0..cuts {
        disk.power_off_after(random.bits() % 12);
        match open_sim(disk) {
            Ok((journal, _)) => drop(journal),
            Err(OpenError::Disk(_) | OpenError::Keys(_)) => {}
            Err(other) => panic!("a cut of power is no damage: {other:?}"),
        }
        disk.crash(random.bits());
    }
    open_sim(disk).expect("a crash never keeps a journal from opening").0
}

#[test]
fn nothing_answered_is_lost_whatever_a_crash_keeps_of_the_rest() {
    for seed in 0..400 {
        let disk = SimDisk::new();
        let mut random = SplitMix(seed);
        let mut answered = 0;
        for _ in 0..4 {
            disk.power_off_after(random.bits() % 60);
            if let Ok((mut journal, _)) = open_sim(&disk) {
                assert!(journal.head().seq >= answered, "seed {seed}");
                answered = append_until_dark(&mut journal, &mut random).max(answered);
            }
            disk.crash(random.bits());
            let cuts = random.below(3);
            let journal = open_through_cuts(&disk, &mut random, cuts);
            let last = journal.head().seq;
            assert!(last >= answered, "seed {seed}: {last} of {answered}");
            assert_history(&journal, last);
            answered = last;
        }
    }
}

#[test]
fn a_disk_that_lies_about_its_syncs_is_found_out() {
    let found_out = (0..60).filter(|&seed| {
        let disk = SimDisk::new();
        let (mut journal, _) = open_sim(&disk).expect("opens");
        append(&mut journal, &[5]);
        drop(journal);
        let (mut journal, _) = open_sim(&disk).expect("opens");
        disk.lie_about_syncs(true);
        append(&mut journal, &[5, 5]);
        drop(journal);
        disk.crash(seed);
        disk.lie_about_syncs(false);
        open_sim(&disk).map_or(true, |(journal, _)| journal.head().seq < 15)
    });
    assert!(found_out.count() > 30, "otherwise these tests prove nothing about syncing");
}

/// A journal of two batches, the second not synced: its bytes before and after.
fn with_second_batch() -> (SimDisk, String, Vec<u8>, Vec<u8>) {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[3]);
    let name = segments(&disk).remove(0);
    let before = disk.bytes_of(&name).expect("there");
    let head = disk.bytes_of("log/head").expect("there");
    append(&mut journal, &[3]);
    let after = disk.bytes_of(&name).expect("there");
    drop(journal);
    disk.put_bytes("log/head", head);
    (disk, name, before, after)
}

#[test]
fn a_batch_cut_at_any_byte_goes_whole() {
    let (disk, name, before, after) = with_second_batch();
    let head = disk.bytes_of("log/head").expect("there");
    let from = before.iter().zip(&after).position(|(old, new)| old != new).expect("differs");
    let to = before.iter().zip(&after).rposition(|(old, new)| old != new).expect("differs") + 1;
    for cut in from..=to {
        for keep_head in [true, false] {
            let mut bytes = before.clone();
            let part = if keep_head { from..cut } else { cut..to };
            bytes[part.clone()].copy_from_slice(&after[part]);
            let whole = bytes == after;
            disk.put_bytes(&name, bytes);
            let (mut journal, opened) = open_sim(&disk).expect("a torn tail is no damage");
            let last = if whole { 6 } else { 3 };
            assert_history(&journal, last);
            let nothing_left = cut == if keep_head { from } else { to };
            assert_eq!(opened.torn_bytes > 0, !whole && !nothing_left);
            append(&mut journal, &[2]);
            drop(journal);
            assert_history(&open_sim(&disk).expect("opens").0, last + 2);
            disk.put_bytes("log/head", head.clone());
        }
    }
}

#[test]
fn a_middle_piece_of_a_batch_goes_too() {
    let (disk, name, before, after) = with_second_batch();
    let head = disk.bytes_of("log/head").expect("there");
    for seed in 0..300 {
        let mut random = SplitMix(seed);
        let mut bytes = before.clone();
        for _ in 0..3 {
            let one = random.below(bytes.len() - 4096) + 4096;
            let length = random.below(bytes.len() - one);
            let length = length.min(random.below(900));
            bytes[one..one + length].copy_from_slice(&after[one..one + length]);
        }
        let whole = bytes == after;
        disk.put_bytes(&name, bytes);
        disk.put_bytes("log/head", head.clone());
        assert_history(&open_sim(&disk).expect("a torn tail is no damage").0, if whole { 6 } else { 3 });
    }
}

#[test]
fn a_valid_frame_of_a_later_batch_behind_a_bad_one_is_damage_and_is_named() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[4, 4, 4]);
    drop(journal);
    let name = segments(&disk).remove(0);
    let whole = disk.bytes_of(&name).expect("there");
    let used = whole.iter().rposition(|&byte| byte != 0).expect("not empty");
    let mut named = 0;
    for at in (4096..used).step_by(61) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        disk.put_bytes(&name, bytes.clone());
        match open_sim(&disk) {
            Err(OpenError::Damaged { seq, offset, file }) => {
                named += 1;
                assert!(seq <= 9 && offset <= at as u64 && name.ends_with(&file));
                assert_eq!(disk.bytes_of(&name), Some(bytes.clone()), "what is refused is left as it is");
            }
            Err(other) => panic!("{other}"),
            Ok((journal, _)) => {
                assert_eq!(
                    disk.bytes_of(&name).map(|now| now[at]),
                    Some(whole[at]),
                    "only padding may be flipped"
                );
                drop(journal);
            }
        }
        if !matches!(disk.bytes_of(&name), Some(now) if now == bytes) {
            disk.put_bytes(&name, whole.clone());
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn a_missing_segment_or_a_vanished_log_never_opens_as_something_shorter() {
    let disk = SimDisk::new();
    let (mut journal, _) = open_sim(&disk).expect("opens");
    append(&mut journal, &[60; 5]);
    drop(journal);
    let names = segments(&disk);
    assert!(names.len() >= 3);
    let last = names.last().expect("several").clone();
    let bytes = disk.bytes_of(&last).expect("there");
    disk.remove(&last).expect("removes");
    assert!(matches!(open_sim(&disk), Err(OpenError::Lost { .. })), "the newest is missing");
    disk.put_bytes(&last, bytes);
    disk.remove(&names[1]).expect("removes");
    assert!(matches!(open_sim(&disk), Err(OpenError::Damaged { .. })), "one in the middle is missing");
    for name in &names {
        disk.remove(name).expect("removes");
    }
    assert!(matches!(open_sim(&disk), Err(OpenError::Lost { seq: 1, .. })), "all are missing");
}
