//! JSON schemas of all messages, for those who write the other end.
//!
//! They lie in `schemas/` at the project's root, written by `make schemas`; a test holds them to the types.

use crate::message::{
    answer::{InboxReceipt, IntakeReply, UnitReply},
    assignment::Assignment,
    call::Call,
    deed::UnitRequest,
    notice::Notice,
    tell::{TellReply, TellRequest},
};
use schemars::{Schema, schema_for};

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

/// A schema as its file holds it: indented, with a line break at the end.
pub fn file_text(schema: &Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    text.push('\n');
    text
}
