//! Makes engines, folders, calls and acts for the stories.

use huying_domain::{
    command::{Ask, Command},
    event::collect::{Brief, Filing},
    ids::{CaseId, ExternalId, PersonId, SourceId, UnitId},
    private::Private,
    record::{Actor, CommandId, Origin, Record, RuleFile},
    rules::RuleTexts,
    time::Timestamp,
    vocabulary::{CaseKind, Channel},
};
use huying_engine::{
    door::{Accepted, Answer, Lane},
    engine::Engine,
    start::Setup,
};
use huying_journal::{
    disk::{real::RealDisk, sim::SplitMix},
    seal::Entropy,
};
use std::{ops::ControlFlow, path::Path};

/// Wednesday, 18 November 2026, 09:00 in the tiny city.
pub(crate) const WEDNESDAY_9: &str = "2026-11-18T09:00:00+08:00";
/// Bytes of a segment: small, so that a test's folder stays small.
pub(crate) const SEGMENT_BYTES: u64 = 256 * 1024;
/// The policy of the tiny city.
pub(crate) const POLICY: &str = include_str!("../../../../tests/city/policy.toml");

pub(crate) fn texts() -> RuleTexts {
    let texts = [
        (RuleFile::Policy, POLICY),
        (RuleFile::Duty, include_str!("../../../../tests/city/duty.toml")),
        (RuleFile::Calendar, include_str!("../../../../tests/city/calendar.toml")),
        (RuleFile::Territory, include_str!("../../../../tests/city/territory.csv")),
        (RuleFile::Units, include_str!("../../../../tests/city/units.csv")),
    ];
    texts.into_iter().map(|(file, text)| (file, text.as_bytes().to_vec())).collect()
}

pub(crate) fn entropy(seed: u64) -> Entropy {
    let mut random = SplitMix(seed);
    Box::new(move |bytes| random.fill(bytes))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// An engine in a folder with sled, whose clock stands at an instant. Each start has its own seed.
pub(crate) fn start(dir: &Path, now: Timestamp, seed: u64) -> Engine {
    start_under(dir, now, seed, texts())
}

/// The same in a city with these rules.
pub(crate) fn start_under(dir: &Path, now: Timestamp, seed: u64, texts: RuleTexts) -> Engine {
    let disk = RealDisk::new(dir).expect("the folder can be made");
    let setup = Setup::at(now, Some(texts), entropy(seed));
    let setup = Setup { segment_bytes: SEGMENT_BYTES, ..setup };
    Engine::start(disk, setup).expect("the engine starts").engine
}

/// Turns the loop until nothing is to do.
pub(crate) fn settle(engine: &mut Engine, now: Timestamp) {
    engine.clock().advance_to(now);
    while !engine.step(now).expect("the disk is in order").idle {}
}

/// Asks and waits for the answer.
pub(crate) fn ask(engine: &mut Engine, now: Timestamp, command: Command) -> Answer {
    let mut ticket = engine.handle().submit(command, Lane::Ordinary).expect("there is room");
    settle(engine, now);
    ticket.try_take().expect("a loop at rest has answered")
}

/// Asks what is not refused.
pub(crate) fn must(engine: &mut Engine, now: Timestamp, command: Command) -> Accepted {
    let name = command.ask.name();
    ask(engine, now, command).unwrap_or_else(|refusal| panic!("{name} was refused: {refusal:?}"))
}

/// The `n`th act: a person of a unit asks something.
pub(crate) fn act(n: u64, unit: &str, case: Option<CaseId>, ask: Ask) -> Command {
    let person = PersonId::new(format!("{unit}-{n}")).expect("a short name");
    Command {
        id: CommandId::of_act("laws", unit, n),
        actor: Actor { unit: UnitId::new(unit).expect("one token"), person: Some(person) },
        by: Origin::Person,
        because: None,
        saw: None,
        case,
        ask,
        private: None,
    }
}

/// The `n`th call, about noisy neighbours in the first grid, with the caller's number.
pub(crate) fn call(n: u64) -> Command {
    let source = SourceId::new("hotline").expect("one token");
    let external = ExternalId::new(format!("call-{n}")).expect("a short name");
    let id = CommandId::of_call(&source, &external);
    let brief = Brief {
        class: "noise.neighbour".parse().expect("a class"),
        condition: None,
        area: "211081001001001".parse().expect("an area"),
        accused: None,
        department: None,
    };
    let filing = Filing {
        source,
        channel: Channel::Call,
        external: Some(external),
        kind: CaseKind::Help,
        brief,
        place: None,
        orphan: false,
        summary: format!("楼上噪声，第{n}次来电").into(),
        occurred_at: None,
        target: None,
        tags: Vec::new(),
        proposal: None,
        photos: Vec::new(),
    };
    let private = Private { number: Some(format!("139{n:08}")), ..Private::default() };
    let command = act(n, "centre", None, Ask::Register(Box::new(filing)));
    Command { id, private: Some(private), ..command }
}

/// Every record that is safe, in order.
pub(crate) fn records(engine: &Engine) -> Vec<Record> {
    let mut records = Vec::new();
    let read = engine.journal().scan(1, &mut |record, _| {
        records.push(record.clone());
        ControlFlow::Continue(())
    });
    read.expect("what is safe can be read");
    records
}
