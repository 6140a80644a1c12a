//! One attempt to tell one caller.

use super::Ctx;
use crate::{
    door::Lane,
    telling::{
        Owed, RETRY_MAX_S, Tried,
        letter::{Letter, fits, letter, next_channel},
        number, past, pause_s,
    },
};
use async_nats::client::RequestErrorKind;
use huying_bus::{
    message::{
        call::NUMBER_CHARS_MAX,
        tell::{Tell, TellReply, TellRequest},
        text::Text,
    },
    subject::{Subject, token},
};
use huying_domain::{
    command::{Ask, Command},
    ids::TellChannel,
    record::{Actor, CommandId, Origin, Record},
    refusal::Refusal,
    rules::Rules,
    time::Timestamp,
};
use huying_journal::disk::Disk;
use std::sync::Arc;

/// The engine as it was when the round began.
pub(super) struct Ground {
    pub(super) now: Timestamp,
    pub(super) is_virtual: bool,
    pub(super) rules: Arc<Rules>,
}

/// One attempt.
pub(super) struct Attempt<D: Disk> {
    pub(super) ctx: Arc<Ctx<D>>,
    pub(super) ground: Arc<Ground>,
    pub(super) owed: Owed,
}

/// What came of it.
pub(super) struct Made {
    pub(super) channel: TellChannel,
    /// For the metrics.
    pub(super) answer: &'static str,
    pub(super) came: Tried,
}

/// What the adapter answered, or that it did not.
enum Answer {
    Told(String),
    Later(String),
    Undeliverable(String),
    Nobody,
}

impl<D: Disk> Attempt<D> {
    pub(super) async fn make(&self) -> Made {
        let (answer, came) = self.tell().await;
        Made { channel: self.owed.channel.clone(), answer, came }
    }

    async fn tell(&self) -> (&'static str, Tried) {
        let Owed { case, ref channel, .. } = self.owed;
        let Some(records) = self.records().await else { return ("busy", Tried::Soon) };
        let rules = &self.ground.rules;
        let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
        // Told or asked anew meanwhile: the records that say so are on their way to the ledger.
        let letter = letter(case, &records, calendar).filter(|letter| letter.asked == self.owed.asked);
        let Some(letter) = letter else { return ("settled", Tried::Soon) };
        let to = match number(&self.ctx.reader, case, &records) {
            Ok(to) => to.and_then(|to| Text::new(to).ok()),
            Err(error) => {
                tracing::error!(%case, error = &error as &dyn std::error::Error, "the caller's number cannot be opened");
                return ("sealed", Tried::Later);
            }
        };
        if !fits(channel, to.as_ref().map(Text::as_str)) {
            return self.elsewhere(&letter).await;
        }
        match self.ask(&letter, to).await {
            Answer::Told(receipt) => self.confirm(&letter, receipt).await,
            Answer::Undeliverable(reason) => {
                tracing::info!(%case, %channel, reason, "undeliverable");
                self.elsewhere(&letter).await
            }
            Answer::Nobody if *channel == TellChannel::callback_list() => ("listed", Tried::Listed),
            Answer::Nobody => ("nobody", Tried::Later),
            Answer::Later(reason) => {
                tracing::info!(%case, %channel, reason, "not told yet");
                ("later", Tried::Later)
            }
        }
    }

    async fn records(&self) -> Option<Vec<Record>> {
        let case = self.owed.case;
        let ticket = self.ctx.handle.look(move |engine| past(engine, case)).ok()?;
        match ticket.answer().await? {
            Ok(records) => Some(records),
            Err(error) => {
                tracing::warn!(%case, error = &error as &dyn std::error::Error, "cannot read whom to tell");
                None
            }
        }
    }

