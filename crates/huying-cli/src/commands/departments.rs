//! `departments`: the people of all units, in a process of their own. They know nothing but what a department's
//! account is sent, and act as one does: by requests in the unit's name.
//!
//! The driver of the demo's virtual time gives them the turn, see [`crate::people::departments`].

use crate::{
    commands::stations::{address, runtime},
    exit::Exit,
    failure::{Failure, Output},
    nerves::NatsArgs,
    people::{departments::Turn, office::Office},
    words::Say,
};
use futures::StreamExt;
use huying_bus::{
    consumers::ALL_UNITS,
    link::Link,
    message::{
        answer::{RefusalMessage, UnitReply},
        assignment::Assignment,
        deed::UnitRequest,
    },
    role::Role,
    stream::Stream,
    subject::Subject,
    take::{Queue, Taken},
    talk::NoAnswer,
};
use huying_domain::{ids::UnitId, words::Words};
use serde_json::Value;
use std::{
    error::Error,
    io::{self, BufRead, Write},
    path::PathBuf,
    time::Duration,
};
use tokio::sync::mpsc;

/// Most assignments that are fetched at once.
const FETCH_MAX: usize = 256;
/// Requests that are on their way at once.
const REQUESTS_AT_ONCE_MAX: usize = 16;
/// How often a request is sent before it counts as lost; the same id makes it one.
const TRIES_MAX: u32 = 30;
/// Pause before something is tried again, in milliseconds.
const TRY_AGAIN_MS: u64 = 200;

/// Where and by which chance.
#[derive(Clone, Debug, clap::Args)]
pub struct DepartmentsArgs {
    /// The data folder, for the account
    #[arg(long)]
    pub data: PathBuf,
    /// The seed of everything that people do
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Which NATS server.
    #[command(flatten)]
    pub nats: NatsArgs,
}

/// A request and what came of it.
type Asked = (UnitId, UnitRequest, UnitReply);

/// Plays the units until standard input is closed.
pub fn run(args: &DepartmentsArgs) -> Result<Output, Failure> {
    let address = address(&args.nats, &args.data, &Role::AllUnits)?;
    let mut office = Office::new(args.seed);
    let played = runtime()?.block_on(async {
        let link = Link::connect(&address).await?;
        let mut turns = turns();
        let mut queue = None;
        while let Some(turn) = turns.recv().await {
            fetch(&link, &mut queue, &mut office, turn).await?;
            let due = office.take_due(turn.now);
            let asked = futures::stream::iter(due).map(|about_one| ask_all(&link, about_one));
            let answers: Vec<Vec<Asked>> = asked.buffered(REQUESTS_AT_ONCE_MAX).collect().await;
            for (unit, request, reply) in answers.into_iter().flatten() {
                office.answered(&unit, &request, &reply, turn.now);
            }
            let done = serde_json::to_string(&office.done())?;
            writeln!(io::stdout().lock(), "{done}")?;
        }
        Ok::<_, Box<dyn Error + Send + Sync>>(())
    });
    played.map_err(|error| {
        tracing::error!(error, "the departments stop");
        Failure::new(Exit::Fault, "departments", Say::DepartmentsFailed.with(&[]))
    })?;
    Ok(Output::done(Value::Null, String::new()))
}

/// The driver's words, read in a thread of their own.
fn turns() -> mpsc::Receiver<Turn> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Some(turn) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { return };
            if sender.blocking_send(turn).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Fetches every assignment that is there.
async fn fetch(
    link: &Link,
    queue: &mut Option<Queue>,
    office: &mut Office,
    turn: Turn,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    loop {
        let taken = match try_fetch(link, queue).await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::debug!(error = &error as &dyn Error, "no assignments can be fetched yet");
                *queue = None;
                tokio::time::sleep(Duration::from_millis(TRY_AGAIN_MS)).await;
                continue;
            }
        };
        if taken.is_empty() {
            return Ok(());
        }
        for Taken { subject, payload } in taken {
            let Subject::Assignment { unit, .. } = subject.parse()? else {
                return Err("not an assignment's subject".into());
            };
            let assignment: Assignment = serde_json::from_slice(&payload)?;
            office.learn(&unit, &assignment, turn.now);
        }
    }
}

async fn try_fetch(link: &Link, queue: &mut Option<Queue>) -> Result<Vec<Taken>, NoAnswer> {
    let queue = match queue {
        Some(queue) => queue,
        None => queue.insert(Queue::open(link, Stream::Assignments, ALL_UNITS).await?),
    };
    queue.take(FETCH_MAX).await
}

/// Asks what is due about one case, each after the answer to the one before.
async fn ask_all(link: &Link, requests: Vec<(UnitId, UnitRequest)>) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (unit, request) in requests {
        asked.push(ask(link, unit, request).await);
    }
    asked
}

/// Asks in a unit's name, again with the same id while no answer comes.
async fn ask(link: &Link, unit: UnitId, request: UnitRequest) -> Asked {
    let subject = Subject::As { unit: unit.clone(), verb: request.deed.verb() };
    let body = serde_json::to_vec(&request).expect("a request has a JSON form");
    for _ in 0..TRIES_MAX {
        let answer = link.ask(&subject, body.clone()).await;
        match answer.map(|bytes| serde_json::from_slice::<UnitReply>(&bytes)) {
            Ok(Ok(reply)) => return (unit, request, reply),
            Ok(Err(error)) => tracing::warn!(%error, "the answer cannot be read"),
            Err(error) => tracing::debug!(%error, "no answer yet"),
        }
        tokio::time::sleep(Duration::from_millis(TRY_AGAIN_MS)).await;
    }
    let words = Words::new("没有答复", "no answer");
    let refusal = RefusalMessage { code: "no_answer".to_owned(), words, field: None };
    (unit, request, UnitReply::Refused { refusal })
}
