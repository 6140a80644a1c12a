//! Who was let in by whom, and as what: each change is a record before it holds, and no secret stands in any.

use crate::{
    access::Client,
    stage::{Running, city, huying, path},
};
use huying_web::rights::Role;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// The records of this event: seq, who asked, what was set.
fn told(auditor: &Client, query: &str) -> Vec<(u64, String, String)> {
    let audit = auditor.get(&format!("/v1/audit?{query}")).json();
    let records = audit["records"].as_array().expect("records").iter();
    let one = |record: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let seq = record["seq"].as_u64().expect("a number");
        (seq, text(&record["person"]), text(&record["parts"][0]["words"][0]["en"]))
    };
    records.map(one).collect()
}

/// Whether these bytes stand anywhere in the journal's folders.
fn stands(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return stands(&path, bytes);
        }
        let Ok(read) = fs::read(&path) else { return false };
        read.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn each_change_of_accounts_and_keys_is_a_record_of_who_did_what_and_of_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, said) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(said["http"].as_str().expect("an address"));
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Operator);
    let auditor = nobody.signed_in(&data, "auditor", "centre", Role::Auditor);
    // By the command line: in the operator's name.
    let by_hand = told(&auditor, "event=unit.account_set");
    assert_eq!((by_hand.len(), by_hand[0].1.as_str()), (2, "operator"), "{by_hand:?}");
    assert_eq!(by_hand[0].2, "account boss: made (roles now operator)");
    // By the page: in the name of who has signed in.
    let account = json!({ "account": "wang", "unit": "grid-1-1", "roles": ["handler"], "password": "a long secret word" });
    assert_eq!(boss.post("/v1/accounts", &account).status, 200);
    let raised = json!({ "account": "wang", "unit": "street-1", "roles": ["handler", "supervisor"] });
    assert_eq!(boss.post("/v1/accounts", &raised).status, 200);
    assert_eq!(boss.post("/v1/accounts", &raised).status, 200, "what changes nothing is no record");
    assert_eq!(boss.post("/v1/accounts/wang/lock", &json!({})).status, 204);
    let wang: Vec<_> = told(&auditor, "event=unit.account_set&person=wang");
    let what: Vec<_> = wang.iter().map(|(_, by, what)| (by.as_str(), what.as_str())).collect();
    assert_eq!(
        what,
        [
            ("boss", "account wang: made (roles now handler)"),
            ("boss", "account wang: unit, roles (roles now handler supervisor), unit before grid-1-1"),
            ("boss", "account wang: lock (roles now handler supervisor), locked"),
        ]
    );
    let drawn = boss.post("/v1/accounts/wang/password", &json!({})).json();
    assert_eq!(boss.post("/v1/accounts/nobody/password", &json!({})).status, 404);
    let with = |password: &Value| json!({ "account": "wang", "password": password });
    assert_eq!(nobody.post("/v1/session", &with(&drawn["password"])).status, 401, "wang is locked");
    assert_eq!(boss.post("/v1/accounts/wang/unlock", &json!({})).status, 204);
    assert_eq!(nobody.post("/v1/session", &with(&drawn["password"])).status, 200);
    assert_eq!(nobody.post("/v1/session", &with(&"a long secret word".into())).status, 401);
    let key = boss.post("/v1/keys", &json!({ "source": "hotline", "channels": ["call"] })).json();
    assert_eq!(boss.ask("DELETE", "/v1/keys/hotline", "", "").status, 204);
    let keys: Vec<_> = told(&auditor, "event=unit.keys_set").into_iter().map(|(_, _, what)| what).collect();
    assert_eq!(keys, ["hotline got a key for call", "1 keys of hotline taken away"]);
    // Nobody raises what is not below them, and what is refused is no record.
    let street = nobody.signed_in(&data, "street", "street-1", Role::Operator);
    let beyond = json!({ "account": "street", "unit": "centre", "roles": ["operator", "supervisor"] });
    let refused = street.post("/v1/accounts", &beyond);
    assert_eq!((refused.status, refused.code().as_str()), (403, "not_yours"), "{}", refused.body);
    assert_eq!(
        street.post("/v1/keys", &json!({ "source": "mine", "channels": ["call"] })).code(),
        "not_yours"
    );
    assert!(!boss.get("/v1/keys").body.contains("mine"));
    assert_eq!(running.stop(), 0);
    // At rest the same holds: the folder is opened for as long as that takes.
    huying(&["account", "unlock", "--data", path(&data), "--name", "wang", "--person", "zhao"]).ends(0);
    let status = huying(&["status", "--json", "--data", path(&data)]).ends(0).json();
    assert!(status["records"].as_u64().expect("a number") > wang[2].0, "{status}");
    let secret = key["key"].as_str().expect("a key");
    for part in ["log", "sled"] {
        let part = data.join(part);
        assert!(part.is_dir(), "{part:?}");
        let password = drawn["password"].as_str().expect("a password");
        assert!(!stands(&part, password.as_bytes()), "no password in {part:?}");
        assert!(!stands(&part, secret.as_bytes()) && !stands(&part, b"$argon2"), "no secret in {part:?}");
        assert!(part.ends_with("sled") || stands(&part, b"unit.account_set/1"), "the facts are there");
    }
}
