//! Nothing of a caller stands in any message or in any file of a server whose store is not encrypted.

use crate::{house::*, making::*};
use huying_bus::{
    link::{Address, Proof},
    stream::Stream,
};
use huying_domain::{command::Ask, private::Private};
use huying_engine::{
    door::Lane,
    doors::{Doors, DoorsSetup},
    nerves::{Nerves, NervesSetup, Subscribers},
};
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tokio::sync::watch;

/// A server as somebody might run it who did not read the manual: nothing is encrypted.
struct Plain(Child);

impl Drop for Plain {
    fn drop(&mut self) {
        self.0.kill().expect("it ends");
        self.0.wait().expect("it ended");
    }
}

fn plain(store: &Path) -> (Plain, Address) {
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let config = store.join("plain.conf");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\njetstream {{ domain: {}, store_dir: {:?} }}\n\
         authorization {{ user: engine, password: plain }}\n",
        huying_bus::stream::DOMAIN,
        store.join("store")
    );
    fs::write(&config, text).expect("a file");
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
    let path = std::env::var_os("PATH");
    let program = huying_bus::server::program::Program::find(None, path.as_deref(), &[beside]);
    let program = program.expect("`make nats` was run");
    let mut server = Command::new(program.path());
    server.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
    let address = Address {
        urls: format!("nats://127.0.0.1:{port}"),
        user: "engine".parse().expect("a user"),
        proof: Proof::Password("plain".to_owned()),
        tls: None,
    };
    (Plain(server.spawn().expect("it starts")), address)
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

fn files(dir: &Path, each: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, each);
        } else {
            each(&path, &fs::read(&path).expect("a file"));
        }
    }
}

#[test]
fn nothing_of_a_caller_stands_in_any_message_or_file() {
    let store = tempfile::tempdir().expect("a folder");
    let (server, address) = plain(store.path());
    let dir = tempfile::tempdir().expect("a folder");
    let now = at(WEDNESDAY_9);
    let mut engine = start(dir.path(), now, 1);
    let doors = DoorsSetup { outlines: None, entropy: entropy(79) };
    let doors = Doors::open(&mut engine, doors).expect("doors");
    let subscribers = watch::Sender::new(Subscribers::default());
    let setup = NervesSetup { address: address.clone(), subscribers: subscribers.subscribe(), doors };
    let nerves = Nerves::start(&mut engine, setup).expect("nerves");
    let secrets = ["13900004242", "王小二", "人民路八号三单元", "楼上那家天天半夜拖椅子"];
    for n in 1..20 {
        let private = Private {
            number: Some(secrets[0].to_owned()),
            name: Some(secrets[1].to_owned()),
            address: Some(secrets[2].to_owned()),
            words: Some(secrets[3].to_owned()),
            ..Private::default()
        };
        let command = huying_domain::command::Command { private: Some(private), ..call(n) };
        let mut ticket = engine.handle().submit(command, Lane::Ordinary).expect("there is room");
        settle(&mut engine, now);
        let case = ticket.try_take().expect("answered").expect("taken").case;
        must(&mut engine, now, act(n, GRID, case, Ask::Accept));
    }
    let head = engine.journal().synced_head().seq;
    for _ in 0..1_000 {
        let progress = *nerves.progress().borrow();
        if progress.echoed == head && progress.posted == head {
            break;
        }
        settle(&mut engine, now);
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(nerves.progress().borrow().posted, head, "{:?} {:?}", nerves.link(), nerves.standing());
    let eye = Eye::open(&address);
    let mut messages = 0;
    for stream in Stream::ALL {
        for seen in eye.messages(stream.name()) {
            messages += 1;
            let whole =
                [seen.subject.as_bytes(), format!("{:?}", seen.headers).as_bytes(), &seen.body].concat();
            for secret in secrets {
                assert!(!holds(&whole, secret), "a message of {stream} holds {secret}");
            }
        }
    }
    assert!(messages > 50, "there must be something to search: {messages}");
    nerves.stop();
    drop(server);
    let (mut searched, mut found_subject) = (0, false);
    files(&store.path().join("store"), &mut |path, bytes| {
        searched += bytes.len();
        found_subject |= holds(bytes, "huying.v1.record.");
        for secret in secrets {
            assert!(!holds(bytes, secret), "{} holds {secret}", path.display());
        }
    });
    assert!(found_subject && searched > 10_000, "the search can see what stands in the files");
}
