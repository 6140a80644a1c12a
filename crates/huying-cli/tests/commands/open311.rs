//! The Open311 door of a running engine: what it takes, what it shows, and to whom.

use crate::{
    access::Client,
    stage::{Running, city, huying, path},
};
use huying_web::rights::Role;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

const LOOKS_MAX: usize = 200;
const LOOK_EVERY: Duration = Duration::from_millis(100);
const GRID: &str = "211081001001001";

/// An engine with its door, and somebody before it.
struct Door {
    _folder: tempfile::TempDir,
    running: Running,
    data: PathBuf,
    at: String,
}

impl Door {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (made, data) = (folder.path().join("city"), folder.path().join("data"));
        city().write(&made).expect("it can be written");
        let more = ["--nats", "none", "--http", "127.0.0.1:0"];
        let (running, told) = Running::start_with(&data, Some(&made), &more);
        let at = told["http"].as_str().expect("an address").trim_start_matches("http://").to_owned();
        Self { _folder: folder, running, data, at }
    }

    /// A key of a feed, once the engine knows it.
    fn key(&self, source: &str) -> String {
        let args =
            ["http", "grant", "--json", "--data", path(&self.data), "--source", source, "--channel", "app"];
        let key = huying(&args).ends(0).json()["key"].as_str().expect("a key").to_owned();
        for _ in 0..LOOKS_MAX {
            // What is wrong with it comes behind the key: 400 says that the key is known.
            if self.post(&format!("requests.json?api_key={key}"), "lat=1").0 == 400 {
                return key;
            }
            thread::sleep(LOOK_EVERY);
        }
        panic!("the key was never taken over");
    }

    fn asks(&self, method: &str, target: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.at).expect("the door is open");
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nhost: door\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        )
        .expect("the door listens");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("the door answers in UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        (head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status"), body.to_owned())
    }

    fn get(&self, target: &str) -> (u16, String) {
        self.asks("GET", &format!("/open311/v2/{target}"), "", "")
    }

    fn post(&self, target: &str, body: &str) -> (u16, String) {
        let kind = "content-type: application/x-www-form-urlencoded; charset=utf-8\r\n";
        self.asks("POST", &format!("/open311/v2/{target}"), kind, body)
    }

    /// Brings a report, which is taken.
    #[track_caller]
    fn report(&self, key: &str, class: &str, words: &str) -> String {
        let body = format!("api_key={key}&service_code={class}&address_id={GRID}&description={words}");
        let (status, told) = self.post("requests.json", &body);
        assert_eq!(status, 200, "{told}");
        let told: Value = serde_json::from_str(&told).expect("JSON");
        told[0]["service_request_id"].as_str().expect("a number").to_owned()
    }

    /// What a list shows.
    #[track_caller]
    fn rows(&self, query: &str) -> Vec<Value> {
        let (status, told) = self.get(&format!("requests.json?{query}"));
        assert_eq!(status, 200, "{query}: {told}");
        serde_json::from_str(&told).expect("an array")
    }

    #[track_caller]
    fn numbers(&self, query: &str) -> Vec<String> {
        let number = |row: Value| row["service_request_id"].as_str().expect("a number").to_owned();
        self.rows(query).into_iter().map(number).collect()
    }

    fn act(&self, case: &str, ask: &str, with: &Value) {
        self.running.submit(&json!({ "case": case, "ask": ask, "with": with }).to_string()).ends(0);
    }

    /// The case is not handled, its caller is told, and it is closed.
    fn closes(&self, case: &str) {
        self.act(case, "cancel", &json!({ "ground": "withdrawn", "reason": "王小明撤回" }));
        let answer =
            json!({ "when": "2026-11-18T10:00:00+08:00", "contacted": "来电人", "done": "已撤回 <b>&</b>" });
        self.act(case, "answer", &answer);
        self.running.until(case, "tell_asked");
        huying(&["callbacks", "--told", case, "--data", path(&self.data), "--person", "clerk-7"]).ends(0);
        self.running.until(case, "closed");
    }
}

fn events(data: &Path, case: &str) -> String {
    huying(&["case", case, "--json", "--data", path(data)]).ends(0).json()["timeline"].to_string()
}

