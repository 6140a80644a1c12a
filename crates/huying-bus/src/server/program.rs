//! The program `nats-server`: where it is and whether it is young enough.

use huying_domain::words::Words;
use std::{
    env,
    ffi::OsStr,
    fmt, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use thiserror::Error;

/// The name under which it is looked for.
pub const PROGRAM_NAME: &str = "nats-server";
/// The first version that has what Huying uses of JetStream.
pub const VERSION_MIN: Version = Version { major: 2, minor: 15, patch: 0 };

/// A version as the server says it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    /// Changes that break.
    pub major: u32,
    /// Changes that add.
    pub minor: u32,
    /// Changes that mend.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// Reads `nats-server: v2.15.1`, whatever stands behind the third number.
    fn said(text: &str) -> Option<Self> {
        let (_, version) = text.trim().split_once(": v")?;
        let mut parts = version.splitn(3, '.');
        let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let patch = parts.next()?;
        let digits = patch.find(|c: char| !c.is_ascii_digit()).unwrap_or(patch.len());
        Some(Self { major, minor, patch: patch[..digits].parse().ok()? })
    }
}

/// A `nats-server` that was run and is young enough.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    path: PathBuf,
    version: Version,
}

/// Why a program cannot be used.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// None is there.
    #[error("no nats-server was found")]
    Absent,
    /// It is too old.
    #[error("{} is version {version}, and {VERSION_MIN} is needed", path.display())]
    Old {
        /// Where it is.
        path: PathBuf,
        /// Its version.
        version: Version,
    },
    /// It cannot be run.
    #[error("{} cannot be run", path.display())]
    Run {
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It runs and is something else.
    #[error("{} is not a nats-server", path.display())]
    NotNats {
        /// Where it is.
        path: PathBuf,
    },
}

impl ProgramError {
    /// The same for the person who has to mend it.
    pub fn words(&self) -> Words {
        let remedy_zh = format!(
            "请运行 make nats，或安装 nats-server {VERSION_MIN} 及以上版本并加入 PATH，\
            或用 --nats 连接已有的服务器。"
        );
        let remedy_en = format!(
            "Run `make nats`, or install nats-server {VERSION_MIN} or newer on PATH, or join a server by --nats."
        );
        let (zh, en) = match self {
            Self::Absent => ("找不到 nats-server。".to_owned(), "There is no nats-server.".to_owned()),
            Self::Old { path, version } => (
                format!("{} 的版本 {version} 过旧。", path.display()),
                format!("{} is version {version}, which is too old.", path.display()),
            ),
            Self::Run { path, source } => (
                format!("无法运行 {}：{source}。", path.display()),
                format!("{} cannot be run: {source}.", path.display()),
            ),
            Self::NotNats { path } => (
                format!("{} 不是 nats-server。", path.display()),
                format!("{} is not a nats-server.", path.display()),
            ),
        };
        Words::new(format!("{zh}{remedy_zh}"), format!("{en} {remedy_en}"))
    }
}

impl Program {
    /// Finds one: the path that was given, and nothing else then; else the first on PATH (the variable's value is
    /// handed in) or among the candidates that is young enough. Each is run once to say its version.
    pub fn find(
        given: Option<&Path>,
        path_variable: Option<&OsStr>,
        candidates: &[PathBuf],
    ) -> Result<Self, ProgramError> {
        if let Some(given) = given {
            return Self::at(given);
        }
        let folders = path_variable.into_iter().flat_map(env::split_paths);
        let on_path =
            folders.filter(|folder| !folder.as_os_str().is_empty()).map(|folder| folder.join(PROGRAM_NAME));
        let mut first_wrong = None;
        for path in on_path.chain(candidates.iter().cloned()).filter(|path| path.is_file()) {
            match Self::at(&path) {
                Ok(program) => return Ok(program),
                Err(error) => first_wrong = first_wrong.or(Some(error)),
            }
        }
        Err(first_wrong.unwrap_or(ProgramError::Absent))
    }

    /// The program at this path, if it is young enough.
    pub fn at(path: &Path) -> Result<Self, ProgramError> {
        let path = path.to_owned();
        let said = Command::new(&path).arg("--version").stdin(Stdio::null()).output();
        let said = match said {
            Ok(output) => output.stdout,
            Err(source) => return Err(ProgramError::Run { path, source }),
        };
        match Version::said(&String::from_utf8_lossy(&said)) {
            None => Err(ProgramError::NotNats { path }),
            Some(version) if version < VERSION_MIN => Err(ProgramError::Old { path, version }),
            Some(version) => Ok(Self { path, version }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its version.
    pub const fn version(&self) -> Version {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_version_is_read_as_the_server_says_it() {
        let said = |text| Version::said(text).map(|version| version.to_string());
        assert_eq!(said("nats-server: v2.15.1\n").as_deref(), Some("2.15.1"));
        assert_eq!(said("nats-server: v2.16.0-RC.2").as_deref(), Some("2.16.0"));
        assert_eq!(said("GNU coreutils 9.1"), None);
        assert_eq!(said(""), None);
    }
}
