//! A live engine of the tiny city, on a folder of a real disk, in a thread of its own.

use huying_domain::{record::RuleFile, rules::RuleTexts};
use huying_engine::{
    door::Handle,
    engine::{Engine, Fault},
    start::{Setup, StartError, Started},
};
use huying_journal::{disk::real::RealDisk, seal::Entropy};
use rand::{TryRngCore, rngs::OsRng};
use std::{
    path::Path,
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often it is asked whether sled has caught up.
const SHELF_LOOK_MS: u64 = 1;

/// The rule files of the tiny city of the tests.
pub fn city() -> RuleTexts {
    let texts = [
        (RuleFile::Policy, include_str!("../../tests/city/policy.toml")),
        (RuleFile::Duty, include_str!("../../tests/city/duty.toml")),
        (RuleFile::Calendar, include_str!("../../tests/city/calendar.toml")),
        (RuleFile::Territory, include_str!("../../tests/city/territory.csv")),
        (RuleFile::Units, include_str!("../../tests/city/units.csv")),
    ];
    texts.into_iter().map(|(file, text)| (file, text.as_bytes().to_vec())).collect()
}

/// Random bytes of the machine.
pub fn entropy() -> Entropy {
    Box::new(|bytes| OsRng.try_fill_bytes(bytes).expect("the machine has random bytes"))
}

/// Starts an engine on a folder, new or left by another, with sled and the machine's clock.
pub fn start(folder: &Path) -> Result<Started<RealDisk>, StartError> {
    Engine::start(RealDisk::new(folder)?, Setup::live(Some(city()), entropy()))
}

/// An engine that runs.
pub struct Stage {
    /// Its door.
    pub handle: Handle<RealDisk>,
    loop_thread: JoinHandle<Result<(), Fault>>,
}

impl Stage {
    /// Starts one and lets it run.
    pub fn open(folder: &Path) -> Self {
        Self::of(start(folder).expect("the engine starts").engine)
    }

    /// Lets an engine run that was started elsewhere.
    pub fn of(engine: Engine) -> Self {
        let handle = engine.handle();
        let named = thread::Builder::new().name("huying-loop".to_owned());
        let loop_thread = named.spawn(move || engine.run()).expect("the machine has room for a thread");
        Self { handle, loop_thread }
    }

    /// What the loop sees when everything before is on the platter.
    pub fn look<R: Send + 'static>(&self, look: impl FnOnce(&mut Engine) -> R + Send + 'static) -> R {
        let ticket = self.handle.look(look).expect("there is room in the lane");
        ticket.wait().expect("the engine lives")
    }

    /// Waits until sled holds every record.
    pub fn wait_for_shelf(&self) {
        while self.look(|engine| engine.journal().shelf_lag()) > 0 {
            thread::sleep(Duration::from_millis(SHELF_LOOK_MS));
        }
    }

    /// Stops it; what was taken is finished.
    pub fn close(self) {
        self.handle.stop();
        self.loop_thread.join().expect("the loop did not panic").expect("the loop met no fault");
    }
}
