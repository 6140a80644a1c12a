//! The counter: where a message becomes calls, calls become commands, and the engine's answers become the caller's.

use crate::{
    clock::Clock,
    doors::{
        arrivals::OnItsWay,
        calls::{Caller, Naming},
        desk::{AtDesk, CallDesk, Heard, Taking},
        refused::unsplittable,
    },
};
use huying_bus::{
    link::Link,
    message::{
        answer::{CallAnswer, ProposalMessage, RefusalMessage},
        call::split,
        station::{Named, NamedAnswer, NamedCommand, NamedReply, Tick, decode, encode},
    },
    subject::{Subject, token::Station},
};
use huying_domain::{
    command::{Ask, Command},
    ids::{CaseId, ExternalId, Seq},
    record::{CommandId, Origin, Record},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
};
use huying_journal::seal::Entropy;
use std::{
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};
use tokio::{sync::watch, time};

/// How often the engine is asked before the caller is told that it is busy; the ids make it one.
const ASKED_MAX: usize = 3;
/// Pause before it is asked again, in milliseconds.
const ASK_AGAIN_MS: u64 = 200;
/// How often a call is opened anew because its lead was settled meanwhile.
const OPENED_MAX: usize = 2;
/// How long an answer waits for the echo of its own record at most: the next call is to find this one.
const FOLLOW_MAX_S: u64 = 5;

/// The counter of one intake station.
pub(super) struct Counter {
    link: Link,
    desk: RwLock<Option<CallDesk>>,
    /// The last record that the desk has followed, and whether nothing was behind it.
    followed: watch::Sender<(Seq, bool)>,
    clock: Mutex<Clock>,
    /// In virtual time the engine is asked what time it is.
    is_virtual: bool,
    entropy: Mutex<Entropy>,
}

/// A call whose command is to be asked.
struct Opened {
    index: usize,
    taking: Taking,
    heard: Heard,
    command: Command,
    way: Option<OnItsWay>,
}

impl Counter {
    /// A counter that is not open yet; waits until the engine has said by which clock it lives.
    pub(super) async fn new(link: Link, entropy: Entropy) -> Self {
        let mut counter = Self {
            link,
            desk: RwLock::new(None),
            followed: watch::Sender::new((0, false)),
            clock: Mutex::new(Clock::system()),
            is_virtual: false,
            entropy: Mutex::new(entropy),
        };
        loop {
            if let Some(reply) = counter.ask(Vec::new()).await {
                counter.is_virtual = reply.tick.is_some();
                return counter;
            }
        }
    }

    /// Opens with a desk.
    pub(super) fn open(&self, desk: CallDesk) {
        *self.desk.write().expect("nobody panics at the desk") = Some(desk);
    }

    /// Works by these rules from now on.
    pub(super) fn obey(&self, rules: Arc<Rules>) {
        if let Some(desk) = &mut *self.desk.write().expect("nobody panics at the desk") {
            desk.set_rules(rules);
        }
    }

    /// Lets the desk follow a record.
    pub(super) fn follow(&self, record: &Record, last: bool) {
        let mut desk = self.desk.write().expect("nobody panics at the desk");
        if let Some(desk) = &mut *desk {
            desk.follow(record);
        }
        drop(desk);
        self.followed.send_modify(|(seq, caught_up)| {
            *seq = record.seq;
            *caught_up |= last;
        });
    }

    /// Every record has been followed.
    pub(super) fn caught_up(&self) {
        self.followed.send_modify(|(_, caught_up)| *caught_up = true);
    }

    /// Waits until the desk knows everything that there is.
    pub(super) async fn is_open(&self) {
        let mut followed = self.followed.subscribe();
        let _open_or_gone = followed.wait_for(|(seq, caught_up)| *caught_up && *seq > 0).await;
    }

    /// The machine's instant, for whoever asks since when it answers.
    pub(super) fn started(&self) -> Timestamp {
        self.clock.lock().expect("nobody panics at the clock").now()
    }

