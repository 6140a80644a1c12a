//! Titles that people have classed: a CSV with the columns `title` and `label1`, in whatever order, beside others.

use super::error::ClassError;
use csv::{ReaderBuilder, StringRecord};
use huying_domain::ids::ClassId;
use sha2::{Digest, Sha256};
use std::{fmt, io::Read};

/// Most bytes of one file of titles: 256 MiB.
pub const LABELLED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most titles that train one model; their n-grams are kept in memory, some 300 bytes a title.
pub const TITLES_MAX: usize = 500_000;
/// Most characters of one title.
pub const TITLE_CHARS_MAX: usize = 4_000;
/// A title in so many is held apart.
pub const HELD_APART_ONE_IN: u16 = 5;

const TITLE: &str = "title";
const LABEL: &str = "label1";

/// A title and its class.
#[derive(Clone, PartialEq, Eq)]
pub struct Labelled {
    /// What the caller wrote.
    pub title: String,
    /// What people took it for.
    pub class: ClassId,
}

impl fmt::Debug for Labelled {
    /// Without the title, which is a caller's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labelled").field("class", &self.class).finish_non_exhaustive()
    }
}

/// Reads the titles, all or none: a row that cannot be used is named by its line.
pub fn read_labelled(source: impl Read) -> Result<Vec<Labelled>, ClassError> {
    let mut rows = ReaderBuilder::new().from_reader(source.take(LABELLED_BYTES_MAX + 1));
    let at = |header: &StringRecord, name: &str| {
        let position = header.iter().position(|column| column.trim_start_matches('\u{feff}').trim() == name);
        position.ok_or_else(|| {
            ClassError::new("no_column", format!("缺少列 {name}"), format!("the column {name} is missing"))
        })
    };
    let header = rows.headers().map_err(|error| unreadable(&error))?.clone();
    let (title, label) = (at(&header, TITLE)?, at(&header, LABEL)?);
    let mut told = Vec::new();
    let mut row = StringRecord::new();
    while rows.read_record(&mut row).map_err(|error| unreadable(&error))? {
        let position = row.position();
        if position.is_some_and(|position| position.byte() >= LABELLED_BYTES_MAX) || told.len() == TITLES_MAX
        {
            return Err(too_many());
        }
        told.push(labelled(&row, position.map_or(0, csv::Position::line), title, label)?);
    }
    Ok(told)
}

fn labelled(row: &StringRecord, line: u64, title: usize, label: usize) -> Result<Labelled, ClassError> {
    let field = |at: usize| row.get(at).unwrap_or_default().trim();
    let title = field(title);
    if title.is_empty() {
        return Err(ClassError::row(line, "标题（title）为空", "title is empty"));
    }
    if title.chars().count() > TITLE_CHARS_MAX {
        return Err(ClassError::row(line, "标题（title）过长", "title is too long"));
    }
    let class = ClassId::new(field(label))
        .map_err(|_| ClassError::row(line, "分类（label1）不合格式", "label1 is not a name of a class"))?;
    Ok(Labelled { title: title.to_owned(), class })
}

/// Divides the titles into those that train and the fifth that is held apart. The title alone decides, by its
/// digest: the same title always falls on the same side, however often it stands there and whatever its class.
pub fn held_apart(titles: Vec<Labelled>) -> (Vec<Labelled>, Vec<Labelled>) {
    titles.into_iter().partition(|labelled| !is_held_apart(&labelled.title))
}

/// Whether a title is held apart.
pub fn is_held_apart(title: &str) -> bool {
    share_of("", title).is_multiple_of(HELD_APART_ONE_IN)
}

/// A number that only the title decides, another one for each purpose.
pub(super) fn share_of(purpose: &str, title: &str) -> u16 {
    let digest = Sha256::new().chain_update(purpose).chain_update(title.trim()).finalize();
    u16::from_be_bytes([digest[0], digest[1]])
}

fn unreadable(error: &csv::Error) -> ClassError {
    let line = error.position().map_or(0, csv::Position::line);
    ClassError::row(line, "无法读取（CSV，UTF-8）", "it cannot be read as CSV in UTF-8")
}

fn too_many() -> ClassError {
    ClassError::new(
        "too_many_titles",
        format!("标题过多：至多 {TITLES_MAX} 条、{LABELLED_BYTES_MAX} 字节"),
        format!("there are more than {TITLES_MAX} titles or {LABELLED_BYTES_MAX} bytes"),
    )
}
