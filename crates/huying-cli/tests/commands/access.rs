//! Who may do what over HTTP: every cell of the access matrix, and what the pages stand on, against a running engine.

use crate::stage::{Running, call, city, huying, path};
use huying_web::rights::{ACTS, Right, Role};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

/// Somebody before the door.
#[derive(Clone, Default)]
pub(crate) struct Client {
    at: String,
    cookie: String,
    csrf: String,
}

pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.head, self.body))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub(crate) fn at(address: &str) -> Self {
        Self { at: address.trim_start_matches("http://").to_owned(), ..Self::default() }
    }

    pub(crate) fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Answered {
        self.put(method, target, headers, body.as_bytes())
    }

    /// Bytes that are no text.
    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> Answered {
        self.put(method, target, "", body)
    }

    fn put(&self, method: &str, target: &str, headers: &str, body: &[u8]) -> Answered {
        let mut stream = TcpStream::connect(&self.at).expect("the door is open");
        let cookie =
            if self.cookie.is_empty() { String::new() } else { format!("cookie: {}\r\n", self.cookie) };
        let csrf =
            if self.csrf.is_empty() { String::new() } else { format!("x-huying-csrf: {}\r\n", self.csrf) };
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nhost: door\r\nconnection: close\r\n{cookie}{csrf}{headers}content-length: {}\r\n\r\n",
            body.len()
        )
        .expect("the door listens");
        // A body that is too long is refused before it was all read.
        _ = stream.write_all(body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the door answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let from = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
        let bytes = bytes.split_off(from);
        Answered { status, head: head.to_owned(), body: body.to_owned(), bytes }
    }

    /// Where the door is, and the cookie that opens it.
    pub(crate) fn door(&self) -> (&str, &str) {
        (&self.at, &self.cookie)
    }

    pub(crate) fn get(&self, target: &str) -> Answered {
        self.ask("GET", target, "", "")
    }

    pub(crate) fn post(&self, target: &str, body: &Value) -> Answered {
        self.ask("POST", target, "", &body.to_string())
    }

    fn act(&self, case: &str, ask: &str, with: &Value) -> Answered {
        self.post(&format!("/v1/cases/{case}/acts"), &json!({ "ask": ask, "with": with }))
    }

    /// Signs in with an account that the command line makes.
    pub(crate) fn signed_in(&self, data: &Path, name: &str, unit: &str, role: Role) -> Self {
        let args =
            ["account", "add", "--json", "--data", path(data), "--name", name, "--unit", unit, "--role"];
        let made = huying(&[&args[..], &[role.name()]].concat()).ends(0).json();
        let said = json!({ "account": name, "password": made["password"] });
        let answered = self.post("/v1/session", &said);
        assert_eq!(answered.status, 200, "{}", answered.body);
        let cookie = answered.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
        assert!(answered.head.contains("HttpOnly; SameSite=Strict"), "{}", answered.head);
        let csrf = answered.json()["csrf"].as_str().expect("a token").to_owned();
        Self { at: self.at.clone(), cookie, csrf }
    }
}

/// A request that needs this right.
fn probe(client: &Client, right: Right) -> Answered {
    match right {
        Right::See => client.get("/v1/board"),
        Right::Work => client.get("/v1/work"),
        Right::TakeCalls => client.post("/v1/preview", &json!({})),
        Right::Patrol => client.post("/v1/calls?channel=patrol", &json!({})),
        Right::Export => client.get("/v1/cases.csv"),
        Right::Files => client.post("/v1/files", &json!({})),
        Right::Roster => client.get("/v1/units"),
        Right::SetDuty => client.post("/v1/units/nobody/duty", &json!({ "on_duty": true })),
        Right::Audit => client.get("/v1/audit"),
        Right::Rules => client.get("/v1/policy"),
        Right::SetRules => client.post("/v1/units/import", &json!({})),
        Right::Accounts => client.get("/v1/accounts"),
        Right::System => client.get("/v1/system"),
    }
}

