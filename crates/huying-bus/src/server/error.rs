//! Why there is no server.

use crate::server::program::ProgramError;
use huying_domain::words::Words;
use std::{io, path::PathBuf};
use thiserror::Error;

/// Why the server does not run.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The program cannot be used.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A file or folder of the server cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What is kept of the first start is malformed, or lacks the key of a store that is there.
    #[error("{} does not hold what the server's store needs", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
    },
    /// No process or thread could be started.
    #[error("nats-server could not be started")]
    Spawn {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something else listens on the server's port.
    #[error("port {port} of this machine is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// No free port was found.
    #[error("no free port was found")]
    NoPort,
    /// The server would not take its configuration, or ended while it started.
    #[error("nats-server ended: {says}")]
    Ended {
        /// The last line of its log.
        says: String,
    },
    /// The server does not answer.
    #[error("nats-server does not answer within {within_s} s")]
    Silent {
        /// How long was waited, in seconds.
        within_s: u64,
    },
    /// A server that an engine left behind would not end.
    #[error("the process {pid}, a nats-server of this folder, does not end")]
    Orphan {
        /// The process.
        pid: u32,
    },
    /// Nobody watches the server any more.
    #[error("nats-server was stopped")]
    Gone,
}

impl ServerError {
    /// The same for the person who has to mend it.
    pub fn words(&self) -> Words {
        match self {
            Self::Program(error) => error.words(),
            Self::File { path, .. } => Words::new(
                format!("无法读写 {}，请检查权限与磁盘空间。", path.display()),
                format!(
                    "{} cannot be read or written; look at its permissions and the disk.",
                    path.display()
                ),
            ),
            Self::Identity { path } => Words::new(
                format!(
                    "{} 缺少消息存储所需的密钥；请从备份恢复该文件，或移走同目录的 store 后重新启动。",
                    path.display()
                ),
                format!(
                    "{} lacks the key of the message store; restore the file from a backup, or move the folder \
                     store beside it away and start again: what the journal holds is sent anew.",
                    path.display()
                ),
            ),
            Self::PortTaken { port } => Words::new(
                format!("本机端口 {port} 已被其他程序占用；请停止该程序，或另行指定端口。"),
                format!(
                    "Port {port} of this machine is taken by another program; stop that one, or name another port."
                ),
            ),
            Self::NoPort => {
                Words::new("本机找不到空闲端口，请指定一个。", "No free port was found; name one.")
            }
            Self::Spawn { .. } | Self::Ended { .. } | Self::Silent { .. } | Self::Gone => Words::new(
                "nats-server 无法运行，原因见数据目录下的 nats/server.log。",
                "nats-server does not run; nats/server.log in the data folder says why.",
            ),
            Self::Orphan { pid } => Words::new(
                format!("上次遗留的 nats-server（进程 {pid}）无法结束，请先手动结束它。"),
                format!(
                    "A nats-server that was left behind (process {pid}) does not end; end it by hand first."
                ),
            ),
        }
    }
}