#[test]
fn lists_are_narrowed_by_every_filter_and_pages_together_are_the_list() {
    let door = Door::open();
    let key = door.key("app1");
    let keyed = format!("api_key={key}");
    let classes = ["road.pothole", "road.pothole", "road.pothole", "heat.cold", "heat.cold"];
    let mut all: Vec<String> =
        classes.iter().enumerate().map(|(n, class)| door.report(&key, class, &format!("n{n}"))).collect();
    all.reverse();
    door.closes(&all[0]);
    assert_eq!(door.numbers(&keyed), all, "the newest first");
    assert_eq!(door.numbers(&format!("{keyed}&status=open")), all[1..]);
    assert_eq!(door.numbers(&format!("{keyed}&status=CLOSED")), all[..1]);
    assert_eq!(door.numbers(&format!("{keyed}&status=open,closed")), all);
    assert_eq!(door.numbers(&format!("{keyed}&service_code=heat.cold")), all[..2]);
    assert_eq!(door.numbers(&format!("{keyed}&service_code=heat.cold&service_code=road.pothole")), all);
    // The numbers stand above everything else, and what is not there is left out.
    let some =
        format!("{keyed}&service_request_id={},0-99,x,{}&status=closed&start_date=nonsense", all[4], all[3]);
    assert_eq!(door.numbers(&some), [all[4].clone(), all[3].clone()]);
    let pages: Vec<String> =
        (1..=4).flat_map(|page| door.numbers(&format!("{keyed}&page_size=2&page={page}"))).collect();
    assert_eq!(pages, all);
    // Both ends of a stretch belong to it, in the seconds that were shown.
    let rows = door.rows(&keyed);
    let at = |row: &Value, name: &str| row[name].as_str().expect("an instant").replace('+', "%2B");
    let (first, last) = (at(&rows[4], "requested_datetime"), at(&rows[0], "requested_datetime"));
    assert_eq!(door.numbers(&format!("{keyed}&start_date={first}&end_date={last}")), all);
    assert_eq!(
        door.numbers(&format!("{keyed}&start_date={}", last.replace("%2B", "+"))).first(),
        all.first()
    );
    let updated = at(&rows[0], "updated_datetime");
    let since = |row: &&Value| row["updated_datetime"].as_str() >= rows[0]["updated_datetime"].as_str();
    let changed = rows.iter().filter(since).count();
    assert_eq!(
        door.numbers(&format!("{keyed}&updated_after={updated}")).len(),
        changed,
        "it was closed last"
    );
    assert_eq!(door.numbers(&format!("{keyed}&updated_after={updated}")).first(), all.first());
    assert!(door.numbers(&format!("{keyed}&updated_before={}", "2026-01-01")).is_empty());
    for (wrong, status, said) in [
        ("start_date=2026-01-01&end_date=2026-06-01", 400, "90"),
        ("start_date=2026-06-01&end_date=2026-05-01", 400, "later"),
        ("start_date=yesterday", 400, "start_date"),
        ("start_date=2019-01-01", 400, "400"),
        ("page=0", 400, "page"),
        ("page_size=-1", 400, "page_size"),
        ("status=half", 400, "status"),
        ("service_code=gone", 404, "gone"),
        ("jurisdiction_id=elsewhere", 404, "elsewhere"),
    ] {
        let (code, told) = door.get(&format!("requests.json?{keyed}&{wrong}"));
        assert!(code == status && told.contains(said), "{wrong}: {code} {told}");
    }
    assert_eq!(door.numbers(&format!("{keyed}&jurisdiction_id=211081")), all);
}

#[test]
fn the_same_report_is_one_case_while_it_is_open_and_the_same_words_later_are_a_new_matter() {
    let door = Door::open();
    let (key, other) = (door.key("app1"), door.key("app2"));
    let first = door.report(&key, "road.pothole", "hole");
    assert_eq!(door.report(&key, "road.pothole", "hole"), first, "sent again");
    assert_ne!(door.report(&key, "road.pothole", "another"), first);
    assert_ne!(door.report(&other, "road.pothole", "hole"), first, "another feed's");
    door.closes(&first);
    let later = door.report(&key, "road.pothole", "hole");
    assert_ne!(later, first, "what was closed is not what is broken now");
    assert_eq!(door.report(&key, "road.pothole", "hole"), later);
    // Who names the report itself is told when the name is used for another one.
    let named = |words: &str| {
        let body = format!("api_key={key}&service_code=heat.cold&address_id={GRID}&description={words}");
        door.asks("POST", "/open311/v2/requests.xml", "idempotency-key: k-1\r\n", &body)
    };
    let (taken, again) = (named("cold"), named("cold"));
    assert_eq!((taken.0, again.0), (200, 200));
    let (status, told) = named("warm");
    assert!(status == 409 && told.contains("<code>409</code>"), "{told}");
}