    /// An id that nothing else has.
    pub(super) fn drawn(&self) -> CommandId {
        let mut id = CommandId([0; 16]);
        (self.entropy.lock().expect("nobody panics while drawing"))(&mut id.0);
        id
    }

    /// Takes the calls of one message, each answered alone.
    pub(super) async fn calls(&self, caller: &Caller, naming: &Naming, message: &[u8]) -> Vec<CallAnswer> {
        let refused = |refusal| vec![CallAnswer::Refused { external_id: None, refusal }];
        let calls = match split(message) {
            Ok(calls) => calls,
            Err(why) => return refused(unsplittable(&why)),
        };
        let Some(now) = self.now().await else { return refused(RefusalMessage::from(&Refusal::Busy)) };
        let mut answers: Vec<Option<CallAnswer>> = calls.iter().map(|_| None).collect();
        let mut waiting: Vec<Opened> = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let fallback_id = naming.id(&caller.source, index).unwrap_or_else(|| self.drawn());
            let by = if caller.person.is_some() { Origin::Person } else { Origin::Feed };
            let (source, channel, person) = (caller.source.clone(), caller.channel, caller.person.clone());
            let taking = Taking { source, channel, by, person, unit: None, fallback_id, now };
            let heard = match Heard::read(&taking, call.get().as_bytes()) {
                Ok(heard) => heard,
                Err(refusal) => {
                    let external_id = external_in(call.get());
                    answers[index] = Some(CallAnswer::Refused { external_id, refusal });
                    continue;
                }
            };
            if waiting.iter().any(|earlier| self.may_be_alike(&earlier.heard, &heard)) {
                self.settle(std::mem::take(&mut waiting), &mut answers).await;
            }
            let opened = loop {
                match self.at_desk(&taking, &heard) {
                    Ok(AtDesk::Waits(before)) => {
                        self.settle(std::mem::take(&mut waiting), &mut answers).await;
                        before.is_known().await;
                    }
                    Ok(AtDesk::Opened(command, way)) => break Ok((*command, way)),
                    Err(refusal) => break Err(refusal),
                }
            };
            match opened {
                Ok((command, way)) => waiting.push(Opened { index, taking, heard, command, way }),
                Err(refusal) => answers[index] = Some(refused_call(&heard, refusal)),
            }
        }
        self.settle(waiting, &mut answers).await;
        answers.into_iter().map(|answer| answer.expect("each call was refused or asked for")).collect()
    }

    /// Asks the engine for all of these, and once more for those whose lead was settled meanwhile.
    async fn settle(&self, mut waiting: Vec<Opened>, answers: &mut [Option<CallAnswer>]) {
        let mut last = 0;
        let ways: Vec<_> = waiting.iter_mut().filter_map(|opened| opened.way.take()).collect();
        for _ in 0..=OPENED_MAX {
            if waiting.is_empty() {
                break;
            }
            let commands = waiting.iter().map(|opened| opened.command.clone()).collect();
            let told = self.ask(commands).await.map(|reply| reply.answers).unwrap_or_default();
            let mut told = told.into_iter();
            let mut again = Vec::new();
            for mut opened in waiting {
                let answer = match told.next() {
                    Some(NamedAnswer::Accepted { seq, case: Some(case), repeat, .. }) => {
                        last = last.max(seq);
                        taken(&opened, case, repeat, self.proposal(&opened))
                    }
                    Some(NamedAnswer::Refused { refusal }) => {
                        if opened.heard.was_joined_by_the_desk(&opened.command)
                            && is_about_the_lead(&refusal.code)
                            && let Ok(command) = self.alone(&opened.taking, &opened.heard)
                        {
                            opened.command = command;
                            again.push(opened);
                            continue;
                        }
                        refused_call(&opened.heard, refusal)
                    }
                    _ => refused_call(&opened.heard, RefusalMessage::from(&Refusal::Busy)),
                };
                answers[opened.index] = Some(answer);
            }
            waiting = again;
        }
        for opened in waiting {
            answers[opened.index] = Some(refused_call(&opened.heard, RefusalMessage::from(&Refusal::Busy)));
        }
        self.followed_to(last).await;
        drop(ways);
    }

    /// Asks the engine; none if it does not answer.
    async fn ask(&self, commands: Vec<Command>) -> Option<NamedReply> {
        let through = self.followed.borrow().0;
        let commands =
            commands.into_iter().map(|command| NamedCommand { command, scheduled: None }).collect();
        let station = Station::Intake;
        let named = Named { station, through, round: None, more: false, next_due: None, commands };
        let bytes = encode(&named);
        for _ in 0..ASKED_MAX {
            let answer = self.link.ask(Subject::Station { station }, bytes.clone()).await;
            match answer.map(|bytes| decode(&bytes)) {
                Ok(Ok(reply)) => return Some(reply),
                Ok(Err(error)) => tracing::warn!(%error, "the engine cannot be understood"),
                Err(error) => tracing::debug!(%error, "the engine does not answer"),
            }
            time::sleep(Duration::from_millis(ASK_AGAIN_MS)).await;
        }
        None
    }

    /// The instant at the door. In virtual time the desk has followed everything up to it, too.
    async fn now(&self) -> Option<Timestamp> {
        if !self.is_virtual {
            return Some(self.started());
        }
        let Tick { now, head, .. } = self.ask(Vec::new()).await?.tick?;
        self.followed_to(head).await;
        Some(now)
    }

    async fn followed_to(&self, seq: Seq) {
        let mut followed = self.followed.subscribe();
        let there = followed.wait_for(|(followed, _)| *followed >= seq);
        let _there_or_late = time::timeout(Duration::from_secs(FOLLOW_MAX_S), there).await;
    }

    fn may_be_alike(&self, first: &Heard, second: &Heard) -> bool {
        let desk = self.desk.read().expect("nobody panics at the desk");
        desk.as_ref().is_some_and(|desk| desk.may_be_alike(first, second))
    }

    fn proposal(&self, opened: &Opened) -> Option<ProposalMessage> {
        let desk = self.desk.read().expect("nobody panics at the desk");
        desk.as_ref()?.proposal(&opened.heard, &opened.command)
    }

    fn at_desk(&self, taking: &Taking, heard: &Heard) -> Result<AtDesk, RefusalMessage> {
        let mut desk = self.desk.write().expect("nobody panics at the desk");
        desk.as_mut().ok_or_else(|| RefusalMessage::from(&Refusal::Busy))?.take(taking, heard)
    }

    fn alone(&self, taking: &Taking, heard: &Heard) -> Result<Command, RefusalMessage> {
        let desk = self.desk.read().expect("nobody panics at the desk");
        desk.as_ref().ok_or_else(|| RefusalMessage::from(&Refusal::Busy))?.alone(taking, heard)
    }
}

fn taken(opened: &Opened, case: CaseId, repeat: bool, proposal: Option<ProposalMessage>) -> CallAnswer {
    let lead = match &opened.command.ask {
        Ask::Join { lead, .. } => Some(*lead),
        _ => None,
    };
    CallAnswer::Taken { external_id: opened.heard.external().cloned(), case, lead, repeat, proposal }
}

fn refused_call(heard: &Heard, refusal: RefusalMessage) -> CallAnswer {
    CallAnswer::Refused { external_id: heard.external().cloned(), refusal }
}

/// Whether a command that joins was refused only because of its lead: the call is registered by itself then.
fn is_about_the_lead(code: &str) -> bool {
    let lead = CaseId::MAX;
    let codes = [Refusal::LeadSettled, Refusal::FollowsLead(lead), Refusal::UnknownCase(lead)];
    codes.iter().any(|refusal| refusal.code() == code)
}

/// The source's name for a call that cannot be read otherwise, if that much can.
fn external_in(call: &str) -> Option<ExternalId> {
    let call: serde_json::Value = serde_json::from_str(call).ok()?;
    call.get("external_id")?.as_str()?.parse().ok()
}
