//! Users of the server and where their answers go.

use huying_domain::refusal::Malformed;
use std::{fmt, str::FromStr};

/// Most bytes of a user's name: `unit-` or `feed-` and the longest id.
pub const USER_BYTES_MAX: usize = 37;

/// What every reply subject begins with. A service answers to no other: whoever asks could else make the service
/// speak on any subject in its name.
pub const REPLY_ROOT: &str = "_INBOX_";

/// What the server puts in place of a reply subject from another account; no client can say it.
const REPLY_FROM_ACCOUNT: &str = "_R_.";

/// Whether a service may answer to this subject: a user's own, or the server's stand-in for one.
pub fn is_reply(subject: &str) -> bool {
    subject.starts_with(REPLY_ROOT) || subject.starts_with(REPLY_FROM_ACCOUNT)
}

/// A user of the NATS server: 1 to 37 of a-z, 0-9 and dash.
///
/// Each user has a reply prefix of its own. With one prefix for all, a department could subscribe to it and
/// overhear what the others are answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct User(String);

impl User {
    /// What the client is told to put before its reply subjects: `_INBOX_<user>`.
    pub fn reply_prefix(&self) -> String {
        format!("{REPLY_ROOT}{self}")
    }

    /// What the user alone may subscribe to: `_INBOX_<user>.>`.
    pub fn reply_filter(&self) -> String {
        format!("{REPLY_ROOT}{self}.>")
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for User {
    type Err = Malformed;

    fn from_str(name: &str) -> Result<Self, Malformed> {
        let token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=USER_BYTES_MAX).contains(&name.len()) && name.bytes().all(token) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Malformed::new("user", "1 to 37 of a-z, 0-9 and dash"))
        }
    }
}
