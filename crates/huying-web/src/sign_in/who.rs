//! Who stands before the door: the cookie names the session, the session the account, the account unit and roles.

use super::{account::Account, session::Session};
use crate::{
    refused::Refused,
    rights::{Act, Right},
    router::Ground,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use huying_domain::{ids::UnitId, record::Actor, rules::Rules};
use huying_engine::clock::machine;
use huying_projection::cases::sight::Sight;

/// The cookie that carries a session's token.
pub const COOKIE: &str = "huying_session";
/// The header that a change brings beside the cookie: another site's page cannot set it.
pub const CSRF_HEADER: &str = "x-huying-csrf";

/// Somebody who has signed in.
#[derive(Clone, Debug)]
pub struct Who {
    /// Their account, as it stands now.
    pub account: Account,
    /// Their session.
    pub session: Session,
    /// What they see.
    pub sight: Sight,
}

impl Who {
    /// They have this right, or they are told that their role has it not.
    pub(crate) fn must(&self, right: Right) -> Result<(), Refused> {
        if self.account.has(right) { Ok(()) } else { Err(Refused::not_your_role(right.name())) }
    }

    /// Their roles may ask this of a case.
    pub(crate) fn must_ask(&self, act: &Act) -> Result<(), Refused> {
        if self.account.may_ask(act) { Ok(()) } else { Err(Refused::not_your_role(act.ask)) }
    }

    /// Whether a unit's figures are theirs to see: their own unit's, and those of whom it supervises.
    pub(crate) fn oversees(&self, unit: &UnitId, rules: &Rules) -> bool {
        let own = &self.account.unit;
        self.sight.whole || unit == own || rules.supervises(own, unit)
    }

    /// In whose name they act.
    pub fn actor(&self) -> Actor {
        Actor { unit: self.account.unit.clone(), person: Some(self.account.name.clone()) }
    }
}

/// The session's token in the cookies of a request.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE)
}

/// The cookie of this name.
pub(crate) fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(told, _)| *told == name).map(|(_, token)| token)
}

impl FromRequestParts<Ground> for Who {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, ground: &Ground) -> Result<Self, Refused> {
        let session = token(&parts.headers).and_then(|token| ground.desk.sessions.of(token, machine()));
        let session = session.ok_or_else(Refused::no_session)?;
        if parts.method != Method::GET && parts.method != Method::HEAD {
            let brought = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
            if brought != Some(session.csrf.as_str()) {
                return Err(Refused::no_csrf());
            }
        }
        let account = ground.desk.accounts.of(&session.account).filter(|account| !account.locked);
        let account = account.ok_or_else(Refused::no_session)?;
        let sight = account.sight(&ground.doors.rules());
        Ok(Self { account, session, sight })
    }
}
