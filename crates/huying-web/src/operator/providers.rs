//! `GET /v1/providers`: by whom people may sign in beside their accounts here, as what, and when somebody last did.

use crate::{
    refused::Refused,
    rights::{Right, Role},
    router::Ground,
    shown::Tongue,
    sign_in::{
        provider::{Group, Provider},
        who::Who,
    },
};
use axum::{Json, extract::State};
use huying_domain::{
    ids::{PersonId, UnitId},
    time::Timestamp,
    words::Words,
};
use schemars::JsonSchema;
use serde::Serialize;

/// What those of a group are let in as.
#[derive(Serialize, JsonSchema)]
struct GroupTold {
    /// What the provider calls it.
    group: String,
    unit: UnitId,
    unit_words: Words,
    /// The city has such a unit.
    unit_known: bool,
    roles: Vec<Role>,
}

/// Who last came in.
#[derive(Serialize, JsonSchema)]
struct LastTold {
    account: PersonId,
    at: Timestamp,
}

/// An identity provider, without its secret.
#[derive(Serialize, JsonSchema)]
struct ProviderTold {
    name: String,
    words: Words,
    issuer: String,
    client_id: String,
    /// A secret was agreed; it is not told.
    has_secret: bool,
    scopes: Vec<String>,
    /// What of its word names the account.
    account_claim: String,
    /// What of its word names the groups.
    group_claim: String,
    groups: Vec<GroupTold>,
    /// Accounts that are pinned to a person of it.
    accounts: usize,
    last: Option<LastTold>,
}

/// The identity providers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ProvidersTold {
    providers: Vec<ProviderTold>,
    /// Where browsers find this door, as agreed with them.
    public: String,
}

/// The identity providers that are configured.
pub(crate) async fn see(State(ground): State<Ground>, who: Who) -> Result<Json<ProvidersTold>, Refused> {
    who.must(Right::Accounts)?;
    let (desk, rules) = (&ground.desk, ground.doors.rules());
    let (book, arrivals, tongue) = (desk.accounts.all(), desk.arrivals.all(), Tongue(&rules));
    let group = |group: &Group| GroupTold {
        group: group.name.clone(),
        unit_words: tongue.unit(&group.unit),
        unit_known: rules.unit(&group.unit).is_some(),
        unit: group.unit.clone(),
        roles: group.roles.clone(),
    };
    let provider = |provider: &Provider| {
        let terms = provider.terms();
        let pinned =
            |by: Option<&crate::sign_in::account::Vouched>| by.is_some_and(|by| by.provider == terms.name);
        ProviderTold {
            name: terms.name.clone(),
            words: provider.words(),
            issuer: terms.issuer.clone(),
            client_id: terms.client_id.clone(),
            has_secret: terms.secret_file.is_some(),
            scopes: terms.scopes.clone(),
            account_claim: terms.account_claim.clone(),
            group_claim: terms.group_claim.clone(),
            groups: terms.group.iter().map(group).collect(),
            accounts: book.values().filter(|account| pinned(account.vouched.as_ref())).count(),
            last: arrivals
                .by(&terms.name)
                .map(|last| LastTold { account: last.account.clone(), at: last.at }),
        }
    };
    let providers = desk.providers.all().iter().map(provider).collect();
    Ok(Json(ProvidersTold { providers, public: desk.providers.public().to_owned() }))
}
