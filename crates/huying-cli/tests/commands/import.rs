//! A clerk's table of units and people against a running engine: shown first, then done as shown, or not at all.

use crate::{
    access::{Answered, Client},
    stage::{Running, call, city, path},
};
use huying_web::rights::Role;
use serde_json::Value;

fn post(client: &Client, target: &str, table: &str) -> Answered {
    client.ask("POST", target, "content-type: text/csv\r\n", table)
}

fn apply(client: &Client, what: &str, shown: &Value, table: &str) -> Answered {
    let name = shown["name"].as_str().expect("a name");
    let saw = shown["saw"].as_u64().map(|saw| format!("&saw={saw}")).unwrap_or_default();
    post(client, &format!("/v1/{what}/import?apply={name}{saw}"), table)
}

/// The table as it goes out, with one text for another.
fn edited(client: &Client, what: &str, from: &str, to: &str) -> String {
    let table = client.get(&format!("/v1/{what}/file/csv")).body;
    let edited = table.replace(from, to);
    assert_ne!(edited, table, "{from} is there: {table}");
    edited
}

#[test]
fn units_are_shown_first_and_then_changed_as_shown_by_a_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Operator);
    let table = edited(
        &boss,
        "units",
        "grid-2-2,211081001002002,,cn-office,0,",
        "grid-2-2,211081001002002,,cn-office,4,",
    );
    let shown = post(&boss, "/v1/units/import", &table).json();
    assert_eq!(shown["difference"]["counts"]["changed"], 1, "{shown}");
    assert_eq!(shown["difference"]["changed"][0]["fields"][0]["is"], "4", "{shown}");
    assert_eq!(boss.get("/v1/units").body.matches("\"staff\":4,").count(), 0, "looking changes nothing");
    // Another file than the one that was shown, or rows that cannot be: nothing is done.
    let other = apply(&boss, "units", &shown, &table.replace("cn-office,4,", "cn-office,5,"));
    assert_eq!((other.status, other.code().as_str()), (409, "other_plan"), "{}", other.body);
    let broken = apply(&boss, "units", &shown, &table.replace("cn-office,4,", "cn-office,four,"));
    assert_eq!((broken.status, broken.code().as_str()), (422, "rows_refused"), "{}", broken.body);
    let done = apply(&boss, "units", &shown, &table);
    assert_eq!(done.status, 200, "{}", done.body);
    let seq = done.json()["applied"]["seq"].as_u64().expect("a record");
    assert_eq!(boss.get("/v1/units").body.matches("\"staff\":4,").count(), 1);
    // Who changed them stands in the journal.
    let audit = boss.get("/v1/audit?event=rulebook.published&person=boss").json();
    assert_eq!(audit["records"][0]["seq"], seq, "{audit}");
    // Sent again, it happens once; what was shown before it is no longer to be had.
    let again = apply(&boss, "units", &shown, &table);
    assert_eq!((again.status, &again.json()["applied"]["seq"]), (200, &Value::Null), "{}", again.body);
    let late = apply(&boss, "units", &shown, &table.replace("cn-office,4,", "cn-office,7,"));
    assert_eq!((late.status, late.code().as_str()), (409, "rules_moved"), "{}", late.body);
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_unit_with_work_stays_and_no_way_past_the_page_takes_it_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Operator);
    running.submit(&call("A-1", "road.pothole"));
    running.until("0-1", "assigned");
    let zhao = nobody.signed_in(&data, "zhao", "centre", Role::Supervisor);
    let holder = zhao.get("/v1/cases").json()["rows"][0]["holder"].as_str().expect("a holder").to_owned();
    let table = boss.get("/v1/units/file/csv").body;
    let without = |line: &&str| !line.starts_with(&format!("{holder},"));
    let gone = table.lines().filter(without).fold(String::new(), |all, line| all + line + "\r\n");
    let shown = post(&boss, "/v1/units/import", &gone).json();
    assert_eq!(shown["difference"]["refused"][0]["code"], "unit_in_use", "{shown}");
    assert_eq!(apply(&boss, "units", &shown, &gone).code(), "rows_refused");
    // By the command line, which asks no page, the engine itself refuses.
    let file = folder.path().join("units.csv");
    let plain = gone.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    std::fs::write(&file, plain).expect("it can be written");
    let refused = crate::stage::huying(&["rules", "publish", "--json", path(&file), path(&data)]);
    assert!(refused.code != 0 && refused.out.contains("unit_in_use"), "{}{}", refused.out, refused.err);
    assert_eq!(running.stop(), 0);
}

