//! `verify` finds what was flipped, swapped, dropped and cut, in either copy, and changes nothing.

use crate::making::*;
use huying_domain::{
    event::{Event, setting::RulesPublished},
    record::{Hash, Part, RuleFile, Subject},
};
use huying_journal::{
    error::OpenError,
    finding::{Kind, Verdict},
    frame::{self, FrameHead, Look, Salt},
    head::Head,
    verify::verify,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

struct Made {
    dir: tempfile::TempDir,
    scratch: tempfile::TempDir,
    head: Head,
    salt: Salt,
}

fn made() -> Made {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut journal, opened) = open_real(dir.path()).expect("opens");
    append(&mut journal, &[3, 60, 200, 37]);
    let first = journal.begin(vec![private_draft(301, None)]).expect("begins")[0].record.seq;
    journal.wait_synced(first).expect("syncs");
    let head = journal.head();
    let salt = Salt::of(&opened.identity.journal_id);
    Made { dir, scratch: tempfile::tempdir().expect("a folder"), head, salt }
}

impl Made {
    fn verify(&self, expected: Option<Head>) -> Verdict {
        verify(self.dir.path(), expected, Some(&self.scratch.path().join("sled")))
    }

    fn segments(&self) -> Vec<PathBuf> {
        let log = fs::read_dir(self.dir.path().join("log")).expect("there");
        let mut paths: Vec<_> = log.map(|entry| entry.expect("reads").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
        paths.sort();
        paths
    }

    /// Runs a check on a folder with one file altered, and puts the file back.
    fn with(&self, path: &Path, alter: impl FnOnce(&mut Vec<u8>)) -> Verdict {
        let whole = fs::read(path).expect("there");
        let mut bytes = whole.clone();
        alter(&mut bytes);
        fs::write(path, bytes).expect("writes");
        let verdict = self.verify(None);
        fs::write(path, whole).expect("writes");
        verdict
    }
}

fn kinds(verdict: &Verdict) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = verdict.findings.iter().map(|finding| finding.kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn a_whole_journal_is_whole_and_its_published_head_proves_it() {
    let made = made();
    let before = fs::read(&made.segments()[0]).expect("there");
    let verdict = made.verify(Some(made.head));
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.exit_code(), verdict.records, verdict.head), (0, 301, Some(made.head)));
    assert_eq!(verdict.shelf_records, Some(301));
    assert_eq!(fs::read(&made.segments()[0]).expect("there"), before);
    assert!(!made.scratch.path().join("sled").exists(), "the scratch folder is cleared");

    let wrong = Head { hash: Hash([9; 32]), ..made.head };
    assert_eq!(kinds(&made.verify(Some(wrong))), [Kind::PublishedForeign]);
    let ahead = Head { seq: 302, ..made.head };
    let verdict = made.verify(Some(ahead));
    assert_eq!((kinds(&verdict), verdict.exit_code()), (vec![Kind::PublishedAhead], 1));
    assert_eq!(made.head.to_string().parse(), Ok(made.head));
}

#[test]
fn a_bit_flipped_in_the_log_is_found_and_placed() {
    let made = made();
    for path in made.segments() {
        let whole = fs::read(&path).expect("there");
        let used = whole.iter().rposition(|&byte| byte != 0).expect("not empty");
        for at in (4096..used.saturating_sub(2000)).step_by(1777) {
            let verdict = made.with(&path, |bytes| bytes[at] ^= 2);
            let Some(finding) = verdict.findings.first() else {
                assert_eq!(whole[at], 0, "only padding may be flipped unseen, not {path:?} {at}");
                continue;
            };
            assert_eq!((finding.kind, verdict.exit_code()), (Kind::LogDamaged, 1), "{path:?} {at}");
            let offset = usize::try_from(finding.offset.expect("placed")).expect("small");
            assert!(offset <= at && at < offset + 700, "{offset} for {at}");
            assert!(finding.seq.is_some());
        }
    }
}

#[test]
fn swapped_and_dropped_records_are_found() {
    let made = made();
    let path = made.segments().remove(0);
    let whole = fs::read(&path).expect("there");
    let end_of = |offset: usize| match frame::look(&whole, offset, made.salt) {
        Look::Frame(found) => found.end,
        other => panic!("{other:?}"),
    };
    let (one, two) = (4096, end_of(4096));
    let three = end_of(two);
    let swapped = made.with(&path, |bytes| {
        let both = [&whole[two..three], &whole[one..two]].concat();
        bytes[one..three].copy_from_slice(&both);
    });
    assert_eq!(swapped.findings[0].seq, Some(1));
    let dropped = made.with(&path, |bytes| {
        bytes.drain(two..three);
    });
    assert_eq!((dropped.findings[0].kind, dropped.findings[0].seq), (Kind::LogDamaged, Some(2)));
    assert_eq!(kinds(&made.with(&path, |bytes| bytes[3] ^= 1)), [Kind::HeaderDamaged]);
}

