//! What are a million open cases: in memory, at a start, on a board and in a list?
//!
//! Each case is registered and routed, with its clocks running and its work owed to a grid. The engine that is measured
//! starts on a finished folder in a process of its own, so its memory is that of the state, the read models, the
//! watch, the ids of commands, and sled's cache of 64 MB.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{apart, machine, spread, standing};
use std::path::{Path, PathBuf};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const SMOKE_SIZES: [u64; 1] = [300];
/// How often each thing is read.
const READINGS: usize = 101;
const SMOKE_READINGS: usize = 3;

fn main() {
    let smoke = machine::is_smoke();
    if apart::size().is_some() {
        let folder = apart::after("--folder").map(PathBuf::from).expect("the folder was named");
        tell(&standing::stand(&folder, if smoke { SMOKE_READINGS } else { READINGS }));
        return;
    }
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{}", machine::describe(ground));
    let sizes = if smoke { SMOKE_SIZES.as_slice() } else { SIZES.as_slice() };
    for size in sizes {
        let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
        standing::make(folder.path(), *size);
        let path = folder.path().to_string_lossy();
        let smoke = if smoke { "--smoke" } else { "--whole" };
        print!("{}", apart::run(*size, &["--folder", &path, smoke]));
    }
}

fn tell(standing: &standing::Standing) {
    let standing::Standing { cases, bytes_each, start, records, reads } = standing;
    let rate = spread::rate(*records, *start);
    println!("\n{cases} open cases, {bytes_each:.0} bytes each (sled's cache of at most 64 MB among them)");
    println!(
        "  the engine stands after {:.2} s: {records} records, {rate:.0} records/s",
        start.as_secs_f64()
    );
    println!("  reading, ms               p50       p99       most");
    for read in reads {
        let (p50, p99, most) = (read.ms(0.5), read.ms(0.99), read.ms(1.0));
        println!("  {:<22} {p50:>8.3}  {p99:>8.3}   {most:>8.3}", read.what);
    }
}
