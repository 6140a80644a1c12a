//! JSON schemas of all messages, for those who write the other end.
//!
//! They lie in `schemas/` at the project's root, written by `make schemas`; a test holds them to the types.

use crate::{
    asyncapi,
    message::{
        answer::{InboxReceipt, IntakeReply, UnitReply},
        assignment::Assignment,
        call::Call,
        deed::UnitRequest,
        notice::Notice,
        tell::{TellReply, TellRequest},
    },
};
use schemars::{Schema, schema_for};
use serde::Serialize;

/// Every message with the name of its schema's file.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("call.json", schema_for!(Call)),
        ("intake-reply.json", schema_for!(IntakeReply)),
        ("inbox-receipt.json", schema_for!(InboxReceipt)),
        ("unit-request.json", schema_for!(UnitRequest)),
        ("unit-reply.json", schema_for!(UnitReply)),
        ("assignment.json", schema_for!(Assignment)),
        ("notice.json", schema_for!(Notice)),
        ("tell.json", schema_for!(TellRequest)),
        ("tell-reply.json", schema_for!(TellReply)),
    ]
}

/// Every file of `schemas/` that is made here, by its name: the schemas, and the subjects as an AsyncAPI document.
pub fn files() -> Vec<(&'static str, String)> {
    let mut files: Vec<_> = all().iter().map(|(name, schema)| (*name, file_text(schema))).collect();
    files.push((asyncapi::RECORD_FILE, file_text(&asyncapi::record())));
    files.push((asyncapi::FILE, file_text(&asyncapi::document())));
    files
}

/// A schema as its file holds it: indented, with a line break at the end.
pub fn file_text(schema: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    text.push('\n');
    text
}
