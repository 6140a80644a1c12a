//! Who may come in is written down by whoever may let in, and by nobody else.

use crate::town::{Town, set_account, set_keys, unit};
use huying_domain::{
    command::Ask,
    event::{
        Event,
        setting::{AccountField, AccountSet},
    },
    record::Origin,
    refusal::Refusal,
};

/// The account of `wang`, with this of it changed.
fn set(changed: &[AccountField]) -> AccountSet {
    let Ask::SetAccount { set, .. } = set_account() else { unreachable!("it sets an account") };
    AccountSet { changed: changed.to_vec(), ..*set }
}

fn ask(who: &str, by: Origin, of: &str, set: AccountSet) -> Result<(), Refusal> {
    let ask = Ask::SetAccount { unit: unit(of), set: Box::new(set) };
    Town::new().ask_as(who, by, 0, ask).map(drop)
}

#[test]
fn an_account_is_a_fact_of_its_unit_and_says_no_secret() {
    let mut town = Town::new();
    let record = town.ask("centre/li", 0, set_account()).expect("the centre may");
    assert_eq!(record.parts[0].subject, huying_domain::record::Subject::Unit(unit("grid-1")));
    assert!(
        matches!(&record.parts[0].events[..], [Event::AccountSet(set)] if set.account.as_str() == "wang")
    );
    town.must("centre/li", 0, set_keys());
}

#[test]
fn who_stands_above_both_units_changes_an_account_and_nobody_else() {
    let made = || set(&[AccountField::Made]);
    assert_eq!(ask("street-1/boss", Origin::Person, "grid-1", made()), Ok(()));
    assert_eq!(ask("works/boss", Origin::Person, "grid-1", made()), Err(Refusal::NotYours));
    let moved = AccountSet { was: Some(unit("works")), ..set(&[AccountField::Unit]) };
    assert_eq!(ask("street-1/boss", Origin::Person, "grid-1", moved.clone()), Err(Refusal::NotYours));
    assert_eq!(ask("centre/li", Origin::Person, "grid-1", moved), Ok(()));
    assert_eq!(ask("centre/li", Origin::Station, "grid-1", made()), Err(Refusal::PersonDecides));
    assert_eq!(ask("centre/li", Origin::Person, "grid-1", set(&[])), Err(Refusal::NothingNew));
    assert_eq!(ask("centre/li", Origin::Person, "ghost", made()), Err(Refusal::UnknownUnit(unit("ghost"))));
    assert_eq!(ask("centre/li", Origin::Person, "ghost", set(&[AccountField::Lock])), Ok(()));
}

#[test]
fn people_set_their_own_secrets_and_nothing_else_of_their_own() {
    let own = |field| ask("works/wang", Origin::Person, "works", set(&[field]));
    assert_eq!(own(AccountField::Password), Ok(()));
    let other = |who, field| ask(who, Origin::Person, "grid-1", set(&[field]));
    assert_eq!(other("works/wang", AccountField::Password), Err(Refusal::NotYours));
    assert_eq!(other("works/li", AccountField::Password), Err(Refusal::NotYours));
}

#[test]
fn a_providers_word_is_the_doors_to_bring_and_no_persons() {
    let vouched = || AccountSet { by_provider: Some("city".into()), ..set(&[AccountField::Roles]) };
    assert_eq!(ask("centre", Origin::Feed, "grid-1", vouched()), Ok(()));
    assert_eq!(ask("centre/li", Origin::Person, "grid-1", vouched()), Err(Refusal::NotYours));
    assert_eq!(ask("works", Origin::Feed, "grid-1", vouched()), Err(Refusal::NotYours));
}

#[test]
fn keys_of_feeds_are_the_centres() {
    let asked = |who| Town::new().ask(who, 0, set_keys()).map(drop);
    assert_eq!(asked("centre/li"), Ok(()));
    assert_eq!(asked("street-1/boss"), Err(Refusal::NotYours));
}