    /// Asks the adapter. On a link where others can read along nobody's number is said.
    async fn ask(&self, letter: &Letter, to: Option<Text<NUMBER_CHARS_MAX>>) -> Answer {
        if !self.ctx.link.is_private() {
            tracing::warn!("nobody is told over a link that is neither encrypted nor on this machine");
            return Answer::Nobody;
        }
        let Ok(channel) = letter.channel.as_str().parse::<token::TellChannel>() else {
            return Answer::Undeliverable("there is no such channel".to_owned());
        };
        let attempt = self.owed.attempts.saturating_add(1);
        let tell = Tell {
            case: self.owed.case,
            seq: letter.asked,
            attempt,
            to,
            words: letter.words.clone(),
            expires_at: self.ground.now.plus_seconds(pause_s(attempt).min(RETRY_MAX_S)),
        };
        let body =
            serde_json::to_vec(&TellRequest::Tell(Box::new(tell))).expect("a message consists of texts");
        let subject = Subject::Tell { channel }.to_string();
        match self.ctx.link.client().request(subject, body.into()).await {
            Ok(reply) => match serde_json::from_slice(&reply.payload) {
                Ok(TellReply::Told { receipt }) => Answer::Told(receipt.as_str().to_owned()),
                Ok(TellReply::Later { reason }) => Answer::Later(reason.as_str().to_owned()),
                Ok(TellReply::Undeliverable { reason }) => Answer::Undeliverable(reason.as_str().to_owned()),
                Ok(TellReply::Ready) => Answer::Later("the adapter took it for a probe".to_owned()),
                Err(error) => Answer::Later(format!("the adapter's answer cannot be read: {error}")),
            },
            Err(error) if error.kind() == RequestErrorKind::NoResponders => Answer::Nobody,
            Err(error) => Answer::Later(error.to_string()),
        }
    }

    /// The receipt becomes the fact. Its id is made of case and question, so that twice is once.
    async fn confirm(&self, letter: &Letter, receipt: String) -> (&'static str, Tried) {
        let channel = self.owed.channel.clone();
        let told = if letter.answers {
            Ask::ConfirmTold { channel, receipt }
        } else {
            Ask::ConfirmInformed { channel, receipt }
        };
        match self.submit("telling", told).await {
            // The same question with another receipt: the first one stands already.
            Ok(()) | Err(Refusal::ReusedId | Refusal::NothingNew) => ("told", Tried::Soon),
            Err(refusal) => self.refused(&refusal),
        }
    }

    /// Asks the next channel.
    async fn elsewhere(&self, letter: &Letter) -> (&'static str, Tried) {
        let Some(channel) = next_channel(&self.ground.rules.policy.tell, &letter.tried) else {
            return ("undeliverable", Tried::Unreachable);
        };
        let next = if letter.answers { Ask::Tell { channel } } else { Ask::Inform { channel } };
        match self.submit("telling-next", next).await {
            Ok(()) | Err(Refusal::ReusedId) => ("undeliverable", Tried::Soon),
            // Somebody has spoken to the caller already; a person says whether that told them.
            Err(Refusal::WrongStage { .. }) => ("undeliverable", Tried::Unreachable),
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn refused(&self, refusal: &Refusal) -> (&'static str, Tried) {
        if matches!(refusal, Refusal::Busy | Refusal::Stopping) {
            return ("busy", Tried::Soon);
        }
        tracing::warn!(case = %self.owed.case, code = refusal.code(), "what came of telling was refused");
        ("refused", Tried::Later)
    }

    async fn submit(&self, party: &str, ask: Ask) -> Result<(), Refusal> {
        let Owed { case, asked, .. } = self.owed;
        let command = Command {
            id: CommandId::of_act(party, &case.to_string(), asked),
            actor: Actor::unit(self.ground.rules.centre().clone()),
            by: Origin::Feed,
            because: Some(asked),
            saw: None,
            case: Some(case),
            ask,
            private: None,
        };
        let ticket = self.ctx.handle.submit(command, Lane::Ordinary)?;
        ticket.answer().await.unwrap_or(Err(Refusal::Stopping)).map(|_| ())
    }
}
