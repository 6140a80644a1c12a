//! Lives of cases over HTTP: the program itself with its door open, and people who have signed in as clients that keep
//! their connections, one command a request, each waiting for its answer.

use crate::{lives::HANDLERS, machine, nerved::call, stage::city};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader as AsyncReader},
    net::TcpStream,
};

const CENTRE: &str = "centre";
/// What a city folder says of the tiny city beside its rules.
const FACTS: &str = "name_zh = \"小城\"\nname_en = \"A tiny city\"\nzone = \"Asia/Shanghai\"\ncounty = \"211081\"\n\
                     fallback = \"211081\"\nsources = [\"Made up for the tests.\"]\n";
/// How long sled may take to catch up, and how often it is looked.
const SETTLED_MAX_S: u64 = 300;
const LOOK_MS: u64 = 5;

/// The program with its door open.
pub struct Webbed {
    child: Child,
    address: String,
    centre: Session,
    handlers: Vec<(Session, Session)>,
}

/// Somebody who has signed in.
#[derive(Clone)]
struct Session {
    cookie: String,
    csrf: String,
}

/// What clients measured.
pub struct Led {
    /// Nanoseconds of each transition, sorted.
    pub samples: Vec<u64>,
    /// Until the last answer.
    pub answered: Duration,
    /// Until sled held every record.
    pub settled: Duration,
}

impl Webbed {
    /// Starts the program on a folder, and lets one person of each unit sign in.
    pub async fn open(program: &Path, folder: &Path) -> Self {
        let (made, data) = (folder.join("city"), folder.join("data"));
        write_city(&made);
        let mut up = Command::new(program);
        up.args(["up", "--json", "--nats", "none", "--http", "127.0.0.1:0"]);
        up.arg("--data").arg(&data).arg("--city").arg(&made).stdout(Stdio::piped());
        let mut child = up.spawn().expect("the program starts");
        let mut line = String::new();
        let told = child.stdout.take().expect("it was asked for");
        BufReader::new(told).read_line(&mut line).expect("the program writes");
        let told: Value = serde_json::from_str(&line).expect("one object");
        let address = told["http"].as_str().expect("an address").trim_start_matches("http://").to_owned();
        let door = Door { program, data: &data, address: &address };
        let centre = door.sign_in(CENTRE, &["call_taker", "checker"]).await;
        let mut sessions: BTreeMap<&str, Session> = BTreeMap::new();
        for unit in HANDLERS.into_iter().flat_map(|(grid, community)| [grid, community]) {
            if !sessions.contains_key(unit) {
                sessions.insert(unit, door.sign_in(unit, &["handler"]).await);
            }
        }
        let both = |(grid, community)| (sessions[grid].clone(), sessions[community].clone());
        Self { child, centre, handlers: HANDLERS.map(both).to_vec(), address }
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Leads cases through their lives by so many clients at once.
    pub async fn lead(&self, clients: usize, cases: u64) -> Led {
        let next = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let client = |_| {
            let (next, address) = (Arc::clone(&next), self.address.clone());
            let (centre, handlers) = (self.centre.clone(), self.handlers.clone());
            tokio::spawn(async move {
                let (mut samples, mut line) = (Vec::new(), Line::open(&address).await);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= cases {
                        return samples;
                    }
                    let place = usize::try_from(number % handlers.len() as u64).expect("below three");
                    live(&mut line, &centre, &handlers[place], number, &mut samples).await;
                }
            })
        };
        let tasks: Vec<_> = (0..clients).map(client).collect();
        let mut samples = Vec::new();
        for task in tasks {
            samples.extend(task.await.expect("no client is refused"));
        }
        let answered = start.elapsed();
        self.wait_for_shelf().await;
        samples.sort_unstable();
        Led { samples, answered, settled: start.elapsed() }
    }