#[test]
fn a_record_that_somebody_wrote_anew_with_all_its_checksums_breaks_the_chain_behind_it() {
    let made = made();
    let path = made.segments().remove(0);
    let whole = fs::read(&path).expect("there");
    let found = |offset: usize| match frame::look(&whole, offset, made.salt) {
        Look::Frame(found) => found,
        other => panic!("{other:?}"),
    };
    let (first, end) = (found(4096), found(4096).end);
    let mut bytes = first.bytes.to_vec();
    let at = bytes.windows(6).position(|word| word == b"note 1").expect("its words stand in it");
    bytes[at + 5] = b'7';
    let mut forged = Vec::new();
    let head = FrameHead { hash: huying_domain::wire::hash(&bytes), ..first.head };
    frame::put(&mut forged, made.salt, &head, &bytes);
    assert_eq!(forged.len(), end - 4096);
    let verdict = made.with(&path, |bytes| bytes[4096..end].copy_from_slice(&forged));
    let found = &verdict.findings;
    assert!(found.iter().any(|found| found.kind == Kind::LogDamaged && found.seq == Some(2)), "{found:?}");
    fs::write(&path, [&whole[..4096], &forged, &whole[end..]].concat()).expect("writes");
    let opened = open_real(made.dir.path());
    assert!(matches!(&opened, Err(OpenError::Damaged { seq: 2, .. })), "{:?}", opened.err());
}

#[test]
fn of_a_batch_that_was_never_whole_no_record_counts() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open_real(dir.path()).expect("opens");
    append(&mut journal, &[3]);
    let before = journal.head();
    let head = fs::read(dir.path().join("log/head")).expect("there");
    append(&mut journal, &[5]);
    drop(journal);
    // As a cut of power leaves it: four of five frames, and nobody was answered.
    fs::write(dir.path().join("log/head"), head).expect("writes");
    let path = dir.path().join("log/00000000000000000001.seg");
    let mut bytes = fs::read(&path).expect("there");
    let used = bytes.iter().rposition(|&byte| byte != 0).expect("not empty");
    bytes[used - 40..].fill(0);
    fs::write(&path, bytes).expect("writes");
    let verdict = verify(dir.path(), Some(before), None);
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.head, verdict.records), (Some(before), 3));
    assert!(verdict.torn_bytes > 0);
}

#[test]
fn a_rule_file_that_is_altered_or_gone_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open_real(dir.path()).expect("opens");
    let rules = b"a duty list";
    let hash = huying_domain::rules::Rules::hash(rules);
    let path = dir.path().join("rulebook").join(hash.to_string());
    fs::write(&path, rules).expect("writes");
    let published = Event::RulesPublished(RulesPublished { hash, bytes: rules.len() as u64 });
    let mut publishes = draft(1);
    let part = Part { subject: Subject::Rulebook(RuleFile::Duty), version: 0, events: vec![published] };
    publishes.record.parts = vec![part];
    journal.begin(vec![publishes]).expect("begins");
    journal.wait_synced(1).expect("syncs");
    drop(journal);
    let kinds = || kinds(&verify(dir.path(), None, None));
    assert_eq!(kinds(), []);
    fs::write(&path, b"a duly list").expect("writes");
    assert_eq!(kinds(), [Kind::RuleFileDamaged]);
    fs::remove_file(&path).expect("it is there");
    assert_eq!(kinds(), [Kind::RuleFileDamaged]);
}

#[test]
fn a_damaged_key_is_healed_from_its_mirror_and_an_erased_one_is_not() {
    let made = made();
    let keys = ["a.keys", "b.keys"].map(|name| made.dir.path().join("keys").join(name));
    let slot = 4096..4096 + 72;
    for path in &keys {
        let whole = fs::read(path).expect("there");
        for damage in
            [&|bytes: &mut Vec<u8>| bytes[4096 + 7] ^= 1, &|bytes: &mut Vec<u8>| bytes.truncate(4100)]
                as [&dyn Fn(&mut Vec<u8>); 2]
        {
            let mut bytes = whole.clone();
            damage(&mut bytes);
            fs::write(path, bytes).expect("writes");
            assert_eq!(kinds(&made.verify(None)), [Kind::KeyMirrorDiffers]);
            drop(open_real(made.dir.path()).expect("the other copy answers"));
            assert_eq!(made.verify(None).findings, []);
            assert_eq!(fs::read(path).expect("there")[slot.clone()], whole[slot.clone()]);
        }
    }
    // Zeroes are what an erasure leaves: nothing is made of them, and the difference stays named.
    let mut bytes = fs::read(&keys[1]).expect("there");
    bytes[slot.clone()].fill(0);
    fs::write(&keys[1], bytes).expect("writes");
    drop(open_real(made.dir.path()).expect("the other copy answers"));
    assert_eq!(kinds(&made.verify(None)), [Kind::KeyMirrorDiffers]);
    assert_eq!(fs::read(&keys[1]).expect("there")[slot], [0; 72]);
}