#[test]
fn every_cell_of_the_access_matrix_is_as_it_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    for right in Right::ALL {
        assert_eq!(probe(&nobody, right).status, 401, "{right:?} without a session");
    }
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let taken = taker.ask("POST", "/v1/calls", "", &call("A-1", "road.pothole"));
    assert_eq!(taken.status, 201, "{}", taken.body);
    for role in Role::ALL {
        let client = nobody.signed_in(&data, role.name(), "centre", role);
        for right in Right::ALL {
            let answered = probe(&client, right);
            let refused = answered.status == 403 && answered.code() == "not_your_role";
            assert_eq!(refused, !right.roles().contains(&role), "{role:?} {right:?}: {}", answered.body);
        }
        for act in ACTS {
            // A form that no act has: whoever may ask is told of that, and nothing happens to the case.
            let answered = client.act("0-1", act.ask, &json!("nothing"));
            let refused = answered.status == 403 && answered.code() == "not_your_role";
            assert_eq!(refused, !act.roles.contains(&role), "{role:?} {}: {}", act.ask, answered.body);
            assert_ne!(answered.status, 200, "{role:?} {}: {}", act.ask, answered.body);
        }
        let forged = Client { csrf: String::new(), ..client.clone() };
        assert_eq!(forged.act("0-1", "remind", &json!({ "note": "x" })).code(), "no_csrf", "{role:?}");
        huying(&["account", "lock", "--data", path(&data), "--name", role.name()]).ends(0);
        assert_eq!(client.get("/v1/session").status, 401, "{role:?} is locked");
    }
    assert_eq!(running.stop(), 0);
}

/// The number of each word of counts is the length of its list.
fn opens(client: &Client, key: &str, counts: &Value) {
    for word in ["within", "approaching", "breached", "unknown"] {
        let list = client.get(&format!("/v1/cases?{key}&word={word}&limit=1")).json();
        assert_eq!(list["total"], counts[word], "{key} {word}");
    }
    assert_eq!(client.get(&format!("/v1/cases?{key}")).json()["total"], counts["all"], "{key}");
}

/// How many different cases the pages of the list hold, read one after the other.
fn paged(client: &Client, order: &str) -> usize {
    let (mut seen, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/cases?limit=2&order={order}&after={after}")).json();
        let rows = page["rows"].as_array().expect("rows").iter();
        seen.extend(rows.map(|row| row["case"].as_str().expect("a case").to_owned()));
        match page["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return seen.len(),
        }
    }
}

