//! Refusals of the doors themselves: what never becomes a command. Their codes are frozen like the domain's.

use huying_bus::{
    message::{answer::RefusalMessage, call::Unsplittable},
    subject::token::Verb,
};
use huying_domain::{refusal::Refusal, words::Words};
use huying_intake::{read::field_at, unreadable::Unreadable};
use serde_json::error::Category;

/// The code of a request whose verb is not its subject's.
pub const VERB_MISMATCH: &str = "verb_mismatch";
/// The code of a request for personal data over a link that others can read.
pub const LINK_NOT_PRIVATE: &str = "link_not_private";
/// The code of too many calls in one message.
pub const TOO_MANY_CALLS: &str = "too_many_calls";
/// The code of a message that is longer than it may be.
pub const MESSAGE_TOO_LONG: &str = "message_too_long";
/// The code of a message without a call.
pub const NO_CALL: &str = "no_call";
/// The code of a subject that names no source, channel, unit or verb.
pub const BAD_SUBJECT: &str = "bad_subject";
/// The code of personal data that cannot be read just now, although they are there.
pub const SEALED_UNREADABLE: &str = "sealed_unreadable";

/// The code of a request that has read the caller too often.
pub const READ_TOO_OFTEN: &str = "read_too_often";

/// A refusal of a door.
pub fn refused(
    code: &str,
    zh: impl Into<String>,
    en: impl Into<String>,
    field: Option<&str>,
) -> RefusalMessage {
    RefusalMessage {
        code: code.to_owned(),
        words: Words::new(zh, en),
        field: field.filter(|field| !field.is_empty()).map(str::to_owned),
    }
}

/// A call that cannot be read.
pub fn unreadable(unreadable: Unreadable) -> RefusalMessage {
    let Unreadable { code, field, words } = unreadable;
    RefusalMessage { code: code.to_owned(), words, field: (!field.is_empty()).then_some(field) }
}

/// A message that cannot be cut into calls.
pub fn unsplittable(why: &Unsplittable) -> RefusalMessage {
    use huying_bus::message::call::{CALL_MESSAGE_BYTES_MAX, CALLS_PER_MESSAGE_MAX};
    match why {
        Unsplittable::TooLong { .. } => refused(
            MESSAGE_TOO_LONG,
            format!("一条消息不得超过 {CALL_MESSAGE_BYTES_MAX} 字节。"),
            format!("One message has at most {CALL_MESSAGE_BYTES_MAX} bytes."),
            None,
        ),
        Unsplittable::WrongCount { calls: 0 } => {
            refused(NO_CALL, "消息中没有来电。", "The message holds no call.", None)
        }
        Unsplittable::WrongCount { calls } => refused(
            TOO_MANY_CALLS,
            format!("一条消息有 {calls} 件来电，最多 {CALLS_PER_MESSAGE_MAX} 件。"),
            format!("The message holds {calls} calls; at most {CALLS_PER_MESSAGE_MAX} are taken together."),
            None,
        ),
        Unsplittable::NotJson(_) => unreadable(Unreadable::not_json("")),
    }
}

/// A request that is no JSON, or of another form than it should be.
pub(super) fn misshapen(bytes: &[u8], error: &serde_json::Error) -> RefusalMessage {
    let Ok(text) = std::str::from_utf8(bytes) else { return unreadable(Unreadable::not_utf8("")) };
    unreadable(match error.classify() {
        Category::Data => Unreadable::bad_shape(&field_at(text, error)),
        Category::Io | Category::Syntax | Category::Eof => Unreadable::not_json(""),
    })
}

pub(super) fn verb_mismatch(subject: Verb, body: Verb) -> RefusalMessage {
    refused(
        VERB_MISMATCH,
        format!("主题写的是 {subject}，内容写的是 {body}。"),
        format!("The subject says {subject} and the body says {body}."),
        Some("deed.verb"),
    )
}

pub(super) fn link_not_private() -> RefusalMessage {
    refused(
        LINK_NOT_PRIVATE,
        "未加密的连接不能查看来电人信息。",
        "The caller is not told over a link that is not encrypted.",
        None,
    )
}

/// The engine has stopped before it could promise anything.
pub(super) fn stopping() -> RefusalMessage {
    RefusalMessage::from(&Refusal::Stopping)
}

/// The number that a refusal has as HTTP counts, for programs that read no further.
pub fn status_of(code: &str) -> u16 {
    match code {
        "busy" => 429,
        "stopping" | "late" | SEALED_UNREADABLE => 503,
        "unknown_case" | "not_found" => 404,
        "reused_id"
        | "stale"
        | "rules_moved"
        | "unit_in_use"
        | "wrong_stage"
        | "ruling_needed"
        | "request_pending"
        | "nothing_asked"
        | "already_called"
        | "not_called"
        | "overdue"
        | "used_up"
        | "at_the_top"
        | "follows_lead"
        | "lead_settled"
        | "joins_itself"
        | "members_wait"
        | "not_told"
        | "not_yet_due"
        | "no_such_clock"
        | "nothing_new"
        | "nothing_to_erase"
        | "data_erased"
        | "condition_not_met"
        | "ruled_cannot_return" => 409,
        "not_yours" | "own_request" | "not_below_you" | "own_work" | "person_decides" | "about_that_unit"
        | "not_its_duty" | "confidential" | "accuser_protected" | LINK_NOT_PRIVATE | READ_TOO_OFTEN => 403,
        MESSAGE_TOO_LONG | TOO_MANY_CALLS => 413,
        "not_json" | "not_utf8" | BAD_SUBJECT | VERB_MISMATCH | NO_CALL => 400,
        _ => 422,
    }
}
