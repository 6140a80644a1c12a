//! People who sign in by an identity provider: a real one, a browser without a window, the program.

use crate::stage::{Language, Town, nobody, node};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

/// The secret that both have; it holds what must be encoded on the way.
const SECRET: &str = "a secret: 100% + &";

/// A provider that runs, and takes orders.
struct Provider {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    issuer: String,
}

impl Provider {
    fn start(node: &Language) -> Self {
        let mut command = node.command(&nobody(), &["provider.mjs"]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().expect("it starts");
        let orders = child.stdin.take().expect("piped");
        let mut answers = BufReader::new(child.stdout.take().expect("piped"));
        let issuer = line(&mut answers);
        Self { child, orders, answers, issuer }
    }

    #[track_caller]
    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("it listens");
        assert_eq!(line(&mut self.answers), "done", "{order}");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("it speaks");
    line.trim().to_owned()
}

/// A town whose people come by a provider.
struct Stage {
    node: Language,
    provider: Provider,
    town: Town,
    door: String,
}

/// What came of a walk to the provider and back.
struct Came {
    /// Where the browser was led.
    led: String,
    session: String,
    text: String,
}

impl Stage {
    fn set(more: &str) -> Option<Self> {
        let node = node("oidc-provider")?;
        let mut provider = Provider::start(&node);
        // Its address has to be agreed before the door opens.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port").to_string();
        let door = format!("http://{address}");
        provider.order(&format!("serve {door}"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("providers.toml");
        let terms = format!(
            "public = {door:?}\n[[provider]]\nname = \"city\"\nzh = \"市统一认证\"\nen = \"the city\"\nissuer = {:?}\n\
             client_id = \"huying\"\nsecret_file = \"oidc.secret\"\nscopes = [\"profile\", \"groups\"]\n{more}",
            provider.issuer
        );
        std::fs::write(&file, terms).expect("it can be written");
        std::fs::write(folder.path().join("oidc.secret"), format!("{SECRET}\n")).expect("it can be written");
        let file = file.to_str().expect("plain names").to_owned();
        let town = Town::start_with(folder, &["--http", &address, "--providers", &file]);
        Some(Self { node, provider, town, door })
    }

    #[track_caller]
    fn walk(&self, name: &str, how: &str) -> Came {
        let text = self.node.runs(&nobody(), &["browser.mjs", &self.door, name, how]);
        let of = |word: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(word));
            line.unwrap_or_else(|| panic!("{word}: {text}")).trim().to_owned()
        };
        Came { led: of("led "), session: of("session "), text: text.clone() }
    }

    #[track_caller]
    fn refused(&self, name: &str, how: &str, code: &str) {
        let came = self.walk(name, how);
        assert_eq!(came.led, format!("303 /sign-in?refused={code}"), "{name} {how}");
        assert_eq!(came.session, "401 \"no_session\"", "{name} {how}");
    }
}

impl Came {
    #[track_caller]
    fn as_whom(&self) -> Value {
        assert_eq!(self.led, "303 /work", "{}", self.text);
        let told = self.session.strip_prefix("200 ").unwrap_or_else(|| panic!("{}", self.text));
        serde_json::from_str(told).expect("JSON")
    }
}

#[test]
fn whoever_the_provider_vouches_for_signs_in_and_out_and_nobody_comes_twice_by_one_code() {
    let Some(mut stage) = Stage::set("") else { return };
    stage.refused("li.na", "", "person_unknown");
    stage.town.account("add", &["--name", "li.na", "--unit", "works", "--role", "handler", "--vouched"]);
    let came = stage.walk("li.na", "out");
    let told = came.as_whom();
    assert_eq!((&told["account"], &told["unit"]), (&"li.na".into(), &"works".into()));
    assert_eq!(told["roles"], serde_json::json!(["handler"]));
    assert!(
        came.text.contains("cookie huying_session=…; Path=/; HttpOnly; SameSite=Strict"),
        "{}",
        came.text
    );
    assert!(came.text.contains("again 401 sign_in_over"), "{}", came.text);
    assert!(came.text.contains("out 200 /session/end 200\nafter 401"), "{}", came.text);
    // The provider signs with another key from now on, of which nobody has heard here.
    stage.provider.order("rotate");
    stage.walk("li.na", "").as_whom();
    stage.refused("li.na", "stranger", "sign_in_over");
    stage.refused("li.na", "no", "provider_refused");
    stage.town.account("lock", &["--name", "li.na"]);
    stage.refused("li.na", "", "account_locked");
    stage.town.account("add", &["--name", "wang", "--unit", "works", "--role", "operator"]);
    stage.refused("wang", "", "own_password");
}

#[test]
fn a_token_that_is_wrong_in_any_one_way_opens_nothing() {
    let Some(mut stage) = Stage::set("") else { return };
    stage.town.account("add", &["--name", "li.na", "--unit", "works", "--role", "handler", "--vouched"]);
    stage.town.account("add", &["--name", "operator", "--unit", "works", "--role", "operator", "--vouched"]);
    for (how, code) in [
        ("issuer", "token_issuer"),
        ("audience", "token_audience"),
        ("audiences", "token_audience"),
        ("expired", "token_expired"),
        ("future", "token_not_yet"),
        ("nonce", "token_nonce"),
        ("none", "token_algorithm"),
        ("hmac", "token_algorithm"),
        ("key", "token_key"),
        ("signature", "token_signature"),
        ("body", "token_signature"),
        ("garbage", "token_malformed"),
    ] {
        stage.provider.order(&format!("forge {how}"));
        stage.refused("li.na", "", code);
    }
    stage.provider.order("forge nothing");
    stage.walk("li.na", "").as_whom();
}

#[test]
fn who_has_no_account_is_let_in_with_their_group_and_goes_with_it() {
    let groups = "[[provider.group]]\nname = \"leaders\"\nunit = \"works\"\nroles = [\"supervisor\"]\n\
                  [[provider.group]]\nname = \"workers\"\nunit = \"works\"\nroles = [\"handler\"]\n\
                  [[provider.group]]\nname = \"lost\"\nunit = \"nowhere\"\nroles = [\"handler\"]\n";
    let Some(mut stage) = Stage::set(groups) else { return };
    stage.refused("zhao", "", "person_unknown");
    stage.provider.order("groups workers,choir");
    let told = stage.walk("zhao", "").as_whom();
    assert_eq!(
        (&told["roles"], &told["words"]["zh"]),
        (&serde_json::json!(["handler"]), &"zhao 同志".into())
    );
    stage.provider.order("groups leaders,workers");
    assert_eq!(stage.walk("zhao", "").as_whom()["roles"], serde_json::json!(["handler", "supervisor"]));
    stage.provider.order("groups choir");
    stage.refused("zhao", "", "person_unknown");
    stage.provider.order("groups lost");
    stage.refused("qian", "", "unknown_unit");
}

#[test]
fn a_name_that_somebody_else_takes_later_opens_nothing() {
    let Some(stage) = Stage::set("account_claim = \"preferred_username\"\n") else { return };
    stage.town.account("add", &["--name", "li.na", "--unit", "works", "--role", "handler", "--vouched"]);
    assert_eq!(stage.walk("li.na@first", "").as_whom()["account"], "li.na");
    stage.refused("li.na@second", "", "person_other");
    stage.walk("li.na@first", "").as_whom();
}
