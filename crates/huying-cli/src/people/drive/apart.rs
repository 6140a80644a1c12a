//! The turn of parties in processes of their own: while they have it, the loop goes on and the clock stands.

use super::{Drive, DriveError};
use crate::people::{
    company::Company,
    departments::Turn,
    world::{Call, World},
};
use huying_bus::message::answer::{CallAnswer, IntakeReply};
use huying_engine::elsewhere::Elsewhere;
use huying_journal::disk::Disk;
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

/// Pause of the loop while it waits for another process, in microseconds.
const NAP_US: u64 = 100;
/// Pause before a call that nobody answered is sent again, in milliseconds.
const SEND_AGAIN_MS: u64 = 100;

impl<W: World, D: Disk + Clone> Drive<W, D> {
    /// Whether the run was told to stop while another process was waited for.
    pub(super) fn is_stopping(&self) -> bool {
        self.company.as_ref().is_some_and(Company::is_stopping)
    }

    /// Sends a call as a call centre does, and puts in what intake makes of it. The code of the refusal, if it was
    /// refused.
    pub(super) fn put_in_by_nats(&mut self, call: &Call) -> Result<Option<String>, DriveError> {
        let Some((elsewhere, mut answer)) = self.send(call) else { return Ok(None) };
        loop {
            if elsewhere.is_closed() {
                return Ok(None);
            }
            if let Some(taken) = elsewhere.take_call() {
                let mut answers = Vec::with_capacity(taken.commands.len());
                for command in taken.commands.clone() {
                    answers.push(self.settled(command, call.at_desk)?);
                }
                taken.answer(answers);
            }
            match answer.recv_timeout(Duration::from_micros(NAP_US)) {
                Ok(Some(reply)) => {
                    return Ok(reply.answers.into_iter().find_map(|answer| match answer {
                        CallAnswer::Refused { refusal, .. } => Some(refusal.code),
                        CallAnswer::Taken { .. } | CallAnswer::Heard { .. } => None,
                    }));
                }
                // Nobody answered yet: asked again with the same name it is the same call.
                Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(Duration::from_millis(SEND_AGAIN_MS));
                    match self.send(call) {
                        Some((_, again)) => answer = again,
                        None => return Ok(None),
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn send(&self, call: &Call) -> Option<(Arc<Elsewhere>, Receiver<Option<IntakeReply>>)> {
        let company = self.company.as_ref()?;
        let elsewhere = Arc::clone(company.elsewhere());
        elsewhere.stand(self.now, self.engine.journal().synced_head().seq);
        Some((elsewhere, company.feed.as_ref()?.send(&call.report)))
    }

    /// Lets the departments fetch what was posted and do what is due. False if they had nothing to do.
    pub(super) fn departments_turn(&mut self) -> Result<bool, DriveError> {
        let head = self.engine.journal().synced_head().seq;
        let now = self.now;
        let Some(company) = &mut self.company else { return Ok(false) };
        if !company.departments.as_ref().is_some_and(|departments| departments.want(now, head)) {
            return Ok(false);
        }
        while company.posted() < head {
            if company.is_stopping() {
                return Ok(false);
            }
            thread::sleep(Duration::from_micros(NAP_US));
        }
        let Some(departments) = &mut company.departments else { return Ok(false) };
        departments.give(Turn { now, posted: head })?;
        loop {
            let Some(company) = &mut self.company else { return Ok(false) };
            if company.is_stopping() {
                return Ok(false);
            }
            let Some(departments) = &mut company.departments else { return Ok(false) };
            if let Some(done) = departments.wait(Duration::from_micros(NAP_US))? {
                return Ok(done.asked > 0);
            }
            // Their requests wait at the door.
            while !self.engine.step(now)?.idle {}
        }
    }
}