#[test]
fn confidential_cases_and_written_words_are_shown_to_nobody() {
    let door = Door::open();
    let key = door.key("app1");
    let call = |more: &str| {
        let call = format!(
            r#"{{"class":"noise.neighbour","words":"我叫王小明","place":{{"area":"{GRID}","address":"王小明家"}},
                "caller":{{"number":"13900000042","name":"王小明"}}{more}}}"#
        );
        let headers = format!("authorization: Bearer {key}\r\n");
        let (status, told) = door.asks("POST", "/v1/calls", &headers, &call);
        assert_eq!(status, 201, "{told}");
        let told: Value = serde_json::from_str(&told).expect("JSON");
        told["answers"][0]["case"].as_str().expect("a number").to_owned()
    };
    let open = call("");
    let hidden = [call(r#","confidential":true"#), call(r#","kind":"accusation""#)];
    assert_eq!(
        door.numbers(&format!("api_key={key}")),
        std::slice::from_ref(&open),
        "not even to who brought them"
    );
    for case in &hidden {
        assert_eq!(door.get(&format!("requests/{case}.xml")).0, 404);
        assert_eq!(door.get(&format!("tokens/{case}.xml")).0, 404);
        assert!(door.numbers(&format!("service_request_id={case}")).is_empty());
        let update = format!(
            "api_key={key}&service_request_id={case}&update_id=1&status=OPEN&updated_datetime=2026-11-18T10:00:00Z&description=x"
        );
        assert_eq!(door.post("servicerequestupdates.json", &update).0, 404);
    }
    door.closes(&open);
    let (_, told) = door.get(&format!("requests/{open}.xml"));
    assert!(
        told.contains("<status>closed</status>") && told.contains("来电人撤回"),
        "the listed ground: {told}"
    );
    let (_, updates) = door.get("servicerequestupdates.xml");
    assert!(
        updates.contains(&format!("<service_request_id>{open}</service_request_id><status>closed</status>"))
    );
    for (what, said) in
        [("the case", &told), ("the list", &door.get("requests.json").1), ("the updates", &updates)]
    {
        for sealed in ["王小明", "13900000042", "已撤回 "] {
            assert!(!said.contains(sealed), "{what}: {sealed} {said}");
        }
        assert!(hidden.iter().all(|case| !said.contains(&format!(">{case}<"))), "{what}: {said}");
    }
    // The feed that brought it reads the answer, as text.
    let (_, own) = door.get(&format!("requests/{open}.xml?api_key={key}"));
    assert!(own.contains("已撤回 &lt;b&gt;&amp;&lt;/b&gt;"), "{own}");
    let other = door.key("app2");
    assert_eq!(door.get(&format!("requests/{open}.xml?api_key={other}")).1, told);
}

/// A body of `multipart/form-data`.
fn multipart(parts: &[(&str, &str)]) -> String {
    let part = |(disposition, value): &(&str, &str)| {
        format!("--cut\r\ncontent-disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--cut--\r\n"
}

#[test]
fn a_photograph_comes_with_a_report_and_is_the_cases_evidence() {
    const PHOTO: &str = "RIFF\0\0\0\0WEBPVP8 \r\n--cu and so on";
    let door = Door::open();
    let key = door.key("app1");
    let kind = "content-type: multipart/form-data; boundary=cut\r\n";
    let sends = |body: &str| door.asks("POST", "/open311/v2/requests.json", kind, body);
    let key_part = ("name=\"api_key\"", key.as_str());
    let class = ("name=\"service_code\"", "road.pothole");
    let place = ("name=\"address_id\"", GRID);
    let photo = ("name=\"media[]\"; filename=\"a.webp\"", PHOTO);
    let body = multipart(&[key_part, class, place, photo, ("name=\"media_url\"", "http://p/1")]);
    let (status, told) = sends(&body);
    assert_eq!(status, 200, "{told}");
    let number =
        |told: &str| serde_json::from_str::<Value>(told).expect("JSON")[0]["service_request_id"].clone();
    let case = number(&told);
    let (_, again) = sends(&body);
    assert_eq!(number(&again), case, "the same report is the same case: {again}");
    let case = case.as_str().expect("a number");
    let taker = Client::at(&door.at).signed_in(&door.data, "taker", "centre", Role::CallTaker);
    let page = taker.get(&format!("/v1/cases/{case}")).json();
    let hash = page["evidence"][0]["hash"].as_str().expect("a photograph");
    assert_eq!(page["evidence"].as_array().map(Vec::len), Some(1), "{page}");
    let kept = taker.get(&format!("/v1/cases/{case}/files/{hash}"));
    assert_eq!((kept.status, kept.bytes.as_slice()), (200, PHOTO.as_bytes()));
    assert!(kept.head.contains("content-type: image/webp"), "{}", kept.head);
    assert!(!door.get(&format!("requests/{case}.json")).1.contains(hash), "everybody is not shown it");
    // Without a key, cut short, no photograph, too long: refused, and nothing is kept.
    assert_eq!(sends(&multipart(&[class, place, photo])).0, 403);
    let (status, told) = sends(&body[..body.len() - 20]);
    assert!(status == 400 && told.contains("incomplete"), "{told}");
    let paper = ("name=\"media[]\"; filename=\"a.webp\"", "#!/bin/sh");
    let (status, told) = sends(&multipart(&[key_part, class, place, paper]));
    assert!(status == 400 && told.contains("media[]: "), "{told}");
    let long = format!("{PHOTO}{}", "x".repeat(12 * 1024 * 1024));
    let long = ("name=\"media[]\"; filename=\"a.webp\"", long.as_str());
    assert_eq!(sends(&multipart(&[key_part, class, place, long])).0, 413);
    assert_eq!(door.running.stop(), 0);
}

#[test]
fn a_word_from_who_brought_the_report_reminds_or_reopens_once() {
    let door = Door::open();
    let (key, other) = (door.key("app1"), door.key("app2"));
    let case = door.report(&key, "road.pothole", "hole");
    let says = |key: &str, id: &str, status: &str, words: &str| {
        let body = format!(
            "service_request_id={case}&update_id={id}&status={status}&updated_datetime=2026-11-18 10:00:00 08:00&description={words}"
        );
        door.post(&format!("servicerequestupdates.json?api_key={key}"), &body)
    };
    assert_eq!(says(&key, "7", "OPEN", "still there 13900000042").0, 200);
    assert_eq!(says(&key, "7", "OPEN", "still there 13900000042").0, 200, "sent again");
    assert_eq!(says(&key, "7", "OPEN", "something else").0, 409);
    assert_eq!(says("nobody", "8", "OPEN", "x").0, 403);
    assert_eq!(says(&other, "8", "OPEN", "x").0, 404, "another feed's case");
    assert_eq!(says(&key, "8", "FIXED", "x").0, 400, "that is the city's to say");
    assert_eq!(says(&key, "8", "OPEN", &"x".repeat(1_901)).0, 400);
    let told = events(&door.data, &case);
    assert_eq!(told.matches("case.reminded/").count(), 1, "{told}");
    assert!(!told.contains("13900000042"), "{told}");
    door.closes(&case);
    assert_eq!(says(&key, "9", "REOPEN", "not solved").0, 200);
    assert_eq!(says(&key, "9", "reopen", "not solved").0, 200, "sent again");
    assert_eq!(events(&door.data, &case).matches("case.reopened/").count(), 1);
    let row = door.rows(&format!("service_request_id={case}")).remove(0);
    assert_eq!(row["status"], "open", "{row}");
    let (_, missing) = door.post("servicerequestupdates.json", "update_id=1");
    let missing: Value = serde_json::from_str(&missing).expect("JSON");
    assert_eq!(missing.as_array().map(Vec::len), Some(5), "one error for each: {missing}");
}

#[test]
fn whoever_has_no_key_comes_a_bounded_number_of_times_and_is_told_so_in_the_standards_form() {
    let door = Door::open();
    let refused = (0..=120).map(|_| door.get("services.xml")).find(|(status, _)| *status != 200);
    let (status, told) = refused.expect("at most 60 a minute");
    assert!(status == 429 && told.contains("<errors><error><code>429</code>"), "{told}");
    let key = door.key("app1");
    assert_eq!(door.get(&format!("services.xml?api_key={key}")).0, 200, "a feed is known");
}
