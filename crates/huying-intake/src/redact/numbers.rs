//! Runs of digits, and what each is likely to be.

use super::mark;
use regex::{Captures, Regex};
use std::{borrow::Cow, sync::LazyLock};

/// From how many digits on a run may be a telephone number (a local one has seven).
const TELEPHONE_DIGITS_MIN: usize = 7;
/// From how many digits on a run that is nothing else may belong to a person.
const NUMBER_DIGITS_MIN: usize = 9;

/// Digits with single marks between them, half or full width, an X at the end of an identity number; and
/// Chinese digits one after the other, as careful callers write their number.
static RUN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:[+＋]\s?)?[(（]?[0-9０-９](?:[)）]?[\-－—–.·\s]?[(（]?[0-9０-９]){6,}[Xx×Ｘｘ]?",
        r"|[零〇一二两三四五六七八九幺]{7,}"
    ))
    .expect("a pattern")
});

/// A date at the beginning of a run, with or without marks.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:19|20)\d\d",
        r"(?:[\-.·–](?:1[0-2]|0?[1-9])[\-.·–](?:3[01]|[12]\d|0?[1-9])",
        r"|(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9]))",
        r"(?:\s\d{1,2})?$"
    ))
    .expect("a pattern")
});

/// What follows an amount, which is no number of a person.
const MEASURES: [&str; 12] = ["元", "万", "亿", "平方", "平米", "吨", "公里", "千米", "米", "度", "%", "％"];

pub(super) fn take_out(text: &str) -> Cow<'_, str> {
    // Most texts of a table hold few digits, and counting them is cheaper than the pattern.
    if text.is_ascii() && text.bytes().filter(u8::is_ascii_digit).count() < TELEPHONE_DIGITS_MIN {
        return Cow::Borrowed(text);
    }
    RUN.replace_all(text, |run: &Captures<'_>| {
        let run = run.get(0).expect("the whole match");
        what_it_is(run.as_str(), &text[run.end()..]).map_or_else(|| run.as_str().to_owned(), str::to_owned)
    })
}

/// The mark for a run of digits; none when it stays.
fn what_it_is(run: &str, behind: &str) -> Option<&'static str> {
    let digits: String = run.chars().filter_map(digit).collect();
    if digits.is_empty() {
        return Some(mark::TELEPHONE); // Chinese digits.
    }
    let ends_in_x = run.ends_with(['X', 'x', '×', 'Ｘ', 'ｘ']);
    let plain = run.chars().all(|c| digit(c).is_some());
    let ascii: String = run.chars().map(|c| digit(c).unwrap_or(c)).collect();
    if DATE.is_match(ascii.trim()) {
        return None;
    }
    let measured = plain && MEASURES.iter().any(|measure| behind.trim_start().starts_with(measure));
    let mobile = |digits: &str| {
        digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
    };
    Some(match digits.len() {
        18 => mark::IDENTITY,
        17 if ends_in_x => mark::IDENTITY,
        15 if plain && !measured => mark::IDENTITY,
        _ if mobile(&digits) || digits.strip_prefix("86").is_some_and(mobile) => mark::TELEPHONE,
        10..=12 if digits.starts_with('0') => mark::TELEPHONE,
        10 | 11 if !plain => mark::TELEPHONE,
        TELEPHONE_DIGITS_MIN..=8 if !measured => mark::TELEPHONE,
        TELEPHONE_DIGITS_MIN..=12 if measured => return None,
        NUMBER_DIGITS_MIN..=11 => mark::TELEPHONE,
        _ => mark::NUMBER,
    })
}

/// The ASCII digit that a half or full width digit is.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    }
}
