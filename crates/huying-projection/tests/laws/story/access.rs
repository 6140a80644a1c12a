//! A third day: who may come in, and as what.

use crate::town::{Town, set_account, set_keys, unit};
use huying_domain::{
    command::Ask,
    event::setting::{AccountField, AccountSet, KeysSet},
};

pub(crate) fn day() -> Town {
    let mut town = Town::new();
    town.must("centre/li", 0, set_account()).must("centre/li", 0, set_keys());
    let moved = AccountSet {
        account: "wang".parse().expect("a person"),
        changed: vec![AccountField::Unit, AccountField::Lock],
        was: Some(unit("grid-1")),
        roles: vec!["handler".into(), "supervisor".into()],
        area: "211081001".parse().ok(),
        cleared: Vec::new(),
        locked: true,
        by_provider: None,
    };
    town.wait(5).must("centre/li", 0, Ask::SetAccount { unit: unit("comm-1"), set: Box::new(moved) });
    let source = "hotline".parse().expect("a source");
    town.must("centre/li", 0, Ask::SetKeys { set: KeysSet { source, channels: Vec::new(), revoked: 2 } });
    town
}
