//! Reading models: what a board, a report and a case page show, each a fold over records.
//!
//! The route: the engine hands each committed [`Record`](huying_domain::record::Record) to every view's `follow`,
//! in order of `seq`; a view keeps what its numbers need and nothing of the caller. Whoever shows a view hands it
//! the instant: [`cases::Cases`] gives the [`board::Board`], the [`health::Health`] row and the list behind each of
//! their numbers; [`tally::Tally`] and [`days::Days`] give reports; [`timing::Timing`] gives medians;
//! [`ledger::Ledger`] gives rates, cohorts and the integrity page over the [`period::Periods`] of a city;
//! [`timeline::Timeline`] tells one case.
//!
//! What it does not do: it decides nothing, knows no rules, asks no clock, keeps nothing on disk and never fails.
//! Two views that saw the same records are equal. A rate is kept as a part and a
//! whole, and is *none* where there is nothing to divide by.
//!
//! Begin with `cases.rs`.

pub mod board;
pub mod cases;
pub mod days;
pub mod drills;
pub mod health;
pub mod ledger;
pub mod ought;
pub mod panorama;
pub mod period;
pub mod requests;
pub mod retention;
pub mod span;
pub mod survey;
pub mod tally;
pub mod timeline;
pub mod timing;
pub mod word;
