//! The parts of a text that spoke most for its class, as people would read them.

use super::{
    STRONGEST_MAX,
    text::{Gram, Letter, grams},
};
use std::collections::BTreeMap;

/// Most letters of one part.
const PART_LETTERS_MAX: usize = 4;
/// Letters that join and ask; a word that tells people something holds none of them.
const PARTICLES: &str =
    "的了是在和与及或吗呢吧把被为对请问关于何如怎么什那这些有无没不还就也都从到个我你他她们";

/// A stretch of the letters and how much each of them, and the pairs in it, said on the average.
struct Part {
    from: usize,
    to: usize,
    said: f64,
}

/// The parts, the strongest first: none overlaps another, none is said twice, none spoke against the class. `spoke`
/// gives for each known n-gram what it said; where it stands several times, that is shared out.
pub(super) fn strongest(
    text: &str,
    letters: &[Letter],
    find: impl Fn(Gram) -> Option<u32>,
    spoke: &[(u32, f64)],
) -> Vec<String> {
    let mut times: BTreeMap<u32, f64> = BTreeMap::new();
    for gram in grams(letters).filter_map(&find) {
        *times.entry(gram).or_default() += 1.0;
    }
    let said: BTreeMap<u32, f64> = spoke.iter().map(|&(gram, value)| (gram, value / times[&gram])).collect();
    let of = |gram: Gram| find(gram).and_then(|number| said.get(&number)).copied().unwrap_or(0.0);
    let mut parts = parts(letters, of);
    parts.sort_by(|one, other| other.said.total_cmp(&one.said).then(one.from.cmp(&other.from)));
    let mut taken: Vec<(&Part, &str)> = Vec::new();
    for part in parts.iter().filter(|part| part.said > 0.0) {
        let told = &text[letters[part.from].start..letters[part.to - 1].end];
        let free = taken
            .iter()
            .all(|(other, same)| (part.to <= other.from || other.to <= part.from) && !same.contains(told));
        if free {
            taken.push((part, told));
        }
        if taken.len() == STRONGEST_MAX {
            break;
        }
    }
    taken.into_iter().map(|(_, told)| told.to_owned()).collect()
}

/// Every stretch that could be a word: its letters are of words, and each pair in it spoke for the class.
fn parts(letters: &[Letter], of: impl Fn(Gram) -> f64) -> Vec<Part> {
    let tells = |letter: Letter| letter.is_of_a_word() && !PARTICLES.contains(letter.read);
    let mut parts = Vec::new();
    for from in 0..letters.len() {
        let mut whole = 0.0;
        for to in from..letters.len().min(from + PART_LETTERS_MAX) {
            if !tells(letters[to]) {
                break;
            }
            if to > from {
                let pair = of(Gram::two(letters[to - 1], letters[to]));
                if pair <= 0.0 {
                    break;
                }
                whole += pair;
            }
            whole += of(Gram::one(letters[to]));
            // The root lets a part grow by a letter that says much, and not by one that says little; a letter
            // alone has no more to share than two.
            let count = (to + 1 - from).max(2) as f64;
            parts.push(Part { from, to: to + 1, said: whole / count.sqrt() });
        }
    }
    parts
}
