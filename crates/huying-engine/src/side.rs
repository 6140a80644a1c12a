//! The files beside the journal that a face of the house keeps: accounts, sessions, photographs.

/// What the journal offers for them.
pub use huying_journal::{
    files::{FILE_BYTES_MAX, Files},
    seal::Entropy,
    side::{SideFile, Stamp},
};
