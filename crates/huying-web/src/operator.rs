//! What operators and auditors ask: rules with their findings, accounts, the records as such, how the engine stands.

pub(crate) mod password;
pub(crate) mod providers;
mod setting;

use crate::{
    board::nats_word,
    health::look,
    refused::Refused,
    rights::{Right, Role},
    router::{Ground, Read},
    shown::Tongue,
    sign_in::{
        account::{Account, Vouched},
        changes::{By, set_account},
        secret::{PASSWORD_CHARS_MIN, hash_password},
        who::Who,
    },
};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use huying_domain::{
    area::AreaCode,
    ids::{CaseId, PersonId, Seq, UnitId},
    record::{Origin, Subject},
    rules::Rules,
    time::Timestamp,
    vocabulary::{Clock, Tag},
    words::Words,
};
use huying_engine::doors::audit::{FOUND_MAX, Search};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The policy in force, and what is wrong with it.
pub(crate) async fn policy(State(ground): State<Ground>, who: Who) -> Result<Json<Value>, Refused> {
    who.must(Right::Rules)?;
    let rules = ground.doors.rules();
    let policy = &rules.policy;
    let limits: Vec<_> = policy
        .limits
        .iter()
        .map(|(clock, limit)| json!({ "clock": clock, "limit": limit.to_string() }))
        .collect();
    let holds: Vec<_> = policy
        .holds
        .iter()
        .map(|(rung, hold)| json!({ "rung": rung, "limit": hold.limit.to_string(), "share": hold.share }))
        .collect();
    Ok(Json(json!({
        "label": rules.label,
        "name": policy.name,
        "source": policy.source,
        "centre": policy.centre,
        "ladder": policy.ladder,
        "limits": limits,
        "holds": holds,
        "classes": policy.classes.len(),
        "units": rules.units.iter().count(),
        "areas": rules.territory.len(),
        "returns_max": policy.returns_max,
        "reopenings_max": policy.reopenings_max,
        "call_backs_max": policy.call_backs_max,
        "tell": policy.tell,
        "calendar": policy.calendar,
        "findings": findings(&rules),
    })))
}

/// What is not wrong enough to refuse the rules, and worth a look.
fn findings(rules: &Rules) -> Vec<Value> {
    let mut found = Vec::new();
    let mut say = |weight: &str, zh: String, en: String| {
        found.push(json!({ "weight": weight, "words": Words::new(zh, en) }));
    };
    for (id, class) in &rules.policy.classes {
        let own =
            class.limits.contains_key(&Clock::Resolve) || rules.policy.limits.contains_key(&Clock::Resolve);
        let lacking = class.conditions.values().any(|one| !one.limits.contains_key(&Clock::Resolve));
        if !own && (lacking || class.conditions.is_empty()) {
            say(
                "warn",
                format!("类别 {} 没有办结时限", class.zh),
                format!("the class {id} has no resolve limit"),
            );
        }
    }
    for unit in rules.units.iter().filter(|unit| unit.staff == 0) {
        say("note", format!("{} 没有人员", unit.name.zh), format!("{} has no people", unit.id));
    }
    found
}

/// Which records.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Which {
    from_seq: Option<Seq>,
    person: Option<String>,
    unit: Option<String>,
    event: Option<String>,
    case: Option<String>,
    limit: Option<usize>,
}

/// What happened to one thing.
#[derive(Serialize, JsonSchema)]
struct PartTold {
    subject: String,
    events: Vec<&'static str>,
    /// What was set, where that is no case's: rules, duty, accounts, keys.
    words: Vec<Words>,
}

/// A record without its content.
#[derive(Serialize, JsonSchema)]
struct RecordTold {
    seq: Seq,
    at: Timestamp,
    unit: UnitId,
    unit_words: Words,
    person: Option<PersonId>,
    by: Origin,
    because: Option<Seq>,
    command: String,
    sealed: bool,
    parts: Vec<PartTold>,
}

/// Records, in order.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Audit {
    records: Vec<RecordTold>,
    /// `from_seq` of the next question; absent at the end.
    next: Option<Seq>,
    seq: Seq,
}

