//! Changes of accounts and keys: first a record says who does what to whom, then it is done. So there is no change
//! without a record; of one that a stop cut off between the two, whoever asked was told that it was not done.

use super::{account::Account, who::Who};
use crate::{refused::Refused, router::Ground};
use axum::http::StatusCode;
use futures::{StreamExt, TryStreamExt, stream};
use huying_domain::{
    command::Ask,
    event::setting::{AccountField, AccountSet, KeysSet},
    ids::{PersonId, Seq},
    record::{Actor, Origin},
};

/// Most records that are asked for at once.
const ASKED_AT_ONCE_MAX: usize = 64;

/// Who changes something.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// Somebody who has signed in.
    Person(Actor),
    /// An identity provider, whose word the door has proven.
    Provider(String),
}

impl From<&Who> for By {
    fn from(who: &Who) -> Self {
        Self::Person(who.actor())
    }
}

/// What of an account is other than before; none where nothing is. No secret stands in it.
pub fn difference(before: Option<&Account>, now: &Account) -> Option<AccountSet> {
    let mut changed = Vec::new();
    match before {
        None => changed.push(AccountField::Made),
        Some(before) => {
            let fields = [
                (before.words != now.words, AccountField::Words),
                (before.unit != now.unit, AccountField::Unit),
                (before.roles != now.roles, AccountField::Roles),
                (before.area != now.area, AccountField::Area),
                (before.cleared != now.cleared, AccountField::Cleared),
                (before.password != now.password, AccountField::Password),
                (before.totp != now.totp, AccountField::SecondFactor),
                (before.vouched != now.vouched, AccountField::Provider),
                (before.locked != now.locked, AccountField::Lock),
            ];
            changed.extend(fields.into_iter().filter(|(differs, _)| *differs).map(|(_, field)| field));
        }
    }
    (!changed.is_empty()).then(|| AccountSet {
        account: now.name.clone(),
        changed,
        was: before.map(|before| before.unit.clone()).filter(|unit| *unit != now.unit),
        roles: now.roles.iter().map(|role| role.name().into()).collect(),
        area: now.area,
        cleared: now.cleared.clone(),
        locked: now.locked,
        by_provider: None,
    })
}

/// Has it written down.
async fn record(ground: &Ground, by: &By, ask: Ask) -> Result<Seq, Refused> {
    let key = ground.desk.chance.token();
    let (actor, origin) = match by {
        By::Person(actor) => (actor.clone(), Origin::Person),
        By::Provider(_) => (Actor::unit(ground.doors.rules().centre().clone()), Origin::Feed),
    };
    Ok(ground.doors.set_as(actor, origin, &key, ask).await?.seq)
}

async fn record_account(
    ground: &Ground,
    by: &By,
    before: Option<&Account>,
    now: &Account,
) -> Result<Option<Seq>, Refused> {
    let Some(mut set) = difference(before, now) else { return Ok(None) };
    if let By::Provider(name) = by {
        set.by_provider = Some(name.as_str().into());
    }
    let ask = Ask::SetAccount { unit: now.unit.clone(), set: Box::new(set) };
    record(ground, by, ask).await.map(Some)
}

/// Makes an account of what it was before, has that written down, and lets it hold.
pub(crate) async fn set_account(
    ground: &Ground,
    by: By,
    name: &PersonId,
    make: impl FnOnce(Option<&Account>) -> Result<Account, Refused>,
) -> Result<Account, Refused> {
    let accounts = &ground.desk.accounts;
    let _turn = accounts.turn().await;
    let before = accounts.of(name);
    let now = make(before.as_ref())?;
    record_account(ground, &by, before.as_ref(), &now).await?;
    let changed = accounts.change(|book| {
        // Only the command line can have been faster: pages wait for their turn.
        let same = book.get(name) == before.as_ref();
        if same {
            book.insert(name.clone(), now.clone());
        }
        same
    });
    if changed.map_err(Refused::fault)? { Ok(now) } else { Err(moved()) }
}

/// The same for many at once, each a record of its own; the last of them is told.
pub(crate) async fn set_accounts(
    ground: &Ground,
    by: By,
    pairs: Vec<(Option<Account>, Account)>,
) -> Result<Option<Seq>, Refused> {
    let asked = pairs.iter().map(|(before, now)| record_account(ground, &by, before.as_ref(), now));
    let asked: Vec<_> = asked.collect();
    let seqs: Vec<Option<Seq>> = stream::iter(asked).buffered(ASKED_AT_ONCE_MAX).try_collect().await?;
    let changed = ground.desk.accounts.change(|book| {
        let same = pairs.iter().all(|(before, now)| book.get(&now.name) == before.as_ref());
        if same {
            book.extend(pairs.into_iter().map(|(_, now)| (now.name.clone(), now)));
        }
        same
    });
    if changed.map_err(Refused::fault)? { Ok(seqs.into_iter().flatten().max()) } else { Err(moved()) }
}

/// Has it written down that a feed has a further key, or none any more.
pub(crate) async fn record_keys(ground: &Ground, who: &Who, set: KeysSet) -> Result<Seq, Refused> {
    record(ground, &By::from(who), Ask::SetKeys { set }).await
}

fn moved() -> Refused {
    let (zh, en) =
        ("该账号刚被他人更改，请刷新后再试。", "Somebody else has just changed the account; load it again.");
    Refused::new(StatusCode::CONFLICT, "account_moved", zh, en)
}
