//! A PostgreSQL server of its own, on a folder of the same disk, reached through a socket in it.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

/// As a good team sets it. Everything else is PostgreSQL's default: `fsync`, `full_page_writes` and
/// `wal_sync_method` among it.
const SETTINGS: [(&str, &str); 6] = [
    ("shared_buffers", "2GB"),
    ("synchronous_commit", "on"),
    ("max_wal_size", "8GB"),
    ("min_wal_size", "2GB"),
    ("max_connections", "100"),
    ("listen_addresses", ""),
];
/// Whose the server is where we are root: PostgreSQL refuses to run as root.
const USER: &str = "postgres";

/// A running server. Dropping it stops it and its folder goes.
pub(crate) struct Server {
    programs: PathBuf,
    data: PathBuf,
    folder: tempfile::TempDir,
    as_root: bool,
}

impl Server {
    /// Makes a cluster in a new folder below `ground` and starts it.
    pub(crate) fn start(programs: &Path, ground: &Path) -> Self {
        fs::create_dir_all(ground).expect("the folder to work in can be made");
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in(ground).expect("it can be written");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let as_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if as_root {
            done(Command::new("chown").arg(USER).arg(folder.path()));
        }
        let data = folder.path().join("data");
        let server = Self { programs: programs.to_owned(), data, folder, as_root };
        done(
            server
                .program("initdb")
                .args(["--auth=trust", "--username=postgres", "--data-checksums", "-D"])
                .arg(&server.data),
        );
        let mut options = format!("-c unix_socket_directories={}", server.folder.path().display());
        for (name, value) in SETTINGS {
            options.push_str(&format!(" -c {name}='{value}'"));
        }
        let log = server.folder.path().join("log");
        done(
            server
                .program("pg_ctl")
                .args(["-w", "-D"])
                .arg(&server.data)
                .arg("-l")
                .arg(log)
                .args(["-o", &options, "start"]),
        );
        server
    }

    /// How a client reaches it.
    pub(crate) fn address(&self) -> String {
        format!("host={} user=postgres dbname=postgres", self.folder.path().display())
    }

    /// What it calls itself.
    pub(crate) fn version(&self) -> String {
        let said = self.program("postgres").arg("--version").output().expect("postgres says its version");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// What its processes have spent, those that live.
    pub(crate) fn spent(&self) -> Duration {
        self.processes().iter().map(|pid| spent_by(pid)).sum()
    }

    /// What its processes hold in memory, each shared page counted once.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let held = |pid: &String| {
            let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        self.processes().iter().filter_map(held).sum::<u64>() * 1024
    }

    fn processes(&self) -> Vec<String> {
        let postmaster = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let Some(postmaster) = postmaster.lines().next() else { return Vec::new() };
        let children = format!("/proc/{postmaster}/task/{postmaster}/children");
        let children = fs::read_to_string(children).unwrap_or_default();
        children.split_whitespace().chain([postmaster]).map(str::to_owned).collect()
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if self.as_root {
            let mut command = Command::new("runuser");
            command.args(["-u", USER, "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        let stopped =
            stop.args(["-m", "fast", "-w", "-D"]).arg(&self.data).arg("stop").stdout(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("the server in {} did not stop", self.data.display());
        }
    }
}

/// What a process has been given by the scheduler, in all its threads.
pub(crate) fn spent_by(pid: &str) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    let given = |task: fs::DirEntry| {
        let given = fs::read_to_string(task.path().join("schedstat")).ok()?;
        given.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    tasks.flatten().filter_map(given).sum()
}

fn done(command: &mut Command) {
    let output = command.stdout(Stdio::null()).output().expect("the program is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
