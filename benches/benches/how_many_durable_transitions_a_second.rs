//! How many transitions a second does the engine make durable, asked for by 1, 16 and 256 clients in its
//! process?
//!
//! A live engine on a real disk, sled on, personal data sealed. Each client leads cases through six
//! transitions (register, accept, escalate, accept, resolve, check), each with the version it saw, and waits
//! for each answer; the routing station adds a seventh record to each case, the assignment, which is not
//! counted as a transition.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{
    clients::{Outcome, Run, run},
    life::CHECKED_ASKS,
    machine, spread,
    stage::Stage,
};
use std::path::Path;

/// Clients at once, and cases that they lead.
const SIZES: [(usize, u64); 3] = [(1, 2_000), (16, 12_000), (256, 50_000)];
const SMOKE_SIZES: [(usize, u64); 3] = [(1, 20), (16, 64), (256, 512)];
/// Each size runs so often, each time in a folder of its own.
const ROUNDS: usize = 3;

fn main() {
    let smoke = machine::is_smoke();
    let (sizes, rounds) = if smoke { (SMOKE_SIZES, 1) } else { (SIZES, ROUNDS) };
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("{}", machine::describe(ground));
    println!(
        "{CHECKED_ASKS} transitions a case by clients, 1 by routing; {rounds} rounds, middle [least–most]"
    );
    for (clients, cases) in sizes {
        let outcomes: Vec<Outcome> =
            (0..rounds).map(|_| once(ground, Run { clients, cases, asks: CHECKED_ASKS })).collect();
        tell(clients, cases, &outcomes);
    }
}

fn once(ground: &Path, what: Run) -> Outcome {
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    let stage = Stage::open(folder.path());
    let outcome = run(&stage, what);
    if std::env::args().any(|argument| argument == "--metrics") {
        println!("{}", stage.look(|engine| engine.metrics().text()));
    }
    stage.close();
    outcome
}

fn tell(clients: usize, cases: u64, outcomes: &[Outcome]) {
    let each = |figure: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(figure).collect::<Vec<f64>>();
    let told = |figure: &dyn Fn(&Outcome) -> f64, digits| spread::told(each(figure), digits);
    let records = outcomes.iter().map(|outcome| outcome.records).max().unwrap_or(0);
    println!("\n{clients} clients, {cases} cases, {records} records");
    println!("  transitions/s until the last answer    {}", told(&Outcome::answered_rate, 0));
    println!("  transitions/s until sled has caught up {}", told(&Outcome::shelved_rate, 0));
    println!("  p50 of one transition, ms              {}", told(&|one| one.p50.as_secs_f64() * 1e3, 3));
    println!("  p99 of one transition, ms              {}", told(&|one| one.p99.as_secs_f64() * 1e3, 3));
    println!("  processor µs a transition, sled too    {}", told(&Outcome::cpu_us, 1));
    println!("  cores that others kept busy            {}", told(&Outcome::cores_of_others, 2));
}
