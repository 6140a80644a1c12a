//! The machine that a figure belongs to, as Linux tells it; elsewhere it is left unsaid.

use std::{collections::BTreeMap, fs, path::Path, thread, time::Duration};

/// Length of a tick of `/proc/stat` and `/proc/self/stat`: `USER_HZ` is 100 on every common Linux.
const TICK_MS: u64 = 10;

/// Whether only a trial on small sizes is asked for: `--smoke`, or `--test` as cargo says it.
pub fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--smoke" || argument == "--test")
}

/// One line: cores, processor, load, the file system's device of a folder.
pub fn describe(folder: &Path) -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("a processor without a name", |(_, name)| name);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    let disk = file_system(folder).unwrap_or_else(|| "unknown".to_owned());
    format!("{cores} cores ({model}), load before {load}, disk {disk}")
}

/// The type and device of the mount that a folder lies in.
fn file_system(folder: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mut best: Option<(usize, String)> = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (device, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
        let longer = best.as_ref().is_none_or(|(length, _)| point.len() >= *length);
        if folder.starts_with(point) && longer {
            best = Some((point.len(), format!("{kind} on {device}")));
        }
    }
    best.map(|(_, name)| name)
}

/// What processors have spent: this process, and all others together.
#[derive(Clone, Copy, Default, Debug)]
pub struct Spent {
    /// By this process, user and system.
    pub own: Duration,
    /// By everything else that the machine ran.
    pub others: Duration,
}

impl Spent {
    /// Since the machine started.
    pub fn now() -> Self {
        let own = own_ticks().unwrap_or(0);
        let all = all_ticks().unwrap_or(0);
        Self { own: ticks(own), others: ticks(all.saturating_sub(own)) }
    }

    /// What was spent since an earlier look.
    pub fn since(earlier: Self) -> Self {
        let now = Self::now();
        Self { own: now.own.saturating_sub(earlier.own), others: now.others.saturating_sub(earlier.others) }
    }
}

/// What each thread of this process has spent, by its name; threads of one name together.
pub fn by_thread() -> BTreeMap<String, Duration> {
    let mut spent = BTreeMap::new();
    for (name, time) in threads(Path::new("/proc/self/task")) {
        *spent.entry(name).or_default() += time;
    }
    spent
}

/// What each thread of this process has spent since an earlier look, those that did anything.
pub fn since(before: &BTreeMap<String, Duration>) -> BTreeMap<String, Duration> {
    let spent = |(name, spent): (String, Duration)| {
        let earlier = before.get(&name).copied().unwrap_or_default();
        (name, spent.saturating_sub(earlier))
    };
    by_thread().into_iter().map(spent).filter(|(_, spent)| !spent.is_zero()).collect()
}

/// What another process has spent, in the threads that it has now.
pub fn by_process(pid: u32) -> Duration {
    threads(Path::new(&format!("/proc/{pid}/task"))).iter().map(|(_, time)| *time).sum()
}

/// The most memory that a process has held at once, in bytes; zero where nobody says.
pub fn memory_bytes_max(pid: Option<u32>) -> u64 {
    status(pid, "VmHWM:")
}

/// The memory that this process holds now, in bytes; zero where nobody says.
pub fn memory_bytes() -> u64 {
    status(None, "VmRSS:")
}

fn status(pid: Option<u32>, field: &str) -> u64 {
    let name = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    let status = fs::read_to_string(format!("/proc/{name}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// The threads in a folder of `/proc`, each with the nanoseconds that the scheduler gave it.
fn threads(folder: &Path) -> Vec<(String, Duration)> {
    let Ok(tasks) = fs::read_dir(folder) else { return Vec::new() };
    let thread = |task: fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let given = fs::read_to_string(task.path().join("schedstat")).ok()?;
        let nanos = given.split(' ').next()?.parse().ok()?;
        Some((name.trim().to_owned(), Duration::from_nanos(nanos)))
    };
    tasks.flatten().filter_map(thread).collect()
}

const fn ticks(count: u64) -> Duration {
    Duration::from_millis(count * TICK_MS)
}

fn own_ticks() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// User, nice, system, interrupts and stolen time; not idle and not waiting for the disk.
fn all_ticks() -> Option<u64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> =
        stat.lines().next()?.split_whitespace().skip(1).map_while(|field| field.parse().ok()).collect();
    Some([0, 1, 2, 5, 6, 7].iter().filter_map(|&field| fields.get(field)).sum())
}
