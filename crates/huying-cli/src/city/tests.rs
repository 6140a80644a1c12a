mod build;
mod check;
mod demo;

use super::{City, CityError, flat::flat};
use huying_domain::{ids::CalendarName, words::Words};

pub(super) fn calendar(name: &str) -> CalendarName {
    CalendarName::new(name).expect("a plain token")
}

pub(super) fn small() -> City {
    flat(&Words::new("一县", "A county"), "Asia/Shanghai", &calendar("cn-office"), &[])
}

#[test]
fn a_city_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let city = City { areas: Some("{}".to_owned()), ..small() };
    let folder = folder.path().join("one");
    city.write(&folder).expect("written");
    assert_eq!(City::load(&folder).expect("read"), city);
}

#[test]
fn a_city_is_never_written_over_another() {
    let folder = tempfile::tempdir().expect("a folder");
    small().write(folder.path()).expect("written");
    assert!(matches!(small().write(folder.path()), Err(CityError::Occupied(_))));
}

#[test]
fn a_folder_without_a_rule_file_is_no_city() {
    let folder = tempfile::tempdir().expect("a folder");
    small().write(folder.path()).expect("written");
    std::fs::remove_file(folder.path().join("duty.toml")).expect("removed");
    match City::load(folder.path()) {
        Err(CityError::Read { path, .. }) => assert!(path.ends_with("duty.toml")),
        other => panic!("{other:?}"),
    }
}
