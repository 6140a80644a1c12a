//! Reading models: what a board, a report and a case page show, each a fold over records.
//!
//! The route: the engine hands each committed [`Record`](huying_domain::record::Record) to every view's `follow`,
//! in order of `seq`; a view keeps what its numbers need and nothing of the caller. Whoever shows a view hands it
//! the instant: [`cases::Cases`] gives the [`board::Board`], the [`health::Health`] row and the list behind each of
//! their numbers; [`tally::Tally`] and [`days::Days`] give reports; [`timing::Timing`] gives medians;
//! [`timeline::Timeline`] tells one case.
//!
//! What it does not do: it decides nothing, knows no rules, asks no clock, keeps nothing on disk and never fails.
//! Two views that saw the same records are equal. Rates are left to the reader: here are numerators and
//! denominators.
//!
//! Begin with `cases.rs`.

pub mod board;
pub mod cases;
pub mod days;
pub mod health;
pub mod ought;
pub mod span;
pub mod tally;
pub mod timeline;
pub mod timing;
pub mod word;
