//! The files beside the journal that a face of the house keeps: accounts and sessions.

/// What the journal offers for them.
pub use huying_journal::{
    seal::Entropy,
    side::{SideFile, Stamp},
};
