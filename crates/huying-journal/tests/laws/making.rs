//! Makes drafts, disks and journals for the stories.

use huying_domain::{
    command::Digest,
    event::{Event, handle::Progressed},
    ids::{CaseId, Seq, UnitId},
    private::Private,
    record::{Actor, CommandId, Hash, Origin, Part, Record, Subject},
    time::Timestamp,
};
use huying_journal::{
    disk::{
        real::RealDisk,
        sim::{SimDisk, SplitMix},
    },
    error::OpenError,
    journal::{Draft, Journal, Options, Shelf},
    recovery::Opened,
    seal::{Entropy, MasterKey},
    segment::ClockKind,
    writer::Writer,
};
use std::{ops::ControlFlow, path::Path};

pub(crate) const NUMBER: &str = "13800138000";
pub(crate) const NAME: &str = "张小红";
pub(crate) const WORDS: &str = "楼下井盖没了，孩子差点掉进去";

pub(crate) fn entropy(seed: u64) -> Entropy {
    let mut random = SplitMix(seed);
    Box::new(move |bytes| random.fill(bytes))
}

pub(crate) fn options(shelf: Shelf, writer: Writer, segment_bytes: u64) -> Options {
    Options {
        shelf,
        writer,
        clock_kind: ClockKind::System,
        segment_bytes,
        now: Timestamp::from_seconds(1_790_000_000),
        master_key: MasterKey([7; 32]),
        entropy: entropy(1),
    }
}

pub(crate) const SLED: Shelf = Shelf::Sled { cache_bytes: 16 * 1024 * 1024 };

pub(crate) fn open_sim(disk: &SimDisk) -> Result<(Journal<SimDisk>, Opened), OpenError> {
    Journal::open(disk.clone(), options(Shelf::None, Writer::Inline, 16 * 1024))
}

pub(crate) fn open_real(dir: &Path) -> Result<(Journal<RealDisk>, Opened), OpenError> {
    let disk = RealDisk::new(dir).expect("the folder can be made");
    Journal::open(disk, options(SLED, Writer::Thread, 64 * 1024))
}

pub(crate) fn case(n: u64) -> CaseId {
    CaseId::new(0, n)
}

/// The `n`th draft; its bytes differ in length from those of its neighbours.
pub(crate) fn draft(n: u64) -> Draft {
    let note = format!("note {n} {}", "x".repeat(usize::try_from(n % 37).expect("small")));
    let part = Part {
        subject: Subject::Case(case(n)),
        version: 0,
        events: vec![Event::Progressed(Progressed { note })],
    };
    let record = Record {
        seq: 0,
        at: Timestamp::from_seconds(1_790_000_000 + i64::try_from(n).expect("small")),
        late_for: None,
        actor: Actor::unit(UnitId::new("desk").expect("a token")),
        by: Origin::Person,
        because: None,
        command: CommandId::of_act("tests", "draft", n),
        digest: Digest([0; 16]),
        parts: vec![part],
        sealed: None,
        prev: Hash::ZERO,
    };
    Draft { record, private: None }
}

pub(crate) fn private_draft(n: u64, slot: Option<u32>) -> Draft {
    let private = Private {
        number: Some(NUMBER.to_owned()),
        name: Some(NAME.to_owned()),
        words: Some(WORDS.to_owned()),
        ..Private::default()
    };
    Draft { private: Some((case(n), slot, private)), ..draft(n) }
}

/// Drafts for the seqs from `first` on.
pub(crate) fn drafts(first: Seq, count: u64) -> Vec<Draft> {
    (first..first + count).map(draft).collect()
}

/// Begins batches of these sizes and waits for each.
pub(crate) fn append<D: huying_journal::disk::Disk>(journal: &mut Journal<D>, sizes: &[u64]) {
    for &size in sizes {
        let first = journal.next_seq();
        journal.begin(drafts(first, size)).expect("the disk is in order");
        journal.wait_synced(first + size - 1).expect("the disk is in order");
    }
}

/// Checks that exactly the records 1 to `last` are there, each the one that was drafted for its seq, chained.
pub(crate) fn assert_history<D: huying_journal::disk::Disk>(journal: &Journal<D>, last: Seq) {
    let (mut seen, mut prev) = (0, Hash::ZERO);
    let scanned = journal.scan(1, &mut |record, bytes| {
        seen += 1;
        assert_eq!(record.seq, seen);
        assert_eq!(record.prev, prev);
        assert_eq!(record.parts, draft(seen).record.parts, "record {seen}");
        prev = huying_domain::wire::hash(bytes);
        ControlFlow::Continue(())
    });
    scanned.expect("what is safe can be read");
    assert_eq!(seen, last);
    assert_eq!((journal.head().seq, journal.head().hash), (last, prev));
    assert_told_ahead(journal, last);
    let mut next = 1;
    while next <= last {
        let page = journal.read(next, 100).expect("what is safe can be read");
        assert!(!page.is_empty());
        for record in page {
            assert_eq!(record.seq, next);
            assert_eq!(record.parts, draft(next).record.parts, "record {next} as read");
            next += 1;
        }
    }
}

/// A thread that reads ahead tells the same, and ends where whoever is told has heard enough.
fn assert_told_ahead<D: huying_journal::disk::Disk>(journal: &Journal<D>, last: Seq) {
    for enough in [last, last / 2].into_iter().filter(|&enough| enough > 0) {
        let mut told = 0;
        let read = journal.reader().scan_ahead(1, &mut |record| {
            told += 1;
            assert_eq!((record.seq, &record.parts), (told, &draft(told).record.parts));
            if told < enough { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        read.expect("what is safe can be read");
        assert_eq!(told, enough);
    }
}

/// The segments of a simulated disk with their bytes.
pub(crate) fn segments(disk: &SimDisk) -> Vec<String> {
    disk.names().into_iter().filter(|name| name.ends_with(".seg")).collect()
}
