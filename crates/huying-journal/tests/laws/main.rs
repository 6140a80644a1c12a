//! The laws of the journal: what was answered is never lost, what was altered is never taken for true.

mod check;
mod crash;
mod kill;
mod making;
mod order;
mod personal;
mod room;
mod rotation;
mod shelf;
