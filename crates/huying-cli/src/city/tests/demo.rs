use super::{calendar, small};
use crate::city::{
    check::check_city,
    dengta::{DENGTA_GRID_PEOPLE, DENGTA_GRIDS, DENGTA_MICRO_GRIDS, dengta},
    finding::Findings,
    flat::{flat, with_departments},
};
use huying_domain::{
    area::{AreaCode, Level},
    event::collect::Brief,
    ids::{ClassId, UnitId},
    rules::Rules,
    vocabulary::{Clock, Rung},
    words::Words,
};
use std::collections::BTreeMap;

fn brief(class: &str, area: u64) -> Brief {
    Brief {
        class: ClassId::new(class).expect("a class"),
        condition: None,
        area: AreaCode::new(area).expect("an area"),
        accused: None,
        department: None,
    }
}

fn unit(id: &str) -> UnitId {
    UnitId::new(id).expect("a plain token")
}

fn count(rules: &Rules, level: Level) -> u64 {
    rules.territory.codes(level).count() as u64
}

fn below(rules: &Rules, level: Level) -> Vec<u64> {
    let mut counts: BTreeMap<AreaCode, u64> = BTreeMap::new();
    for code in rules.territory.codes(level) {
        *counts.entry(code.parent().expect("below the county")).or_default() += 1;
    }
    counts.into_values().collect()
}

#[test]
fn the_demo_city_has_the_numbers_that_its_namesake_reports() {
    let rules = dengta().rules().expect("the rules hold together");
    assert_eq!(count(&rules, Level::Community), 18);
    assert_eq!(count(&rules, Level::Grid), DENGTA_GRIDS);
    assert_eq!(count(&rules, Level::MicroGrid), DENGTA_MICRO_GRIDS);
    let in_grids = |level: Option<Level>| matches!(level, Some(Level::Grid | Level::MicroGrid));
    let people: u32 = rules
        .units
        .iter()
        .filter(|unit| in_grids(unit.area.map(AreaCode::level)))
        .map(|unit| unit.staff)
        .sum();
    assert_eq!(people, DENGTA_GRID_PEOPLE);
    assert!(below(&rules, Level::Grid).iter().all(|grids| (15..=16).contains(grids)));
    assert!(below(&rules, Level::MicroGrid).iter().all(|micro| (18..=19).contains(micro)));
}

#[test]
fn the_demo_city_stands_up_to_the_check() {
    assert_eq!(check_city(&dengta()), Findings::default());
}

#[test]
fn the_demo_city_is_the_same_each_time() {
    assert_eq!(dengta(), dengta());
}

#[test]
fn every_class_of_the_demo_city_finds_a_holder_on_its_starting_rung() {
    let rules = dengta().rules().expect("the rules hold together");
    for class in rules.policy.classes.keys() {
        let brief = brief(class.as_str(), 211_081_001_001_001);
        let duty = rules.duty_for(&brief);
        assert!(rules.stands_on(duty.start, &brief).is_some(), "nobody stands where {class} starts");
        assert!(!duty.forbid.contains(&duty.start), "{class} starts where it is forbidden");
        assert!(rules.policy.ladder.contains(&duty.start), "{class} starts beside the ladder");
    }
}

#[test]
fn a_community_is_never_put_in_charge_of_enforcement() {
    let rules = dengta().rules().expect("the rules hold together");
    for (class, department) in [("urban.illegal_build", "urban"), ("police.noise", "police")] {
        let duty = rules.duty_for(&brief(class, 211_081_001_001_001));
        assert_eq!(duty.department, Some(unit(department)));
        assert!(duty.forbid.contains(&Rung::Community) && duty.forbid.contains(&Rung::Grid));
    }
}

#[test]
fn water_heat_and_power_are_served_day_and_night() {
    let rules = dengta().rules().expect("the rules hold together");
    for id in ["water", "heat", "power"] {
        assert_eq!(rules.unit(&unit(id)).expect("a unit").calendar, calendar("continuous"));
        let classes =
            rules.policy.classes.iter().filter(|(class, _)| class.as_str().starts_with(&format!("{id}.")));
        assert!(classes.clone().count() > 0);
        assert!(classes.into_iter().all(|(_, class)| class.calendar == Some(calendar("continuous"))));
    }
}

#[test]
fn the_flat_city_has_a_whole_ladder_for_a_replay() {
    let departments = [unit("nypd"), unit("hpd")];
    let name = Words::new("纽约", "New York");
    let city = flat(&name, "America/New_York", &calendar("nyc-office"), &departments);
    assert_eq!(check_city(&city), Findings::default());
    let rules = city.rules().expect("the rules hold together");
    let mut matter = brief("Noise - Residential", city.facts.fallback.number());
    matter.department = Some(unit("hpd"));
    for rung in &rules.policy.ladder {
        assert!(rules.stands_on(*rung, &matter).is_some_and(|unit| unit.staff > 0), "{rung} is vacant");
    }
    assert_eq!(rules.limit(Clock::Resolve, &matter).expect("a target").to_string(), "5wd");
    assert_eq!(rules.limit(Clock::Accept, &matter), None);
    assert_eq!(rules.hold(Rung::Grid, &matter, None).to_string(), "2uh");
}

#[test]
fn every_shipped_office_calendar_carries_a_flat_city() {
    for (zone, office) in [
        ("Asia/Shanghai", "cn-office"),
        ("America/New_York", "boston-office"),
        ("America/New_York", "nyc-office"),
    ] {
        let city = flat(&Words::new("城", "City"), zone, &calendar(office), &[]);
        assert_eq!(check_city(&city), Findings::default(), "{office}");
    }
}

#[test]
fn departments_found_in_a_call_file_are_added_once_and_known_ones_are_left_alone() {
    let found = [
        (unit("pwd"), Words::new("公共工程, 局", "Public Works, Department of")),
        (unit("pwd"), Words::new("又一次", "again")),
        (unit("centre"), Words::new("不是", "not this")),
    ];
    let before = small().rules().expect("the rules hold together");
    let after = with_departments(small(), &found).rules().expect("the rules hold together");
    assert_eq!(after.units.iter().count(), before.units.iter().count() + 1);
    let added = after.unit(&unit("pwd")).expect("a unit");
    assert_eq!(added.parent.as_ref(), Some(after.centre()));
    assert_eq!(added.name.en, "Public Works; Department of");
    let centre = |rules: &Rules| rules.unit(rules.centre()).expect("the centre").name.clone();
    assert_eq!(centre(&after), centre(&before));
}
