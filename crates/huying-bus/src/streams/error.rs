//! Why the streams cannot be used, in words for whoever runs the house.

use crate::stream::Stream;
use huying_domain::{ids::Seq, words::Words};
use thiserror::Error;

/// Why nothing may be published now.
#[derive(Debug, Error)]
pub enum ShapeError {
    /// The stream carries another journal's id, or none and messages.
    #[error("{stream} belongs to another journal")]
    Foreign {
        /// The stream.
        stream: Stream,
        /// The journal whose it is, where it says so.
        journal: Option<String>,
    },
    /// A restored journal of our id has taken our place.
    #[error("{stream} is of epoch {theirs}, this journal of {ours}: it was replaced by a restored one")]
    Replaced {
        /// The stream.
        stream: Stream,
        /// Its epoch.
        theirs: u32,
        /// Ours.
        ours: u32,
    },
    /// The stream holds records that the journal does not have, and no restore explains it.
    #[error(
        "HUYING_RECORDS ends at {last} with a record that this journal, which ends at {head}, does not have"
    )]
    Strayed {
        /// The stream's last sequence.
        last: Seq,
        /// The journal's last record.
        head: Seq,
    },
    /// Messages are missing in the middle; a stream cannot be mended there.
    #[error("HUYING_RECORDS has {messages} messages and ends at {last}")]
    Holed {
        /// The stream's last sequence.
        last: Seq,
        /// How many it has.
        messages: u64,
    },
    /// The journal's own record cannot be read for comparison.
    #[error("record {seq} cannot be read for comparison")]
    Unread {
        /// The record.
        seq: Seq,
    },
    /// An older epoch's stream is still being copied.
    #[error("{copied} of {whole} records of an earlier epoch are set aside")]
    SettingAside {
        /// How many the copy has.
        copied: u64,
        /// How many the stream has.
        whole: u64,
    },
    /// The server refused or did not answer.
    #[error("the server does not do what was asked")]
    Api(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ShapeError {
    pub(crate) fn api(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Api(Box::new(error))
    }

    /// Whether somebody has to do something before it can be otherwise.
    pub const fn needs_a_person(&self) -> bool {
        match self {
            Self::Foreign { .. } | Self::Replaced { .. } | Self::Strayed { .. } | Self::Holed { .. } => true,
            Self::Unread { .. } | Self::SettingAside { .. } | Self::Api(_) => false,
        }
    }

    /// What it means and what to do, for people.
    pub fn words(&self) -> Words {
        match self {
            Self::Foreign { stream, .. } => Words::new(
                format!(
                    "NATS 上的 {stream} 属于另一本账，本机一条也不写入。请为本机另设 NATS 账户或服务器。"
                ),
                format!(
                    "{stream} on this NATS belongs to another journal, so nothing is written to it. \
                     Give this engine an account or a server of its own."
                ),
            ),
            Self::Replaced { stream, theirs, ours } => Words::new(
                format!("{stream} 已由恢复后的账（第{theirs}代）接管，本机是第{ours}代。请停用本机。"),
                format!(
                    "{stream} was taken over by a restored journal of epoch {theirs}; this one is of epoch \
                     {ours}. Take this engine out of use."
                ),
            ),
            Self::Strayed { last, head } => Words::new(
                format!(
                    "HUYING_RECORDS 止于{last}号，且与本机账本（止于{head}号）不符。不予覆盖，请核对数据目录。"
                ),
                format!(
                    "HUYING_RECORDS ends at {last} and is not what this journal (its end: {head}) says. \
                     It is not written over: see whether this is the right data folder."
                ),
            ),
            Self::Holed { last, messages } => Words::new(
                format!(
                    "HUYING_RECORDS 应有{last}条，实有{messages}条，中间有缺。请删除该流，账本会重新补齐。"
                ),
                format!(
                    "HUYING_RECORDS ought to hold {last} messages and holds {messages}. Remove the stream: \
                     the journal fills it anew."
                ),
            ),
            Self::Unread { seq } => Words::new(
                format!("账本第{seq}号一时读不出，稍后再比对。"),
                format!("Record {seq} cannot be read just now; it will be compared again."),
            ),
            Self::SettingAside { copied, whole } => Words::new(
                format!("正在留存旧一代的记录：{copied}/{whole}。"),
                format!("Records of an earlier epoch are being set aside: {copied} of {whole}."),
            ),
            Self::Api(_) => {
                Words::new("NATS 未照办，稍后再试。", "NATS did not do what was asked; it is tried again.")
            }
        }
    }
}

/// Turns whatever the client says into [`ShapeError::Api`].
pub(crate) trait Api<T> {
    fn api(self) -> Result<T, ShapeError>;
}

impl<T, E: std::error::Error + Send + Sync + 'static> Api<T> for Result<T, E> {
    fn api(self) -> Result<T, ShapeError> {
        self.map_err(ShapeError::api)
    }
}