#[test]
fn a_truncated_log_and_a_missing_segment_are_found() {
    let made = made();
    let paths = made.segments();
    let last = paths.last().expect("several");
    let used = fs::read(last).expect("there").iter().rposition(|&byte| byte != 0).expect("not empty");
    for cut in [1, 300, 2000] {
        let verdict = made.with(last, |bytes| bytes.truncate(used - cut));
        let found = kinds(&verdict);
        assert!(found.contains(&Kind::HeadAhead) && found.contains(&Kind::ShelfAhead), "{cut}: {found:?}");
    }
    let moved = made.scratch.path().join("moved");
    fs::rename(&paths[1], &moved).expect("moves");
    let verdict = made.verify(None);
    fs::rename(&moved, &paths[1]).expect("moves");
    let missing = verdict.findings.iter().find(|finding| finding.kind == Kind::SegmentMissing);
    assert!(missing.is_some_and(|finding| finding.seq.is_some()), "{:?}", verdict.findings);
    assert_eq!(made.verify(None).findings, []);
}

fn alter_sled(made: &Made, alter: impl FnOnce(&sled::Tree)) -> Vec<Kind> {
    let folder = made.dir.path().join("sled");
    let db = sled::Config::new().path(&folder).flush_every_ms(None).open().expect("opens");
    alter(&db.open_tree("pages").expect("there"));
    db.flush().expect("flushes");
    drop(db);
    kinds(&made.verify(None))
}

#[test]
fn a_flipped_swapped_dropped_or_cut_record_in_sled_is_found() {
    let key = |seq: u64| seq.to_be_bytes();
    let get = |pages: &sled::Tree, seq: u64| pages.get(key(seq)).expect("reads").expect("there");
    let made = made();
    let mut kept = None;
    let flipped = alter_sled(&made, |pages| {
        let page = get(pages, 17);
        kept = Some(page.clone());
        let mut bytes = page.to_vec();
        bytes[50] ^= 1;
        pages.insert(key(17), bytes).expect("writes");
    });
    assert_eq!(flipped, [Kind::ShelfDiffers]);
    let whole = kept.expect("read");
    let swapped = alter_sled(&made, |pages| {
        pages.insert(key(17), whole.clone()).expect("writes");
        let (one, other) = (get(pages, 33), get(pages, 49));
        pages.insert(key(33), other).expect("writes");
        pages.insert(key(49), one).expect("writes");
    });
    assert_eq!(swapped, [Kind::ShelfDiffers]);
    let dropped = alter_sled(&made, |pages| {
        let (one, other) = (get(pages, 33), get(pages, 49));
        pages.insert(key(33), other).expect("writes");
        pages.insert(key(49), one).expect("writes");
        pages.remove(key(65)).expect("removes");
    });
    assert_eq!(dropped, [Kind::ShelfDiffers]);
    let cut = alter_sled(&made, |pages| {
        pages.remove(key(289)).expect("removes");
    });
    assert_eq!(cut, [Kind::ShelfDiffers]);
}

#[test]
fn a_damaged_head_file_and_a_damaged_key_file_are_found() {
    let made = made();
    let head = made.dir.path().join("log/head");
    let verdict = made.with(&head, |bytes| {
        bytes[20] ^= 1;
        bytes[4096 + 20] ^= 1;
    });
    assert_eq!(kinds(&verdict), [Kind::HeadUnreadable]);
    let keys = made.dir.path().join("keys/b.keys");
    assert_eq!(kinds(&made.with(&keys, |bytes| bytes[4096 + 7] ^= 1)), [Kind::KeyMirrorDiffers]);
    assert_eq!(kinds(&made.with(&keys, |bytes| bytes[50] ^= 1)), [Kind::KeyFileDamaged]);
}

#[test]
fn what_cannot_be_read_is_said_to_be_unreadable() {
    let empty = tempfile::tempdir().expect("a folder");
    assert_eq!(verify(empty.path(), None, None).exit_code(), 2);
    let made = made();
    let (journal, _) = open_real(made.dir.path()).expect("opens");
    let verdict = made.verify(None);
    assert_eq!(verdict.exit_code(), 2);
    assert!(verdict.unreadable.is_some_and(|reason| reason.contains("另一个进程")));
    drop(journal);
    assert_eq!(made.verify(None).exit_code(), 0);
}
