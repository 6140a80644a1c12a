//! What a service says of itself: the JSON of the micro convention, version 1.

use super::{Reply, Service};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

const ROOT: &str = "$SRV";
const PING: &str = "PING";
const INFO: &str = "INFO";
const STATS: &str = "STATS";

/// What is counted of an endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    requests: u64,
    errors: u64,
    last_error: String,
    took: Duration,
}

impl Tally {
    pub(super) fn count(&mut self, reply: &Reply) {
        self.requests += 1;
        self.took += reply.took;
        if let Some((code, why)) = &reply.error {
            self.errors += 1;
            // Everybody may ask for this: the reason's code and not its sentence, which may name a case.
            let reason = why.split(':').next().unwrap_or_default();
            self.last_error = format!("{code}:{reason}");
        }
    }
}

/// An endpoint as it is told.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) name: &'static str,
    pub(super) subject: String,
    pub(super) queue_group: &'static str,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    id: &'a str,
    version: &'a str,
    metadata: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<EndpointTold<'a>>,
}

#[derive(Serialize)]
struct EndpointTold<'a> {
    name: &'a str,
    subject: &'a str,
    queue_group: &'a str,
    #[serde(flatten)]
    stats: Option<StatsTold<'a>>,
}

#[derive(Serialize)]
struct StatsTold<'a> {
    num_requests: u64,
    num_errors: u64,
    last_error: &'a str,
    processing_time: u64,
    average_processing_time: u64,
}

/// The subjects on which a service is asked about itself: all services, those of the name, this one.
pub(super) fn subjects(name: &str, id: &str) -> Vec<String> {
    let of = |verb: &str| {
        [format!("{ROOT}.{verb}"), format!("{ROOT}.{verb}.{name}"), format!("{ROOT}.{verb}.{name}.{id}")]
    };
    [PING, INFO, STATS].into_iter().flat_map(of).collect()
}

/// The answer to a question on one of these subjects.
pub(super) fn told(service: &Service, endpoint: &Endpoint, tally: &Tally, asked: &str) -> Option<Vec<u8>> {
    let verb = asked.split('.').nth(1)?;
    let metadata = service.metadata.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut told = Told {
        kind: "io.nats.micro.v1.ping_response",
        name: service.name,
        id: &service.id,
        version: service.version,
        metadata,
        description: None,
        started: None,
        endpoints: Vec::new(),
    };
    let mut endpoint = EndpointTold {
        name: endpoint.name,
        subject: &endpoint.subject,
        queue_group: endpoint.queue_group,
        stats: None,
    };
    match verb {
        PING => {}
        INFO => {
            told.kind = "io.nats.micro.v1.info_response";
            told.description = Some(service.description);
            told.endpoints = vec![endpoint];
        }
        STATS => {
            told.kind = "io.nats.micro.v1.stats_response";
            told.started = Some(service.started.to_string());
            endpoint.stats = Some(stats(tally));
            told.endpoints = vec![endpoint];
        }
        _ => return None,
    }
    Some(serde_json::to_vec(&told).expect("names, texts and numbers are JSON"))
}

fn stats(tally: &Tally) -> StatsTold<'_> {
    let nanoseconds = u64::try_from(tally.took.as_nanos()).unwrap_or(u64::MAX);
    StatsTold {
        num_requests: tally.requests,
        num_errors: tally.errors,
        last_error: &tally.last_error,
        processing_time: nanoseconds,
        average_processing_time: nanoseconds.checked_div(tally.requests).unwrap_or(0),
    }
}
