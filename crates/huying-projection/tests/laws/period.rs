//! Reporting days and months as a city sets them.

use crate::ledger::district;
use huying_domain::{rules::scores::Scores, time::Timestamp};
use huying_projection::{period::Periods, span::Span};
use jiff::{civil::date, tz::TimeZone};

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("built in")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("well formed")
}

#[test]
fn a_reporting_day_ends_at_the_citys_hour_and_a_month_begins_on_its_day() {
    let periods = Periods::new(shanghai(), &district());
    let day = periods.day(date(2026, 12, 31));
    assert_eq!(day, Span { from: at("2026-12-30T12:00:00+08:00"), to: at("2026-12-31T12:00:00+08:00") });
    assert_eq!(periods.day_of(at("2026-12-31T11:59:59+08:00")), date(2026, 12, 31));
    assert_eq!(periods.day_of(at("2026-12-31T12:00:00+08:00")), date(2027, 1, 1));
    assert_eq!(periods.month(2026, 12), Some((date(2026, 11, 19), date(2026, 12, 18))));
    assert_eq!(periods.month_of(at("2026-12-18T11:59:59+08:00")), (date(2026, 11, 19), date(2026, 12, 18)));
    assert_eq!(periods.month_of(at("2026-12-18T12:00:00+08:00")), (date(2026, 12, 19), date(2027, 1, 18)));
    assert_eq!(periods.month(2026, 13), None);
}

#[test]
fn without_a_choice_today_is_the_calendars_day_on_the_citys_wall() {
    let periods = Periods::new(shanghai(), &Scores::default());
    let eve = date(2026, 12, 31);
    let day = periods.day(eve);
    assert!(
        day.contains(at("2026-12-31T23:59:59.999+08:00")) && !day.contains(at("2027-01-01T00:00:00+08:00"))
    );
    assert_eq!(periods.day_of(at("2026-12-31T23:59:59+08:00")), eve);
    assert_eq!(periods.day_of(at("2026-12-31T16:00:00Z")), date(2027, 1, 1), "not the server's date");
    assert_eq!(periods.month_of(at("2026-12-31T23:59:59+08:00")), (date(2026, 12, 1), eve));
    let boston = Periods::new(TimeZone::get("America/New_York").expect("built in"), &Scores::default());
    let short = boston.day(date(2026, 3, 8));
    assert_eq!(short.to.seconds_since(short.from), 23 * 3600);
}

#[test]
fn the_days_of_a_month_are_the_month() {
    let periods = Periods::new(shanghai(), &district());
    let (first, last) = periods.month(2026, 11).expect("a month");
    let mut from = periods.day(first).from;
    for day in first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last) {
        assert_eq!(periods.day(day).from, from, "no instant belongs to two days or to none");
        from = periods.day(day).to;
    }
    assert_eq!(periods.days(first, last), Span { from: periods.day(first).from, to: from });
}
