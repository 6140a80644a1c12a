//! The bounds of the engine. This file alone may read the environment.

use std::{ffi::OsString, path::PathBuf};

/// How many folders above the program the project's own may lie: `target/release/` is two, a test's three.
const PROJECT_FOLDERS_UP_MAX: usize = 4;

/// Bounds of queues and batches; every one has a unit in its name.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most commands decided and committed together. sled slows down above 512 records a batch.
    pub batch_commands_max: usize,
    /// Most commands that wait in the ordinary lane; then the answer is `busy`, never a silent drop.
    pub ordinary_lane_commands_max: usize,
    /// Most commands that wait in the urgent lane; then the sender waits for room and is never told `busy`.
    pub urgent_lane_commands_max: usize,
    /// Most cases that one sweep of the watch names.
    pub sweep_cases_max: usize,
    /// For how many days the id of a command is remembered.
    pub dedup_days: i64,
    /// A timer that fires more than this many seconds late is marked so.
    pub late_s: i64,
    /// How often the engine writes down that it is alive, so that an outage has a beginning.
    pub alive_every_s: i64,
    /// Longest sleep of the loop when nothing is to do.
    pub idle_sleep_ms: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            batch_commands_max: 512,
            ordinary_lane_commands_max: 8_192,
            urgent_lane_commands_max: 1_024,
            sweep_cases_max: 256,
            dedup_days: 30,
            late_s: 60,
            alive_every_s: 10,
            idle_sleep_ms: 200,
        }
    }
}

/// The variable that holds tracing directives, such as `huying_engine=debug`.
pub const LOG_VARIABLE: &str = "HUYING_LOG";

/// What the environment says about logging.
pub fn log_directives() -> Option<String> {
    std::env::var(LOG_VARIABLE).ok()
}

/// Where programs are looked for: what PATH says, and beside this program and its project, where `make nats` puts
/// the server.
pub fn program_places(name: &str) -> (Option<OsString>, Vec<PathBuf>) {
    let mut places = Vec::new();
    if let Ok(program) = std::env::current_exe() {
        let folders = program.ancestors().skip(1);
        places.extend(folders.clone().take(1).map(|folder| folder.join(name)));
        places.extend(folders.take(PROJECT_FOLDERS_UP_MAX).map(|folder| folder.join("tools").join(name)));
    }
    (std::env::var_os("PATH"), places)
}
