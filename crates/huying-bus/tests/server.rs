//! The engine's own server, with the real program: it starts, is watched, comes back with what it held, and ends.

#![expect(clippy::unwrap_used, reason = "a story whose parts cannot be set up stops there")]

use async_nats::jetstream::{self, stream::Config};
use huying_bus::{
    link::{Link, Proof},
    role::Role,
    roster::Roster,
    server::{
        Server, ServerSetup,
        error::ServerError,
        program::{Program, ProgramError},
    },
};
use rand::{SeedableRng, TryRngCore, rngs::StdRng};
use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const LOOKS_MAX: u32 = 500;
const LOOK_EVERY: Duration = Duration::from_millis(20);

fn program() -> Program {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/nats-server");
    let path = std::env::var_os("PATH");
    Program::find(None, path.as_deref(), &[beside]).expect("`make nats` was run")
}

fn entropy() -> impl FnMut(&mut [u8]) {
    |bytes: &mut [u8]| rand::rngs::OsRng.try_fill_bytes(bytes).expect("the system has entropy")
}

fn setup(data: &TempDir) -> ServerSetup {
    ServerSetup { program: program(), data: data.path().to_owned(), port: None }
}

fn start(data: &TempDir) -> (Server, Roster) {
    let roster = Roster::open_or_create(data.path(), &mut entropy()).unwrap();
    (Server::start(setup(data), &roster, &mut entropy()).unwrap(), roster)
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if is_so() {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
    panic!("{what} did not come true");
}

fn lives(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

async fn link(roster: &Roster, role: &Role, url: &str) -> Link {
    let link = Link::connect(&roster.address(role, url).unwrap()).await.unwrap();
    link.is_up().await;
    link
}

async fn keep_ten(engine: &Link) {
    let config = Config {
        name: "HUYING_INBOX".to_owned(),
        subjects: vec!["huying.v1.inbox.*.*".to_owned()],
        ..Config::default()
    };
    engine.jetstream().create_stream(config).await.unwrap();
    for nth in 0..10 {
        let body = format!("call {nth}");
        engine.jetstream().publish("huying.v1.inbox.hotline.call", body.into()).await.unwrap().await.unwrap();
    }
}

async fn kept(engine: &Link) -> u64 {
    let context: &jetstream::Context = engine.jetstream();
    let mut stream = context.get_stream("HUYING_INBOX").await.unwrap();
    stream.info().await.unwrap().state.messages
}

#[test]
fn killed_it_comes_back_on_the_same_port_with_what_it_held_and_stopped_it_is_gone() {
    let data = TempDir::new().unwrap();
    let (server, roster) = start(&data);
    let (url, first) = (server.url().to_owned(), server.pid());
    let runtime = runtime();
    runtime.block_on(async {
        let engine = link(&roster, &Role::Engine, &url).await;
        keep_ten(&engine).await;
    });
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    until("the server is started again", || server.restarts() == 1 && server.pid() != 0);
    assert_ne!(server.pid(), first);
    runtime.block_on(async {
        let engine = link(&roster, &Role::Engine, &url).await;
        assert_eq!(kept(&engine).await, 10);
    });
    let second = server.pid();
    server.stop();
    assert!(!lives(second) && !lives(first));

    let (again, roster) = start(&data);
    assert_eq!(again.url(), url, "clients find it where it was");
    runtime.block_on(async {
        let engine = link(&roster, &Role::Engine, &url).await;
        assert_eq!(kept(&engine).await, 10);
    });
    let third = again.pid();
    drop(again);
    assert!(!lives(third), "it ends with its value");
}

/// A program that lets somebody else take its port before it listens, once.
fn late_program(data: &TempDir) -> PathBuf {
    let path = data.path().join("late-nats-server");
    let real = fs::canonicalize(program().path()).unwrap();
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = -c ] && mkdir {late:?} 2>/dev/null; then\n  \
           until [ -e {taken:?} ]; do sleep 0.02; done\nfi\nexec {real:?} \"$@\"\n",
        late = data.path().join("late"),
        taken = data.path().join("taken"),
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_port_that_somebody_else_took_at_the_first_start_is_given_up_for_another() {
    let data = TempDir::new().unwrap();
    let program = Program::find(Some(&late_program(&data)), None, &[]).unwrap();
    let setup = ServerSetup { program, data: data.path().to_owned(), port: None };
    let roster = Roster::open_or_create(data.path(), &mut entropy()).unwrap();
    let (late, taken) = (data.path().join("late"), data.path().join("taken"));
    let somebody = thread::spawn(move || {
        until("the program is asked to run", || late.exists());
        let config = fs::read_to_string(late.with_file_name("nats").join("server.toml")).unwrap();
        let port = config.lines().find_map(|line| line.strip_prefix("port = ")).unwrap().parse().unwrap();
        let held = TcpListener::bind(("127.0.0.1", port)).unwrap();
        fs::write(taken, "").unwrap();
        held
    });
    let server = Server::start(setup, &roster, &mut entropy()).unwrap();
    let held = somebody.join().unwrap().local_addr().unwrap();
    assert!(!server.url().ends_with(&held.port().to_string()), "{} is taken", server.url());
    server.stop();
}

/// A server that runs on although its engine is gone.
fn left_behind(data: &TempDir) -> (Child, Roster) {
    let (server, roster) = start(data);
    let config = server.folder().join("server.conf");
    server.stop();
    let mut orphan = Command::new(program().path());
    orphan.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
    let orphan = orphan.spawn().unwrap();
    let pid = orphan.id().to_string();
    until("it writes its number", || {
        fs::read_to_string(config.with_file_name("server.pid")).is_ok_and(|text| text.trim() == pid)
    });
    (orphan, roster)
}

#[test]
fn a_server_that_a_killed_engine_left_behind_is_ended_first() {
    let data = TempDir::new().unwrap();
    let (mut orphan, roster) = left_behind(&data);
    let server = Server::start(setup(&data), &roster, &mut entropy()).unwrap();
    assert!(!lives(orphan.id()));
    assert!(lives(server.pid()));
    orphan.wait().unwrap();
}

#[test]
fn one_that_stands_still_is_woken_to_end_by_itself_and_keeps_nobody_waiting() {
    let data = TempDir::new().unwrap();
    let (mut orphan, roster) = left_behind(&data);
    let stopped = Command::new("kill").args(["-STOP", &orphan.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let server = Server::start(setup(&data), &roster, &mut entropy()).unwrap();
    assert!(lives(server.pid()));
    let ended = orphan.wait().unwrap();
    assert_ne!(ended.signal(), Some(9), "it was waited for in vain, and killed: {ended}");
}

#[test]
fn a_process_that_only_has_an_old_servers_number_is_left_alone() {
    let data = TempDir::new().unwrap();
    let (server, roster) = start(&data);
    let pid_file = server.folder().join("server.pid");
    server.stop();
    let mut bystander = Command::new("sleep").arg("600").spawn().unwrap();
    fs::write(pid_file, bystander.id().to_string()).unwrap();
    let server = Server::start(setup(&data), &roster, &mut entropy()).unwrap();
    assert!(bystander.try_wait().unwrap().is_none());
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    drop(server);
}

#[test]
fn a_changed_roster_lets_in_and_shuts_out() {
    let data = TempDir::new().unwrap();
    let (server, mut roster) = start(&data);
    let pid = server.pid();
    let user = roster.grant_unit("street-7".parse().unwrap(), &mut entropy()).unwrap();
    server.reload(&roster).unwrap();
    let role = Role::Units { units: ["street-7".parse().unwrap()].into() };
    let address = roster.address(&role, server.url()).unwrap();
    let runtime = runtime();
    let unit = runtime.block_on(link(&roster, &role, server.url()));
    assert!(unit.state().up);

    assert!(roster.revoke(&user).unwrap());
    server.reload(&roster).unwrap();
    until("the connection is closed", || !unit.state().up);
    let Proof::Password(password) = address.proof else { panic!("a password") };
    let refused = runtime.block_on(
        async_nats::ConnectOptions::with_user_and_password(user.to_string(), password).connect(server.url()),
    );
    assert!(refused.is_err(), "who was revoked is shut out");
    let second = server.pid();
    assert!(lives(second) && !lives(pid), "there is one server at a time");
    server.reload(&roster).unwrap();
    assert_eq!(server.pid(), second, "an unchanged roster disturbs nobody");
    assert_eq!(server.restarts(), 0, "it never died");
}

#[test]
fn secrets_are_the_owners_alone_and_stand_in_no_debug_text_and_no_log() {
    let data = TempDir::new().unwrap();
    let (server, roster) = start(&data);
    for file in ["accounts.toml", "server.toml", "server.conf"] {
        let mode = fs::metadata(server.folder().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let password = roster.credentials(&"engine".parse().unwrap()).unwrap().to_owned();
    let log = fs::read_to_string(server.folder().join("server.log")).unwrap();
    for text in [format!("{roster:?}"), format!("{server:?}"), log] {
        assert!(!text.contains(&password) && !text.is_empty());
    }
}

#[test]
fn accounts_are_kept_and_names_are_not_taken_twice() {
    let data = TempDir::new().unwrap();
    let mut roster = Roster::open_or_create(data.path(), &mut entropy()).unwrap();
    let unit = roster.grant_unit("street-7".parse().unwrap(), &mut entropy()).unwrap();
    let feed = roster.grant_feed("hotline".parse().unwrap(), &mut entropy()).unwrap();
    let both = ["gas".parse().unwrap(), "water".parse().unwrap()].into();
    roster.grant_units("utilities".parse().unwrap(), both, &mut entropy()).unwrap();
    let password = roster.credentials(&unit).unwrap().to_owned();

    let again = Roster::open_or_create(data.path(), &mut StdRng::seed_from_u64(1).as_filler()).unwrap();
    assert_eq!(again.credentials(&unit), Some(password.as_str()), "a second start changes no password");
    assert_eq!(again.units().len(), 3);
    assert!(again.feeds().contains(&"hotline".parse().unwrap()));
    assert!(!again.has_all_units());
    let taken = roster.grant_units(feed, ["gas".parse().unwrap()].into(), &mut entropy());
    assert!(taken.unwrap_err().to_string().contains("another role"));
    let elsewhere = TempDir::new().unwrap();
    let mut other = Roster::open_or_create(elsewhere.path(), &mut entropy()).unwrap();
    let strange = other.grant_unit("street-7".parse().unwrap(), &mut entropy()).unwrap();
    assert_ne!(other.credentials(&strange), Some(password.as_str()));
}

trait Filler {
    fn as_filler(&mut self) -> impl FnMut(&mut [u8]);
}

impl Filler for StdRng {
    fn as_filler(&mut self) -> impl FnMut(&mut [u8]) {
        |bytes: &mut [u8]| rand::RngCore::fill_bytes(self, bytes)
    }
}

/// A program that says what a server of this version would.
fn pretends(folder: &TempDir, says: &str) -> PathBuf {
    let path = folder.path().join("nats-server");
    fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn an_old_program_is_named_with_its_version_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    let old = pretends(&folder, "nats-server: v2.9.4");
    let error = Program::find(Some(&old), None, &[]).unwrap_err();
    assert!(matches!(&error, ProgramError::Old { version, .. } if version.to_string() == "2.9.4"));
    assert!(error.words().en.contains("make nats") && error.words().zh.contains("make nats"));

    let found = Program::find(None, Some(folder.path().as_os_str()), &[program().path().to_owned()]).unwrap();
    assert_eq!(
        found.path(),
        program().path(),
        "an old one on PATH does not hide a good one beside the project"
    );
    let only_old = Program::find(None, Some(folder.path().as_os_str()), &[]);
    assert!(matches!(only_old, Err(ProgramError::Old { .. })));
    let other = pretends(&folder, "something else 1.2.3");
    assert!(matches!(Program::at(&other), Err(ProgramError::NotNats { .. })));
    assert!(matches!(Program::find(None, None, &[]), Err(ProgramError::Absent)));
}

#[test]
fn a_taken_port_and_a_lost_key_are_named() {
    let data = TempDir::new().unwrap();
    let (server, roster) = start(&data);
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();
    let other = TempDir::new().unwrap();
    let taken = ServerSetup { port: Some(port), ..setup(&other) };
    let error =
        Server::start(taken, &Roster::open_or_create(other.path(), &mut entropy()).unwrap(), &mut entropy());
    assert!(matches!(error, Err(ServerError::PortTaken { port: named }) if named == port));

    let identity = server.folder().join("server.toml");
    server.stop();
    fs::remove_file(identity).unwrap();
    let error = Server::start(setup(&data), &roster, &mut entropy());
    assert!(matches!(error, Err(ServerError::Identity { .. })), "a store without its key is not begun anew");
}
