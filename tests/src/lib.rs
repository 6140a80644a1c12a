//! What the tests of the whole house share: reading the project's own sources.
//!
//! The laws stand in `tests/`, one file for each subject: begin with `tests/architecture.rs`. Nothing in the
//! project depends on this package.

pub mod sim;
pub mod tree;
