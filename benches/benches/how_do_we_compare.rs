//! How do we compare with the PostgreSQL event table that a good team would write?
//!
//! One life of a case is six durable transitions, each with the version that it saw. In every round each number of
//! clients is served by PostgreSQL, by the engine in its own process, by the engine over NATS with echo and
//! assignments on, and by the program over HTTP, one after the other; a ratio is made within a round. `make compare` runs it; without a yardstick
//! (`--yardstick PROGRAM --postgres FOLDER`) only ours is measured, and that is said.
//!
//! What is not alike, and in whose favour: the engine makes a seventh record a case, the assignment, seals personal
//! data and chains hashes, none of which the table does; PostgreSQL is reached through a socket of its machine and
//! not over TCP; the engine's clients "in its process" have no hop at all, those over NATS have two.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement tells its figures and what it skips"
)]

use huying_benches::{
    clients::{Run, run},
    compared::Figures,
    life::CHECKED_ASKS,
    lives, machine,
    nerved::Nerved,
    spread::{quantile, told},
    stage::Stage,
    webbed::Webbed,
    yardstick::Yardstick,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Cases at 256 clients; fewer clients lead this share of them.
const CASES: u64 = 50_000;
const SMOKE_CASES: u64 = 500;
const ROUNDS: usize = 3;
/// Clients at once, and the share of the cases that they lead, in hundredths.
const LEVELS: [(usize, u64); 3] = [(1, 4), (16, 24), (256, 100)];
/// Calls in a message, and messages in flight.
const CALLS_IN_MESSAGE: u64 = 64;
const MESSAGES_IN_FLIGHT: usize = 16;

/// A way to the engine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Way {
    Postgres,
    InProcess,
    Nats,
    NatsBy64,
    Http,
}

impl Way {
    const OURS: [Self; 4] = [Self::InProcess, Self::Nats, Self::NatsBy64, Self::Http];

    const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::InProcess => "in-process",
            Self::Nats => "nats",
            Self::NatsBy64 => "nats-by-64",
            Self::Http => "http",
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL event table",
            Self::InProcess => "Huying, in its process",
            Self::Nats => "Huying over NATS, one command a message",
            Self::NatsBy64 => "Huying over NATS, 64 calls a message",
            Self::Http => "Huying over HTTP, the program itself, one command a request",
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after =
        |name: &str| arguments.iter().position(|word| word == name).and_then(|at| arguments.get(at + 1));
    let number = |name: &str| after(name).map(|text| text.parse::<u64>().expect("a whole number"));
    let ground = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if let Some(way) = after("--alone") {
        let way = Way::OURS.into_iter().find(|known| known.name() == way).expect("a way that is known");
        let clients = usize::try_from(number("--clients").unwrap_or(1)).expect("a small number");
        let program = after("--program").map_or_else(PathBuf::new, PathBuf::from);
        println!(
            "{}",
            alone(ground, way, &program, clients, number("--cases").unwrap_or(SMOKE_CASES)).line()
        );
        return;
    }
    let smoke = machine::is_smoke();
    let cases = number("--cases").unwrap_or(if smoke { SMOKE_CASES } else { CASES });
    let rounds = number("--rounds").unwrap_or(if smoke { 1 } else { ROUNDS as u64 });
    println!("{}", machine::describe(ground));
    let program = after("--program");
    if program.is_none() {
        eprintln!("skipped: HTTP, for which the program is named by --program");
    }
    let mut yardstick = after("--yardstick").map(|program| {
        let postgres = after("--postgres").map_or_else(|| PathBuf::from("/usr/bin"), PathBuf::from);
        Yardstick::start(Path::new(program), &postgres, ground)
    });
    match &mut yardstick {
        Some(yardstick) => {
            println!(
                "{}, its own socket, pool of 32, prepared, synchronous_commit on, shared_buffers 2 GB",
                yardstick.server
            );
            // Its segments of the log are there afterwards, as they are on a server that has run for a day.
            yardstick.run(256, cases / 2);
        }
        None => eprintln!("skipped: PostgreSQL, which `make compare` sets beside us; only ours is measured"),
    }
    println!(
        "{cases} cases at 256 clients; {rounds} rounds, middle [least–most]; a ratio is made within a round"
    );
    let mut seen: BTreeMap<(usize, Way), Vec<Figures>> = BTreeMap::new();
    for round in 1..=rounds {
        for (clients, share) in LEVELS {
            let cases = (cases * share / 100).max(1);
            if let Some(yardstick) = &mut yardstick {
                seen.entry((clients, Way::Postgres)).or_default().push(yardstick.run(clients, cases));
            }
            for way in Way::OURS {
                if is_run(way, clients, program) {
                    seen.entry((clients, way)).or_default().push(apart(way, program, clients, cases));
                }
            }
            eprintln!("round {round} of {rounds}: {clients} clients done");
        }
    }
    tell(&seen);
}

