//! A second, naive calendar that walks minute by minute on the wall clock must agree with the compiled one:
//! on random weeks, days off, make-up days, zones, starts and limits, around changed clocks and the ends of
//! years.

use huying_domain::{
    calendar::{Calendar, Calendars, Due},
    ids::CalendarName,
    limit::Limit,
    time::Timestamp,
};
use jiff::{
    ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};
use proptest::{collection, prelude::*, sample};
use std::collections::BTreeSet;

const MINUTE_MS: i64 = 60_000;

/// The calendar as a person would write it down.
#[derive(Clone, Debug)]
struct Naive {
    zone: &'static str,
    /// Shifts from Monday to Sunday, in half hours after midnight.
    week: Vec<Vec<(u16, u16)>>,
    off: BTreeSet<Date>,
    makeup: BTreeSet<Date>,
    until: Date,
    last_second: bool,
    next_opening: bool,
}

/// A minute on the wall.
struct Minute {
    date: Date,
    open: bool,
}

impl Naive {
    fn compiled(&self) -> Calendars {
        let mut text = format!(
            "[[calendar]]\nname = \"c\"\nzone = \"{}\"\ntitle_zh = \"\"\ntitle_en = \"\"\ndays = \"d\"\n",
            self.zone
        );
        let day_ends = if self.last_second { "23:59:59" } else { "last_shift" };
        text += &format!("day_ends = \"{day_ends}\"\n");
        let hours_end = if self.next_opening { "next_opening" } else { "close" };
        text += &format!("hours_end = \"{hours_end}\"\n");
        text += "[calendar.week]\n";
        let clock = |half: u16| format!("{:02}:{:02}", half / 2, half % 2 * 30);
        for (day, shifts) in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().zip(&self.week) {
            let shifts: Vec<_> = shifts.iter().map(|&(a, b)| format!("{}-{}", clock(a), clock(b))).collect();
            text += &format!("{day} = {shifts:?}\n");
        }
        text += "[[days]]\nname = \"d\"\npublished_from = \"2025-01-01\"\n";
        text += &format!("published_until = \"{}\"\noff = [\n", self.until);
        for day in &self.off {
            text += &format!("{{ from = \"{day}\", zh = \"休\", en = \"off {day}\" }},\n");
        }
        let makeup: Vec<_> = self.makeup.iter().map(Date::to_string).collect();
        text += &format!("]\nworkdays = {makeup:?}\n");
        Calendars::parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
    }

    fn shifts(&self, day: Date) -> &[(u16, u16)] {
        if self.makeup.contains(&day) {
            self.week.iter().find(|shifts| !shifts.is_empty()).expect("some day is open")
        } else if self.off.contains(&day) {
            &[]
        } else {
            &self.week[usize::try_from(day.weekday().to_monday_zero_offset()).expect("0 to 6")]
        }
    }

    fn wall(&self) -> TimeZone {
        TimeZone::get(self.zone).expect("a zone")
    }

    fn minute(&self, zone: &TimeZone, at_ms: i64) -> Minute {
        let wall = zone.to_datetime(jiff::Timestamp::from_millisecond(at_ms).expect("an instant"));
        let half = u16::try_from(wall.hour()).expect("an hour") * 2 + u16::from(wall.minute() >= 30);
        let date = wall.date();
        Minute { date, open: self.shifts(date).iter().any(|&(open, close)| (open..close).contains(&half)) }
    }

    fn is_open(&self, day: Date) -> bool {
        !self.shifts(day).is_empty()
    }

    fn is_published(&self, from: Date, to: Date) -> bool {
        from >= date(2025, 1, 1) && to <= self.until
    }

