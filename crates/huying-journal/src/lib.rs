//! The journal: what happened, kept so that it cannot be lost, altered or denied.
//!
//! **The data's route.** The engine hands a batch of drafts to [`journal::Journal::begin`]; each gets its seq
//! and the hash of the one before ([`journal`]), its personal data are sealed ([`seal`], [`keys`]), its bytes
//! are framed ([`frame`]). The [`writer`] appends the batch to a [`segment`] and syncs it: **the commit
//! point**. Then a second thread shelves the records in sled ([`shelf`]), where history is read ([`reader`]);
//! the newest are read from memory. The [`head`](mod@head) is written apart, behind the log.
//!
//! **At start** ([`recovery`]) the log is walked, a torn tail is cut, damage is healed from sled where the
//! chain proves the copy, sled is brought up to date or built anew; or the journal refuses to open and names
//! the record.
//!
//! **What it does not do.** It decides nothing, folds nothing and never asks what time it is: instants and
//! random bytes are handed in. It knows cases only as names of keys and of histories. It sends nothing
//! anywhere. Accounts and sessions (the side file) are a later matter and not here.
//!
//! **Where to begin:** [`journal`], then [`frame`] and [`walk`] for what a crash can leave, then
//! [`recovery`].

pub mod backup;
pub mod board;
pub mod disk;
pub(crate) mod erasure;
pub mod error;
pub mod files;
pub mod finding;
pub mod frame;
pub mod head;
pub(crate) mod heal;
pub mod journal;
pub mod keys;
pub mod log;
mod mirror;
pub mod reader;
pub mod recovery;
pub mod rotation;
mod rulefiles;
pub mod seal;
pub mod segment;
pub mod shelf;
pub(crate) mod shelving;
pub mod shred;
pub mod side;
pub mod verify;
pub mod walk;
pub mod writer;