#[test]
fn numbers_open_their_lists_and_a_case_shows_nothing_of_its_caller() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    for n in 1..=7 {
        let taken = taker.ask("POST", "/v1/calls", "", &call(&format!("B-{n}"), "road.pothole"));
        assert_eq!(taken.status, 201, "{}", taken.body);
    }
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Supervisor);
    let board = boss.get("/v1/board").json();
    assert_eq!(board["open"]["all"], 7, "{board}");
    opens(&boss, "", &board["open"]);
    let keys = [
        ("rungs", "rung"),
        ("stages", "stage"),
        ("holders", "unit"),
        ("areas", "area"),
        ("classes", "class"),
    ];
    for (list, key) in keys {
        let lines = board[list].as_array().expect("a list");
        assert!(!lines.is_empty(), "{list}: {board}");
        for line in lines {
            let value = line[key].as_str().expect("a key");
            let filter = if key == "unit" { "holder" } else { key };
            opens(&boss, &format!("{filter}={value}"), &line["counts"]);
        }
    }
    quiet_areas_are_shown(&boss);
    numbers_of_clocks_open_theirs(&boss);
    for flaw in ["orphan", "no_target", "no_next", "unaccepted"] {
        let name = if flaw == "orphan" { "orphans" } else { flaw };
        let total = boss.get(&format!("/v1/cases?flaw={flaw}")).json()["total"].clone();
        assert_eq!(total, board["health"][name], "{flaw}");
    }
    for order in ["id", "due"] {
        assert_eq!(paged(&boss, order), 7, "{order}: each once");
    }
    let file = boss.get("/v1/cases.csv");
    assert!(file.head.contains("x-huying-rows: 7"), "{}", file.head);
    assert_eq!(file.body.lines().filter(|line| line.starts_with("0-")).count(), 7, "{}", file.body);
    assert!(boss.get("/v1/cases.xlsx").head.contains("x-huying-rows: 7"));
    let page = boss.get("/v1/cases/0-1");
    assert_eq!(page.status, 200, "{}", page.body);
    for secret in ["13900000042", "王小明"] {
        assert!(!page.body.contains(secret), "{}", page.body);
    }
    assert_eq!(page.json()["caller"]["number"], "•••");
    let revealed = boss.act("0-1", "reveal", &json!({ "purpose": "核实地点" }));
    assert_eq!(revealed.json()["caller"]["number"], "13900000042", "{}", revealed.body);
    let after = boss.get("/v1/cases/0-1").json();
    let last = &after["timeline"].as_array().expect("lines").last().expect("a line").clone();
    assert_eq!((last["event"].as_str(), last["person"].as_str()), (Some("case.revealed/1"), Some("boss")));
    let stale =
        boss.post("/v1/cases/0-1/acts", &json!({ "saw": 1, "ask": "remind", "with": { "note": "快" } }));
    assert_eq!((stale.status, stale.code()), (409, "stale".to_owned()));
    assert!(!stale.json()["current"]["since"].as_array().expect("lines").is_empty(), "{}", stale.body);
    let named = "idempotency-key: act-1\r\n";
    let remind = json!({ "ask": "remind", "with": { "note": "请打13912345678" } }).to_string();
    let once = boss.ask("POST", "/v1/cases/0-1/acts", named, &remind);
    let again = boss.ask("POST", "/v1/cases/0-1/acts", named, &remind);
    assert_eq!((once.json()["repeat"].clone(), again.json()["repeat"].clone()), (json!(false), json!(true)));
    assert_eq!(once.json()["seq"], again.json()["seq"]);
    assert!(!boss.get("/v1/cases/0-1").body.contains("13912345678"), "notes are redacted");
    strangers_and_residents(&nobody, &data);
    a_resident_judges(&nobody, &running, &data);
    assert_eq!(running.stop(), 0);
}

/// A map of a street shows each of its communities, whether anything is open there or not.
fn quiet_areas_are_shown(boss: &Client) {
    let street = boss.get("/v1/board?area=211081001").json();
    let open = |area: &str| {
        let lines = street["areas"].as_array().expect("a list");
        lines.iter().find(|line| line["area"] == area).map(|line| line["counts"]["all"].clone())
    };
    assert_eq!(open("211081001001"), Some(json!(7)));
    assert_eq!(open("211081001002"), Some(json!(0)));
}

/// The same of what clocks took; what is no clock, unit or number is named.
fn numbers_of_clocks_open_theirs(boss: &Client) {
    let told = boss.get("/v1/timing").json();
    let lines = told["lines"].as_array().expect("a list");
    assert!(lines.iter().any(|line| line["clock"] == "dispatch" && line["met"] == 7), "{told}");
    for line in lines {
        let (clock, unit) =
            (line["clock"].as_str().expect("a clock"), line["unit"].as_str().expect("a unit"));
        for number in ["met", "in_time", "unmet", "breached"] {
            let list = boss.get(&format!("/v1/timing/list?clock={clock}&unit={unit}&number={number}")).json();
            assert_eq!(list["total"], line[number], "{clock} of {unit}: {number}");
            let named = list["items"].as_array().expect("a list").len();
            assert_eq!(json!(named), line[number], "{list}");
        }
    }
    for (wrong, field) in [("clock=nap&unit=centre&number=met", "clock"), ("clock=hold&number=met", "unit")] {
        let refused = boss.get(&format!("/v1/timing/list?{wrong}"));
        assert_eq!(
            (refused.status, refused.json()["field"].as_str()),
            (400, Some(field)),
            "{}",
            refused.body
        );
    }
}