    fn after_work(&self, start_ms: i64, minutes: i64) -> Due {
        let zone = self.wall();
        let first = self.minute(&zone, start_ms).date;
        let (mut at_ms, mut left) = (start_ms, minutes);
        loop {
            let minute = self.minute(&zone, at_ms);
            if minute.open && (left <= 1 && !self.next_opening || left == 0) {
                let at = Timestamp::from_millis(at_ms + left * MINUTE_MS);
                return Due { at, provisional: !self.is_published(first, minute.date) };
            }
            left -= i64::from(minute.open);
            at_ms += MINUTE_MS;
        }
    }

    fn minutes_worked(&self, from_ms: i64, to_ms: i64) -> i64 {
        let zone = self.wall();
        let minutes = (from_ms..to_ms).step_by(60_000);
        minutes.map(|at_ms| i64::from(self.minute(&zone, at_ms).open)).sum()
    }

    /// The end of a day, found by walking through it from the noon of the day before.
    fn end_ms(&self, day: Date) -> i64 {
        let zone = self.wall();
        let noon = day.yesterday().expect("a day").at(12, 0, 0, 0).to_zoned(zone.clone()).expect("noon");
        let mut at_ms = noon.timestamp().as_millisecond();
        let (mut last_open, mut last) = (None, None);
        loop {
            let minute = self.minute(&zone, at_ms);
            if minute.date > day {
                break;
            }
            if minute.date == day {
                last = Some(at_ms + MINUTE_MS - 1000);
                last_open = if minute.open { Some(at_ms + MINUTE_MS) } else { last_open };
            }
            at_ms += MINUTE_MS;
        }
        if self.last_second {
            last.expect("a day has minutes")
        } else {
            last_open.expect("asked for open days only")
        }
    }

    fn after_days(&self, start_ms: i64, days: usize, working: bool) -> Due {
        let zone = self.wall();
        let first = self.minute(&zone, start_ms).date;
        let mut day = first;
        let mut left = days;
        while left > 0 {
            day = day.tomorrow().expect("a day");
            left -= usize::from(!working || self.is_open(day));
        }
        let touched = match (working, days) {
            (true, 1..) => first.tomorrow().expect("a day"),
            _ => day,
        };
        while !self.is_open(day) || self.end_ms(day) <= start_ms {
            day = day.tomorrow().expect("a day");
        }
        Due { at: Timestamp::from_millis(self.end_ms(day)), provisional: !self.is_published(touched, day) }
    }

    /// As long after the last minute that shows an earlier time as the wall clock lacks there.
    fn same_time_later(&self, start_ms: i64, days: i64) -> Due {
        let zone = self.wall();
        let wall =
            |at_ms: i64| zone.to_datetime(jiff::Timestamp::from_millisecond(at_ms).expect("an instant"));
        let wanted = wall(start_ms).checked_add(days.days()).expect("a day");
        let (mut at_ms, mut before_ms) = (start_ms, start_ms);
        while wall(at_ms) < wanted {
            (before_ms, at_ms) = (at_ms, at_ms + MINUTE_MS);
        }
        let lacks = wanted.duration_since(wall(before_ms)).as_millis();
        let at = Timestamp::from_millis(before_ms + i64::try_from(lacks).expect("short"));
        Due { at, provisional: false }
    }

    fn due(&self, limit: Limit, start_ms: i64) -> Due {
        match limit {
            Limit::WorkingSeconds(seconds) => self.after_work(start_ms, i64::from(seconds) / 60),
            Limit::WorkingDays(days) => self.after_days(start_ms, days.into(), true),
            Limit::NaturalDays(days) => self.after_days(start_ms, days.into(), false),
            Limit::RollingDays(days) => self.same_time_later(start_ms, days.into()),
            Limit::UrgentSeconds(_) | Limit::Given(_) => unreachable!("these ask no calendar"),
        }
    }

