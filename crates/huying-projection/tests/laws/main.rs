//! Laws of the reading models, on records that the real decisions of a tiny city made.

mod board;
mod golden;
mod ledger;
mod ought;
mod period;
mod report;
mod requests;
mod story;
mod timing;
#[expect(dead_code, reason = "the town serves the domain's laws too, and these need only a part of it")]
#[path = "../../../huying-domain/tests/town/town.rs"]
mod town;
#[path = "../../../huying-domain/tests/town/walk.rs"]
mod walk;
