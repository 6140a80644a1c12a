//! Tables that a clerk brings: units, people. First it is shown what they would change, then exactly that is done.
//!
//! The route: [`table`] reads bytes as rows, from CSV or from a workbook ([`workbook`]); [`units`] and [`people`] hold
//! the rows to what is in force and make a [`difference`] of them, with every row that cannot be; [`routes`] shows it,
//! and applies it to who names what was shown. Nothing is kept between the two: the file comes twice, and the name of
//! what was shown is the hash of what would be written.

pub mod difference;
pub mod people;
pub(crate) mod routes;
pub mod table;
pub mod units;
mod workbook;
