//! Calls that come in over NATS, as a call centre's own system sends them.

use crate::{commands::stations::runtime, exit::Exit, failure::Failure, words::Say};
use huying_bus::{
    link::{Address, Link},
    message::{
        answer::IntakeReply,
        call::{Call, Caller},
        place::{CoordinateSystem, Degrees, Place},
        text::Text,
    },
    subject::Subject,
};
use huying_domain::{area::Point, ids::SourceId};
use huying_intake::report::Report;
use std::sync::mpsc;
use tokio::runtime::Runtime;

/// Units of a point's whole numbers in one degree.
const POINT_UNITS: f64 = 10_000_000.0;

/// A call centre's connection.
pub struct Feed {
    runtime: Runtime,
    link: Link,
    source: SourceId,
}

impl Feed {
    /// Connects as the source.
    pub fn connect(address: &Address, source: SourceId) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let link = runtime.block_on(Link::connect(address)).map_err(|error| {
            Failure::new(Exit::Fault, "nerves", Say::NervesFailed.with(&[])).because(error)
        })?;
        Ok(Self { runtime, link, source })
    }

    /// Sends a call; the answer comes later, none if nobody answered.
    pub fn send(&self, report: &Report) -> mpsc::Receiver<Option<IntakeReply>> {
        let (answered, answer) = mpsc::channel();
        let subject = Subject::Intake { source: self.source.clone(), channel: report.channel };
        let body = serde_json::to_vec(&call(report)).expect("a call has a JSON form");
        let link = self.link.clone();
        self.runtime.spawn(async move {
            let reply = link.ask(subject, body).await;
            let reply = reply.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            drop(answered.send(reply));
        });
        answer
    }
}

/// The report as a foreign system would send it.
fn call(report: &Report) -> Call {
    let degrees = |Point { lon, lat }: Point| {
        let (lon, lat) = (f64::from(lon) / POINT_UNITS, f64::from(lat) / POINT_UNITS);
        Degrees::new(lon, lat, CoordinateSystem::Wgs84).ok()
    };
    let address = report.address.as_ref().and_then(|address| Text::new(address).ok());
    let place = Place { point: report.point.and_then(degrees), address, area: None };
    let private = &report.private;
    let number = private.number.as_ref().and_then(|number| Text::new(number).ok());
    let name = private.name.as_ref().and_then(|name| Text::new(name).ok());
    Call {
        external_id: report.external.clone(),
        occurred_at: None,
        kind: Some(report.kind),
        class: Some(report.class.clone()),
        condition: report.condition.clone(),
        place: Some(place),
        words: private.words.as_ref().and_then(|words| Text::new(words).ok()),
        caller: Some(Caller { number, name, home: None }),
        confidential: false,
        accused: report.accused.clone(),
        department: None,
        promised_by: None,
        settled: report.settled.clone(),
        follows: None,
        photos: Vec::new(),
        alive: None,
    }
}
