//! An engine that runs in a thread of its own, with doors into it.

use crate::making;
use huying_bus::{
    message::answer::{CallAnswer, UnitReply},
    subject::token::Verb,
};
use huying_domain::{
    ids::{CaseId, UnitId},
    record::{Record, RuleFile},
    rules::RuleTexts,
    time::Timestamp,
    vocabulary::Channel,
};
use huying_engine::{
    door::Handle,
    doors::{
        Doors, DoorsSetup,
        calls::{Caller, Naming},
        status::{CaseStatus, Sees},
    },
    engine::Engine,
};
use huying_journal::{disk::real::RealDisk, reader::Reader};
use std::{future::Future, ops::ControlFlow, path::Path, sync::Arc, thread::JoinHandle};

/// When a feed's calls are one matter, where a test says that they may be.
const JOIN: &str = r#"
[join]
source = "made up for tests"
radius_m = 100
window_s = 3600
threshold_permille = 500
words_permille = 400
"#;

/// The rules of the tiny city, in which feeds' calls are joined.
pub(crate) fn joining() -> RuleTexts {
    let mut texts = making::texts();
    texts.insert(RuleFile::Policy, format!("{}{JOIN}", making::POLICY).into_bytes());
    texts
}

pub(crate) struct House {
    pub(crate) doors: Arc<Doors<RealDisk>>,
    pub(crate) handle: Handle<RealDisk>,
    pub(crate) reader: Reader<RealDisk>,
    thread: Option<JoinHandle<()>>,
}

impl House {
    pub(crate) fn open(dir: &Path, now: Timestamp, seed: u64) -> Self {
        Self::around(making::start(dir, now, seed), seed)
    }

    pub(crate) fn around(mut engine: Engine<RealDisk>, seed: u64) -> Self {
        let setup = DoorsSetup { outlines: None, entropy: making::entropy(seed + 1_000) };
        let doors = Doors::open(&mut engine, setup).expect("the doors open");
        Self::beside(engine, doors)
    }

    /// An engine whose doors are open already.
    pub(crate) fn beside(engine: Engine<RealDisk>, doors: Arc<Doors<RealDisk>>) -> Self {
        let (handle, reader) = (engine.handle(), engine.journal().reader());
        let thread = Some(std::thread::spawn(move || engine.run().expect("the disk is in order")));
        Self { doors, handle, reader, thread }
    }

    /// Moves the clock, and lets the loop turn until nothing is to do any more.
    pub(crate) fn wait_until(&self, now: Timestamp) {
        let look = self.handle.look(move |engine| engine.clock().advance_to(now)).expect("it runs");
        look.wait().expect("it runs");
        self.settle();
    }

    /// Waits until the stations have named nothing more for two turns.
    pub(crate) fn settle(&self) {
        let mut last = 0;
        for _ in 0..1_000 {
            self.handle.look(|_| ()).expect("it runs").wait().expect("it runs");
            std::thread::sleep(std::time::Duration::from_millis(2));
            let synced = self.reader.synced();
            if synced == last && synced > 0 {
                return;
            }
            last = synced;
        }
    }

    pub(crate) fn send(&self, message: &str) -> Vec<CallAnswer> {
        self.send_as("hotline", Channel::Call, &Naming::Fresh, message)
    }

    pub(crate) fn send_as(
        &self,
        source: &str,
        channel: Channel,
        naming: &Naming,
        message: &str,
    ) -> Vec<CallAnswer> {
        let source = source.parse().expect("one token");
        let caller = Caller { source, channel, person: None, unit: None };
        wait(self.doors.calls(&caller, naming, message.as_bytes())).answers
    }

    pub(crate) fn deed(&self, unit: &str, id: &str, case: CaseId, deed: &str) -> UnitReply {
        self.deed_over(unit, id, case, deed, true)
    }

    pub(crate) fn deed_over(
        &self,
        unit: &str,
        id: &str,
        case: CaseId,
        deed: &str,
        private: bool,
    ) -> UnitReply {
        let body = format!(r#"{{"id":"{id}","case":"{case}","person":"li","deed":{deed}}}"#);
        let parsed: serde_json::Value = serde_json::from_str(deed).expect("the test's own deed");
        let verb: Verb = parsed["verb"].as_str().expect("a verb").parse().expect("a verb");
        let unit: UnitId = unit.parse().expect("one token");
        wait(self.doors.unit(&unit, verb, body.as_bytes(), private))
    }

    pub(crate) fn status(&self, case: CaseId) -> CaseStatus {
        wait(self.doors.case_status(case, Sees::All)).expect("the case is there")
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        let read = self.reader.scan(1, &mut |record, _| {
            records.push(record.clone());
            ControlFlow::Continue(())
        });
        read.expect("what is safe can be read");
        records
    }

    /// How many cases there are.
    pub(crate) fn cases(&self) -> usize {
        let opens = |record: &&Record| {
            let first = record.parts.first().and_then(|part| part.events.first());
            first.is_some_and(|event| {
                event.tag().starts_with("case.registered") || event.tag().starts_with("case.joined")
            })
        };
        self.records().iter().filter(opens).count()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the loop panicked");
        }
    }
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// The case of an answer.
pub(crate) fn case(answer: &CallAnswer) -> CaseId {
    match answer {
        CallAnswer::Taken { case, .. } => *case,
        CallAnswer::Refused { refusal, .. } => panic!("refused: {refusal:?}"),
        CallAnswer::Heard { device } => panic!("heard of {device}"),
    }
}

/// The code and the field of a refusal.
pub(crate) fn refusal(answer: &CallAnswer) -> (&str, &str) {
    match answer {
        CallAnswer::Refused { refusal, .. } => {
            assert!(!refusal.words.zh.is_empty() && !refusal.words.en.is_empty());
            (&refusal.code, refusal.field.as_deref().unwrap_or_default())
        }
        CallAnswer::Taken { case, .. } => panic!("taken as {case}"),
        CallAnswer::Heard { device } => panic!("heard of {device}"),
    }
}

/// The code and the field of a refused deed.
pub(crate) fn denied(reply: &UnitReply) -> (&str, &str) {
    match reply {
        UnitReply::Refused { refusal } => (&refusal.code, refusal.field.as_deref().unwrap_or_default()),
        done => panic!("done: {done:?}"),
    }
}
