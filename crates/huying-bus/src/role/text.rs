//! Accounts, users and permissions as the server's configuration text.
//!
//! One account, [`ACCOUNT`], holds the streams and those who run the city's engine. Each user from outside has an
//! account of its own, named like the user, into which exactly that is imported what the user may say and hear.

use super::{
    Role,
    permissions::{ANSWER_WITHIN_S, ANSWERS_TO_A_REQUEST_MAX, Permissions, SERVICE_VERBS},
};
use crate::{
    stream::{API_PREFIX, Stream},
    subject::filter::{Family, Filter},
    user::{REPLY_ROOT, User},
};
use std::fmt::Write;

/// The account of the streams.
pub const ACCOUNT: &str = "HUYING";
/// The account of the server's own affairs.
pub const SYSTEM_ACCOUNT: &str = "SYS";
/// Most consumers of the account; units, stations and sources have one each. Unsaid, the server stops at 1,000.
pub const CONSUMERS_MAX: u32 = 100_000;

/// What requests to JetStream begin with inside of the account.
const API_WITHIN: &str = "$JS.API";

/// A password as it stands in a configuration.
#[derive(Clone, Copy)]
pub enum Password<'a> {
    /// The password itself, or its bcrypt hash.
    Said(&'a str),
    /// The name of a variable of the configuration or of the server's environment that holds either.
    Variable(&'a str),
}

/// A user to be written down.
#[expect(missing_debug_implementations, reason = "it holds a password")]
#[derive(Clone, Copy)]
pub struct Member<'a> {
    /// Its name.
    pub user: &'a User,
    /// What it is.
    pub role: &'a Role,
    /// How it proves it.
    pub password: Password<'a>,
}

/// The block `accounts`, and which account is the system's; `system_users` stand in that one.
pub fn accounts_text<'a>(members: impl Iterator<Item = Member<'a>>, system_users: &str) -> String {
    let (outside, inside): (Vec<_>, Vec<_>) = members.partition(|member| member.role.is_outside());
    let mut text = format!(
        "accounts {{\n  {ACCOUNT}: {{\n    jetstream: {{ max_consumers: {CONSUMERS_MAX} }}\n    \
         mappings: {{ {}: {} }}\n",
        quoted(&format!("{API_PREFIX}.>")),
        quoted(&format!("{API_WITHIN}.>"))
    );
    exports(&mut text);
    // The server maps a subject first and then asks whether it is allowed.
    users(&mut text, &inside, API_WITHIN);
    text.push_str("  }\n");
    for member in outside {
        let _ = writeln!(text, "  {}: {{", quoted(member.user.as_str()));
        imports(&mut text, &member.role.permissions(member.user));
        users(&mut text, &[member], API_PREFIX);
        text.push_str("  }\n");
    }
    let _ = writeln!(text, "  {SYSTEM_ACCOUNT}: {{{system_users}}}\n}}\nsystem_account: {SYSTEM_ACCOUNT}");
    text
}

/// What may be imported at all; whoever imports it is written by the same hand.
fn exports(text: &mut String) {
    let (assignments, receipts, records) = (Stream::Assignments, Stream::Receipts, Stream::Records);
    text.push_str("    exports: [\n");
    for family in [Family::As, Family::Intake, Family::Inbox] {
        let _ = writeln!(text, "      {{ service: {} }}", quoted(&Filter::Whole(family).to_string()));
    }
    let infos = [
        format!("{API_WITHIN}.CONSUMER.INFO.{assignments}.*"),
        format!("{API_WITHIN}.CONSUMER.INFO.{receipts}.*"),
        format!("{API_WITHIN}.STREAM.INFO.{records}"),
    ];
    for subject in infos {
        let _ = writeln!(text, "      {{ service: {} }}", quoted(&subject));
    }
    let mut many = vec![
        format!("{API_WITHIN}.CONSUMER.MSG.NEXT.{assignments}.*"),
        format!("{API_WITHIN}.CONSUMER.MSG.NEXT.{receipts}.*"),
        format!("$JS.ACK.{assignments}.>"),
        format!("$JS.ACK.{receipts}.>"),
        format!("{API_WITHIN}.DIRECT.GET.{records}"),
        format!("{API_WITHIN}.DIRECT.GET.{records}.>"),
    ];
    many.extend(SERVICE_VERBS.iter().flat_map(|verb| [format!("$SRV.{verb}"), format!("$SRV.{verb}.>")]));
    for subject in many {
        let _ = writeln!(text, "      {{ service: {}, response_type: Stream }}", quoted(&subject));
    }
    for family in [Family::Notice, Family::Record] {
        let _ = writeln!(text, "      {{ stream: {} }}", quoted(&Filter::Whole(family).to_string()));
    }
    text.push_str("    ]\n");
}

fn imports(text: &mut String, may: &Permissions) {
    text.push_str("    imports: [\n");
    for subject in &may.publish {
        let within = subject.replacen(API_PREFIX, API_WITHIN, 1);
        let _ = writeln!(
            text,
            "      {{ service: {{ account: {ACCOUNT}, subject: {} }}, to: {} }}",
            quoted(&within),
            quoted(subject)
        );
    }
    for subject in may.subscribe.iter().filter(|subject| !subject.starts_with(REPLY_ROOT)) {
        let _ = writeln!(text, "      {{ stream: {{ account: {ACCOUNT}, subject: {} }} }}", quoted(subject));
    }
    text.push_str("    ]\n");
}

fn users(text: &mut String, members: &[Member<'_>], api: &str) {
    text.push_str("    users: [\n");
    for member in members {
        user(text, member, member.role.permissions(member.user), api);
    }
    text.push_str("    ]\n");
}

fn user(text: &mut String, member: &Member<'_>, mut may: Permissions, api: &str) {
    for subject in may.publish.iter_mut().chain(&mut may.publish_denied) {
        *subject = subject.replacen(API_PREFIX, api, 1);
    }
    let password = match member.password {
        Password::Said(said) => quoted(said),
        Password::Variable(name) => format!("${name}"),
    };
    let name = quoted(member.user.as_str());
    let _ = writeln!(text, "      {{ user: {name}, password: {password}, permissions: {{");
    list(text, "publish", &may.publish, &may.publish_denied);
    list(text, "subscribe", &may.subscribe, &may.subscribe_denied);
    if may.allow_responses {
        let _ = writeln!(
            text,
            "        allow_responses: {{ max: {ANSWERS_TO_A_REQUEST_MAX}, expires: \"{ANSWER_WITHIN_S}s\" }}"
        );
    }
    text.push_str("      } }\n");
}

/// An empty list would mean "all" to the server; here it means none.
fn list(text: &mut String, what: &str, allowed: &[String], denied: &[String]) {
    let _ = writeln!(text, "        {what}: {{");
    if allowed.is_empty() {
        text.push_str("          deny: [ \">\" ]\n");
    } else {
        lines(text, "allow", allowed);
        if !denied.is_empty() {
            lines(text, "deny", denied);
        }
    }
    text.push_str("        }\n");
}

fn lines(text: &mut String, key: &str, subjects: &[String]) {
    let _ = writeln!(text, "          {key}: [");
    for subject in subjects {
        let _ = writeln!(text, "            {}", quoted(subject));
    }
    text.push_str("          ]\n");
}

/// Text in quotes as the server's configuration reads it.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
