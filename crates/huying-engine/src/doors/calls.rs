//! Calls: one or up to 64 a message, each answered alone and in its place.
//!
//! All calls of a message are submitted before the first answer is waited for, so that they share a batch. The
//! exception: a call that may be about the same matter as one that is on its way, of this message or of another one,
//! waits until that is a case which the desk knows. Else two neighbours who report one burst pipe at one instant would
//! be two cases.

use super::{
    Doors,
    arrivals::OnItsWay,
    desk::{AtDesk, CallDesk, Heard, Taking, may_be_registered_instead},
    devices::alive_in,
    refused::{stopping, unsplittable},
};
use crate::door::{Accepted, Answer, Ticket};
use huying_bus::message::{
    answer::{CallAnswer, IntakeReply, ProposalMessage, RefusalMessage},
    call::split,
};
use huying_domain::{
    command::{Ask, Command},
    ids::{CaseId, ExternalId, PersonId, SourceId, UnitId},
    record::{CommandId, Origin},
    refusal::Refusal,
    vocabulary::Channel,
};
use huying_journal::disk::Disk;
use std::sync::RwLockReadGuard;

/// How often a call is opened anew because what it was opened upon has changed meanwhile.
const OPENED_MAX: usize = 4;

/// Who brings calls, as the door has proven.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The feed or desk.
    pub source: SourceId,
    /// How the calls came in.
    pub channel: Channel,
    /// Who took them, if a person did.
    pub person: Option<PersonId>,
    /// In which unit's name they were taken; the command centre's where it is not said.
    pub unit: Option<UnitId>,
}

/// What names the calls of a message that have no name of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Naming {
    /// Nothing does: each sending is a call of its own.
    Fresh,
    /// Whoever sent the message named it; sent again, it is the same.
    Message(String),
    /// A durable inbox did: the command's id of the first call, and of a message with one call the only one.
    Inbox(CommandId),
}

impl Naming {
    /// The id of a message's `n`th call; none where it has to be drawn.
    pub(crate) fn id(&self, source: &SourceId, n: usize) -> Option<CommandId> {
        match self {
            Self::Fresh => None,
            Self::Message(name) => Some(CommandId::of_act(&format!("calls/{source}"), name, n as u64)),
            Self::Inbox(id) if n == 0 => Some(*id),
            Self::Inbox(id) => Some(CommandId::of_act("inbox", &id.to_string(), n as u64)),
        }
    }
}

/// One call on its way in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What the door knows of it.
    pub taking: Taking,
    /// The call as it stands.
    pub bytes: Vec<u8>,
}

/// A call whose command was submitted.
struct Waiting {
    index: usize,
    taking: Taking,
    heard: Heard,
    command: Command,
    ticket: Ticket<Answer>,
    way: Option<OnItsWay>,
}

impl<D: Disk> Doors<D> {
    /// Takes the calls of one message. Nothing is lost without an answer: a message that cannot be cut into calls
    /// has one refusal.
    pub async fn calls(&self, caller: &Caller, naming: &Naming, message: &[u8]) -> IntakeReply {
        match self.cut(caller, naming, message).await {
            Ok(calls) => IntakeReply { answers: self.take(calls).await },
            Err(refusal) => IntakeReply { answers: vec![CallAnswer::Refused { external_id: None, refusal }] },
        }
    }

    /// Cuts a message into calls.
    pub async fn cut(
        &self,
        caller: &Caller,
        naming: &Naming,
        message: &[u8],
    ) -> Result<Vec<Incoming>, RefusalMessage> {
        let calls = split(message).map_err(|why| unsplittable(&why))?;
        let now = self.now().await.map_err(|refusal| RefusalMessage::from(&refusal))?;
        let by = if caller.person.is_some() { Origin::Person } else { Origin::Feed };
        let incoming = |(n, call): (usize, &&serde_json::value::RawValue)| Incoming {
            taking: Taking {
                source: caller.source.clone(),
                channel: caller.channel,
                by,
                person: caller.person.clone(),
                unit: caller.unit.clone(),
                fallback_id: self.fallback_id(&caller.source, naming, n),
                now,
            },
            bytes: call.get().as_bytes().to_vec(),
        };
        Ok(calls.iter().enumerate().map(incoming).collect())
    }

    /// Takes calls, each answered alone, in their order.
    pub async fn take(&self, calls: Vec<Incoming>) -> Vec<CallAnswer> {
        let mut answers: Vec<Option<CallAnswer>> = calls.iter().map(|_| None).collect();
        let mut waiting: Vec<Waiting> = Vec::new();
        for (index, Incoming { taking, bytes }) in calls.into_iter().enumerate() {
            if let Some(device) = alive_in(taking.channel, &bytes) {
                answers[index] = Some(self.heard(&taking.source, device, taking.now));
                continue;
            }
            let heard = match Heard::read(&taking, &bytes) {
                Ok(heard) => heard,
                Err(refusal) => {
                    answers[index] = Some(CallAnswer::Refused { external_id: external_in(&bytes), refusal });
                    continue;
                }
            };
            let alike = |earlier: &Waiting| self.desk().may_be_alike(&earlier.heard, &heard);
            if waiting.iter().any(alike) {
                self.answer(&mut waiting, &mut answers).await;
            }
            let opened = loop {
                match self.at_desk(&taking, &heard) {
                    Ok(AtDesk::Waits(before)) => {
                        self.answer(&mut waiting, &mut answers).await;
                        before.is_known().await;
                    }
                    Ok(AtDesk::Opened(command, way)) => break Ok((*command, way)),
                    Err(refusal) => break Err(refusal),
                }
            };
            let submitted = opened.and_then(|(command, way)| {
                let ticket =
                    self.submit(command.clone()).map_err(|refusal| RefusalMessage::from(&refusal))?;
                Ok((command, ticket, way))
            });
            match submitted {
                Ok((command, ticket, way)) => {
                    waiting.push(Waiting { index, taking, heard, command, ticket, way });
                }
                Err(refusal) => answers[index] = Some(refused(&heard, refusal)),
            }
        }
        self.answer(&mut waiting, &mut answers).await;
        let all = answers.into_iter();
        all.map(|answer| answer.expect("each call was refused or waited for")).collect()
    }