/// Who asked what.
pub(crate) async fn audit(
    State(ground): State<Ground>,
    who: Who,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Audit>, Refused> {
    who.must(Right::Audit)?;
    let Ok(Query(which)) = which else { return Err(Refused::bad_request("query")) };
    fn one<T: std::str::FromStr>(said: Option<&str>, field: &str) -> Result<Option<T>, Refused> {
        let said = said.filter(|text| !text.is_empty());
        said.map(|text| text.parse().map_err(|_| Refused::bad_request(field))).transpose()
    }
    let search = Search {
        from: which.from_seq.unwrap_or(1),
        person: one(which.person.as_deref(), "person")?,
        unit: one(which.unit.as_deref(), "unit")?,
        event: which.event.filter(|name| !name.is_empty()),
        case: one::<CaseId>(which.case.as_deref(), "case")?,
    };
    let (doors, limit) = (ground.doors.clone(), which.limit.unwrap_or(100).min(FOUND_MAX));
    let found = tokio::task::spawn_blocking(move || doors.audit(&search, limit));
    let found = found.await.map_err(Refused::fault)??;
    let rules = ground.doors.rules();
    let tongue = Tongue(&rules);
    let records = found.records.into_iter().map(|record| RecordTold {
        seq: record.seq,
        at: record.at,
        unit_words: tongue.unit(&record.actor.unit),
        unit: record.actor.unit,
        person: record.actor.person,
        by: record.by,
        because: record.because,
        command: record.command.to_string(),
        sealed: record.sealed.is_some(),
        parts: record
            .parts
            .iter()
            .map(|part| PartTold {
                subject: match &part.subject {
                    Subject::Case(case) => case.to_string(),
                    Subject::Rulebook(file) => format!("rulebook {}", file.name()),
                    Subject::Unit(unit) => format!("unit {unit}"),
                },
                events: part.events.iter().map(huying_domain::event::Event::tag).collect(),
                words: part.events.iter().filter_map(setting::said).collect(),
            })
            .collect(),
    });
    Ok(Json(Audit { records: records.collect(), next: found.next, seq: found.head }))
}

/// An account without its secrets.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccountTold {
    account: PersonId,
    words: Words,
    unit: UnitId,
    unit_words: Words,
    roles: Vec<Role>,
    area: Option<AreaCode>,
    cleared: Vec<Tag>,
    totp: bool,
    locked: bool,
}

fn account_told(account: &Account, rules: &Rules) -> AccountTold {
    AccountTold {
        account: account.name.clone(),
        words: account.words.clone(),
        unit: account.unit.clone(),
        unit_words: Tongue(rules).unit(&account.unit),
        roles: account.roles.clone(),
        area: account.area,
        cleared: account.cleared.clone(),
        totp: account.totp.is_some(),
        locked: account.locked,
    }
}

/// Every account.
pub(crate) async fn accounts(
    State(ground): State<Ground>,
    who: Who,
) -> Result<Json<Vec<AccountTold>>, Refused> {
    who.must(Right::Accounts)?;
    let rules = ground.doors.rules();
    let all = ground.desk.accounts.all();
    Ok(Json(all.values().map(|account| account_told(account, &rules)).collect()))
}

/// A new account, or a new form of one. What is absent of an account that is there stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    account: PersonId,
    words: Option<Words>,
    unit: UnitId,
    roles: Vec<Role>,
    area: Option<AreaCode>,
    #[serde(default)]
    cleared: Vec<Tag>,
    password: Option<String>,
}

