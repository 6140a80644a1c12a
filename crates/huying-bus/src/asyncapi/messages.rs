//! The messages: what travels, in which form, with which headers.

use crate::{
    header::{
        CE_ID, CE_SOURCE, CE_SPECVERSION, CE_TIME, CE_TYPE, CONTENT_TYPE, EXPECTED_LAST_SEQUENCE, EventType,
        JSON, MSGPACK, QUARANTINE_REASON, QUARANTINE_SEQUENCE, QUARANTINE_SUBJECT, SPECVERSION,
    },
    message::{call::CALLS_PER_MESSAGE_MAX, station::COMMANDS_PER_MESSAGE_MAX},
};
use serde_json::{Map, Value, json};

/// Which schema language a payload's schema is in.
const SCHEMA_FORMAT: &str = "application/schema+json;version=draft-2020-12";

/// Every message by its name.
pub(super) fn messages() -> Value {
    let mut all = Map::new();
    let mut add = |name: &str, summary: &str, content: &str, schema: Value, headers: Option<Value>| {
        let payload = json!({ "schemaFormat": SCHEMA_FORMAT, "schema": schema });
        let mut message =
            json!({ "name": name, "summary": summary, "contentType": content, "payload": payload });
        if let Some(headers) = headers {
            message["headers"] = headers;
        }
        all.insert(name.to_owned(), message);
    };
    let of = |file: &str| json!({ "$ref": format!("./{file}") });
    add("Calls", "One call, or a list of them.", JSON, calls(), None);
    add("IntakeReply", "One answer for each call.", JSON, of("intake-reply.json"), None);
    add("InboxReceipt", "What became of a message.", JSON, of("inbox-receipt.json"), None);
    add("Unreadable", "The bytes as they came.", "application/octet-stream", json!({}), Some(quarantined()));
    add("UnitRequest", "One deed about one case.", JSON, of("unit-request.json"), None);
    add("UnitReply", "Done, revealed or refused.", JSON, of("unit-reply.json"), None);
    let events = [EventType::Assigned, EventType::Withdrawn];
    add("Assignment", "Work, or its withdrawal.", JSON, of("assignment.json"), Some(cloud_event(&events)));
    add("Notice", "A notice.", JSON, of("notice.json"), Some(cloud_event(&[EventType::Noticed])));
    add("TellRequest", "A message to a resident, or a probe.", JSON, of("tell.json"), None);
    add("TellReply", "Told, later, undeliverable, or ready.", JSON, of("tell-reply.json"), None);
    add("Record", "One record, as a map with field names.", MSGPACK, of("record.json"), Some(echoed()));
    add("Named", "Commands that a station names.", MSGPACK, named(), None);
    add("NamedReply", "One answer for each command.", MSGPACK, answered(), None);
    add("Tick", "An instant in milliseconds since 1970, and the head.", MSGPACK, tick(), None);
    let offset = fields(&[("offset", json!({ "type": "integer", "minimum": 0 }))], &["offset"]);
    add("RulesAsk", "From which byte on.", MSGPACK, offset, None);
    let bytes = json!({ "type": ["integer", "null"], "minimum": 0 });
    let piece = fields(&[("bytes", bytes), ("piece", json!({}))], &["piece"]);
    add("RulesPiece", "The whole's length, and the piece as binary.", MSGPACK, piece, None);
    add("ServiceQuestion", "Nothing.", "text/plain", json!({}), None);
    let kind = json!({ "type": "string", "pattern": "^io\\.nats\\.micro\\.v1\\." });
    let service = [("type", kind), ("name", text()), ("id", text()), ("version", text())];
    add("ServiceAnswer", "As NATS services answer.", JSON, fields(&service, &["type", "name", "id"]), None);
    Value::Object(all)
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// An object with these fields, and room for those that join later.
fn fields(properties: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn calls() -> Value {
    let call = json!({ "$ref": "./call.json" });
    let list = json!({ "type": "array", "items": call, "minItems": 1, "maxItems": CALLS_PER_MESSAGE_MAX });
    json!({ "oneOf": [call, list] })
}

fn cloud_event(kinds: &[EventType]) -> Value {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let properties = [
        (CE_SPECVERSION, json!({ "const": SPECVERSION })),
        (CE_ID, json!({ "type": "string", "pattern": "^[0-9]+\\.[a-z0-9-]{1,32}$" })),
        (CE_TYPE, json!({ "enum": kinds })),
        (CE_SOURCE, json!({ "type": "string", "pattern": "^urn:huying:journal:" })),
        (CE_TIME, json!({ "type": "string", "format": "date-time" })),
        (CONTENT_TYPE, json!({ "const": JSON })),
    ];
    fields(&properties, &[CE_SPECVERSION, CE_ID, CE_TYPE, CE_SOURCE, CE_TIME, CONTENT_TYPE])
}

fn quarantined() -> Value {
    let properties =
        [(QUARANTINE_REASON, text()), (QUARANTINE_SUBJECT, text()), (QUARANTINE_SEQUENCE, text())];
    fields(&properties, &[QUARANTINE_REASON, QUARANTINE_SUBJECT, QUARANTINE_SEQUENCE])
}

fn echoed() -> Value {
    fields(&[(EXPECTED_LAST_SEQUENCE, json!({ "type": "string", "pattern": "^[0-9]+$" }))], &[])
}

fn named() -> Value {
    let commands = json!({ "type": "array", "maxItems": COMMANDS_PER_MESSAGE_MAX });
    let through = json!({ "type": "integer", "minimum": 0 });
    let properties = [("station", text()), ("through", through), ("commands", commands)];
    fields(&properties, &["station", "through", "commands"])
}

fn answered() -> Value {
    fields(&[("answers", json!({ "type": "array", "maxItems": COMMANDS_PER_MESSAGE_MAX }))], &["answers"])
}

fn tick() -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    fields(&[("now", number.clone()), ("head", number)], &["now", "head"])
}

/// The echo's record in its wire form. Times are milliseconds since 1970, hashes and ids are binary.
pub(super) fn record() -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    let event = fields(
        &[
            ("event", json!({ "type": "string", "pattern": "^[a-z_]+\\.[a-z_]+/[0-9]+$" })),
            ("data", json!({ "type": "object" })),
        ],
        &["event", "data"],
    );
    let part = fields(
        &[
            ("kind", json!({ "enum": ["case", "rulebook", "unit"] })),
            ("id", text()),
            ("version", number.clone()),
            ("events", json!({ "type": "array", "minItems": 1, "items": event })),
        ],
        &["kind", "id", "version", "events"],
    );
    let actor = fields(&[("unit", text()), ("person", text())], &["unit"]);
    let parts = json!({ "type": "array", "minItems": 1, "maxItems": huying_domain::record::RECORD_PARTS_MAX, "items": part });
    let mut record = fields(
        &[
            ("seq", json!({ "type": "integer", "minimum": 1 })),
            ("at", number.clone()),
            ("late_for", number.clone()),
            ("actor", actor),
            ("by", json!({ "enum": ["person", "feed", "station", "timer"] })),
            ("because", number),
            ("command", json!({ "description": "16 bytes" })),
            ("digest", json!({ "description": "16 bytes" })),
            ("parts", parts),
            ("prev", json!({ "description": "32 bytes: the hash of the record before" })),
        ],
        &["seq", "at", "actor", "by", "command", "digest", "parts", "prev"],
    );
    record["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    record["title"] = json!("Record");
    record["description"] = json!(
        "One accepted command and what followed, as the map that MessagePack holds. Personal data never stand in it. \
         What each event's data hold: events.schema.json, with times as numbers."
    );
    record["not"] = json!({ "required": ["sealed"] });
    record
}
