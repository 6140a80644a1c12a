//! What bends as it grows? The price of one clock, place, open case, event and transition at 1×, 10× and 100× the size,
//! on one plot: what grows evenly stays level. `--svg FILE` says where the plot is to stand.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{
    apart,
    clients::{Run, run},
    clocks,
    growth::{Line, svg},
    life::CHECKED_ASKS,
    machine, places, replayed,
    spread::{nanos_each, sample},
    stage::{self, Stage},
    standing,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Clocks, areas, open cases, closed cases to replay, and cases led by 256 clients, at each size.
const SIZES: [[u64; 5]; 3] = [
    [100_000, 1_000, 10_000, 400, 1_000],
    [1_000_000, 10_000, 100_000, 4_000, 10_000],
    [10_000_000, 100_000, 1_000_000, 40_000, 100_000],
];
const SMOKE_SIZES: [[u64; 5]; 2] = [[100, 40, 50, 20, 40], [1_000, 400, 200, 60, 120]];
const POINTS: u64 = 20_000;
const READINGS: usize = 11;

fn main() {
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if let Some(size) = apart::size() {
        let what = apart::after("--what").expect("it was said what");
        for (name, price) in prices(ground, &what, size) {
            println!("{name}\t{price}");
        }
        return;
    }
    println!("{}", machine::describe(ground));
    let sizes = if machine::is_smoke() { SMOKE_SIZES.as_slice() } else { SIZES.as_slice() };
    let mut lines: Vec<Line> = Vec::new();
    for (column, what) in ["clocks", "places", "open", "replay", "transitions"].iter().enumerate() {
        for size in sizes.iter().map(|sizes| sizes[column]) {
            for line in apart::run(size, &["--what", what]).lines() {
                let Some((name, price)) = line.split_once('\t') else { continue };
                let price: f64 = price.parse().expect("a number");
                println!("{size:>10}  {name:<44} {price:>12.1}");
                match lines.iter_mut().find(|line| line.name == name) {
                    Some(line) => line.points.push((size, price)),
                    None => lines.push(Line { name: name.to_owned(), points: vec![(size, price)] }),
                }
            }
        }
    }
    let file = apart::after("--svg").map_or_else(|| ground.join("growth.svg"), PathBuf::from);
    fs::write(&file, svg("price of one as the number grows, both scales logarithmic", &lines))
        .expect("the plot can be written");
    println!("plot: {}", file.display());
}

fn prices(ground: &Path, what: &str, size: u64) -> Vec<(&'static str, f64)> {
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    match what {
        "clocks" => {
            let ticked = clocks::tick(size);
            vec![
                ("a clock: start", ticked.start_ns),
                ("a clock: name when due", ticked.name_ns),
                ("a clock: bytes", ticked.bytes),
            ]
        }
        "places" => vec![("an area among as many: find", places::find_ns(size, POINTS))],
        "open" => {
            standing::make(folder.path(), size);
            let standing = standing::stand(folder.path(), READINGS);
            let board = standing.reads.iter().find(|read| read.what == "board").expect("it is read");
            vec![("an open case: on the board", board.ms(0.5) * 1e6 / sample(standing.cases))]
        }
        "replay" => {
            replayed::make(folder.path(), size);
            let engine = stage::start(folder.path()).expect("the engine starts").engine;
            let reading = replayed::fold(engine.journal());
            vec![("an event: read and folded", nanos_each(reading.took, reading.events))]
        }
        _ => {
            let stage = Stage::open(folder.path());
            let outcome = run(&stage, Run { clients: 256, cases: size, asks: CHECKED_ASKS });
            stage.close();
            vec![("a transition: until sled has caught up", nanos_each(outcome.shelved, outcome.transitions))]
        }
    }
}