/// Makes or changes an account.
pub(crate) async fn put_account(
    State(ground): State<Ground>,
    who: Who,
    Read(said): Read<NewAccount>,
) -> Result<Json<AccountTold>, Refused> {
    who.must(Right::Accounts)?;
    let rules = ground.doors.rules();
    if rules.unit(&said.unit).is_none() {
        return Err(huying_domain::refusal::Refusal::UnknownUnit(said.unit).into());
    }
    if said.password.as_ref().is_some_and(|password| password.chars().count() < PASSWORD_CHARS_MIN) {
        return Err(Refused::bad_password(PASSWORD_CHARS_MIN));
    }
    let desk = &ground.desk;
    let hashed = match said.password {
        None => None,
        Some(password) => {
            let _turn = desk.hashing.acquire().await.map_err(|_| Refused::late())?;
            let chance = desk.chance.clone();
            let hashed = tokio::task::spawn_blocking(move || hash_password(&password, &chance));
            Some(hashed.await.map_err(Refused::fault)?)
        }
    };
    let name = said.account.clone();
    let make = |before: Option<&Account>| {
        Ok(Account {
            words: said
                .words
                .or_else(|| before.map(|account| account.words.clone()))
                .unwrap_or_else(|| Words::new(said.account.as_str(), said.account.as_str())),
            name: said.account,
            unit: said.unit,
            roles: said.roles,
            area: said.area,
            cleared: said.cleared,
            password: hashed.or_else(|| before.and_then(|account| account.password.clone())),
            // What an operator says of an account holds from now on, whatever a group said.
            vouched: before
                .and_then(|account| account.vouched.clone())
                .map(|vouched| Vouched { by_group: false, ..vouched }),
            totp: before.and_then(|account| account.totp.clone()),
            locked: before.is_some_and(|account| account.locked),
        })
    };
    let account = set_account(&ground, By::from(&who), &name, make).await?;
    Ok(Json(account_told(&account, &rules)))
}

/// Locks an account, or lets it in again; its sessions are over.
pub(crate) async fn lock(
    State(ground): State<Ground>,
    who: Who,
    Path((name, how)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    who.must(Right::Accounts)?;
    let name: PersonId = name.parse().map_err(|_| Refused::not_found())?;
    let locked = match how.as_str() {
        "lock" => true,
        "unlock" => false,
        _ => return Err(Refused::not_found()),
    };
    let make = |before: Option<&Account>| {
        let before = before.ok_or_else(Refused::not_found)?.clone();
        Ok(Account { locked, ..before })
    };
    set_account(&ground, By::from(&who), &name, make).await?;
    ground.desk.sessions.end_all(&name).map_err(Refused::fault)?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the engine stands.
pub(crate) async fn system(State(ground): State<Ground>, who: Who) -> Result<Json<Value>, Refused> {
    who.must(Right::System)?;
    let nats = nats_word(&ground);
    let told = look(&ground, move |engine| {
        let (held, is_virtual, now) =
            (engine.clock().is_held(), engine.clock().is_virtual(), engine.clock().now());
        let identity = *engine.journal().identity();
        let health = engine.views().cases.health(now);
        let delivery = &engine.views().delivery;
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "head": engine.journal().synced_head().to_string(),
            "journal": data_encoding::HEXLOWER.encode(&identity.journal_id),
            "epoch": identity.epoch,
            "records": engine.views().tally.records,
            "cases": engine.views().tally.cases + engine.views().tally.joined,
            "open": engine.views().cases.len(),
            "shelf_lag_records": engine.journal().shelf_lag(),
            "clock": if is_virtual { "virtual" } else { "system" },
            "clock_held": held,
            "next_due": engine.next_due(),
            "watch_lag_s": health.watch_lag_s,
            "nats": nats,
            "consumers": delivery.units.len(),
            "silent": delivery.silent().count(),
            "now": now,
        })
    });
    Ok(Json(told.await?))
}

/// How work arrives, unit by unit.
pub(crate) async fn consumers(State(ground): State<Ground>, who: Who) -> Result<Json<Value>, Refused> {
    who.must(Right::Roster)?;
    let told = look(&ground, move |engine| {
        let rules = engine.rules();
        let delivery = &engine.views().delivery;
        let near = |unit: &UnitId| who.sight.whole || rules.supervises(&who.account.unit, unit);
        let units: Vec<_> = delivery
            .units
            .iter()
            .filter(|(unit, _)| near(unit))
            .map(|(unit, told)| json!({ "unit": unit, "words": Tongue(rules).unit(unit), "delivery": told }))
            .collect();
        json!({ "at": delivery.at, "units": units })
    });
    Ok(Json(told.await?))
}
