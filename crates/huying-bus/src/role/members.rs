//! The members of a large deployment: a list of users and roles, from which the servers' accounts are written.

use super::{
    Role,
    text::{Member, Password, accounts_text},
};
use crate::user::User;
use huying_domain::refusal::Malformed;
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// The user of the system account, for those who run the servers.
const SYSTEM_USER: &str = "system";

const HEAD: &str = "\
    # Written by `make nats-accounts` from members.toml and the roles of huying-bus; change those, not this file.\n\
# The variables PASSWORD_… stand in the server's environment, see secrets.sh.\n";

/// Why a list of members cannot be used.
#[derive(Debug, Error)]
pub enum MembersError {
    /// It is not the list that is expected.
    #[error("the list of members cannot be read")]
    Form(#[source] toml::de::Error),
    /// A user's name is malformed.
    #[error("user: {} expected", .0.expected)]
    User(Malformed),
    /// A member has no name of its own and none is given.
    #[error("a member for several units needs a user")]
    Nameless,
    /// Two members have the same name.
    #[error("the user {0} stands there twice")]
    Twice(User),
}

#[derive(Deserialize)]
struct Written {
    member: Vec<WrittenMember>,
}

#[derive(Deserialize)]
struct WrittenMember {
    user: Option<String>,
    #[serde(flatten)]
    role: Role,
}

/// The configuration text of the accounts of these members. `list` is TOML: `[[member]]` with `role` and what the
/// role needs (`station`, `units`, `source`, `channel`), and `user` where the role's own name will not do.
///
/// # Errors
/// [`MembersError`] names what is wrong with the list.
pub fn deployment_text(list: &str) -> Result<String, MembersError> {
    let written: Written = toml::from_str(list).map_err(MembersError::Form)?;
    let mut members = BTreeMap::new();
    for WrittenMember { user, role } in written.member {
        let given = user.map(|user| user.parse::<User>()).transpose().map_err(MembersError::User)?;
        let user = given.or_else(|| role.user()).ok_or(MembersError::Nameless)?;
        if members.insert(user.clone(), (variable(user.as_str()), role)).is_some() {
            return Err(MembersError::Twice(user));
        }
    }
    let list = members.iter().map(|(user, (variable, role))| Member {
        user,
        role,
        password: Password::Variable(variable),
    });
    let system = format!(" users: [ {{ user: {SYSTEM_USER}, password: ${} }} ] ", variable(SYSTEM_USER));
    Ok(format!("{HEAD}\n{}", accounts_text(list, &system)))
}

fn variable(user: &str) -> String {
    format!("PASSWORD_{}", user.to_ascii_uppercase().replace('-', "_"))
}
