//! A call comes in at the desk: who calls is shown to who answers, and to nobody else. And what is put right on the spot.

use crate::{
    access::Client,
    stage::{Running, call, city, huying, path},
};
use huying_web::rights::Role;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::{Path, PathBuf},
};

const NUMBER: &str = "13900000042";

fn feed(nobody: &Client, data: &Path, channel: &str) -> impl Fn(&str, &Value) -> (u16, Value) {
    let args = ["http", "grant", "--json", "--data", path(data), "--source", channel, "--channel", channel];
    let made = huying(&args).ends(0).json();
    let key = format!("authorization: Bearer {}\r\n", made["key"].as_str().expect("a key"));
    let nobody = nobody.clone();
    move |target, body| {
        let answered = nobody.ask("POST", target, &key, &body.to_string());
        (answered.status, answered.json())
    }
}

fn cases(known: &Value, list: &str) -> Vec<String> {
    let all = known[list].as_array().expect("a list").iter();
    all.map(|own| own["case"].as_str().expect("a case").to_owned()).collect()
}

/// A running engine with nobody signed in, and where its folder is.
fn begun() -> (tempfile::TempDir, PathBuf, Running, Client) {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    (folder, data, running, nobody)
}

/// Two cases of this number, one of another.
fn three_calls(telephone: impl Fn(&str, &Value) -> (u16, Value)) {
    for (external, class) in [("A-1", "road.pothole"), ("A-2", "heat.cold")] {
        let call = serde_json::from_str(&call(external, class)).expect("a call");
        assert_eq!(telephone("/v1/calls", &call).0, 201);
    }
    let other = json!({
        "class": "heat.cold", "place": { "area": "211081001001001" }, "caller": { "number": "13800000001" },
    });
    assert_eq!(telephone("/v1/calls", &other).0, 201);
}

fn typed(client: &Client, number: &str) -> Vec<String> {
    cases(&client.post("/v1/callers", &json!({ "number": number })).json(), "open")
}

