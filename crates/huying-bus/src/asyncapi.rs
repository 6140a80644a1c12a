//! The subjects as an AsyncAPI 3.0 document, for those who write the other end: who sends what where, and what comes
//! back. It refers to the JSON schemas beside it, so both lie in `schemas/` and are written together.
//!
//! Actions are told from the engine's side: *receive* is what others send to it.

mod channels;
mod messages;

use self::{
    channels::{Channel, channels},
    messages::messages,
};
use serde_json::{Map, Value, json};

/// The file's name in `schemas/`.
pub const FILE: &str = "asyncapi.json";

/// The file of the echo's record, which has no type that a schema could be derived from: its wire form is binary.
pub const RECORD_FILE: &str = "record.json";

/// The schema of the echo's record.
pub fn record() -> Value {
    messages::record()
}

/// The whole document.
pub fn document() -> Value {
    let channels = channels();
    let mut addresses = Map::new();
    let mut operations = Map::new();
    for channel in &channels {
        addresses.insert(channel.name.to_owned(), address(channel));
        if let Some((name, _)) = channel.reply {
            addresses.insert(name.to_owned(), answers(channel));
        }
        operations.insert(channel.operation.to_owned(), operation(channel));
    }
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:huying:v1",
        "info": {
            "title": "Huying 呼应",
            "version": "v1",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "own": {
                "host": "127.0.0.1",
                "protocol": "nats",
                "description": "The engine's own server; its port stands in the line that `huying up` says when it is ready.",
                "security": [{ "$ref": "#/components/securitySchemes/password" }],
            },
            "city": {
                "host": "{host}",
                "protocol": "nats",
                "description": "A city's cluster, encrypted.",
                "variables": { "host": { "description": "One of its servers, with port." } },
                "security": [{ "$ref": "#/components/securitySchemes/credentials" }],
            },
        },
        "channels": addresses,
        "operations": operations,
        "components": {
            "messages": messages(),
            "securitySchemes": {
                "password": { "type": "userPassword", "description": "A user and a password, as `huying nats grant` prints them." },
                "credentials": { "type": "userPassword", "description": "A credentials file, or a user and a password of the city's own." },
            },
        },
    })
}

const DESCRIPTION: &str = "Calls of residents come in, work for units goes out, what units do comes back, and residents are told. \
Each user has a reply prefix of its own, `_INBOX_<user>.`; a request with another reply subject is not answered. \
What is published under huying.v1 keeps its meaning: fields and kinds may join, so readers skip what they do not know.";

fn address(channel: &Channel) -> Value {
    let mut told = json!({
        "address": channel.address,
        "title": channel.title,
        "description": channel.description,
        "messages": named(channel.messages),
    });
    let mut parameters = Map::new();
    for (name, description, tokens) in &channel.parameters {
        let mut parameter = json!({ "description": description });
        if !tokens.is_empty() {
            parameter["enum"] = json!(tokens);
        }
        parameters.insert((*name).to_owned(), parameter);
    }
    if !parameters.is_empty() {
        told["parameters"] = Value::Object(parameters);
    }
    if let Some(stream) = channel.stream {
        told["x-jetstream"] = json!({ "stream": stream.name(), "consumer": channel.consumer });
    }
    told
}

/// Answers go to whatever subject the one who asks names: no address can be given.
fn answers(channel: &Channel) -> Value {
    let (_, messages) = channel.reply.unwrap_or_default();
    json!({
        "address": Value::Null,
        "title": format!("Answers: {}", channel.title),
        "messages": named(messages),
    })
}

fn named(messages: &[&str]) -> Value {
    let refs = messages.iter().map(|name| {
        let to = format!("#/components/messages/{name}");
        ((*name).to_owned(), json!({ "$ref": to }))
    });
    Value::Object(refs.collect())
}

fn operation(channel: &Channel) -> Value {
    let refs = |at: &str, messages: &[&str]| -> Value {
        let all = messages.iter().map(|name| json!({ "$ref": format!("#/channels/{at}/messages/{name}") }));
        Value::Array(all.collect())
    };
    let mut told = json!({
        "action": if channel.engine_receives { "receive" } else { "send" },
        "channel": { "$ref": format!("#/channels/{}", channel.name) },
        "summary": channel.title,
        "messages": refs(channel.name, channel.messages),
        "x-roles": channel.roles,
    });
    if let Some((name, messages)) = channel.reply {
        told["reply"] = json!({
            "address": {
                "location": "$message.header#/reply-to",
                "description": "The reply subject of the NATS message itself; it begins with `_INBOX_<user>.`.",
            },
            "channel": { "$ref": format!("#/channels/{name}") },
            "messages": refs(name, messages),
        });
    }
    told
}
