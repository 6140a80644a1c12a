//! Puts the names of units into sentences that events tell: an event knows its units by their ids, people by their names.

use huying_domain::{ids::UnitId, record::Origin, rules::Rules, words::Words};

/// How much of a sentence may hold ids. What people wrote is never touched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// All of it: a program said it.
    Whole,
    /// What stands before the first colon; behind it stand a person's words.
    Head,
}

impl Reach {
    /// How far it goes in a line of a timeline.
    pub(crate) fn of(by: Origin, event: &str) -> Self {
        let listed = ["case.help_called", "case.alarmed"].iter().any(|name| event.starts_with(name));
        if listed || matches!(by, Origin::Station | Origin::Timer) { Self::Whole } else { Self::Head }
    }
}

/// The sentence with names for ids, in both languages.
pub(crate) fn named(words: &Words, rules: &Rules, reach: Reach) -> Words {
    let one = |text: &str, colon: char, of: fn(&Words) -> &str| {
        let end = if reach == Reach::Whole { None } else { text.find(colon) };
        let (head, tail) = text.split_at(end.unwrap_or(text.len()));
        replaced(head, rules, of) + tail
    };
    Words { zh: one(&words.zh, '：', |name| &name.zh), en: one(&words.en, ':', |name| &name.en) }
}

fn replaced(text: &str, rules: &Rules, of: fn(&Words) -> &str) -> String {
    const fn is_of_id(letter: char) -> bool {
        letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
    }
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_of_id(letter)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        let unit = token.parse::<UnitId>().ok();
        let unit = unit.as_ref().and_then(|id| rules.unit(id));
        told.push_str(unit.map_or(token, |unit| of(&unit.name)));
        let next = after.find(is_of_id).unwrap_or(after.len());
        told.push_str(&after[..next]);
        rest = &after[next..];
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_renamed_whole_and_people_only_before_the_colon() {
        assert_eq!(Reach::of(Origin::Station, "case.assigned/1"), Reach::Whole);
        assert_eq!(Reach::of(Origin::Timer, "case.escalated/1"), Reach::Whole);
        assert_eq!(Reach::of(Origin::Person, "case.reminded/1"), Reach::Head);
        assert_eq!(Reach::of(Origin::Person, "case.help_called/1"), Reach::Whole);
    }
}
