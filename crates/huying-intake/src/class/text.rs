//! From a text to its letters, and from letters to n-grams.
//!
//! What people write in several ways becomes one: full-width signs are taken as their plain ones, capitals as small
//! letters, a run of digits as one `0`, and a made-up or lettered place (`A7县`, `B区`) as `@`. Blanks fall out. Each
//! letter remembers where it stands, so that a proposal can show the caller's own words.

/// The letter that stands for a run of digits.
const DIGITS: char = '0';
/// The letter that stands for a lettered place.
const LETTERED_PLACE: char = '@';
/// What follows the letters of a lettered place.
const PLACE_ENDS: [char; 3] = ['市', '县', '区'];

/// A letter as the model reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Letter {
    pub(super) read: char,
    /// Where it begins in the text, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl Letter {
    /// Whether people would take it for part of a word.
    pub(super) fn is_of_a_word(self) -> bool {
        self.read.is_alphabetic()
    }
}

/// One letter, or two that stand side by side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Gram {
    pub(super) first: char,
    pub(super) second: Option<char>,
}

impl Gram {
    pub(super) const fn one(letter: Letter) -> Self {
        Self { first: letter.read, second: None }
    }

    pub(super) const fn two(first: Letter, second: Letter) -> Self {
        Self { first: first.read, second: Some(second.read) }
    }
}

/// The letters of a text.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len() / 3);
    for (start, written) in text.char_indices() {
        let end = start + written.len_utf8();
        let plain = narrow(written);
        if plain.is_whitespace() || plain.is_control() {
            continue;
        }
        let read = if plain.is_ascii_digit() { DIGITS } else { small(plain) };
        match letters.last_mut() {
            Some(last) if read == DIGITS && last.read == DIGITS && last.end == start => last.end = end,
            _ => letters.push(Letter { read, start, end }),
        }
    }
    with_lettered_places(&letters)
}

/// All n-grams of a text, repeated ones repeatedly.
pub(super) fn grams(letters: &[Letter]) -> impl Iterator<Item = Gram> {
    let ones = letters.iter().map(|letter| Gram::one(*letter));
    ones.chain(letters.windows(2).map(|pair| Gram::two(pair[0], pair[1])))
}

fn with_lettered_places(letters: &[Letter]) -> Vec<Letter> {
    let mut told = Vec::with_capacity(letters.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let behind = at + 1 + usize::from(letters.get(at + 1).is_some_and(|next| next.read == DIGITS));
        let place = letter.read.is_ascii_lowercase()
            && letters.get(behind).is_some_and(|next| PLACE_ENDS.contains(&next.read));
        if place {
            told.push(Letter { read: LETTERED_PLACE, start: letter.start, end: letters[behind - 1].end });
            at = behind;
        } else {
            told.push(*letter);
            at += 1;
        }
    }
    told
}

/// The plain form of a full-width sign.
fn narrow(written: char) -> char {
    const WIDE_FIRST: u32 = 0xFF01;
    const WIDE_LAST: u32 = 0xFF5E;
    const WIDE_TO_PLAIN: u32 = 0xFEE0;
    let code = u32::from(written);
    if (WIDE_FIRST..=WIDE_LAST).contains(&code) {
        char::from_u32(code - WIDE_TO_PLAIN).unwrap_or(written)
    } else {
        written
    }
}

fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        letters(text).iter().map(|letter| letter.read).collect()
    }

    #[test]
    fn what_is_written_in_several_ways_is_read_in_one() {
        assert_eq!(read("Ａ７县 ＷiFi，2019年"), "@县wifi,0年");
        assert_eq!(read("A市B区"), "@市@区");
        assert_eq!(read("路\u{3000}1 2"), "路00");
    }

    #[test]
    fn a_letter_knows_where_it_stands() {
        let text = "在Ａ12区 修路";
        let told: Vec<_> = letters(text).iter().map(|letter| &text[letter.start..letter.end]).collect();
        assert_eq!(told, ["在", "Ａ12", "区", "修", "路"]);
    }
}
