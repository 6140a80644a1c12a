//! How long is a year of a town? 灯塔市 over 8,760 hours in virtual time, in memory: everybody who calls, everybody who
//! handles, every clock; and then every law over every record. `--calls-per-hour N`, `--hours N` and `--seed N` make it
//! another town.
//!
//! **How many calls.** A county's 12345 took 2,877 demands in a month, which is 34,524 a year: 4 an hour.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use huying_benches::{apart, machine};
use huying_cli::{
    demo::{DemoApart, DemoArgs, beside},
    http::Where,
    people::{drive::End, pace::Speed},
    progress::Silent,
};
use huying_engine::clock::Stopwatch;
use huying_journal::disk::sim::SimDisk;
use huying_tests::sim::laws::Replay;
use std::{path::Path, sync::atomic::AtomicBool};

/// Hours of a year.
const YEAR_HOURS: u32 = 8_760;
const SMOKE_HOURS: u32 = 48;
/// Calls an hour of a county.
const COUNTY_CALLS_PER_HOUR: u32 = 4;

fn main() {
    println!("{}", machine::describe(Path::new("/")));
    let number = |name| apart::after(name).map(|text| text.parse().expect("a number"));
    let hours = if machine::is_smoke() { SMOKE_HOURS } else { YEAR_HOURS };
    let args = DemoArgs {
        data: None,
        hours: number("--hours").unwrap_or(hours),
        calls_per_hour: number("--calls-per-hour").unwrap_or(COUNTY_CALLS_PER_HOUR),
        speed: "max".to_owned(),
        headless: true,
        report: None,
        seed: number("--seed").map_or(1, u64::from),
        http: Where::None,
        apart: DemoApart::default(),
    };
    let lived = Stopwatch::start();
    let mut drive = beside(&args, SimDisk::new()).expect("the town stands");
    let end = drive.run(Speed::Max, &AtomicBool::new(false), &mut Silent).expect("the year is lived");
    let lived = lived.elapsed().as_secs_f64();
    let (until, open) = (drive.now(), drive.open());
    let refused: u64 = drive.door.refused.values().sum();
    let calls = drive.door.calls;
    let (_, engine, _) = drive.into_parts();
    let held = Stopwatch::start();
    let replay = Replay::of(&engine).unwrap_or_else(|broken| panic!("{broken}"));
    replay.is_shown_by(&engine).unwrap_or_else(|broken| panic!("{broken}"));
    replay.is_answered().unwrap_or_else(|broken| panic!("{broken}"));
    let held = held.elapsed().as_secs_f64();
    let records = replay.records();
    let facts = replay.facts();
    let events: u64 = facts.values().sum();
    let fact = |tag| facts.get(tag).copied().unwrap_or(0);
    let came_in = fact("case.registered/1") + fact("case.joined/1");
    println!(
        "{} hours, {} calls an hour, seed {}, until {until}",
        args.hours, args.calls_per_hour, args.seed
    );
    println!("calls {calls}, refused at the door {refused}, open {open}, lost {}", calls - refused - came_in);
    println!("records {records}, events {events}, kinds of events {}", facts.len());
    println!("lived in {lived:.1} s; every law over every record held in {held:.1} s");
    assert!(
        end == End::Finished && open == 0 && calls == refused + came_in,
        "every case ends, and none is lost"
    );
}
