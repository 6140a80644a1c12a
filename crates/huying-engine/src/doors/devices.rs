//! Signs of life of devices, and the cases that come of silence.

use super::{Doors, refused::refused};
use crate::door::Lane;
use huying_bus::message::answer::{CallAnswer, RefusalMessage};
use huying_domain::{
    command::{Ask, Command},
    event::collect::{Brief, Filing},
    ids::{ExternalId, SourceId},
    private::Private,
    record::{Actor, CommandId, Origin},
    rules::Rules,
    time::Timestamp,
    vocabulary::{CaseKind, Channel},
};
use huying_intake::devices::Silent;
use huying_journal::disk::Disk;
use serde::Deserialize;
use std::sync::Arc;

/// Most cases of silent devices that are made at one look: a gateway that is down silences many at once.
pub const SILENT_AT_ONCE_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alive {
    alive: ExternalId,
}

/// The device of a message that is a sign of life and nothing else.
pub(super) fn alive_in(channel: Channel, bytes: &[u8]) -> Option<ExternalId> {
    let is_device = matches!(channel, Channel::Device);
    is_device.then(|| serde_json::from_slice::<Alive>(bytes).ok()).flatten().map(|alive| alive.alive)
}

impl<D: Disk> Doors<D> {
    /// Notes that a device is alive.
    pub(super) fn heard(&self, source: &SourceId, device: ExternalId, now: Timestamp) -> CallAnswer {
        let mut desk = self.desk.write().expect("nobody panics at the desk");
        let known = desk.devices_mut().is_some_and(|devices| devices.heard(source, &device, now));
        if known {
            CallAnswer::Heard { device }
        } else {
            CallAnswer::Refused { external_id: Some(device), refusal: unknown_device() }
        }
    }

    /// Makes a case of each device that has been silent for too long, and says how many. Asked twice, it is one case.
    pub async fn look_for_silence(&self) -> usize {
        let Ok(now) = self.now().await else { return 0 };
        let (silent, rules) = {
            let desk = self.desk();
            let silent = desk.devices().map(|devices| devices.silent(now, SILENT_AT_ONCE_MAX));
            (silent.unwrap_or_default(), Arc::clone(desk.rules()))
        };
        let mut cases = 0;
        for one in silent {
            let command = command(&rules, &one);
            let Ok(ticket) = self.handle.submit(command, Lane::Ordinary) else { break };
            match ticket.answer().await {
                Some(Ok(_)) => {
                    let mut desk = self.desk.write().expect("nobody panics at the desk");
                    desk.devices_mut().into_iter().for_each(|devices| devices.told(&one));
                    cases += 1;
                }
                Some(Err(refusal)) => {
                    tracing::warn!(device = %one.device, code = refusal.code(), "a silent device became no case");
                }
                None => break,
            }
        }
        cases
    }
}

fn command(rules: &Rules, silent: &Silent) -> Command {
    let Silent { source, device, area, class, about, since } = silent;
    let name_of_call = format!("silent/{device}/{}", since.millis());
    let external = ExternalId::new(&name_of_call).ok();
    let id = match &external {
        Some(external) => CommandId::of_call(source, external),
        None => CommandId::of_act(&format!("silent/{source}"), &name_of_call, 0),
    };
    let filing = Filing {
        source: source.clone(),
        channel: Channel::Device,
        external,
        kind: CaseKind::Help,
        brief: Brief { class: class.clone(), condition: None, area: *area, accused: None, department: None },
        place: None,
        orphan: false,
        summary: format!("设备 {device} 无信号 · no sign of life of {device}").into(),
        occurred_at: Some(*since),
        target: None,
        tags: Vec::new(),
        proposal: None,
        photos: Vec::new(),
    };
    Command {
        id,
        actor: Actor::unit(rules.centre().clone()),
        by: Origin::Feed,
        because: None,
        saw: None,
        case: None,
        ask: Ask::Register(Box::new(filing)),
        private: (!about.is_empty()).then(|| Private { words: Some(about.clone()), ..Private::default() }),
    }
}

fn unknown_device() -> RefusalMessage {
    refused(
        "unknown_device",
        "设备不在 devices.csv 中，请先登记。",
        "The device is not in devices.csv of this source; list it there first.",
        Some("alive"),
    )
}
