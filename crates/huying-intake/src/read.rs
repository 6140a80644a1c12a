//! Reading: bytes in, a report or a reason out. One bad report never stops those behind it.

mod call;
mod field;
mod rows;
mod table;
mod wall_clock;

pub(crate) use self::call::summary as summary_of_call;
pub use self::call::{WORDS_CLASS_UNKNOWN, read_json};
pub use self::field::field_at;
pub use self::rows::Rows;
pub use self::table::{MissingColumn, TableHead, read_csv_row};

/// Most bytes of one row. An unclosed quotation mark costs the row in which it stands, not the file.
pub const ROW_BYTES_MAX: usize = 64 * 1024;
/// Most characters of one field.
pub const FIELD_CHARS_MAX: usize = 4_000;
/// Most bytes of one call as JSON.
pub const CALL_BYTES_MAX: usize = 64 * 1024;
/// Most characters of an address.
pub const ADDRESS_CHARS_MAX: usize = 400;
/// Most characters of a telephone number or account, and of a caller's name.
pub const CALLER_FIELD_CHARS_MAX: usize = 64;
