//! Working time as stories: limits on the shipped calendars, pauses, the ends of days and years, changed
//! clocks.

use huying_domain::{
    calendar::{Calendar, CalendarError, Calendars, Due, SHIPPED, Why},
    ids::CalendarName,
    limit::Limit,
    time::Timestamp,
};
use jiff::civil::{Date, date};

fn shipped() -> Calendars {
    Calendars::parse(SHIPPED).expect("the shipped calendars are well formed")
}

fn name(text: &str) -> CalendarName {
    CalendarName::new(text).expect("a name")
}

/// An instant on the calendar's wall: `2025-09-26 16:00`, with seconds where they matter.
fn on_wall(calendar: &Calendar, text: &str) -> Timestamp {
    let wall: jiff::civil::DateTime = text.replace(' ', "T").parse().expect("a date and a time");
    wall.to_zoned(calendar.zone().clone()).expect("a time of that day").timestamp().into()
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn limit(text: &str) -> Limit {
    text.parse().expect("a limit")
}

/// Given a start and a limit on a shipped calendar, the wall shows this when the limit ends, and it is
/// certain.
fn check(calendar: &str, given: (&str, &str), then: &str) {
    check_due(calendar, given, then, false);
}

fn check_due(calendar: &str, (start, text): (&str, &str), then: &str, provisional: bool) {
    let calendars = shipped();
    let calendar = calendars.get(&name(calendar)).expect("a shipped calendar");
    let due = calendar.due(&limit(text), on_wall(calendar, start));
    assert_eq!(due, Due { at: on_wall(calendar, then), provisional }, "{text} from {start}");
}

fn own(week: &str, rest: &str) -> Result<Calendars, CalendarError> {
    Calendars::parse(&format!(
        "[[calendar]]\nname = \"own\"\nzone = \"Asia/Shanghai\"\ntitle_zh = \"自\"\ntitle_en = \"Own\"\n\
         {week}\n{rest}"
    ))
}

#[test]
fn five_working_days_pass_over_the_national_holiday_and_count_the_make_up_sunday() {
    check("cn-office", ("2025-09-26 16:00", "5wd"), "2025-10-10 18:00");
}

#[test]
fn three_working_days_count_a_make_up_saturday_and_pass_over_the_spring_festival() {
    check("cn-office", ("2026-02-13 10:00", "3wd"), "2026-02-25 18:00");
}

#[test]
fn urgent_hours_run_through_the_night_of_a_holiday() {
    check("cn-office", ("2026-02-17 22:36", "2uh"), "2026-02-18 00:36");
}

#[test]
fn working_hours_left_over_at_the_close_go_on_at_the_next_opening() {
    check("cn-office", ("2024-02-09 17:00", "4wh"), "2024-02-18 11:00");
    check("cn-office", ("2026-11-20 11:00", "2wh"), "2026-11-20 15:00");
}

#[test]
fn working_hours_that_end_with_a_shift_are_due_at_its_close() {
    check("cn-office", ("2026-11-20 08:00", "4wh"), "2026-11-20 12:00");
    check("cn-office", ("2026-11-20 12:00", "4wh"), "2026-11-20 18:00");
}

#[test]
fn working_hours_that_start_outside_them_begin_at_the_next_opening() {
    check("cn-office", ("2026-11-20 13:05", "1wh"), "2026-11-20 15:00");
    check("cn-office", ("2026-11-20 18:00", "30wm"), "2026-11-23 08:30");
    check("cn-office", ("2026-11-21 09:00", "30wm"), "2026-11-23 08:30");
}

#[test]
fn a_day_on_which_a_case_comes_after_hours_is_still_the_first_day_and_not_counted() {
    check("cn-office", ("2026-11-18 23:30", "1wd"), "2026-11-19 18:00");
    check("cn-office", ("2026-11-18 00:00", "1wd"), "2026-11-19 18:00");
}

#[test]
fn natural_days_that_end_on_a_day_off_end_on_the_next_working_day() {
    check("cn-office", ("2026-11-16 10:00", "3nd"), "2026-11-19 18:00");
    check("cn-office", ("2026-11-19 10:00", "3nd"), "2026-11-23 18:00");
    check("cn-office", ("2026-09-28 10:00", "4nd"), "2026-10-08 18:00");
    // The last day is a Sunday, but one that is worked.
    check("cn-office", ("2026-09-17 10:00", "3nd"), "2026-09-20 18:00");
}

#[test]
fn round_the_clock_no_day_is_off_and_a_day_ends_at_midnight() {
    check("continuous", ("2026-02-14 10:00", "3nd"), "2026-02-18 00:00");
    check("continuous", ("2026-02-14 10:00", "3wd"), "2026-02-18 00:00");
    check("continuous", ("2026-02-14 10:00", "30wh"), "2026-02-15 16:00");
    check("continuous", ("2046-02-14 10:00", "5wd"), "2046-02-20 00:00");
}

#[test]
fn beyond_the_last_published_day_a_due_time_is_provisional_and_up_to_it_certain() {
    check_due("cn-office", ("2026-12-30 10:00", "1wd"), "2026-12-31 18:00", false);
    check_due("cn-office", ("2026-12-31 10:00", "1wd"), "2027-01-01 18:00", true);
    check_due("cn-office", ("2026-12-31 17:00", "1wh"), "2026-12-31 18:00", false);
    check_due("cn-office", ("2026-12-31 17:00", "61wm"), "2027-01-01 08:01", true);
    check_due("cn-office", ("2026-12-31 23:59:59", "2uh"), "2027-01-01 01:59:59", false);
    check_due("cn-office", ("2026-12-28 09:00", "3nd"), "2026-12-31 18:00", false);
    check_due("cn-office", ("2026-12-28 09:00", "4nd"), "2027-01-01 18:00", true);
    check_due("cn-office", ("2031-06-06 09:00", "1wd"), "2031-06-09 18:00", true);
}

#[test]
fn before_the_first_published_day_a_due_time_is_provisional_too() {
    check_due("cn-office", ("2023-12-28 09:00", "1wd"), "2023-12-29 18:00", true);
    check_due("cn-office", ("2023-12-31 09:00", "1wd"), "2024-01-02 18:00", false);
}

#[test]
fn a_period_may_end_with_the_last_second_of_its_last_day() {
    let rest = "day_ends = \"23:59:59\"\npublished_until = \"2026-12-31\"";
    let calendars = own("week = { thu = [\"08:00-12:00\"], fri = [\"08:00-12:00\"] }", rest).expect("fine");
    let calendar = calendars.get(&name("own")).expect("it is there");
    let due = |start: &str, text: &str| calendar.due(&limit(text), on_wall(calendar, start));
    let certain = |text: &str| Due { at: on_wall(calendar, text), provisional: false };
    assert_eq!(due("2026-12-30 23:59:59", "1wd"), certain("2026-12-31 23:59:59"));
    assert_eq!(due("2026-12-30 10:00", "1nd"), certain("2026-12-31 23:59:59"));
    assert!(due("2026-12-31 00:00", "1nd").provisional);
    assert_eq!(calendar.date(at("2026-12-31T15:59:59.999Z")), date(2026, 12, 31));
    assert_eq!(calendar.date(at("2026-12-31T16:00:00Z")), date(2027, 1, 1));
}

#[test]
fn an_hour_that_the_clocks_skip_or_repeat_is_neither_lost_nor_gained() {
    check("nyc-continuous", ("2026-03-08 01:00", "2uh"), "2026-03-08 04:00");
    check("nyc-continuous", ("2026-03-07 12:00", "24wh"), "2026-03-08 13:00");
    check("nyc-continuous", ("2026-10-31 12:00", "24wh"), "2026-11-01 11:00");
    check("nyc-continuous", ("2026-03-07 12:00", "1nd"), "2026-03-09 00:00");
    check("nyc-office", ("2026-03-06 16:00", "2wh"), "2026-03-09 10:00");
    check("nyc-office", ("2026-10-30 16:00", "1wd"), "2026-11-02 17:00");
    let calendars = shipped();
    let calendar = calendars.get(&name("nyc-continuous")).expect("shipped");
    let day = |from: &str, to: &str| {
        calendar.counted(&limit("1wh"), on_wall(calendar, from), on_wall(calendar, to)) / 3600
    };
    assert_eq!(day("2026-03-08 00:00", "2026-03-09 00:00"), 23);
    assert_eq!(day("2026-11-01 00:00", "2026-11-02 00:00"), 25);
}

#[test]
fn a_shift_that_begins_or_ends_in_a_skipped_hour_does_so_at_the_change() {
    let week = "week = { sun = [\"01:00-02:30\", \"02:40-04:00\"] }\npublished_until = \"2026-12-31\"";
    let text = format!(
        "[[calendar]]\nname = \"night\"\nzone = \"America/New_York\"\n\
         title_zh = \"夜\"\ntitle_en = \"Night\"\n{week}"
    );
    let calendars = Calendars::parse(&text).expect("fine");
    let calendar = calendars.get(&name("night")).expect("it is there");
    let from = on_wall(calendar, "2026-03-08 00:00");
    let to = on_wall(calendar, "2026-03-09 00:00");
    let segments = calendar.segments(&limit("1wh"), from, to);
    let worked: Vec<_> =
        segments.iter().filter(|part| part.counted).map(|part| (part.from, part.to)).collect();
    assert_eq!(worked, [(at("2026-03-08T06:00:00Z"), at("2026-03-08T08:00:00Z"))]);
}

#[test]
fn boston_rests_on_patriots_day_and_new_york_on_the_eve_of_a_saturday_fourth() {
    check("boston-office", ("2015-04-17 16:30", "1wh"), "2015-04-21 09:00");
    check("boston-office", ("2015-07-02 09:00", "2wd"), "2015-07-06 17:00");
    // An evening call of Thursday begins on Friday, and a day of work later it is Monday, 8:30.
    check("boston-office", ("2015-04-16 22:15", "510wm"), "2015-04-21 08:30");
    // Thirty days, to the hour, over the night in which clocks go forward.
    check("boston-office", ("2015-02-20 09:59", "30rd"), "2015-03-22 09:59");
    check("nyc-office", ("2026-07-02 16:00", "2wh"), "2026-07-06 10:00");
}

#[test]
fn a_given_instant_is_due_when_it_says() {
    let calendars = shipped();
    let calendar = calendars.get(&name("cn-office")).expect("shipped");
    let given = limit("@2031-01-01T00:00:00Z");
    let due = calendar.due(&given, at("2026-01-01T00:00:00Z"));
    assert_eq!(due, Due { at: at("2031-01-01T00:00:00Z"), provisional: false });
    let resumed = calendar.resume(&given, due.at, at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
    assert_eq!(resumed, due);
}

#[test]
fn a_pause_hands_on_what_was_left_to_count() {
    let calendars = shipped();
    let calendar = calendars.get(&name("cn-office")).expect("shipped");
    let check = |text: &str, due: &str, (paused, resumed): (&str, &str), then: &str| {
        let wall = |text: &str| on_wall(calendar, text);
        let moved = calendar.resume(&limit(text), wall(due), wall(paused), wall(resumed));
        assert_eq!(
            moved,
            Due { at: wall(then), provisional: false },
            "{text} due {due}, {paused} to {resumed}"
        );
    };
    check("4wh", "2026-11-18 16:00", ("2026-11-18 11:00", "2026-11-19 17:00"), "2026-11-20 10:00");
    check("4wh", "2026-11-18 16:00", ("2026-11-18 13:00", "2026-11-21 13:00"), "2026-11-23 10:00");
    check("2uh", "2026-11-18 16:00", ("2026-11-18 15:00", "2026-11-21 13:00"), "2026-11-21 14:00");
    check("5wd", "2026-11-20 18:00", ("2026-11-17 09:00", "2026-11-23 09:00"), "2026-11-26 18:00");
    check("3nd", "2026-11-20 18:00", ("2026-11-18 09:00", "2026-11-26 09:00"), "2026-11-30 18:00");
    // Paused on the last day: the day of the resumption is the last, or the next if that one is over or off.
    check("5wd", "2026-11-20 18:00", ("2026-11-20 09:00", "2026-11-25 09:00"), "2026-11-25 18:00");
    check("5wd", "2026-11-20 18:00", ("2026-11-20 09:00", "2026-11-25 19:00"), "2026-11-26 18:00");
    check("5wd", "2026-11-20 18:00", ("2026-11-20 09:00", "2026-11-21 09:00"), "2026-11-23 18:00");
    // What had passed before the pause has passed.
    check("4wh", "2026-11-18 16:00", ("2026-11-18 16:00", "2026-11-20 16:00"), "2026-11-18 16:00");
}

#[test]
fn a_last_day_that_ends_at_midnight_is_the_day_before() {
    let calendars = shipped();
    let calendar = calendars.get(&name("continuous")).expect("shipped");
    let wall = |text: &str| on_wall(calendar, text);
    let due = calendar.due(&limit("2wd"), wall("2026-11-16 10:00")).at;
    assert_eq!(due, wall("2026-11-19 00:00"));
    let moved = calendar.resume(&limit("2wd"), due, wall("2026-11-18 10:00"), wall("2026-11-18 11:00"));
    assert_eq!(moved.at, due);
}

#[test]
fn segments_say_what_was_counted_and_why_not() {
    let calendars = shipped();
    let calendar = calendars.get(&name("cn-office")).expect("shipped");
    let wall = |text: &str| on_wall(calendar, text);
    let (from, to) = (wall("2026-02-13 17:00"), wall("2026-02-16 01:00"));
    let told: Vec<_> = calendar
        .segments(&limit("4wh"), from, to)
        .into_iter()
        .map(|part| (part.seconds(), part.counted, part.why))
        .collect();
    let festival = Why::Holiday { zh: "春节".into(), en: "Spring Festival".into() };
    let expected = [
        (3600, true, Why::Working),
        (14 * 3600, false, Why::OffHours),
        (4 * 3600, true, Why::Makeup),
        (2 * 3600, false, Why::OffHours),
        (4 * 3600, true, Why::Makeup),
        (6 * 3600, false, Why::OffHours),
        (25 * 3600, false, festival),
    ];
    assert_eq!(told, expected);
    let weekend = calendar.segments(&limit("1wd"), wall("2026-11-21 00:00"), wall("2026-11-23 00:00"));
    assert_eq!(weekend.len(), 1);
    assert_eq!(weekend[0].why, Why::Weekend);
    let urgent = calendar.segments(&limit("1uh"), from, to);
    assert_eq!((urgent.len(), &urgent[0].why, urgent[0].counted), (1, &Why::Always, true));
}

#[test]
fn it_is_open_from_the_instant_of_the_opening_until_that_of_the_close() {
    let calendars = shipped();
    let calendar = calendars.get(&name("cn-office")).expect("shipped");
    let wall = |text: &str| on_wall(calendar, text);
    assert!(!calendar.is_open(wall("2026-11-20 07:59:59")));
    assert!(calendar.is_open(wall("2026-11-20 08:00")));
    assert!(calendar.is_open(wall("2026-11-20 11:59:59")));
    assert!(!calendar.is_open(wall("2026-11-20 12:00")));
    assert_eq!(calendar.next_opening(wall("2026-11-20 09:30")), wall("2026-11-20 09:30"));
    assert_eq!(calendar.next_opening(wall("2026-11-20 18:00")), wall("2026-11-23 08:00"));
}

#[test]
fn time_that_ends_is_answered_and_not_waited_for() {
    let calendars = shipped();
    for calendar in calendars.names().filter_map(|name| calendars.get(name)) {
        for text in ["1wh", "1wd", "3660wd", "3660nd", "@2026-01-01T00:00:00Z"] {
            for start in [Timestamp::EPOCH, Timestamp::FAR] {
                let due = calendar.due(&limit(text), start);
                let moved = calendar.resume(&limit(text), due.at, start, start);
                assert!(!due.at.to_string().is_empty() && !moved.at.to_string().is_empty());
                let week_before = start.plus_seconds(-7 * 86_400);
                let parts = calendar.segments(&limit(text), week_before, start);
                let counted: i64 = parts.iter().filter(|part| part.counted).map(|part| part.seconds()).sum();
                assert_eq!(counted, calendar.counted(&limit(text), week_before, start));
            }
        }
    }
}

#[test]
fn a_calendar_that_makes_no_sense_is_refused_with_its_reason() {
    let week = "week = { mon = [\"08:00-12:00\"] }";
    let until = "published_until = \"2026-12-31\"";
    macro_rules! refused {
        ($week:expr, $rest:expr, $reason:pat) => {
            let answer = own($week, $rest);
            assert!(matches!(answer, Err($reason)), "{} / {}: {answer:?}", $week, $rest);
        };
    }
    refused!("week = { mon = [], tue = [] }", until, CalendarError::NeverOpen { .. });
    refused!("week = {}", until, CalendarError::NeverOpen { .. });
    refused!(week, "", CalendarError::Unpublished { .. });
    refused!("", until, CalendarError::Hours { .. });
    refused!("continuous = true", until, CalendarError::Hours { .. });
    refused!(week, "published_until = \"2026-02-30\"", CalendarError::Date { .. });
    refused!(week, "published_until = \"2026-12-31\"\ndays = \"no\"", CalendarError::UnknownDays { .. });
    refused!(week, "published_until = 2026", CalendarError::Form(_));
    refused!(week, "published_untli = \"2026-12-31\"", CalendarError::Form(_));
    for shift in
        ["12:00-08:00", "8:00-12:00", "08:00-24:01", "08:60-12:00", "08:00", "08:00-08:00", "22:00-06:00"]
    {
        refused!(&format!("week = {{ mon = [\"{shift}\"] }}"), until, CalendarError::Shift { .. });
    }
    refused!("week = { mon = [\"08:00-12:00\", \"11:00-13:00\"] }", until, CalendarError::Overlap { .. });
    let table = |lists: &str| {
        format!("days = \"d\"\n[[days]]\nname = \"d\"\npublished_until = \"2026-12-31\"\n{lists}")
    };
    let off =
        |from: &str, to: &str| format!("{{ from = \"{from}\", to = \"{to}\", zh = \"休\", en = \"off\" }}");
    let twice = format!("off = [{}]\nworkdays = [\"2026-05-02\"]", off("2026-05-01", "2026-05-03"));
    refused!(week, &table(&twice), CalendarError::ListedTwice { .. });
    let backward = format!("off = [{}]", off("2026-05-03", "2026-05-01"));
    refused!(week, &table(&backward), CalendarError::Stretch { .. });
    let again = format!(
        "{until}\n[[calendar]]\nname = \"own\"\nzone = \"UTC\"\n\
         title_zh = \"\"\ntitle_en = \"\"\n{week}\n{until}"
    );
    refused!(week, &again, CalendarError::Duplicate { .. });
    let elsewhere = SHIPPED.replace("America/New_York", "America/Gotham");
    assert!(matches!(Calendars::parse(&elsewhere), Err(CalendarError::Zone { .. })));
}

/// Working days of each month, from January.
const WORKING_DAYS: [(i16, [usize; 12]); 3] = [
    (2024, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
    (2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
    (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
];

#[test]
fn the_months_of_three_years_have_the_working_days_that_the_notices_give_them() {
    let calendars = shipped();
    let calendar = calendars.get(&name("cn-office")).expect("shipped");
    for (year, months) in WORKING_DAYS {
        for (month, expected) in (1..=12).zip(months) {
            let first = date(year, month, 1);
            let worked = first.series(jiff::ToSpan::day(1)).take_while(|day| day.month() == month);
            assert_eq!(worked.filter(|day| calendar.is_workday(*day)).count(), expected, "{year}-{month:02}");
        }
    }
    assert_eq!(WORKING_DAYS.map(|(_, months)| months.iter().sum::<usize>()), [251, 248, 248]);
}

#[test]
fn every_day_of_three_years_agrees_with_the_collected_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/calendar/cn_days_2020_2026.csv");
    let Ok(table) = std::fs::read_to_string(path) else {
        eprintln!("the collected day table is not here, so the days are not compared with it");
        return;
    };
    let calendars = shipped();
    let calendar = calendars.get(&name("cn-office")).expect("shipped");
    let mut compared = 0;
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let day: Date = cells[0].parse().expect("a date");
        if (2024..=2026).contains(&day.year()) {
            assert_eq!(calendar.is_workday(day), cells[2] == "work", "{day}");
            compared += 1;
        }
    }
    assert_eq!(compared, 1096);
}
