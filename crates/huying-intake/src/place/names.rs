//! Names of areas, found in addresses.

use huying_domain::area::AreaCode;
use std::{cmp::Reverse, collections::BTreeMap};

/// Shortest name that is looked for, in characters: one character stands in too many other words.
const NAME_CHARS_MIN: usize = 2;
/// Longest name that is looked for, in characters.
const NAME_CHARS_MAX: usize = 40;
/// Most characters of a text that are looked at.
const TEXT_CHARS_MAX: usize = 400;

/// Every name with the areas that bear it.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    areas: BTreeMap<String, Vec<AreaCode>>,
    longest: usize,
}

/// A name that stands in a text.
struct Hit<'n> {
    chars: usize,
    areas: &'n [AreaCode],
}

impl Names {
    pub(super) fn add(&mut self, code: AreaCode, name: &str) {
        let name = folded(name);
        let chars = name.chars().count();
        if !(NAME_CHARS_MIN..=NAME_CHARS_MAX).contains(&chars) {
            return;
        }
        self.longest = self.longest.max(chars);
        let areas = self.areas.entry(name).or_default();
        if let Err(at) = areas.binary_search(&code) {
            areas.insert(at, code);
        }
    }

    pub(super) fn find(&self, text: &str) -> Option<AreaCode> {
        let text: Vec<char> = folded(text).chars().take(TEXT_CHARS_MAX).collect();
        let hits = self.hits(&text);
        // An area speaks for itself and for those above it that the text names too.
        let support = |area: AreaCode| {
            hits.iter().filter(|hit| hit.areas.iter().any(|other| other.covers(area))).count()
        };
        let ranked = |hit: &Hit<'_>, area: AreaCode| {
            (Reverse(area.level().digits()), Reverse(support(area)), Reverse(hit.chars))
        };
        let all = || hits.iter().flat_map(|hit| hit.areas.iter().map(|area| (ranked(hit, *area), *area)));
        let (best, area) = all().min()?;
        // Several of one rank are a name that the city has twice: only what stands over all of them is sure.
        let mut sure = area;
        for (_, other) in all().filter(|(rank, _)| *rank == best) {
            while !sure.covers(other) {
                sure = sure.parent()?;
            }
        }
        Some(sure)
    }

    /// At each place of the text the longest name that begins there, and no name within a longer one.
    fn hits(&self, text: &[char]) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let longest = self.longest.min(text.len() - from);
            let hit = (NAME_CHARS_MIN..=longest).rev().find_map(|chars| {
                let name: String = text[from..from + chars].iter().collect();
                let areas = self.areas.get(&name)?;
                stands_alone(text, from, from + chars).then_some(Hit { chars, areas })
            });
            from += hit.as_ref().map_or(1, |hit| hit.chars);
            hits.extend(hit);
        }
        hits
    }
}

/// Latin names are whole words: `Bronx` does not stand in `Bronxville`.
fn stands_alone(text: &[char], from: usize, to: usize) -> bool {
    let joined = |a: Option<&char>, b: Option<&char>| {
        a.is_some_and(char::is_ascii_alphanumeric) && b.is_some_and(char::is_ascii_alphanumeric)
    };
    let before = from.checked_sub(1).and_then(|at| text.get(at));
    !joined(before, text.get(from)) && !joined(text.get(to - 1), text.get(to))
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
