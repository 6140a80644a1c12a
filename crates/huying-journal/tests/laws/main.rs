//! The laws of the journal: what was answered is never lost, what was altered is never taken for true.

mod making;
mod order;
