//! The yardstick: a PostgreSQL event table as a good team would write it, and clients that lead cases through it.
//!
//! It makes a cluster of its own below a folder, starts it, and reads one line for each run from its input:
//! `insert 256 50000` or `guard 16 12000` (the shape, the clients, the cases). It answers each with one line of
//! JSON, and stops the server when the input ends.
//!
//! What it does not do: it compares nothing. `how_do_we_compare` asks it in turn with the engine.

mod server;
mod table;

use server::Server;
use std::{
    io::{self, BufRead, Write},
    path::PathBuf,
};

fn main() {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(programs), Some(ground)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: huying-yardstick FOLDER-OF-POSTGRES-PROGRAMS FOLDER-TO-WORK-IN");
        std::process::exit(2);
    };
    let server = Server::start(&programs, &ground);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("the machine has room for a runtime");
    println!("{}", serde_json::json!({ "server": server.version() }));
    for line in io::stdin().lock().lines() {
        let line = line.expect("whoever asks writes text");
        let mut words = line.split_whitespace();
        let (Some(shape), Some(clients), Some(cases)) = (words.next(), words.next(), words.next()) else {
            eprintln!("a run is SHAPE CLIENTS CASES, not {line:?}");
            std::process::exit(2);
        };
        let shape = shape.parse().expect("insert or guard");
        let (clients, cases) = (clients.parse().expect("a number"), cases.parse().expect("a number"));
        let answer = runtime.block_on(table::run(&server, shape, clients, cases));
        println!("{answer}");
        io::stdout().flush().expect("whoever asked reads");
    }
}
