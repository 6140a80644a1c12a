//! The first sheet of a workbook (Office Open XML): texts as they are shown, numbers without an exponent where they
//! are whole. Only what a table of a clerk's has is read; dates, styles and formulas are not, the value of a formula is.

use super::table::{IMPORT_COLUMNS_MAX, Row, TableError, UNPACKED_BYTES_MAX, bounded};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};
use zip::ZipArchive;

/// Most entries of an archive.
const ENTRIES_MAX: usize = 10_000;
/// From here on a spreadsheet no longer knows every whole number: a code of that length must be text.
const WHOLE_MAX: f64 = 1e15;

const BOOK: &str = "xl/workbook.xml";
const LINKS: &str = "xl/_rels/workbook.xml.rels";
const TEXTS: &str = "xl/sharedStrings.xml";

/// An archive of which so much may still be unpacked.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left_bytes: u64,
}

impl Archive<'_> {
    /// The text of an entry; none where there is no such entry. It is the bytes that count, not what the archive says
    /// of them.
    fn text(&mut self, name: &str) -> Result<Option<String>, TableError> {
        let Ok(entry) = self.zip.by_name(name) else { return Ok(None) };
        let mut bytes = Vec::new();
        let read = entry.take(self.left_bytes + 1).read_to_end(&mut bytes);
        read.map_err(|_| TableError::BadWorkbook("the archive is damaged"))?;
        self.left_bytes =
            self.left_bytes.checked_sub(bytes.len() as u64).ok_or(TableError::UnpacksTooLong)?;
        String::from_utf8(bytes).map(Some).map_err(|_| TableError::BadWorkbook("a part is not UTF-8"))
    }

    fn part(&mut self, name: &'static str) -> Result<String, TableError> {
        self.text(name)?.ok_or(TableError::BadWorkbook("a part is absent"))
    }
}

/// The rows of the first sheet, with their numbers.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| TableError::BadWorkbook("no archive"))?;
    if zip.len() > ENTRIES_MAX {
        return Err(TableError::BadWorkbook("too many parts"));
    }
    let mut archive = Archive { zip, left_bytes: UNPACKED_BYTES_MAX };
    let book = archive.part(BOOK)?;
    let link = first(&book, b"sheet", |tag| attribute(tag, b"id"))?;
    let links = archive.part(LINKS)?;
    let target = first(&links, b"Relationship", |tag| {
        (attribute(tag, b"Id") == link).then(|| attribute(tag, b"Target")).flatten()
    })?
    .ok_or(TableError::BadWorkbook("no sheet"))?;
    let name = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
    let sheet = archive.text(&name)?.ok_or(TableError::BadWorkbook("no sheet"))?;
    let texts = archive.text(TEXTS)?.map_or_else(|| Ok(Vec::new()), |text| shared(&text))?;
    cells(&sheet, &texts)
}

fn unread<E>(_: E) -> TableError {
    TableError::BadWorkbook("a part is no XML")
}

/// An attribute by its name without a prefix.
fn attribute(tag: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let found = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == name)?;
    found.unescape_value().ok().map(std::borrow::Cow::into_owned)
}