    fn resume(&self, limit: Limit, due_ms: i64, paused_ms: i64, resumed_ms: i64) -> Due {
        let zone = self.wall();
        let day_of = |at_ms: i64| self.minute(&zone, at_ms).date;
        let days_left =
            || day_of(paused_ms).series(1.day()).skip(1).take_while(|day| *day <= day_of(due_ms - 1));
        match limit {
            Limit::WorkingSeconds(_) => self.after_work(resumed_ms, self.minutes_worked(paused_ms, due_ms)),
            Limit::WorkingDays(_) => {
                self.after_days(resumed_ms, days_left().filter(|day| self.is_open(*day)).count(), true)
            }
            Limit::NaturalDays(_) => self.after_days(resumed_ms, days_left().count(), false),
            Limit::RollingDays(_) | Limit::UrgentSeconds(_) | Limit::Given(_) => {
                let at = Timestamp::from_millis(resumed_ms + due_ms - paused_ms);
                Due { at, provisional: false }
            }
        }
    }
}

/// Days on which something happens: clocks change, years and publications end, days off begin.
const ANCHORS: [(&str, Date); 9] = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2025, 11, 2)),
    ("Europe/Paris", date(2026, 3, 29)),
    ("Europe/Paris", date(2025, 10, 26)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Asia/Shanghai", date(2025, 12, 31)),
    ("Asia/Shanghai", date(2024, 12, 31)),
    ("America/New_York", date(2026, 12, 31)),
];

/// Shifts in half hours. None begins or ends within an hour that some zone above repeats: there the compiled
/// calendar means the first of the two by rule, which a look at the wall clock cannot tell.
fn day_shifts() -> impl Strategy<Value = Vec<(u16, u16)>> {
    let marks: Vec<u16> = (0..=48).filter(|half| ![3, 5].contains(half)).collect();
    prop_oneof![Just(Vec::new()), sample::subsequence(marks.clone(), 2), sample::subsequence(marks, 4),]
        .prop_map(|marks: Vec<u16>| marks.chunks(2).map(|pair| (pair[0], pair[1])).collect())
}

fn naive() -> impl Strategy<Value = (Naive, i64)> {
    let week = collection::vec(day_shifts(), 7)
        .prop_filter("never open", |week| week.iter().any(|day| !day.is_empty()));
    let offsets = || collection::btree_set(-12i32..30, 0..8);
    let until = prop_oneof![Just(date(2025, 12, 31)), Just(date(2026, 12, 31)), Just(date(2026, 4, 1))];
    (week, sample::select(&ANCHORS), offsets(), offsets(), until, any::<(bool, bool)>(), -4000i64..2000)
        .prop_map(|(week, (zone, anchor), off, makeup, until, (last_second, next_opening), minutes)| {
            let days = |offsets: &BTreeSet<i32>| offsets.iter().map(|&days| anchor + days.days()).collect();
            let makeup: BTreeSet<Date> = days(&makeup);
            let off: BTreeSet<Date> = days(&off);
            let off = off.difference(&makeup).copied().collect();
            let start = anchor.in_tz(zone).expect("a zone").timestamp().as_millisecond();
            (Naive { zone, week, off, makeup, until, last_second, next_opening }, start + minutes * MINUTE_MS)
        })
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (1u32..3000).prop_map(|minutes| Limit::WorkingSeconds(minutes * 60)),
        (1u16..12).prop_map(Limit::WorkingDays),
        (1u16..20).prop_map(Limit::NaturalDays),
        (1u16..20).prop_map(Limit::RollingDays),
    ]
}