/// Calls by the dozen are what a hotline's software sends; over HTTP the program itself is asked, where it is named.
fn is_run(way: Way, clients: usize, program: Option<&String>) -> bool {
    match way {
        Way::Postgres | Way::InProcess | Way::Nats => true,
        Way::NatsBy64 => clients == 256,
        Way::Http => program.is_some(),
    }
}

/// Runs one of our ways in a process of its own.
fn apart(way: Way, served_by: Option<&String>, clients: usize, cases: u64) -> Figures {
    let program = std::env::current_exe().expect("it runs");
    let mut command = Command::new(program);
    if let Some(served_by) = served_by {
        command.args(["--program", served_by]);
    }
    command.args(["--alone", way.name(), "--clients", &clients.to_string(), "--cases", &cases.to_string()]);
    let output = command.stderr(std::process::Stdio::inherit()).output().expect("it runs again");
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().last().and_then(Figures::read);
    line.unwrap_or_else(|| panic!("{} with {clients} clients said {said:?}", way.name()))
}

fn alone(ground: &Path, way: Way, program: &Path, clients: usize, cases: u64) -> Figures {
    let folder = tempfile::tempdir_in(ground).expect("the target folder can be written");
    match way {
        Way::Postgres => unreachable!("the yardstick is a program of its own"),
        Way::InProcess => in_process(folder.path(), clients, cases),
        Way::Nats | Way::NatsBy64 => over_nats(folder.path(), way, clients, cases),
        Way::Http => over_http(program, folder.path(), clients, cases),
    }
}

fn in_process(folder: &Path, clients: usize, cases: u64) -> Figures {
    let stage = Stage::open(folder);
    let before = machine::by_thread();
    let outcome = run(&stage, Run { clients, cases, asks: CHECKED_ASKS });
    let mut spent = machine::since(&before);
    spent.remove("client");
    // Its threads have ended, and with them what the machine says of each; the process knows the sum.
    let rest = outcome.spent_with_shelf.saturating_sub(spent.values().sum());
    spent.insert("clients".to_owned(), rest);
    let figures = Figures {
        transitions: outcome.transitions,
        answered: outcome.answered,
        settled: outcome.shelved,
        p50: outcome.p50,
        p99: outcome.p99,
        spent,
        memory_bytes: machine::memory_bytes_max(None),
    };
    stage.close();
    figures
}

fn over_nats(folder: &Path, way: Way, clients: usize, cases: u64) -> Figures {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("clients")
        .enable_all()
        .build()
        .expect("the machine has room for a runtime");
    let nerved = Nerved::open(folder);
    let figures = runtime.block_on(async {
        let mut arrivals = nerved.department().await;
        let server = nerved.server.pid();
        let (before, server_before) = (machine::by_thread(), machine::by_process(server));
        let led = if way == Way::Nats {
            let led = lives::lead(&nerved, clients, cases).await;
            // Its clients do not wait until they are told.
            let never_came = cases - nerved.nothing_owed(&mut arrivals).await;
            if never_came > 0 {
                eprintln!(
                    "{never_came} of {cases} cases never came, and nothing is owed: over before their turn"
                );
            }
            led
        } else {
            let messages = cases.div_ceil(CALLS_IN_MESSAGE);
            let led = lives::calls(&nerved, CALLS_IN_MESSAGE, messages, MESSAGES_IN_FLIGHT).await;
            arrivals.all(led.samples.len() as u64).await;
            led
        };
        let settled = led.began.elapsed();
        drop(arrivals.end());
        let mut spent = machine::since(&before);
        let of_server = machine::by_process(server).saturating_sub(server_before);
        spent.insert("nats-server".to_owned(), of_server);
        Figures {
            transitions: led.samples.len() as u64,
            answered: led.answered,
            settled,
            p50: quantile(&led.samples, 0.5),
            p99: quantile(&led.samples, 0.99),
            spent,
            memory_bytes: machine::memory_bytes_max(None) + machine::memory_bytes_max(Some(server)),
        }
    });
    nerved.close();
    figures
}