/// What is made of the first element of this name of which anything is made.
fn first<T>(
    xml: &str,
    name: &[u8],
    make: impl Fn(&BytesStart<'_>) -> Option<T>,
) -> Result<Option<T>, TableError> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(unread)? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == name => {
                if let Some(made) = make(&tag) {
                    return Ok(Some(made));
                }
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// What an event adds to a text: characters, or one that is written as a reference.
fn said(event: &Event<'_>, text: &mut String) -> Result<(), TableError> {
    match event {
        Event::Text(more) => text.push_str(&more.decode().map_err(unread)?),
        Event::CData(more) => text.push_str(&more.decode().map_err(unread)?),
        Event::GeneralRef(name) => match name.resolve_char_ref().map_err(unread)? {
            Some(character) => text.push(character),
            None => match &*name.decode().map_err(unread)? {
                "amp" => text.push('&'),
                "lt" => text.push('<'),
                "gt" => text.push('>'),
                "quot" => text.push('"'),
                "apos" => text.push('\''),
                _ => return Err(TableError::BadWorkbook("a part is no XML")),
            },
        },
        _ => {}
    }
    Ok(())
}

/// The texts that cells name by number. How a word is read aloud (`rPh`) is none of it.
fn shared(xml: &str) -> Result<Vec<String>, TableError> {
    let mut reader = Reader::from_str(xml);
    let (mut texts, mut text, mut in_text, mut aloud) = (Vec::new(), String::new(), false, false);
    loop {
        match reader.read_event().map_err(unread)? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"si" => text.clear(),
                b"t" => in_text = !aloud,
                b"rPh" => aloud = true,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                b"si" => texts.push(std::mem::take(&mut text)),
                b"t" => in_text = false,
                b"rPh" => aloud = false,
                _ => {}
            },
            Event::Empty(tag) if tag.local_name().as_ref() == b"si" => texts.push(String::new()),
            Event::Eof => return Ok(texts),
            event if in_text => said(&event, &mut text)?,
            _ => {}
        }
    }
}

/// The row that is being read.
#[derive(Default)]
struct Open {
    line: u32,
    fields: BTreeMap<usize, String>,
    /// Column and kind of the cell that is being read.
    column: usize,
    kind: String,
    text: String,
    in_value: bool,
}

impl Open {
    fn row(&mut self, tag: &BytesStart<'_>) {
        let said = attribute(tag, b"r").and_then(|line| line.parse().ok());
        self.line = said.unwrap_or(self.line.saturating_add(1));
        self.column = 0;
    }

    fn cell(&mut self, tag: &BytesStart<'_>) {
        let next = if self.fields.is_empty() { 0 } else { self.column + 1 };
        self.column = attribute(tag, b"r").and_then(|name| column(&name)).unwrap_or(next);
        self.kind = attribute(tag, b"t").unwrap_or_default();
        self.text.clear();
    }

    /// Keeps the cell's text.
    fn keep(&mut self, texts: &[String]) -> Result<(), TableError> {
        let text = std::mem::take(&mut self.text);
        let shown = match self.kind.as_str() {
            "s" => {
                let at = text.trim().parse::<usize>().ok();
                at.and_then(|at| texts.get(at)).cloned().ok_or(TableError::BadWorkbook("a text is absent"))?
            }
            "" | "n" => number(text.trim()),
            _ => text,
        };
        if self.column >= IMPORT_COLUMNS_MAX && !shown.trim().is_empty() {
            return Err(TableError::TooManyColumns(self.line));
        }
        if self.column < IMPORT_COLUMNS_MAX {
            self.fields.insert(self.column, shown.trim().to_owned());
        }
        Ok(())
    }

    fn end(&mut self, rows: &mut Vec<Row>) -> Result<(), TableError> {
        let fields = std::mem::take(&mut self.fields);
        if fields.values().all(String::is_empty) {
            return Ok(());
        }
        let width = fields.last_key_value().map_or(0, |(column, _)| column + 1);
        let mut row = vec![String::new(); width];
        fields.into_iter().for_each(|(column, text)| row[column] = text);
        bounded(rows, self.line, row)
    }
}

fn cells(xml: &str, texts: &[String]) -> Result<Vec<Row>, TableError> {
    let mut reader = Reader::from_str(xml);
    let (mut rows, mut open) = (Vec::new(), Open::default());
    loop {
        match reader.read_event().map_err(unread)? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"row" => open.row(&tag),
                b"c" => open.cell(&tag),
                b"v" | b"t" => open.in_value = true,
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                b"row" => open.row(&tag),
                b"c" => open.cell(&tag),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                b"row" => open.end(&mut rows)?,
                b"c" => open.keep(texts)?,
                b"v" | b"t" => open.in_value = false,
                _ => {}
            },
            Event::Eof => return Ok(rows),
            event if open.in_value => said(&event, &mut open.text)?,
            _ => {}
        }
    }
}

