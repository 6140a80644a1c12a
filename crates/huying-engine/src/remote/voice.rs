//! What a station elsewhere sends: one request at a time, in pieces that a message can hold, until it is answered.

use crate::clock::Stopwatch;
use futures::future::BoxFuture;
use huying_bus::{
    link::Link,
    message::station::{COMMANDS_PER_MESSAGE_MAX, Named, NamedCommand, NamedReply, decode, encode},
    subject::{Subject, token::Station},
    talk::NoAnswer,
};
use huying_domain::{ids::Seq, record::CommandId, time::Timestamp};
use std::{collections::VecDeque, iter::Peekable, time::Duration};
use tokio::time;

use super::SIGN_OF_LIFE_S;

/// Most bytes of the commands in one message: half of what the server takes by default.
const COMMANDS_BYTES_MAX: usize = 512 * 1024;
/// Pause before a request that got no answer is sent again, in milliseconds.
const SEND_AGAIN_MS: u64 = 300;

type Reply = Result<NamedReply, NoAnswer>;

/// The sending side.
pub(super) struct Voice {
    link: Link,
    station: Station,
    on_its_way: Option<BoxFuture<'static, Reply>>,
    /// The commands of the request on its way.
    asked: Vec<CommandId>,
    /// In virtual time: the answer to the last question, in pieces, and how many of them have been taken.
    round: Option<u64>,
    pieces: VecDeque<Named>,
    taken: usize,
    /// When something was last heard of the engine.
    heard: Option<Stopwatch>,
    /// The engine took something in only later: the next request waits a while.
    pause: bool,
}

impl Voice {
    pub(super) const fn new(link: Link, station: Station) -> Self {
        Self {
            link,
            station,
            on_its_way: None,
            asked: Vec::new(),
            round: None,
            pieces: VecDeque::new(),
            taken: 0,
            heard: None,
            pause: false,
        }
    }

    /// Whether a request is on its way.
    pub(super) const fn is_busy(&self) -> bool {
        self.on_its_way.is_some()
    }

    /// Says that it is there, to be told what clock the engine keeps.
    pub(super) fn greet(&mut self, through: Seq) {
        let named = self.named(through, None, Vec::new());
        self.send(named);
    }

    /// On the machine's clock: names what is open, or says now and then how far it is.
    pub(super) fn name<'a>(
        &mut self,
        through: Seq,
        next_due: Option<Timestamp>,
        open: impl Iterator<Item = &'a NamedCommand>,
    ) {
        let piece = piece(&mut open.peekable());
        let silent = self.heard.is_none_or(|heard| heard.elapsed() >= Duration::from_secs(SIGN_OF_LIFE_S));
        if !piece.is_empty() || silent {
            let commands = piece.into_iter().cloned().collect();
            let named = self.named(through, next_due, commands);
            self.send(named);
        }
    }

    /// The question that was answered last.
    pub(super) const fn round(&self) -> Option<u64> {
        self.round
    }

    /// In virtual time: the answer to a question.
    pub(super) fn report(
        &mut self,
        round: u64,
        through: Seq,
        next_due: Option<Timestamp>,
        commands: Vec<NamedCommand>,
    ) {
        self.round = Some(round);
        self.taken = 0;
        self.pieces.clear();
        let mut rest = commands.iter().peekable();
        loop {
            let commands = piece(&mut rest).into_iter().cloned().collect();
            let more = rest.peek().is_some();
            let named = self.named(through, next_due, commands);
            self.pieces.push_back(Named { round: Some(round), more, ..named });
            if !more {
                return;
            }
        }
    }

    /// Sends the next piece of the answer, if one is left.
    pub(super) fn go_on(&mut self) {
        if let Some(named) = self.pieces.get(self.taken).cloned() {
            self.send(named);
        }
    }

    /// Begins the same answer from its first piece.
    pub(super) const fn again(&mut self) {
        self.taken = 0;
    }

    /// Waits for the answer to the request on its way. None if there was no answer: the same will be sent again.
    pub(super) async fn answer(&mut self) -> Option<NamedReply> {
        let Some(on_its_way) = &mut self.on_its_way else { return std::future::pending().await };
        let reply = on_its_way.await;
        self.on_its_way = None;
        match reply {
            Ok(reply) => {
                self.heard = Some(Stopwatch::start());
                Some(reply)
            }
            Err(error) => {
                tracing::debug!(station = %self.station, error = &error as &dyn std::error::Error, "the engine does not answer");
                None
            }
        }
    }

    /// The commands that the engine has just answered.
    pub(super) fn answered(&mut self) -> Vec<CommandId> {
        self.taken += 1;
        std::mem::take(&mut self.asked)
    }

    const fn named(&self, through: Seq, next_due: Option<Timestamp>, commands: Vec<NamedCommand>) -> Named {
        let station = self.station;
        Named { station, through, round: None, more: false, next_due, commands }
    }

    /// The engine was busy: what it did not take is sent again, and not at once.
    pub(super) const fn hold_off(&mut self) {
        self.pause = true;
    }

    fn send(&mut self, named: Named) {
        self.asked = named.commands.iter().map(|named| named.command.id).collect();
        let (link, subject) = (self.link.clone(), Subject::Station { station: self.station });
        let pause = std::mem::take(&mut self.pause);
        self.on_its_way = Some(Box::pin(async move {
            if pause {
                time::sleep(Duration::from_millis(SEND_AGAIN_MS)).await;
            }
            let reply = link.ask(subject, encode(&named)).await;
            if reply.is_err() {
                time::sleep(Duration::from_millis(SEND_AGAIN_MS)).await;
            }
            reply.and_then(|bytes| decode(&bytes).map_err(NoAnswer::because))
        }));
    }
}

/// As many of the commands as one message holds.
fn piece<'a, I: Iterator<Item = &'a NamedCommand>>(rest: &mut Peekable<I>) -> Vec<&'a NamedCommand> {
    let mut commands = Vec::new();
    let mut bytes = 0;
    while commands.len() < COMMANDS_PER_MESSAGE_MAX
        && let Some(next) = rest.peek()
    {
        bytes += encode(next).len();
        if !commands.is_empty() && bytes > COMMANDS_BYTES_MAX {
            break;
        }
        commands.extend(rest.next());
    }
    commands
}
