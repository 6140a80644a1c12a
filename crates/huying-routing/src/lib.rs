//! Who gets a case, and why 派单. A pure station: it proposes, the engine's door decides.
//!
//! The route: a record comes off the journal's tail into [`router::Router::follow`]; if it holds a case that wants
//! a holder (registered, returned, reopened), [`route::route`] walks the ladder from the rung that the duty list
//! names and the answer is one command, `Assign`, with its reason in both languages.
//!
//! What it does not do: it keeps no case and asks no clock; it does not decide (the command may be refused as
//! stale); it escalates nothing, and where a person has to rule 审定 it is silent.
//!
//! Begin with `route.rs`.

pub mod route;
pub mod router;
