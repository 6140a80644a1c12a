//! What operators and auditors may ask: rules, tables, accounts, keys, records, how the engine stands.

use super::{Book, Whom};
use crate::{grants, import::routes as import, operator, rights::Right, rulebook};
use serde_json::json;

pub(super) fn operating(book: &mut Book) {
    let object = json!({ "type": "object" });
    let accounts = Whom::With(Right::Accounts);
    let told = [
        ("/v1/policy", Whom::With(Right::Rules), "The policy in force and its findings"),
        ("/v1/system", Whom::With(Right::System), "How the engine stands"),
        ("/v1/consumers", Whom::With(Right::Roster), "How work arrives"),
    ];
    for (path, whom, summary) in told {
        book.page("get", path, whom, summary).answers_as("200", "application/json", object.clone()).done();
    }
    book.page("get", "/v1/audit", Whom::With(Right::Audit), "Who asked what")
        .query::<operator::Which>()
        .answers::<operator::Audit>("200")
        .done();
    book.page("get", "/v1/accounts", accounts, "Every account")
        .answers::<Vec<operator::AccountTold>>("200")
        .done();
    book.page("post", "/v1/accounts", accounts, "Make or change an account")
        .body::<operator::NewAccount>()
        .answers::<operator::AccountTold>("200")
        .done();
    book.page("get", "/v1/providers", accounts, "The identity providers, and who they let in as what")
        .answers::<operator::providers::ProvidersTold>("200")
        .done();
    importing(book);
    ruling(book);
    book.page("get", "/v1/keys", accounts, "The feeds that have keys")
        .answers::<grants::Grants>("200")
        .done();
    book.page("post", "/v1/keys", accounts, "Make a key for a feed; it is told this once")
        .body::<grants::NewKey>()
        .answers::<grants::KeyMade>("201")
        .done();
    book.page("delete", "/v1/keys/{source}", accounts, "Take all keys of a feed away")
        .answers_nothing("204")
        .done();
    book.page(
        "post",
        "/v1/accounts/{account}/password",
        accounts,
        "Draw a new password; it is told this once",
    )
    .answers::<operator::password::Drawn>("200")
    .done();
    book.page("post", "/v1/accounts/{account}/{how}", accounts, "lock or unlock")
        .answers_nothing("204")
        .done();
}

/// Rule files: policy, duty, calendar, territory, units.
fn ruling(book: &mut Book) {
    let sets = Whom::With(Right::SetRules);
    book.page("get", "/v1/calendars", Whom::With(Right::Rules), "The calendars with their days")
        .answers::<rulebook::CalendarsTold>("200")
        .done();
    book.page("get", "/v1/rules/{file}", Whom::With(Right::Rules), "A rule file as it is in force")
        .answers_as("200", "text/plain", json!({ "type": "string" }))
        .done();
    book.page("post", "/v1/rules/{file}/preview", sets, "What a rule file would mean for the open cases")
        .body_as("application/octet-stream", json!({}))
        .answers::<rulebook::Foreseen>("200")
        .done();
    book.page("post", "/v1/rules/{file}", sets, "Bring a rule file into force")
        .query::<rulebook::Saw>()
        .command()
        .body_as("application/octet-stream", json!({}))
        .answers::<rulebook::Published>("200")
        .done();
}

/// Tables of units and people, out and in.
fn importing(book: &mut Book) {
    let tables = [
        ("/v1/units/file/{form}", "/v1/units/import", Right::Rules, Right::SetRules, "units"),
        ("/v1/people/file/{form}", "/v1/people/import", Right::Accounts, Right::Accounts, "people"),
    ];
    for (out, back, reads, sets, what) in tables {
        book.page("get", out, Whom::With(reads), &format!("The table of {what}: csv or xlsx"))
            .answers_as("200", "*/*", json!({}))
            .done();
        book.page(
            "post",
            back,
            Whom::With(sets),
            &format!("What a table of {what} would change; with apply, change it"),
        )
        .query::<import::How>()
        .command()
        .body_as("application/octet-stream", json!({}))
        .answers::<import::Shown>("200")
        .done();
    }
}