    /// Waits for everything that was submitted, and until the desk knows it.
    async fn answer(&self, waiting: &mut Vec<Waiting>, answers: &mut [Option<CallAnswer>]) {
        let mut last = 0;
        let ways: Vec<_> = waiting.iter_mut().filter_map(|one| one.way.take()).collect();
        for one in waiting.drain(..) {
            let index = one.index;
            let (answer, seq) = self.answered(one).await;
            last = last.max(seq);
            answers[index] = Some(answer);
        }
        self.followed_to(last).await;
        drop(ways);
    }

    fn at_desk(&self, taking: &Taking, heard: &Heard) -> Result<AtDesk, RefusalMessage> {
        self.desk.write().expect("nobody panics at the desk").take(taking, heard)
    }

    /// The answer to one call. Where the desk was a moment behind, the call is opened anew: it is the same call, and
    /// what happened to others meanwhile is no reason to refuse it.
    async fn answered(&self, one: Waiting) -> (CallAnswer, u64) {
        let Waiting { taking, heard, mut command, ticket, .. } = one;
        let mut ticket = Ok(ticket);
        for _ in 0..OPENED_MAX {
            let answer = match ticket {
                Ok(ticket) => ticket.answer().await,
                Err(refusal) => return (refused(&heard, RefusalMessage::from(&refusal)), 0),
            };
            let refusal = match answer {
                None => return (refused(&heard, stopping()), 0),
                Some(Ok(accepted)) => {
                    let proposal = self.desk().proposal(&heard, &command);
                    return (taken(&heard, &command, accepted, proposal), accepted.seq);
                }
                Some(Err(refusal)) => refusal,
            };
            let again = match refusal {
                // The same call came twice at once, and the other one was opened upon something else.
                Refusal::ReusedId => {
                    self.caught_up().await;
                    match self.desk().command(&taking, &heard) {
                        Ok(first) if first == command => Err(RefusalMessage::from(&Refusal::ReusedId)),
                        first => first,
                    }
                }
                // Who said themselves which case it follows learns that it takes nobody, and decides.
                refusal if heard.was_joined_by_the_desk(&command) && may_be_registered_instead(&refusal) => {
                    self.desk().alone(&taking, &heard)
                }
                refusal => Err(RefusalMessage::from(&refusal)),
            };
            match again {
                Ok(anew) => {
                    command = anew;
                    ticket = self.submit(command.clone());
                }
                Err(refusal) => return (refused(&heard, refusal), 0),
            }
        }
        (refused(&heard, RefusalMessage::from(&Refusal::Busy)), 0)
    }

    /// Waits until the desk has followed everything that is on the platter.
    async fn caught_up(&self) {
        self.followed_to(self.reader.synced()).await;
    }

    async fn followed_to(&self, seq: u64) {
        let mut followed = self.followed.clone();
        // The engine is gone with its sender: then nothing more comes.
        let _there_or_gone = followed.wait_for(|followed| *followed >= seq).await;
    }

    pub(super) fn desk(&self) -> RwLockReadGuard<'_, CallDesk> {
        self.desk.read().expect("nobody panics at the desk")
    }

    /// An id that nothing else has.
    pub(crate) fn drawn(&self) -> CommandId {
        let mut id = CommandId([0; 16]);
        (self.entropy.lock().expect("nobody panics while drawing"))(&mut id.0);
        id
    }

    fn fallback_id(&self, source: &SourceId, naming: &Naming, n: usize) -> CommandId {
        naming.id(source, n).unwrap_or_else(|| self.drawn())
    }
}

fn taken(
    heard: &Heard,
    command: &Command,
    accepted: Accepted,
    proposal: Option<ProposalMessage>,
) -> CallAnswer {
    let lead: Option<CaseId> = match &command.ask {
        Ask::Join { lead, .. } => Some(*lead),
        _ => None,
    };
    let case = accepted.case.expect("a call becomes a case");
    let (external_id, repeat) = (heard.external().cloned(), accepted.repeat);
    CallAnswer::Taken { external_id, case, lead, repeat, proposal }
}

fn refused(heard: &Heard, refusal: RefusalMessage) -> CallAnswer {
    CallAnswer::Refused { external_id: heard.external().cloned(), refusal }
}

/// The source's name for a call that cannot be read otherwise, if that much can.
fn external_in(bytes: &[u8]) -> Option<ExternalId> {
    let call: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    call.get("external_id")?.as_str()?.parse().ok()
}
