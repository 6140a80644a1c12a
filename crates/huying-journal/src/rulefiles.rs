//! The rule files beside the log: each stands under the hash of its bytes, and records name it by that.

use crate::{
    disk::{Disk, DiskFile, Mode},
    finding::{Kind, Verdict},
};
use huying_domain::{event::Event, record::Hash, rules::Rules, wire};
use std::{collections::BTreeMap, io};

/// The folder of the rule files.
const FOLDER: &str = "rulebook";
/// Stands in a record that publishes one, and is looked for before anything is decoded.
const TAG: &[u8] = b"rulebook.published";

/// The rule files that a check came upon, and the record that named each first.
#[derive(Default)]
pub(crate) struct Published(BTreeMap<Hash, u64>);

impl Published {
    /// Notes what a record publishes.
    pub(crate) fn follow(&mut self, bytes: &[u8]) {
        if !bytes.windows(TAG.len()).any(|part| part == TAG) {
            return;
        }
        let Ok(record) = wire::decode(bytes) else { return };
        for event in record.parts.iter().flat_map(|part| &part.events) {
            if let Event::RulesPublished(published) = event {
                self.0.entry(published.hash).or_insert(record.seq);
            }
        }
    }

    /// Looks whether each is there and has its hash.
    pub(crate) fn check<D: Disk>(&self, disk: &D, verdict: &mut Verdict) -> io::Result<()> {
        for (hash, seq) in &self.0 {
            let name = format!("{FOLDER}/{hash}");
            let bytes = match disk.open(&name, Mode::Read) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                opened => {
                    let file = opened?;
                    let length = usize::try_from(file.len()?).map_err(io::Error::other)?;
                    Some(file.bytes_at(0, length)?)
                }
            };
            if bytes.is_none_or(|bytes| Rules::hash(&bytes) != *hash) {
                verdict.add(Kind::RuleFileDamaged, Some(*seq), &name, None);
            }
        }
        Ok(())
    }
}
