//! What a line is called.

use huying_domain::{area::AreaCode, rules::Rules, words::Words};
use huying_projection::ledger::table::Key;
use jiff::civil::Date;

/// The name of a line's subject: of an area the one that it bore on that day, else its last one.
pub(super) fn of(rules: &Rules, key: &Key, on: Date) -> Words {
    let otherwise = || Words::new(key.to_string(), key.to_string());
    match key {
        Key::All => Words::new("合计", "all"),
        Key::Rung(None) => Words::new("受理台", "desk"),
        Key::Area(None) => Words::new("更高一级", "above that level"),
        Key::Rung(Some(rung)) => Words::new(rung.zh(), rung.name()),
        Key::Unit(unit) => rules.unit(unit).map_or_else(otherwise, |unit| unit.name.clone()),
        Key::Class(class) => {
            let known = rules.policy.classes.get(class);
            known.map_or_else(otherwise, |class| Words::new(&class.zh, &class.en))
        }
        Key::Area(Some(area)) => area_name(rules, *area, on).unwrap_or_else(otherwise),
    }
}

fn area_name(rules: &Rules, area: AreaCode, on: Date) -> Option<Words> {
    let then = rules.territory.span(area, on).map(|span| span.name.clone());
    then.or_else(|| rules.territory.name(area).cloned())
}
