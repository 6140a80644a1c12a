//! The smallest city in which a replay can run, and the rules of a city that brings none of its own.

use super::{
    City, CityFacts,
    build::COUNTY_DEFAULT,
    place::below,
    roster::{DEPARTMENT_STAFF, Desk, Roster, desk_row},
};
use huying_domain::{
    area::AreaCode,
    calendar::SHIPPED,
    ids::{CalendarName, UnitId},
    record::RuleFile,
    rules::{RuleTexts, policy::Policy, units::Units},
    words::Words,
};

const POLICY: &str = include_str!("../../data/replay_policy.toml");
const DUTY: &str = include_str!("../../data/replay_duty.toml");
/// What stands in the shipped policy where the calendar's name belongs.
const CALENDAR_BLANK: &str = "{calendar}";

/// One county with one street, one community and one grid, so that the whole ladder stands; below the centre the
/// departments. `calendar` is one of those shipped: `cn-office`, `nyc-office`, `boston-office`.
pub fn flat(county: &Words, zone: &str, calendar: &CalendarName, departments: &[UnitId]) -> City {
    let code = AreaCode::new(COUNTY_DEFAULT).expect("six digits");
    let mut roster = Roster::default();
    roster.area(code, county.clone());
    let mut area = code;
    for (zh, en) in
        [("全域街道", "The one street"), ("全域社区", "The one community"), ("全域网格", "The one grid")]
    {
        area = below(area, 1);
        roster.area(area, Words::new(zh, en));
    }
    for id in departments {
        let name = Words::new(id.as_str(), id.as_str());
        roster.desk(&Desk { id, calendar: calendar.as_str(), staff: DEPARTMENT_STAFF, name });
    }
    let centre = Words::new("指挥中心", "Command centre");
    let texts = RuleTexts::from([
        (RuleFile::Policy, policy_text(calendar).into_bytes()),
        (RuleFile::Duty, duty_text().into_bytes()),
        (RuleFile::Calendar, calendar_text().into_bytes()),
        (RuleFile::Territory, roster.territory().into_bytes()),
        (RuleFile::Units, roster.units(calendar, calendar.as_str(), &centre).into_bytes()),
    ]);
    let facts = CityFacts {
        name_zh: county.zh.clone(),
        name_en: county.en.clone(),
        zone: zone.to_owned(),
        county: code,
        fallback: area,
        sources: vec!["One area for a replay without a map; no real division.".to_owned()],
    };
    City { facts, texts, areas: None }
}

/// The city with these departments added below the centre, on the policy's calendar. Who is a unit already stays as
/// is. A city whose policy or units cannot be read comes back unchanged: its rules are refused at the door anyway.
#[must_use]
pub fn with_departments(mut city: City, departments: &[(UnitId, Words)]) -> City {
    let text = |file: RuleFile| city.texts.get(&file).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let policy = text(RuleFile::Policy).and_then(|text| Policy::parse(text).ok());
    let units = text(RuleFile::Units).and_then(|text| Some((Units::parse(text).ok()?, text.to_owned())));
    let (Some(policy), Some((known, mut rows))) = (policy, units) else { return city };
    if !rows.ends_with('\n') {
        rows.push('\n');
    }
    let mut added: Vec<&UnitId> = Vec::new();
    for (id, name) in departments {
        if known.get(id).is_none() && !added.contains(&id) {
            let calendar = policy.calendar.as_str();
            desk_row(
                &mut rows,
                &policy.centre,
                &Desk { id, calendar, staff: DEPARTMENT_STAFF, name: name.clone() },
            );
            added.push(id);
        }
    }
    city.texts.insert(RuleFile::Units, rows.into_bytes());
    city
}

/// The policy of a replay on this calendar.
pub fn policy_text(calendar: &CalendarName) -> String {
    POLICY.replace(CALENDAR_BLANK, calendar.as_str())
}

/// The duty list of a replay: everything starts at the grid.
pub(super) fn duty_text() -> String {
    DUTY.to_owned()
}

/// The calendars that come with the program.
pub(super) fn calendar_text() -> String {
    SHIPPED.to_owned()
}