    async fn wait_for_shelf(&self) {
        let mut line = Line::open(&self.address).await;
        let until = Instant::now() + Duration::from_secs(SETTLED_MAX_S);
        while Instant::now() < until {
            let (_, _, body) = line.ask("GET", "/metrics", None, "").await;
            if body.lines().any(|line| line == "huying_shelf_lag_records 0") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// Ends it.
    pub fn close(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// The most memory that it has held, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        machine::memory_bytes_max(Some(self.pid()))
    }
}

struct Door<'a> {
    program: &'a Path,
    data: &'a Path,
    address: &'a str,
}

impl Door<'_> {
    async fn sign_in(&self, unit: &str, roles: &[&str]) -> Session {
        let mut add = Command::new(self.program);
        add.args(["account", "add", "--json", "--name", unit, "--unit", unit, "--data"]);
        add.arg(self.data);
        roles.iter().for_each(|role| _ = add.args(["--role", role]));
        let made = add.output().expect("the program runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made = made.stdout;
        let made: Value = serde_json::from_slice(&made).expect("one object");
        let said = json!({ "account": made["account"], "password": made["password"] }).to_string();
        let (status, head, body) =
            Line::open(self.address).await.ask("POST", "/v1/session", None, &said).await;
        assert_eq!(status, 200, "{body}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
        let body: Value = serde_json::from_str(&body).expect("one object");
        Session { cookie, csrf: body["csrf"].as_str().expect("a token").to_owned() }
    }
}

fn write_city(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be written");
    for (file, bytes) in city() {
        let ending = if matches!(file.name(), "territory" | "units") { "csv" } else { "toml" };
        let path: PathBuf = folder.join(format!("{}.{ending}", file.name()));
        fs::write(path, bytes).expect("the folder can be written");
    }
    fs::write(folder.join("city.toml"), FACTS).expect("the folder can be written");
}

async fn live(
    line: &mut Line,
    centre: &Session,
    (grid, community): &(Session, Session),
    number: u64,
    samples: &mut Vec<u64>,
) {
    let begun = Instant::now();
    let (status, _, body) =
        line.ask("POST", "/v1/calls?channel=call", Some(centre), &call(number).to_string()).await;
    samples.push(nanos(begun));
    assert!(status == 200 || status == 201, "{status} {body}");
    let answer: Value = serde_json::from_str(&body).expect("it is JSON");
    let case = answer["answers"][0]["case"].as_str().unwrap_or_else(|| panic!("not taken: {answer}"));
    let acts = format!("/v1/cases/{case}/acts");
    let asks = [
        (grid, json!({ "ask": "accept", "with": {} })),
        (
            grid,
            json!({ "ask": "escalate", "with": { "reason": { "zh": "需要社区协调", "en": "it needs the community" } } }),
        ),
        (community, json!({ "ask": "accept", "with": {} })),
        (
            community,
            json!({ "ask": "resolve", "with": { "result": "已上门调解，双方达成一致", "evidence": [] } }),
        ),
        (centre, json!({ "ask": "check", "with": { "passed": true, "note": "照片与现场一致" } })),
    ];
    // The registration's answer names no version; from the second deed on each says what it saw.
    let mut saw = Value::Null;
    for (who, mut ask) in asks {
        if !saw.is_null() {
            ask["saw"] = saw;
        }
        let begun = Instant::now();
        let (status, _, body) = line.ask("POST", &acts, Some(who), &ask.to_string()).await;
        samples.push(nanos(begun));
        assert_eq!(status, 200, "{ask}: {body}");
        let answer: Value = serde_json::from_str(&body).expect("it is JSON");
        saw = answer["version"].clone();
    }
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// A connection that is kept, of HTTP as much as the door speaks to such a client.
struct Line(AsyncReader<TcpStream>);

impl Line {
    async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the door is open");
        stream.set_nodelay(true).expect("it is a connection");
        Self(AsyncReader::new(stream))
    }

    /// The status, the head and the body.
    async fn ask(
        &mut self,
        method: &str,
        target: &str,
        who: Option<&Session>,
        body: &str,
    ) -> (u16, String, String) {
        let who = who.map_or_else(String::new, |session| {
            format!("cookie: {}\r\nx-huying-csrf: {}\r\n", session.cookie, session.csrf)
        });
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: door\r\ncontent-type: application/json\r\n{who}content-length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes()).await.expect("the door listens");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.0.read_line(&mut head).await.expect("the door answers");
            assert!(read > 0, "the door has closed the connection: {head}");
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).expect("a length");
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.expect("the door answers");
        (status, head, String::from_utf8(body).expect("it is a text"))
    }
}