#[test]
fn people_are_changed_as_shown_and_who_is_gone_is_locked_out_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Operator);
    let wang = nobody.signed_in(&data, "wang", "grid-1-1", Role::Handler);
    let table =
        edited(&boss, "people", "wang,wang,wang,grid-1-1,handler,,,\r\n", "li,李,,water,承办人,,,\r\n");
    let shown = post(&boss, "/v1/people/import", &table).json();
    let counts = &shown["difference"]["counts"];
    assert_eq!((&counts["added"], &counts["gone"], &counts["refused"]), (&1.into(), &1.into(), &0.into()));
    assert_eq!(wang.get("/v1/session").status, 200, "looking locks nobody out");
    // Somebody else changes an account in between: what was shown is no longer what would be done.
    let zhao = nobody.signed_in(&data, "zhao", "street-1", Role::Supervisor);
    assert_eq!(apply(&boss, "people", &shown, &table).code(), "other_plan");
    assert_eq!(zhao.get("/v1/session").status, 200);
    let table = table + "zhao,zhao,zhao,street-1,supervisor,,,\r\n";
    let shown = post(&boss, "/v1/people/import", &table).json();
    assert_eq!(apply(&boss, "people", &shown, &table).status, 200);
    assert_eq!(wang.get("/v1/session").status, 401, "who is gone has no session");
    assert!(boss.get("/v1/people/file/csv").body.contains("wang,wang,wang,grid-1-1,handler,,,yes"));
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_workbook_goes_out_and_comes_back_and_what_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Operator);
    let book = boss.get("/v1/units/file/xlsx").bytes;
    let shown = boss.send("POST", "/v1/units/import", &book).json();
    assert_eq!(shown["difference"]["counts"]["same"], 13, "{shown}");
    let cut = boss.send("POST", "/v1/units/import", &book[..book.len() / 2]);
    assert_eq!((cut.status, cut.code().as_str()), (422, "bad_workbook"), "{}", cut.body);
    let foreign = boss.send("POST", "/v1/units/import", b"\xb1\xe0\xba\xc5\n");
    assert_eq!((foreign.status, foreign.code().as_str()), (422, "not_utf8"), "{}", foreign.body);
    let heavy = boss.send("POST", "/v1/units/import", &vec![b' '; 9 * 1024 * 1024]);
    assert_eq!(heavy.status, 413, "{}", heavy.body);
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_calendar_is_foreseen_and_published_over_http_and_never_over_a_newer_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Operator);
    let calendars = boss.get("/v1/calendars").json();
    let office = calendars["calendars"].as_array().expect("calendars").iter();
    let office = office.clone().find(|one| one["name"] == "cn-office").expect("the office's");
    assert_eq!(office["week"]["mon"].as_array().map(Vec::len), Some(2), "{office}");
    assert!(!calendars["days"][0]["off"].as_array().expect("days off").is_empty(), "{calendars}");
    let text = boss.get("/v1/rules/calendar").body;
    let same = post(&boss, "/v1/rules/calendar/preview", &text).json();
    assert_eq!((&same["same"], &same["moved_clocks"]), (&true.into(), &0.into()), "{same}");
    let longer = text.replace("2026-12-31", "2027-12-31");
    assert_ne!(longer, text);
    let foreseen = post(&boss, "/v1/rules/calendar/preview", &longer).json();
    let saw = foreseen["version"].as_u64().expect("a version");
    let done = post(&boss, &format!("/v1/rules/calendar?saw={saw}"), &longer);
    assert_eq!(done.status, 200, "{}", done.body);
    let late = post(&boss, &format!("/v1/rules/calendar?saw={saw}"), &text);
    assert_eq!((late.status, late.code().as_str()), (409, "rules_moved"), "{}", late.body);
    let broken = post(&boss, "/v1/rules/calendar/preview", &text.replace("08:", "8 o'clock"));
    assert_eq!((broken.status, broken.code().as_str()), (422, "rules_unusable"), "{}", broken.body);
    let audit = boss.get("/v1/audit?event=rulebook.published&person=boss").json();
    assert_eq!(audit["records"].as_array().map(Vec::len), Some(1), "{audit}");
    assert_eq!(post(&boss, "/v1/rules/moon/preview", "").status, 404);
    let auditor = nobody.signed_in(&data, "auditor", "centre", Role::Auditor);
    assert_eq!(auditor.get("/v1/rules/calendar").status, 200);
    assert_eq!(post(&auditor, "/v1/rules/calendar", &longer).code(), "not_your_role");
    assert_eq!(running.stop(), 0);
}
