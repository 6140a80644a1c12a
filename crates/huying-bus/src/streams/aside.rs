//! Setting an earlier epoch's records aside: copied by the server, cut loose, sealed; only then taken away.

use super::error::{Api, ShapeError};
use crate::{
    link::Link,
    nats::{Known, Nats as _},
    stream::Stream,
};
use async_nats::jetstream::stream::{Config, Source, StorageType};
use std::time::Duration;

/// How long one turn waits for the copy; the next turn goes on where it stands.
const COPY_WAIT_MAX_MS: u64 = 10_000;
/// How often it is looked at.
const COPY_LOOK_EVERY_MS: u64 = 50;

/// The name under which an earlier epoch's records are kept.
pub(crate) fn name_of(epoch: u32) -> String {
    format!("{}_EPOCH_{epoch}", Stream::Records.name())
}

/// The subject that a stream without a source must have; the stream is sealed before anybody could use it.
fn subject_of(epoch: u32) -> String {
    format!("huying.set-aside.{epoch}")
}

/// Copies the whole stream, seals the copy, and takes the stream away.
pub(crate) async fn set_aside(link: &Link, old: &Known, epoch: u32) -> Result<(), ShapeError> {
    let name = name_of(epoch);
    let copy = match link.known(&name).await? {
        Some(copy) => copy.config,
        None => link.jetstream().create_stream(copy_of(&name, old)).await.api()?.cached_info().config.clone(),
    };
    if !copy.sealed {
        let copy = whole(link, &name, old.last_sequence, old.messages).await?;
        let loose = Config { mirror: None, subjects: vec![subject_of(epoch)], ..copy };
        let loose = link.jetstream().update_stream(loose).await.api()?;
        link.jetstream().update_stream(Config { sealed: true, ..loose.config }).await.api()?;
    }
    tracing::warn!(stream = name, records = old.messages, "an earlier epoch's records are set aside");
    link.jetstream().delete_stream(Stream::Records.name()).await.map(drop).api()
}

fn copy_of(name: &str, old: &Known) -> Config {
    Config {
        name: name.to_owned(),
        description: Some("Records of an epoch that a restore has ended".to_owned()),
        mirror: Some(Source { name: Stream::Records.name().to_owned(), ..Source::default() }),
        storage: StorageType::File,
        num_replicas: old.config.num_replicas,
        placement: old.config.placement.clone(),
        allow_direct: true,
        deny_delete: true,
        deny_purge: true,
        metadata: old
            .config
            .metadata
            .clone()
            .into_iter()
            .filter(|(key, _)| !key.starts_with("_nats"))
            .collect(),
        ..Config::default()
    }
}

async fn whole(link: &Link, name: &str, last: u64, messages: u64) -> Result<Config, ShapeError> {
    let mut waited = 0;
    loop {
        let copy = link.known(name).await?;
        let copied = copy.as_ref().map_or(0, |copy| copy.messages);
        if let Some(copy) = copy
            && copy.last_sequence >= last
            && copied >= messages
        {
            return Ok(copy.config);
        }
        if waited >= COPY_WAIT_MAX_MS {
            return Err(ShapeError::SettingAside { copied, whole: messages });
        }
        tokio::time::sleep(Duration::from_millis(COPY_LOOK_EVERY_MS)).await;
        waited += COPY_LOOK_EVERY_MS;
    }
}