/// The place of a cell that is called `C7`: 2.
fn column(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase);
    let place = letters.take(4).fold(0, |place, letter| place * 26 + usize::from(letter - b'A') + 1);
    place.checked_sub(1)
}

/// A number as people write it: whole ones without a point or an exponent.
fn number(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < WHOLE_MAX => format!("{number:.0}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::Workbook;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    #[test]
    fn a_workbook_that_another_program_wrote_is_read_as_it_is_shown() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let put = |sheet: &mut rust_xlsxwriter::Worksheet| {
            sheet.write_string(0, 0, "id")?;
            sheet.write_string(0, 2, "人数 & <名>")?;
            sheet.write_number(2, 0, 900_001_001_001_f64)?;
            sheet.write_number(2, 1, 1.5)?;
            sheet.write_boolean(2, 2, true)?;
            sheet.write_number(4, 0, 211_081_001_001_001_001_f64).map(drop)
        };
        put(sheet).expect("cells");
        book.add_worksheet().write_string(0, 0, "another sheet").expect("a cell");
        let bytes = book.save_to_buffer().expect("a workbook");
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let read = rows(&bytes).expect("it is read");
        assert_eq!(read[0], (1, texts(&["id", "", "人数 & <名>"])));
        assert_eq!(read[1], (3, texts(&["900001001001", "1.5", "1"])));
        assert_eq!(read[2].0, 5);
        assert!(!read[2].1[0].ends_with("001001"), "a code that is no longer exact is not taken for one");
    }

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            zip.write_all(bytes).expect("bytes");
        }
        zip.finish().expect("an archive").into_inner()
    }

    const ONE_BOOK: &[u8] = br#"<workbook><sheets><sheet r:id="r1"/></sheets></workbook>"#;
    const ONE_LINK: &[u8] = br#"<a><Relationship Id="r1" Target="/xl/s.xml"/></a>"#;

    fn with_sheet(sheet: &[u8]) -> Result<Vec<Row>, TableError> {
        rows(&archive(&[(BOOK, ONE_BOOK), (LINKS, ONE_LINK), ("xl/s.xml", sheet)]))
    }

    #[test]
    fn a_small_archive_that_unpacks_to_a_mountain_is_refused_by_what_it_unpacks_to() {
        let mountain = vec![b' '; usize::try_from(UNPACKED_BYTES_MAX).expect("it fits")];
        let bytes = archive(&[(BOOK, ONE_BOOK), (LINKS, ONE_LINK), ("xl/s.xml", &mountain)]);
        assert!(bytes.len() < 1_000_000, "{} bytes", bytes.len());
        assert_eq!(rows(&bytes), Err(TableError::UnpacksTooLong));
    }

    #[test]
    fn what_a_workbook_declares_for_itself_is_never_put_in() {
        let grown = b"<!DOCTYPE s [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><row><c><v>&b;</v></c></row>";
        let from_a_file =
            b"<!DOCTYPE s [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><row><c><v>&f;</v></c></row>";
        for sheet in [&grown[..], from_a_file] {
            assert_eq!(with_sheet(sheet), Err(TableError::BadWorkbook("a part is no XML")));
        }
    }

    #[test]
    fn a_damaged_workbook_is_said_to_be_so() {
        let whole =
            archive(&[(BOOK, ONE_BOOK), (LINKS, ONE_LINK), ("xl/s.xml", b"<row><c><v>1</v></c></row>")]);
        assert_eq!(rows(&whole), Ok(vec![(1, vec!["1".to_owned()])]));
        for cut in 4..whole.len() {
            assert!(matches!(rows(&whole[..cut]), Err(TableError::BadWorkbook(_))), "cut at {cut}");
        }
        for sheet in [&b"<row><c></row>"[..], b"<row><c t=\"s\"><v>7</v></c></row>", b"<c><v>&no;</v></c>"] {
            assert!(matches!(with_sheet(sheet), Err(TableError::BadWorkbook(_))));
        }
        let far = b"<row r=\"9\"><c r=\"ZZZ9\"><v>1</v></c></row>";
        assert_eq!(with_sheet(far), Err(TableError::TooManyColumns(9)));
    }
}
