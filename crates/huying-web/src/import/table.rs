//! A table as a clerk brings it, whatever program wrote it: a head and rows of texts, each with its line.

use super::workbook;
use huying_domain::words::Words;
use thiserror::Error;

/// Most bytes of a file.
pub const IMPORT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most rows below the head.
pub const IMPORT_ROWS_MAX: usize = 50_000;
/// Most columns.
pub const IMPORT_COLUMNS_MAX: usize = 64;
/// Most characters of a field.
pub const IMPORT_FIELD_CHARS_MAX: usize = 400;
/// Most bytes that a workbook may unpack to.
pub const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How a workbook begins: it is a ZIP archive.
const ZIP: &[u8] = b"PK\x03\x04";
/// How the old format begins, and a workbook with a password.
const OLD_WORKBOOK: &[u8] = b"\xd0\xcf\x11\xe0";

/// A row and its line in the file; the head stands in the first.
pub type Row = (u32, Vec<String>);

/// What stands in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows that are not empty.
    pub rows: Vec<Row>,
}

/// Why a file is no table.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TableError {
    /// It is longer than any.
    #[error("the file is longer than {IMPORT_BYTES_MAX} bytes")]
    TooLong,
    /// It unpacks to more than any.
    #[error("the workbook unpacks to more than {UNPACKED_BYTES_MAX} bytes")]
    UnpacksTooLong,
    /// It has too many rows.
    #[error("the table has more than {IMPORT_ROWS_MAX} rows")]
    TooManyRows,
    /// It has too many columns.
    #[error("line {0} has more than {IMPORT_COLUMNS_MAX} columns")]
    TooManyColumns(u32),
    /// A field is too long.
    #[error("line {0} has a field of more than {IMPORT_FIELD_CHARS_MAX} characters")]
    FieldTooLong(u32),
    /// Its text is in another encoding.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// A workbook of the old format, or one with a password.
    #[error("a workbook of the old format, or with a password")]
    OldWorkbook,
    /// A workbook that cannot be read.
    #[error("the workbook cannot be read: {0}")]
    BadWorkbook(&'static str),
    /// CSV whose quotes do not close.
    #[error("line {0} is no CSV")]
    BadCsv(u32),
    /// Nothing stands in it.
    #[error("the table is empty")]
    Empty,
    /// A column that is needed is not there.
    #[error("the column {0} is absent")]
    NoColumn(&'static str),
    /// A column stands twice.
    #[error("the column {0} stands twice")]
    ColumnTwice(String),
}

impl TableError {
    /// What programs read.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::UnpacksTooLong => "unpacks_too_long",
            Self::TooManyRows => "too_many_rows",
            Self::TooManyColumns(_) => "too_many_columns",
            Self::FieldTooLong(_) => "field_too_long",
            Self::NotUtf8 => "not_utf8",
            Self::OldWorkbook => "old_workbook",
            Self::BadWorkbook(_) => "bad_workbook",
            Self::BadCsv(_) => "bad_csv",
            Self::Empty => "empty_table",
            Self::NoColumn(_) => "no_column",
            Self::ColumnTwice(_) => "column_twice",
        }
    }

    /// What people read.
    pub fn words(&self) -> Words {
        let mb = |bytes: u64| bytes / (1024 * 1024);
        match self {
            Self::TooLong => {
                let max = mb(IMPORT_BYTES_MAX as u64);
                Words::new(format!("文件超过 {max} MB。"), format!("The file is longer than {max} MB."))
            }
            Self::UnpacksTooLong => {
                let max = mb(UNPACKED_BYTES_MAX);
                Words::new(
                    format!("工作簿解开后超过 {max} MB，不予读取。"),
                    format!("The workbook unpacks to more than {max} MB and is not read."),
                )
            }
            Self::TooManyRows => Words::new(
                format!("表格超过 {IMPORT_ROWS_MAX} 行，请分次导入或用命令行发布。"),
                format!("The table has more than {IMPORT_ROWS_MAX} rows; publish it on the command line."),
            ),
            Self::TooManyColumns(line) => Words::new(
                format!("第 {line} 行超过 {IMPORT_COLUMNS_MAX} 列。"),
                format!("Line {line} has more than {IMPORT_COLUMNS_MAX} columns."),
            ),
            Self::FieldTooLong(line) => Words::new(
                format!("第 {line} 行有单元格超过 {IMPORT_FIELD_CHARS_MAX} 字。"),
                format!("Line {line} has a field of more than {IMPORT_FIELD_CHARS_MAX} characters."),
            ),
            Self::NotUtf8 => Words::new(
                "文件不是 UTF-8 编码（中文版 Excel、WPS 的“CSV”多为 GB18030）。请另存为“CSV UTF-8”，或直接上传 .xlsx。",
                "The file is not UTF-8 (Chinese spreadsheets often write CSV as GB18030). Save it as “CSV UTF-8”, or bring the .xlsx itself.",
            ),
            Self::OldWorkbook => Words::new(
                "这是旧版 .xls 或带密码的工作簿。请去掉密码并另存为 .xlsx 或“CSV UTF-8”。",
                "This is an old .xls, or a workbook with a password. Save it without one, as .xlsx or “CSV UTF-8”.",
            ),
            Self::BadWorkbook(why) => Words::new(
                format!("工作簿无法读取（{why}）。请重新另存为 .xlsx，或改用“CSV UTF-8”。"),
                format!("The workbook cannot be read ({why}). Save it anew as .xlsx, or as “CSV UTF-8”."),
            ),
            Self::BadCsv(line) => Words::new(
                format!("第 {line} 行不是有效的 CSV，请检查引号。"),
                format!("Line {line} is no CSV; look at its quotes."),
            ),
            Self::Empty => Words::new("表格是空的。", "The table is empty."),
            Self::NoColumn(name) => {
                Words::new(format!("缺少列 {name}。"), format!("The column {name} is absent."))
            }
            Self::ColumnTwice(name) => {
                Words::new(format!("列 {name} 出现了两次。"), format!("The column {name} stands twice."))
            }
        }
    }

    /// The column that is meant.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::NoColumn(name) => Some(name),
            Self::ColumnTwice(name) => Some(name),
            _ => None,
        }
    }
}

