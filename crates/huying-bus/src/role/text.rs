//! Users and permissions as the server's configuration text.

use super::permissions::{ANSWER_WITHIN_S, ANSWERS_TO_A_REQUEST_MAX, Permissions};
use crate::user::User;
use std::fmt::Write;

/// A password as it stands in a configuration.
#[derive(Clone, Copy)]
pub enum Password<'a> {
    /// The password itself, or its bcrypt hash.
    Said(&'a str),
    /// The name of an environment variable of the server that holds either.
    Variable(&'a str),
}

/// One user with its permissions, indented to stand in a list of users.
pub fn user_text(user: &User, password: Password<'_>, may: &Permissions) -> String {
    let password = match password {
        Password::Said(said) => quoted(said),
        Password::Variable(name) => format!("${name}"),
    };
    let mut text = format!("    {{ user: {}, password: {password}, permissions: {{\n", quoted(user.as_str()));
    list(&mut text, "publish", &may.publish, &may.publish_denied);
    list(&mut text, "subscribe", &may.subscribe, &may.subscribe_denied);
    if may.allow_responses {
        let _ = writeln!(
            text,
            "        allow_responses: {{ max: {ANSWERS_TO_A_REQUEST_MAX}, expires: \"{ANSWER_WITHIN_S}s\" }}"
        );
    }
    text.push_str("    } }\n");
    text
}

/// An empty list would mean "all" to the server; here it means none.
fn list(text: &mut String, what: &str, allowed: &[String], denied: &[String]) {
    let _ = writeln!(text, "        {what}: {{");
    if allowed.is_empty() {
        text.push_str("            deny: [ \">\" ]\n");
    } else {
        lines(text, "allow", allowed);
        if !denied.is_empty() {
            lines(text, "deny", denied);
        }
    }
    text.push_str("        }\n");
}

fn lines(text: &mut String, key: &str, subjects: &[String]) {
    let _ = writeln!(text, "            {key}: [");
    for subject in subjects {
        let _ = writeln!(text, "                {}", quoted(subject));
    }
    text.push_str("            ]\n");
}

/// Text in quotes as the server's configuration reads it.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