#[test]
fn who_answers_sees_who_calls_and_what_of_theirs_is_open_and_nobody_else_does() {
    let (_folder, data, running, nobody) = begun();
    let telephone = feed(&nobody, &data, "call");
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let dispatcher = nobody.signed_in(&data, "dispatcher", "centre", Role::Dispatcher);
    let supervisor = nobody.signed_in(&data, "supervisor", "centre", Role::Supervisor);
    three_calls(&telephone);
    // Nobody sits there: it waits, and is shown to who sits down.
    let rings = json!({ "seat": "8003", "number": NUMBER, "call": "c-1", "line": "12345" });
    let (status, heard) = telephone("/v1/rings", &rings);
    assert_eq!((status, &heard["seated"]), (202, &json!(false)), "{heard}");
    assert_eq!(taker.get("/v1/rings").json()["ring"], json!(null));
    assert_eq!(taker.post("/v1/rings/seat", &json!({ "seat": "8003" })).status, 204);
    let at = taker.get("/v1/rings").json();
    let told = (&at["seat"], &at["ring"]["number"], &at["ring"]["line"]);
    assert_eq!(told, (&json!("8003"), &json!(NUMBER), &json!("12345")));
    let known = taker.post("/v1/callers", &json!({ "ring": at["ring"]["ring"] })).json();
    assert_eq!(cases(&known, "open"), ["0-2", "0-1"], "{known}");
    let first = &known["open"][1];
    assert_eq!(first["class_words"]["zh"], taker.get("/v1/cases/0-1").json()["class_words"]["zh"]);
    assert!(first["due"].is_string() && first["word"] == "within", "{first}");
    assert!(first["latest"]["words"]["zh"].is_string(), "{first}");
    // The same by typing it, however it is written; a number that is still being typed is nobody's.
    assert_eq!(typed(&taker, "+86 139-0000-0042"), ["0-2", "0-1"]);
    assert_eq!(typed(&taker, "1390"), Vec::<String>::new());
    assert_eq!(supervisor.post("/v1/callers", &json!({ "number": NUMBER })).status, 403);
    assert_eq!(supervisor.get("/v1/rings").status, 403);
    // What rings is at that seat alone, and the live stream says so to who sits there.
    assert_eq!(dispatcher.post("/v1/callers", &json!({ "ring": at["ring"]["ring"] })).status, 410);
    let mut live = taker.listens();
    let (_, heard) = telephone("/v1/rings", &json!({ "seat": "8003", "number": "13800000001" }));
    assert_eq!(heard["seated"], json!(true));
    assert!(live.any(|line| line == "event: ring"), "the console is told at once");
    assert_eq!(taker.get("/v1/rings").json()["ring"]["number"], "13800000001", "the newest");
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_case_is_begun_with_the_number_that_rings_also_by_who_may_not_read_it() {
    let (_folder, data, running, nobody) = begun();
    let telephone = feed(&nobody, &data, "call");
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let dispatcher = nobody.signed_in(&data, "dispatcher", "centre", Role::Dispatcher);
    three_calls(&telephone);
    telephone("/v1/rings", &json!({ "seat": "dispatcher", "number": NUMBER }));
    let at = dispatcher.get("/v1/rings").json();
    assert_eq!((&at["ring"]["number"], &at["ring"]["masked"]), (&json!("•••0042"), &json!(true)));
    let ring = at["ring"]["ring"].as_str().expect("a ring");
    let begun = json!({ "class": "heat.cold", "place": { "area": "211081001001001" } });
    let taken = dispatcher.post(&format!("/v1/calls?channel=call&ring={ring}"), &begun);
    assert_eq!(taken.status, 201, "{}", taken.body);
    let reveal = json!({ "ask": "reveal", "with": { "purpose": "test" } });
    let revealed = taker.post("/v1/cases/0-4/acts", &reveal).json();
    assert_eq!(revealed["caller"]["number"], NUMBER, "{revealed}");
    assert_eq!(typed(&taker, NUMBER), ["0-4", "0-2", "0-1"], "it is known at once");
    assert_eq!(dispatcher.ask("DELETE", &format!("/v1/rings/{ring}"), "", "").status, 204);
    let gone = dispatcher.post(&format!("/v1/calls?ring={ring}"), &begun);
    assert_eq!((gone.status, &gone.json()["field"]), (410, &json!("ring")));
    assert_eq!(running.stop(), 0);
    // After a start the past is read back.
    let (running, told) = Running::start_with(&data, None, &["--http", "127.0.0.1:0"]);
    let door = Client::at(told["http"].as_str().expect("an address"));
    let taker = door.signed_in(&data, "again", "centre", Role::CallTaker);
    assert_eq!(typed(&taker, NUMBER), ["0-4", "0-2", "0-1"]);
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_ring_that_is_none_is_refused_with_its_field() {
    let (_folder, data, running, nobody) = begun();
    let telephone = feed(&nobody, &data, "call");
    for (body, field) in [
        (json!({ "seat": "", "number": NUMBER }), "seat"),
        (json!({ "seat": "8003", "number": "1".repeat(65) }), "number"),
        (json!({ "seat": "8003", "number": NUMBER, "line": "a\u{7}b" }), "line"),
    ] {
        let (status, told) = telephone("/v1/rings", &body);
        assert_eq!((status, &told["field"]), (422, &json!(field)), "{told}");
    }
    assert_eq!(telephone("/v1/rings", &json!({ "seat": "8003" })).0, 422);
    let app = feed(&nobody, &data, "app");
    assert_eq!(app("/v1/rings", &json!({ "seat": "8003", "number": NUMBER })).0, 403, "no telephone system");
    assert_eq!(nobody.post("/v1/rings", &json!({})).status, 401);
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_number_leads_to_no_case_from_which_it_could_not_be_read() {
    let (_folder, data, running, nobody) = begun();
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let counter = nobody.signed_in(&data, "counter", "street-1", Role::CallTaker);
    let place = json!({ "area": "211081001001001" });
    let caller = json!({ "number": NUMBER });
    for more in [json!({}), json!({ "confidential": true }), json!({ "kind": "accusation" })] {
        let mut body = json!({ "class": "road.pothole", "place": place, "caller": caller });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        assert_eq!(taker.post("/v1/calls", &body).status, 201);
    }
    let known = |client: &Client| typed(client, NUMBER);
    assert_eq!(known(&taker), ["0-3", "0-2", "0-1"], "the centre took the calls and answers them");
    // The street holds all three, and may read the caller of the first alone.
    assert_eq!(
        known(&counter),
        ["0-1"],
        "whoever asked for secrecy or accuses somebody is found by nobody else"
    );
    let other = nobody.signed_in(&data, "other", "community-2", Role::CallTaker);
    assert_eq!(known(&other), Vec::<String>::new(), "what another unit holds");
    assert_eq!(running.stop(), 0);
}

#[test]
fn what_is_put_right_on_the_spot_is_one_record_with_its_evidence_and_goes_to_check() {
    let (_folder, data, running, nobody) = begun();
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let worker = nobody.signed_in(&data, "worker", "grid-1-1", Role::Handler);
    let checker = nobody.signed_in(&data, "checker", "centre", Role::Checker);
    let kept = worker.ask("POST", "/v1/files", "", "%PDF-1.4 a paper that says what was done");
    assert_eq!(kept.status, 201, "{}", kept.body);
    let hash = kept.json()["hash"].clone();
    let solved = |evidence: Value| {
        json!({
            "class": "road.pothole", "place": { "area": "211081001001001" },
            "settled": { "as": "solve", "result": "已扶正护栏，电话13900000042", "evidence": evidence },
        })
    };
    let bare = worker.post("/v1/calls?channel=patrol", &solved(json!([])));
    assert_eq!(
        (bare.status, &bare.json()["answers"][0]["refusal"]["field"]),
        (422, &json!("evidence")),
        "{}",
        bare.body
    );
    let taken = worker.post("/v1/calls?channel=patrol", &solved(json!([hash])));
    assert_eq!(taken.status, 201, "{}", taken.body);
    let page = taker.get("/v1/cases/0-1").json();
    assert_eq!((&page["stage"], &page["channel"]), (&json!("resolved"), &json!("patrol")));
    assert_eq!((&page["evidence"][0]["hash"], &page["evidence"][0]["unit"]), (&hash, &json!("grid-1-1")));
    let lines = page["timeline"].as_array().expect("a timeline");
    assert!(lines.iter().all(|line| line["seq"] == lines[0]["seq"]), "one record: {page}");
    assert!(!page.to_string().contains(NUMBER), "a number is no part of a result");
    // A further caller may still be told that it is the same matter; once it is settled, no more.
    let like = || {
        let call = json!({ "class": "road.pothole", "place": { "area": "211081001001001" } });
        let told = taker.post("/v1/preview", &call).json();
        told["like"].as_array().expect("a list").iter().any(|one| one["case"] == "0-1")
    };
    assert!(like(), "it is not checked yet");
    // Somebody else checks it, and a worker takes no telephone calls.
    let check = json!({ "ask": "check", "with": { "passed": true, "note": "看过照片" } });
    let checked = checker.post("/v1/cases/0-1/acts", &check);
    assert_eq!(checked.status, 200, "{}", checked.body);
    assert!(!like(), "what is settled takes no further callers");
    assert_eq!(worker.post("/v1/calls?channel=call", &solved(json!([hash]))).status, 403);
    // On the telephone too, by who answers.
    let desk = taker.post("/v1/calls?channel=call", &solved(json!([hash])));
    assert_eq!((desk.status, taker.get("/v1/cases/0-2").json()["stage"].clone()), (201, json!("resolved")));
    assert_eq!(running.stop(), 0);
}

#[test]
fn a_case_is_walked_to_its_end_and_still_offers_what_may_be_asked_of_it() {
    let (_folder, data, running, nobody) = begun();
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let worker = nobody.signed_in(&data, "worker", "street-1", Role::Handler);
    let checker = nobody.signed_in(&data, "checker", "centre", Role::Checker);
    let supervisor = nobody.signed_in(&data, "supervisor", "centre", Role::Supervisor);
    let asks = |client: &Client| {
        let page = client.get("/v1/cases/0-1").json();
        let asks = page["asks"].as_array().expect("a list").iter();
        asks.map(|one| one["ask"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let act = |client: &Client, ask: &str, with: Value| {
        let answered = client.post("/v1/cases/0-1/acts", &json!({ "ask": ask, "with": with }));
        assert_eq!(answered.status, 200, "{ask}: {}", answered.body);
    };
    assert_eq!(taker.ask("POST", "/v1/calls", "", &call("A-1", "road.pothole")).status, 201);
    running.until("0-1", "assigned");
    act(&worker, "accept", json!({}));
    act(&worker, "arrive", json!({}));
    act(&worker, "resolve", json!({ "result": "已补平", "evidence": [] }));
    act(&checker, "check", json!({ "passed": true, "note": "看过" }));
    act(
        &checker,
        "answer",
        json!({ "when": "2026-11-18T10:00:00+08:00", "contacted": "街道", "done": "已补平" }),
    );
    running.until("0-1", "tell_asked");
    act(
        &checker,
        "call_back",
        json!({ "verdict": { "contacted": true, "solved": "yes", "grade": "satisfied" } }),
    );
    assert!(!asks(&checker).contains(&"close".to_owned()), "the caller has to be told first");
    let mail = json!({ "ask": "confirm_told", "with": { "channel": "mail", "receipt": "x" } });
    let forged = checker.post("/v1/cases/0-1/acts", &mail);
    assert_eq!((forged.status, &forged.json()["code"]), (422, &json!("not_by_hand")));
    act(&checker, "confirm_told", json!({ "channel": "callback-list", "receipt": "已电话告知" }));
    running.until("0-1", "closed");
    for ask in ["reopen", "look_again"] {
        assert!(asks(&supervisor).contains(&ask.to_owned()), "{ask}: {:?}", asks(&supervisor));
    }
    assert!(!asks(&worker).contains(&"appeal".to_owned()), "nothing was late");
    act(&supervisor, "look_again", json!({ "kind": "sample", "stands": true, "note": "没有反弹" }));
    assert_eq!(running.stop(), 0);
}

impl Client {
    /// The lines of the live stream, from its beginning.
    fn listens(&self) -> impl Iterator<Item = String> + use<> {
        let (at, cookie) = self.door();
        let mut stream = TcpStream::connect(at).expect("the door is open");
        write!(stream, "GET /v1/live HTTP/1.1\r\nhost: door\r\ncookie: {cookie}\r\n\r\n")
            .expect("the door listens");
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "event: hello"), "the stream begins");
        lines
    }
}