impl Table {
    /// Reads a file: a workbook where it is one, else CSV.
    ///
    /// # Errors
    /// It is neither, or goes beyond a bound.
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        if bytes.len() > IMPORT_BYTES_MAX {
            return Err(TableError::TooLong);
        }
        let rows = if bytes.starts_with(ZIP) {
            workbook::rows(bytes)?
        } else if bytes.starts_with(OLD_WORKBOOK) {
            return Err(TableError::OldWorkbook);
        } else {
            csv(bytes)?
        };
        let mut rows = rows.into_iter().filter(|(_, row)| row.iter().any(|field| !field.is_empty()));
        let (_, head) = rows.next().ok_or(TableError::Empty)?;
        Ok(Self { head, rows: rows.collect() })
    }

    /// The same rows with these columns alone, in this order; each is named by any of its names. One whose column is
    /// absent is an error where it is needed, else empty.
    ///
    /// # Errors
    /// A needed column is absent, or one stands twice.
    pub fn columns(self, wanted: &[Column]) -> Result<Vec<Row>, TableError> {
        let mut places = Vec::with_capacity(wanted.len());
        for column in wanted {
            let named = |said: &String| {
                let said = said.trim().to_lowercase();
                column.name == said || column.zh.contains(&said.as_str())
            };
            let mut found = (0..self.head.len()).filter(|at| named(&self.head[*at]));
            let place = found.next();
            if found.next().is_some() {
                return Err(TableError::ColumnTwice(column.name.to_owned()));
            }
            if place.is_none() && column.needed {
                return Err(TableError::NoColumn(column.name));
            }
            places.push(place);
        }
        let of = |row: &Vec<String>| {
            places.iter().map(|place| place.and_then(|at| row.get(at)).cloned().unwrap_or_default()).collect()
        };
        Ok(self.rows.iter().map(|(line, row)| (*line, of(row))).collect())
    }
}

/// A column of a table that is read.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// As programs and the export write it.
    pub name: &'static str,
    /// How else it may be called.
    pub zh: &'static [&'static str],
    /// A table without it is refused.
    pub needed: bool,
}

/// A row of whatever file, held to the bounds.
pub(super) fn bounded(rows: &mut Vec<Row>, line: u32, row: Vec<String>) -> Result<(), TableError> {
    if row.len() > IMPORT_COLUMNS_MAX {
        return Err(TableError::TooManyColumns(line));
    }
    if row.iter().any(|field| field.chars().count() > IMPORT_FIELD_CHARS_MAX) {
        return Err(TableError::FieldTooLong(line));
    }
    // The head is a row too.
    if rows.len() > IMPORT_ROWS_MAX {
        return Err(TableError::TooManyRows);
    }
    rows.push((line, row));
    Ok(())
}