/// A department sees what it holds and nothing else; a resident's token opens one case.
fn strangers_and_residents(nobody: &Client, data: &Path) {
    let other = nobody.signed_in(data, "other", "police", Role::Supervisor);
    let seen = other.get("/v1/board").json()["open"]["all"].as_u64().expect("a number");
    let list = other.get("/v1/cases?limit=500").json();
    assert_eq!(list["total"].as_u64(), Some(seen));
    let whole = 7;
    assert!(seen < whole, "another street sees its own: {seen}");
    let clocks = other.get("/v1/timing/list?clock=dispatch&unit=centre&number=met").json();
    assert_eq!(clocks["total"], 0, "the centre's clocks are not a department's to see");
    let hidden: Vec<_> = (1..=whole)
        .map(|n| format!("0-{n}"))
        .filter(|case| !list["rows"].as_array().expect("rows").iter().any(|row| row["case"] == case.as_str()))
        .collect();
    for case in &hidden {
        let there = other.get(&format!("/v1/cases/{case}"));
        let never = other.get("/v1/cases/0-9999");
        assert_eq!(
            (there.status, there.code()),
            (never.status, never.code()),
            "hidden and absent look alike"
        );
    }
    let report =
        json!({ "words": "路灯不亮", "class": "road.pothole", "caller": { "number": "13800001234" } });
    let reported = nobody.post("/v1/resident/reports", &report);
    assert_eq!(reported.status, 201, "{}", reported.body);
    let (case, token) = (reported.json()["case"].clone(), reported.json()["token"].clone());
    let token = token.as_str().expect("a token").to_owned();
    let status = nobody.get(&format!("/v1/resident/cases/{token}"));
    assert_eq!(status.json()["case"], case, "{}", status.body);
    assert!(!status.body.contains("13800001234"), "{}", status.body);
    let parts: Vec<&str> = token.split('.').collect();
    let [_, until, seal] = parts[..] else { panic!("{token}: a case, a day and a seal") };
    let later: i64 = until.parse::<i64>().expect("a day") + 1;
    for forged in [format!("0-1.{until}.{seal}"), format!("{}.{later}.{seal}", parts[0]), parts[0].to_owned()]
    {
        assert_eq!(nobody.get(&format!("/v1/resident/cases/{forged}")).status, 404, "{forged}");
    }
    let not_solved = format!("/v1/resident/cases/{token}/not-solved");
    assert_eq!(nobody.post(&not_solved, &json!({ "reason": "还是不亮" })).status, 202);
    let by_number = json!({ "case": case, "number_end": "1234" });
    assert_eq!(nobody.post("/v1/resident/status", &by_number).json()["token"], token.as_str());
    let wrong = json!({ "case": case, "number_end": "0000" });
    assert_eq!(nobody.post("/v1/resident/status", &wrong).status, 404);
    let absent = json!({ "case": "0-9999", "number_end": "0000" });
    let (there, never) =
        (nobody.post("/v1/resident/status", &wrong), nobody.post("/v1/resident/status", &absent));
    assert_eq!((there.status, there.code()), (never.status, never.code()), "wrong and absent look alike");
    let tried: Vec<u16> = (0..5).map(|_| nobody.post("/v1/resident/status", &wrong).status).collect();
    assert_eq!(tried.last(), Some(&429), "a few wrong tries close this way: {tried:?}");
    assert_eq!(nobody.post("/v1/resident/status", &by_number).status, 429, "to the right one too");
}