fn only(calendars: &Calendars) -> &Calendar {
    calendars.get(&CalendarName::new("c").expect("a name")).expect("the only calendar")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_limit_ends_where_the_walk_ends((naive, start_ms) in naive(), limit in limits()) {
        let calendars = naive.compiled();
        let due = only(&calendars).due(&limit, Timestamp::from_millis(start_ms));
        let walked = naive.due(limit, start_ms);
        prop_assert_eq!(due, walked, "{} from {}", limit, Timestamp::from_millis(start_ms));
    }

    #[test]
    fn a_pause_ends_where_the_walk_ends(
        (naive, start_ms) in naive(), limit in limits(), pause in 0i64..20_000, away in 0i64..10_000,
    ) {
        let calendars = naive.compiled();
        let calendar = only(&calendars);
        let due = calendar.due(&limit, Timestamp::from_millis(start_ms)).at;
        let (paused, resumed) = (start_ms + pause * MINUTE_MS, start_ms + (pause + away) * MINUTE_MS);
        prop_assume!(paused < due.millis());
        let moved = calendar.resume(
            &limit, due, Timestamp::from_millis(paused), Timestamp::from_millis(resumed),
        );
        prop_assert_eq!(moved, naive.resume(limit, due.millis(), paused, resumed));
    }

    #[test]
    fn what_was_counted_when_a_working_limit_ends_is_the_limit(
        (naive, start_ms) in naive(), seconds in 1u32..200_000,
    ) {
        let calendars = naive.compiled();
        let calendar = only(&calendars);
        let limit = Limit::WorkingSeconds(seconds);
        let start = Timestamp::from_millis(start_ms);
        let due = calendar.due(&limit, start).at;
        prop_assert_eq!(calendar.counted(&limit, start, due), i64::from(seconds));
        // What ends with a shift is due when the next one opens, where the calendar has it so.
        let last_second = due.plus_seconds(-1);
        if !naive.next_opening || calendar.is_open(last_second) {
            prop_assert_eq!(calendar.counted(&limit, start, last_second), i64::from(seconds) - 1);
        }
    }

    #[test]
    fn a_pause_of_no_length_moves_nothing(
        (naive, start_ms) in naive(), seconds in 1u32..200_000, late_ms in 0i64..100_000_000,
    ) {
        let calendars = naive.compiled();
        let calendar = only(&calendars);
        let start = Timestamp::from_millis(start_ms + late_ms % 1000);
        let paused = Timestamp::from_millis(start_ms + late_ms);
        for limit in [Limit::WorkingSeconds(seconds), Limit::UrgentSeconds(seconds), Limit::WorkingDays(3)] {
            let due = calendar.due(&limit, start);
            prop_assert_eq!(calendar.resume(&limit, due.at, paused, paused).at, due.at, "{}", limit);
        }
    }

    #[test]
    fn segments_cover_the_time_and_add_up_to_what_was_counted(
        (naive, start_ms) in naive(), late_ms in 0i64..100_000, length_ms in 1i64..3_000_000_000,
    ) {
        let calendars = naive.compiled();
        let calendar = only(&calendars);
        let from = Timestamp::from_millis(start_ms + late_ms);
        let to = Timestamp::from_millis(start_ms + late_ms + length_ms);
        for limit in ["1ws", "1wd", "1nd", "1rd", "1us"] {
            let limit: Limit = limit.parse().expect("a limit");
            let parts = calendar.segments(&limit, from, to);
            prop_assert_eq!((parts[0].from, parts[parts.len() - 1].to), (from, to));
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert!((pair[0].counted, &pair[0].why) != (pair[1].counted, &pair[1].why));
            }
            let counted: i64 = parts.iter().filter(|part| part.counted).map(|part| part.seconds()).sum();
            prop_assert_eq!(counted, calendar.counted(&limit, from, to));
        }
        let parts = calendar.segments(&Limit::WorkingDays(1), from, to);
        for part in parts {
            let middle = Timestamp::from_millis(i64::midpoint(part.from.millis(), part.to.millis()));
            prop_assert_eq!(calendar.is_open(middle), part.counted);
        }
    }

    #[test]
    fn counted_seconds_are_those_of_the_minutes_walked(
        (naive, start_ms) in naive(), minutes in 0i64..30_000,
    ) {
        let calendars = naive.compiled();
        let end_ms = start_ms + minutes * MINUTE_MS;
        let (from, to) = (Timestamp::from_millis(start_ms), Timestamp::from_millis(end_ms));
        let counted = only(&calendars).counted(&Limit::WorkingDays(1), from, to);
        prop_assert_eq!(counted, naive.minutes_worked(start_ms, end_ms) * 60);
    }
}