fn csv(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TableError::NotUtf8)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') {
        // UTF-16 whose letters happen to be plain.
        return Err(TableError::NotUtf8);
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut rows, mut lines) = (Vec::new(), Lines { text, byte: 0, line: 1 });
    for record in reader.byte_records() {
        let record = record.map_err(|_| TableError::BadCsv(lines.line))?;
        let line = lines.of(record.position());
        let fields =
            record.iter().map(|field| std::str::from_utf8(field).map(|field| plain(field).to_owned()));
        let row: Result<Vec<_>, _> = fields.collect();
        bounded(&mut rows, line, row.map_err(|_| TableError::BadCsv(line))?)?;
    }
    Ok(rows)
}

/// Counts lines as people see them: the reader takes a line's end for the beginning of the next record.
struct Lines<'t> {
    text: &'t str,
    byte: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, at: Option<&csv::Position>) -> u32 {
        let byte = at.map_or(0, |at| usize::try_from(at.byte()).unwrap_or(usize::MAX));
        let bytes = self.text.as_bytes();
        let ends = |at: usize| matches!(bytes.get(at), Some(b'\r' | b'\n'));
        let from = (byte..bytes.len()).find(|at| !ends(*at)).unwrap_or(bytes.len()).max(self.byte);
        let passed = bytes[self.byte..from].iter().filter(|byte| **byte == b'\n').count();
        self.byte = from;
        self.line = self.line.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.line
    }
}

/// A field without what a spreadsheet puts around it: blanks, and the quote that keeps a code from being a number.
fn plain(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('\'').unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Column = Column { name: "id", zh: &["编号"], needed: true };
    const NOTE: Column = Column { name: "note", zh: &[], needed: false };

    fn read(text: &str) -> Result<Vec<Row>, TableError> {
        Table::read(text.as_bytes())?.columns(&[CODE, NOTE])
    }

    fn row(line: u32, id: &str, note: &str) -> Row {
        (line, vec![id.to_owned(), note.to_owned()])
    }

    #[test]
    fn columns_are_found_by_name_in_either_language_and_in_any_order() {
        let wanted = Ok(vec![row(2, "works", "x,y"), row(4, "parks", "")]);
        assert_eq!(read("\u{feff}note,ID\n\"x,y\", works \n,\n,'parks\n"), wanted);
        assert_eq!(read("更多,编号,note\r\n?,works,\"x,y\"\r\n,,\r\n,parks\r\n"), wanted);
    }

    #[test]
    fn what_is_no_such_table_is_told_apart() {
        let gb = [0xb1, 0xe0, 0xba, 0xc5, b'\n', b'1', b'\n'];
        assert_eq!(Table::read(&gb), Err(TableError::NotUtf8));
        assert_eq!(Table::read(b"\xff\xfei\0d\0\n\0"), Err(TableError::NotUtf8));
        assert_eq!(Table::read(b"i\0d\0\n\0"), Err(TableError::NotUtf8));
        assert_eq!(Table::read(b" \n,,\n"), Err(TableError::Empty));
        assert_eq!(Table::read(OLD_WORKBOOK), Err(TableError::OldWorkbook));
        assert_eq!(read("name\nx\n"), Err(TableError::NoColumn("id")));
        assert_eq!(read("id,编号\nx,y\n"), Err(TableError::ColumnTwice("id".to_owned())));
    }

    #[test]
    fn each_bound_is_named_and_met_exactly() {
        let rows = |count: usize| format!("id\n{}", "x\n".repeat(count));
        assert_eq!(read(&rows(IMPORT_ROWS_MAX)).expect("as many as may be").len(), IMPORT_ROWS_MAX);
        assert_eq!(read(&rows(IMPORT_ROWS_MAX + 1)), Err(TableError::TooManyRows));
        let long = |chars: usize| format!("id\n{}\n", "长".repeat(chars));
        assert!(read(&long(IMPORT_FIELD_CHARS_MAX)).is_ok());
        assert_eq!(read(&long(IMPORT_FIELD_CHARS_MAX + 1)), Err(TableError::FieldTooLong(2)));
        let wide = format!("id\n{}\n", ",".repeat(IMPORT_COLUMNS_MAX));
        assert_eq!(read(&wide), Err(TableError::TooManyColumns(2)));
        let heavy = vec![b' '; IMPORT_BYTES_MAX + 1];
        assert_eq!(Table::read(&heavy), Err(TableError::TooLong));
    }
}
