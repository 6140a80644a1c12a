//! The rows of a table, one by one, from any stream of bytes.

use super::{
    ROW_BYTES_MAX,
    table::{MissingColumn, TableHead, read_csv_row},
};
use crate::{profile::Profile, report::Report, unreadable::Unreadable};
use csv::StringRecord;
use csv_core::ReadRecordResult;
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read},
};

/// The reports of a table with the line on which each begins (the header stands on line 1).
///
/// A bad row is an item like any other. After a row that is too long, reading goes on at its second line, so
/// that a quotation mark that nobody closed costs one row. A stream that breaks off is the last item.
pub struct Rows<'p, R: Read> {
    profile: &'p Profile,
    head: TableHead,
    lines: Lines<R>,
    fields: Fields,
}

impl<'p, R: Read> Rows<'p, R> {
    /// Reads the header. The stream is plain CSV: who has it packed unpacks it first.
    pub fn new(profile: &'p Profile, stream: R) -> Result<Self, MissingColumn> {
        let (mut lines, mut fields) = (Lines::new(stream), Fields::new());
        let header = lines.next_row().and_then(|(_, row)| fields.parse(&row.ok()?).ok()).unwrap_or_default();
        Ok(Self { profile, head: TableHead::find(profile, &header)?, lines, fields })
    }
}

impl<R: Read> Iterator for Rows<'_, R> {
    type Item = (u64, Result<Report, Unreadable>);

    fn next(&mut self) -> Option<Self::Item> {
        let (line, row) = self.lines.next_row()?;
        let report = row
            .and_then(|bytes| self.fields.parse(&bytes))
            .and_then(|row| read_csv_row(self.profile, &self.head, &row));
        Some((line, report))
    }
}

/// Takes rows apart. Kept from row to row: making a reader's tables anew costs more than reading a row.
struct Fields {
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    fn new() -> Self {
        let text = vec![0; ROW_BYTES_MAX + 1];
        Self { reader: csv_core::Reader::new(), text, ends: vec![0; ROW_BYTES_MAX + 2] }
    }

    /// Reads the bytes of one row. They were cut off by the same rules, so there is one record in them; a row
    /// that holds a bare carriage return has its fields up to there.
    fn parse(&mut self, row: &[u8]) -> Result<StringRecord, Unreadable> {
        self.reader.reset();
        let (result, _, written, fields) = self.reader.read_record(row, &mut self.text, &mut self.ends);
        // A last row without a line end is only complete when the reader is told, by an empty input, that no
        // more comes.
        let (more, last) = if matches!(result, ReadRecordResult::Record) {
            (0, 0)
        } else {
            let rest = (&mut self.text[written..], &mut self.ends[fields..]);
            let (_, _, more, last) = self.reader.read_record(&[], rest.0, rest.1);
            (more, last)
        };
        let text = std::str::from_utf8(&self.text[..written + more]).map_err(|_| Unreadable::not_utf8(""))?;
        let mut record = StringRecord::with_capacity(text.len(), fields + last);
        let mut from = 0;
        for &end in &self.ends[..fields + last] {
            record.push_field(text.get(from..end).ok_or_else(|| Unreadable::not_utf8(""))?);
            from = end;
        }
        Ok(record)
    }
}

/// Cuts a stream into rows without ever holding more than one row's bound and a line.
struct Lines<R: Read> {
    stream: BufReader<R>,
    /// Lines that were read and belong to no row yet: what an unclosed quotation mark had swallowed.
    again: VecDeque<Vec<u8>>,
    /// The number of the next line.
    line: u64,
    broken: bool,
}

impl<R: Read> Lines<R> {
    fn new(stream: R) -> Self {
        Self { stream: BufReader::new(stream), again: VecDeque::new(), line: 1, broken: false }
    }

    /// The next row that is not empty, with the line on which it begins.
    fn next_row(&mut self) -> Option<(u64, Result<Vec<u8>, Unreadable>)> {
        loop {
            let begins = self.line;
            let mut lines: Vec<Vec<u8>> = Vec::new();
            let mut bytes = 0;
            let mut place = Place::FieldStart;
            while let Some(line) = self.next_line() {
                let Ok(line) = line else {
                    return Some((begins, Err(Unreadable::broken_stream(""))));
                };
                bytes += line.len();
                place = line.iter().fold(place, |place, byte| place.after(*byte));
                lines.push(line);
                if place != Place::Quoted || bytes > ROW_BYTES_MAX {
                    break;
                }
            }
            if lines.is_empty() {
                return None;
            }
            if bytes > ROW_BYTES_MAX || place == Place::Quoted {
                // All but the first line are tried again as rows of their own.
                self.line = begins + 1;
                for line in lines.drain(1..).rev() {
                    self.again.push_front(line);
                }
                return Some((begins, Err(Unreadable::too_long(""))));
            }
            let row = lines.concat();
            if row.iter().any(|byte| !byte.is_ascii_whitespace()) {
                return Some((begins, Ok(row)));
            }
        }
    }

    /// The next line with its end; one longer than a row may be is read to its end and kept only in part.
    fn next_line(&mut self) -> Option<Result<Vec<u8>, ()>> {
        if let Some(line) = self.again.pop_front() {
            self.line += 1;
            return Some(Ok(line));
        }
        if self.broken {
            return None;
        }
        let mut line = Vec::new();
        loop {
            let chunk = match self.stream.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => {
                    self.broken = true;
                    return Some(Err(()));
                }
            };
            let end = chunk.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(chunk.len());
            let room = (ROW_BYTES_MAX + 1).saturating_sub(line.len());
            line.extend_from_slice(&chunk[..taken.min(room)]);
            self.stream.consume(taken);
            if end.is_some() || taken == 0 {
                break;
            }
        }
        if line.is_empty() {
            return None;
        }
        self.line += 1;
        Some(Ok(line))
    }
}

/// Where in a row a byte stands. A quotation mark opens a field only at its start, as RFC 4180 has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quotation mark within a quoted field: the end of it, or the first half of a doubled mark.
    Mark,
}

impl Place {
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::FieldStart | Self::Mark, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Mark,
            (Self::Quoted, _) => Self::Quoted,
            (_, b',' | b'\n' | b'\r') => Self::FieldStart,
            (_, _) => Self::Plain,
        }
    }
}