/// What the resident is asked after the answer, and what comes of it after the end.
fn a_resident_judges(nobody: &Client, running: &Running, data: &Path) {
    let call = json!({
        "class": "road.pothole", "kind": "inquiry", "words": "周六办公吗",
        "caller": { "number": "13800005678" }, "place": { "area": "211081001001001" },
        "settled": { "as": "answer", "contacted": "知识库", "done": "周六照常办公" },
    });
    let case = running.submit(&call.to_string()).ends(0).json()["case"].clone();
    let token = nobody.post("/v1/resident/status", &json!({ "case": case, "number_end": "5678" })).json();
    let mine = format!("/v1/resident/cases/{}", token["token"].as_str().expect("a token"));
    assert_eq!(nobody.get(&mine).json()["asks"], json!(["not_solved", "grade"]));
    for unasked in [
        nobody.post(&format!("{mine}/grade"), &json!({ "solved": "yes", "grade": "satisfied" })),
        nobody.post(&format!("{mine}/not-solved"), &json!({ "reason": "没听清" })),
    ] {
        assert_eq!(unasked.code(), "missing", "{}", unasked.body);
        assert!(unasked.body.contains("contacted"), "whether anybody called is asked, never guessed");
    }
    let judged = json!({ "solved": "yes", "grade": "satisfied", "contacted": false, "reason": "就是问问" });
    assert_eq!(nobody.post(&format!("{mine}/grade"), &judged).status, 202);
    let case = case.as_str().expect("a number").to_owned();
    running.until(&case, "closed");
    let told = huying(&["case", &case, "--json", "--data", path(data)]).ends(0);
    assert!(told.json().to_string().contains(r#""contacted":false"#), "as it was said");
    assert!(!told.json().to_string().contains("就是问问"), "the caller's own words are sealed");
    let again = nobody.post(&format!("{mine}/not-solved"), &json!({ "reason": "周六没人" }));
    assert_eq!(again.status, 202, "what is closed is opened again: {}", again.body);
    running.until(&case, "reopened");
}

#[test]
fn an_operator_lets_a_feed_in_and_out_again_at_once_and_the_key_stands_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let operator = nobody.signed_in(&data, "op", "centre", Role::Operator);
    let without = operator.post("/v1/keys", &json!({ "source": "kiosk", "channels": [] }));
    assert_eq!((without.status, without.code()), (400, "bad_query".to_owned()));
    let granted = operator.post("/v1/keys", &json!({ "source": "kiosk", "channels": ["app", "call"] }));
    assert_eq!(granted.status, 201, "{}", granted.body);
    let key = granted.json()["key"].as_str().expect("a key").to_owned();
    let bring = |name: &str| {
        let bearer = format!("authorization: Bearer {key}\r\n");
        nobody.ask("POST", "/v1/calls", &bearer, &call(name, "road.pothole"))
    };
    assert_eq!(bring("K-1").status, 201);
    let listed = operator.get("/v1/keys");
    let kiosk = json!({ "keys": [{ "source": "kiosk", "channels": ["app", "call"] }] });
    assert_eq!(listed.json(), kiosk);
    let kept =
        std::fs::read_to_string(data.join(huying_web::keys::ring::KEYS_FILE)).expect("the file of keys");
    assert!(kept.contains("kiosk") && !kept.contains(&key));
    // What the command line grants is seen at the next request, too.
    let args = ["http", "grant", "--json", "--data", path(&data), "--source", "feed-2", "--channel", "call"];
    huying(&args).ends(0);
    assert_eq!(operator.get("/v1/keys").json()["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(operator.ask("DELETE", "/v1/keys/kiosk", "", "").status, 204);
    assert_eq!(bring("K-2").status, 401);
    assert_eq!(operator.ask("DELETE", "/v1/keys/kiosk", "", "").status, 404);
    assert_eq!(running.stop(), 0);
}

#[test]
fn every_documented_address_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let document = nobody.get("/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    for (address, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let target = address.replace("{case}", "0-1").replace(['{', '}'], "");
            let answered = nobody.ask(&method.to_uppercase(), &target, "", "");
            assert_ne!(answered.status, 405, "{method} {address}");
            assert!(answered.status < 500, "{method} {address}: {}", answered.body);
            let open = document.pointer(&format!("/paths/{}/{method}/security", address.replace('/', "~1")));
            if open.and_then(Value::as_array).is_some_and(|schemes| !schemes.is_empty()) {
                assert_eq!(answered.status, 401, "{method} {address} without a session: {}", answered.body);
            }
        }
    }
    assert!(nobody.get("/docs/api").body.contains("/v1/board"));
    assert_eq!(nobody.get("/v1/nothing").code(), "not_found");
    assert_eq!(running.stop(), 0);
}
