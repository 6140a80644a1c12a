//! The five streams, kept in shape, and whose journal they echo.
//!
//! [`shape`] is called at each connection, before anything is published. It creates what is missing, mends what
//! differs, keeps what the operator of a large server chose (replicas, placement, larger bounds), and finds out
//! whose the streams are: RECORDS and ASSIGNMENTS name in their metadata a journal's id and its epoch.
//!
//! | what the stream says | what is done |
//! |---|---|
//! | nothing: it is missing, or empty and nameless | it becomes ours |
//! | our id and epoch, and its last message is our record of that seq | the echo goes on behind it |
//! | another id, or no name and messages | nothing is ever written: [`ShapeError::Foreign`] |
//! | our id, a later epoch: we are what a restore replaced | nothing is written: [`ShapeError::Replaced`] |
//! | our id and epoch, and a message that our journal does not have | nothing is written: [`ShapeError::Strayed`] |
//! | our id, an earlier epoch, and its last message is our record | a backup was restored that holds all that was echoed: the epoch is raised |
//! | our id, an earlier epoch, and messages that our journal does not have | the restore lost records, and **the stream may hold their only copy**: it is set aside whole, then a new one begins |
//!
//! Each message carries the hash of the record before it (`prev`), so one equal message proves all before it.
//!
//! *Set aside* means: the server mirrors the stream into `HUYING_RECORDS_EPOCH_<n>`; when the copy is whole it is cut
//! loose and sealed, so that nobody can write or purge it; only then is the old one taken away, so that a new one can
//! begin at 1. A stop at any point in between is gone on from. Stations' consumers go with the old stream: they have
//! to read the restored history anew. Nothing else is ever deleted here.
//!
//! ASSIGNMENTS needs no setting aside: it says what ought to be now, and the outbox replaces what is no longer so.

pub(crate) mod aside;
pub mod config;
pub mod error;

use self::{
    config::{EPOCH_KEY, JOURNAL_KEY, mended},
    error::ShapeError,
};
use crate::{
    nats::{Known, Nats},
    stream::Stream,
};
use async_nats::jetstream::stream::Config;
use bytes::Bytes;
use huying_domain::ids::Seq;
use std::fmt;

/// Whose streams they are: a journal and how often it was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    journal: String,
    epoch: u32,
}

impl Owner {
    /// The journal with this id in this epoch.
    pub fn new(journal_id: &[u8; 16], epoch: u32) -> Self {
        Self { journal: journal_id.iter().map(|byte| format!("{byte:02x}")).collect(), epoch }
    }

    /// The journal's id in hexadecimal digits.
    pub fn journal(&self) -> &str {
        &self.journal
    }

    /// 1, and one more with each restore.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }
}

/// Written `<journal>:<epoch>`: what a CloudEvent names as its source. Within it a message's id is unique; across a
/// restore it is not, since the restored journal uses the lost records' numbers again.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.journal, self.epoch)
    }
}

/// What the journal has to say for comparison.
pub trait Ledger: Sync {
    /// The last record that is on the platter.
    fn head(&self) -> Seq;
    /// The echo of a record; none where it cannot be read.
    fn echo(&self, seq: Seq) -> Option<Bytes>;
}

/// The streams are ours and in shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shaped {
    /// The last record that RECORDS holds.
    pub echoed: Seq,
    /// The epoch whose stream was set aside just now.
    pub set_aside: Option<u32>,
}