/// The door of the program itself, in a process of its own.
fn over_http(program: &Path, folder: &Path, clients: usize, cases: u64) -> Figures {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("clients")
        .enable_all()
        .build()
        .expect("the machine has room for a runtime");
    let webbed = runtime.block_on(Webbed::open(program, folder));
    let (before, program_before) = (machine::by_thread(), machine::by_process(webbed.pid()));
    let led = runtime.block_on(webbed.lead(clients, cases));
    let mut spent = machine::since(&before);
    spent.insert("program".to_owned(), machine::by_process(webbed.pid()).saturating_sub(program_before));
    let figures = Figures {
        transitions: led.samples.len() as u64,
        answered: led.answered,
        settled: led.settled,
        p50: quantile(&led.samples, 0.5),
        p99: quantile(&led.samples, 0.99),
        spent,
        memory_bytes: webbed.memory_bytes(),
    };
    webbed.close();
    figures
}

fn tell(seen: &BTreeMap<(usize, Way), Vec<Figures>>) {
    for ((clients, way), rounds) in seen {
        let each =
            |figure: &dyn Fn(&Figures) -> f64, digits| told(rounds.iter().map(figure).collect(), digits);
        println!("\n{clients} clients: {}", way.says());
        println!("  transitions/s until the last answer    {}", each(&Figures::answered_rate, 0));
        println!("  transitions/s until all has caught up  {}", each(&Figures::settled_rate, 0));
        println!("  p50 of one transition, ms              {}", each(&|one| one.p50.as_secs_f64() * 1e3, 3));
        println!("  p99 of one transition, ms              {}", each(&|one| one.p99.as_secs_f64() * 1e3, 3));
        println!("  processor µs a transition              {}", each(&Figures::cpu_us, 1));
        println!("    by part                              {}", parts(rounds));
        println!("  memory, MB                             {}", each(&|one| megabytes(one.memory_bytes), 0));
        if let Some(theirs) = seen.get(&(*clients, Way::Postgres)).filter(|_| *way != Way::Postgres) {
            let ratio = |figure: &dyn Fn(&Figures) -> f64| {
                let pairs = rounds.iter().zip(theirs);
                told(pairs.map(|(ours, theirs)| figure(ours) / figure(theirs)).collect(), 2)
            };
            println!("  × PostgreSQL: rate {}", ratio(&Figures::answered_rate));
            println!("                rate, caught up {}", ratio(&Figures::settled_rate));
            println!("                p50 {}", ratio(&|one| one.p50.as_secs_f64()));
            println!("                p99 {}", ratio(&|one| one.p99.as_secs_f64()));
            println!("                processor {}", ratio(&Figures::cpu_us));
        }
    }
}

/// What each part spent on a transition, the most first, of the round in the middle of the list.
fn parts(rounds: &[Figures]) -> String {
    let Some(one) = rounds.get(rounds.len() / 2) else { return String::new() };
    let mut parts: Vec<_> = one.spent.iter().collect();
    parts.sort_by_key(|(_, spent)| std::cmp::Reverse(**spent));
    #[expect(clippy::cast_precision_loss, reason = "a count of some millions")]
    let each = |spent: &Duration| spent.as_secs_f64() * 1e6 / one.transitions as f64;
    let told = parts.iter().map(|(part, spent)| format!("{part} {:.1}", each(spent)));
    told.take(6).collect::<Vec<_>>().join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "some thousands of megabytes")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
