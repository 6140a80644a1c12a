//! How much is a running clock: in memory, to start, to move, to name when it is due, up to ten million of them?
//!
//! Each size runs in a process of its own, so that none stands on memory that another has left.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{apart, clocks, machine};
use std::path::Path;

const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];
const SMOKE_SIZES: [u64; 2] = [200, 2_000];

fn main() {
    if let Some(size) = apart::size() {
        let clocks::Ticked { clocks, bytes, start_ns, move_ns, name_ns, looked_at, idle_us } =
            clocks::tick(size);
        println!(
            "  {clocks:>10} {bytes:>7.0} {start_ns:>9.0} {move_ns:>9.0} {name_ns:>9.0} {looked_at:>10.2} {idle_us:>9.2}"
        );
        return;
    }
    println!("{}", machine::describe(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    println!("      clocks   bytes  start ns   move ns   name ns  looked at   idle µs");
    let sizes = if machine::is_smoke() { SMOKE_SIZES.as_slice() } else { SIZES.as_slice() };
    for size in sizes {
        print!("{}", apart::run(*size, &[]));
    }
}