/// Brings the five streams into shape. Nothing is written anywhere before it is known that both RECORDS and
/// ASSIGNMENTS are ours.
///
/// # Errors
/// [`ShapeError`]: whose the streams are, or what the server answered. The caller tries again later.
pub async fn shape(nats: &impl Nats, owner: &Owner, ledger: &dyn Ledger) -> Result<Shaped, ShapeError> {
    let records = nats.known(Stream::Records.name()).await?;
    let assignments = nats.known(Stream::Assignments.name()).await?;
    if let Some(known) = &assignments {
        claim(owner, Stream::Assignments, known)?;
    }
    let mut set_aside = None;
    let standing = match &records {
        None => Standing::Missing,
        Some(known) => standing(nats, owner, ledger, known).await?,
    };
    let echoed = match (&records, standing) {
        (Some(known), Standing::Older { epoch }) => {
            nats.set_aside(known, epoch).await?;
            set_aside = Some(epoch);
            create(nats, owner, Stream::Records).await?;
            0
        }
        (Some(known), Standing::Ours { last }) => {
            mend(nats, owner, Stream::Records, &known.config).await?;
            last
        }
        (None, _) | (Some(_), Standing::Missing) => {
            create(nats, owner, Stream::Records).await?;
            0
        }
    };
    for stream in [Stream::Assignments, Stream::Inbox, Stream::Receipts, Stream::Quarantine] {
        match nats.known(stream.name()).await? {
            Some(known) => mend(nats, owner, stream, &known.config).await?,
            None => create(nats, owner, stream).await?,
        }
    }
    Ok(Shaped { echoed, set_aside })
}

#[derive(Clone, Copy)]
enum Standing {
    Missing,
    Ours { last: Seq },
    Older { epoch: u32 },
}

/// What stands in the stream's metadata, against ours.
enum Claim {
    /// Empty and nameless.
    Free,
    Ours,
    Older {
        epoch: u32,
    },
}

fn claim(owner: &Owner, stream: Stream, known: &Known) -> Result<Claim, ShapeError> {
    let metadata = &known.config.metadata;
    let Some(journal) = metadata.get(JOURNAL_KEY) else {
        return if known.messages == 0 && known.last_sequence == 0 {
            Ok(Claim::Free)
        } else {
            Err(ShapeError::Foreign { stream, journal: None })
        };
    };
    if *journal != owner.journal {
        return Err(ShapeError::Foreign { stream, journal: Some(journal.clone()) });
    }
    let epoch = metadata.get(EPOCH_KEY).and_then(|epoch| epoch.parse::<u32>().ok()).unwrap_or(0);
    match epoch {
        epoch if epoch > owner.epoch => {
            Err(ShapeError::Replaced { stream, theirs: epoch, ours: owner.epoch })
        }
        epoch if epoch < owner.epoch => Ok(Claim::Older { epoch }),
        _ => Ok(Claim::Ours),
    }
}

async fn standing(
    nats: &impl Nats,
    owner: &Owner,
    ledger: &dyn Ledger,
    records: &Known,
) -> Result<Standing, ShapeError> {
    let claim = claim(owner, Stream::Records, records)?;
    let &Known { last_sequence: last, messages, .. } = records;
    let agrees = agrees(nats, ledger, records).await?;
    match claim {
        Claim::Older { epoch } if !agrees => Ok(Standing::Older { epoch }),
        _ if !agrees => Err(ShapeError::Strayed { last, head: ledger.head() }),
        _ if messages < last => Err(ShapeError::Holed { last, messages }),
        _ => Ok(Standing::Ours { last }),
    }
}

/// Whether the stream's last message is our record of that seq; one equal message proves all before it.
async fn agrees(nats: &impl Nats, ledger: &dyn Ledger, records: &Known) -> Result<bool, ShapeError> {
    let last = records.last_sequence;
    if last == 0 {
        return Ok(true);
    }
    if last > ledger.head() {
        return Ok(false);
    }
    let Some(ours) = ledger.echo(last) else { return Err(ShapeError::Unread { seq: last }) };
    // Where the last one was lost in the server's own damage, nobody can say what it was.
    Ok(nats.message(Stream::Records, last).await?.is_some_and(|theirs| theirs == ours))
}

async fn create(nats: &impl Nats, owner: &Owner, stream: Stream) -> Result<(), ShapeError> {
    nats.create(config::wanted(stream, owner)).await
}

async fn mend(nats: &impl Nats, owner: &Owner, stream: Stream, has: &Config) -> Result<(), ShapeError> {
    match mended(stream, owner, has) {
        Some(config) => nats.update(config).await,
        None => Ok(()),
    }
}
