//! What a case is about, in both languages. A filing says it in one line that was written down when the call came in,
//! with the ids of class and condition; people read their names. What somebody has written instead stands as it is.

use crate::shown::Tongue;
use huying_domain::{
    ids::{ClassId, ConditionId},
    vocabulary::CaseKind,
    words::Words,
};

/// What stands between kind, class and condition.
const BETWEEN: &str = " · ";
/// What stands before the place, as it is written down.
const PLACE: &str = " ｜ 地点：";
/// The same in English.
const PLACE_EN: &str = " ｜ place: ";

impl Tongue<'_> {
    /// A summary in both languages.
    pub(crate) fn summary(self, written: &str) -> Words {
        self.told(written).unwrap_or_else(|| Words::new(written, written))
    }

    fn told(self, written: &str) -> Option<Words> {
        let (about, place) = written.split_once(PLACE).map_or((written, None), |(a, p)| (a, Some(p)));
        let mut parts = about.split(BETWEEN);
        let kind = parts.next()?;
        let kind = CaseKind::ALL.iter().find(|one| one.zh() == kind)?;
        let class: ClassId = parts.next()?.parse().ok()?;
        let listed = self.0.policy.classes.get(&class);
        let Words { zh, en } = self.class(&class);
        let mut told = Words::new([kind.zh(), &zh].join(BETWEEN), [kind.name(), &en].join(BETWEEN));
        if let Some(id) = parts.next() {
            let id: ConditionId = id.parse().ok()?;
            let condition = listed?.conditions.get(&id)?;
            told = Words::new(
                [told.zh.as_str(), &condition.zh].join(BETWEEN),
                [told.en.as_str(), &condition.en].join(BETWEEN),
            );
        }
        if parts.next().is_some() {
            return None;
        }
        Some(match place {
            Some(place) => {
                Words::new(format!("{}{PLACE}{place}", told.zh), format!("{}{PLACE_EN}{place}", told.en))
            }
            None => told,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huying_domain::{record::RuleFile, rules::Rules};

    #[test]
    fn a_summary_names_class_and_condition_in_both_languages_and_leaves_what_a_person_wrote() {
        let texts = [
            (RuleFile::Policy, include_str!("../../../tests/city/policy.toml")),
            (RuleFile::Duty, include_str!("../../../tests/city/duty.toml")),
            (RuleFile::Calendar, include_str!("../../../tests/city/calendar.toml")),
            (RuleFile::Territory, include_str!("../../../tests/city/territory.csv")),
            (RuleFile::Units, include_str!("../../../tests/city/units.csv")),
        ];
        let texts = texts.into_iter().map(|(file, text)| (file, text.as_bytes().to_vec())).collect();
        let rules = Rules::read(&texts).expect("the tiny city's rules hold together");
        let tongue = Tongue(&rules);
        let told = tongue.summary("求助 · unclassified ｜ 地点：人民路12号");
        assert_eq!(
            (told.zh.as_str(), told.en.as_str()),
            ("求助 · 未分类 ｜ 地点：人民路12号", "help · unclassified ｜ place: 人民路12号",)
        );
        let class = rules.policy.classes.get(&"road.pothole".parse().expect("a class")).expect("listed");
        let deep = class.conditions.get(&"deep".parse().expect("a condition")).expect("listed");
        let told = tongue.summary("投诉 · road.pothole · deep");
        assert_eq!(told.zh.as_str(), format!("投诉 · {} · {}", class.zh, deep.zh));
        assert_eq!(told.en.as_str(), format!("complaint · {} · {}", class.en, deep.en));
        for written in ["路灯不亮，已三天", "求助", "求助 · road.pothole · gone", "求助 · 路灯 · x · y"]
        {
            assert_eq!(tongue.summary(written).zh.as_str(), written);
        }
    }
}
