//! A calendar file, and time counted by it: the sum of the counted stretches is the elapsed time.
#![no_main]

use huying_domain::{
    calendar::{Calendars, Segment},
    limit::Limit,
    time::Timestamp,
};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(calendars) = Calendars::parse(text) else { return };
    let from = Timestamp::from_seconds(1_790_000_000);
    for name in calendars.names() {
        let calendar = calendars.get(name).expect("it is named");
        for limit in ["30um", "2wh", "3wd", "2nd"] {
            let limit: Limit = limit.parse().expect("a limit");
            let due = calendar.due(&limit, from).at;
            assert!(due >= from, "{name} {limit:?} is due before it began");
            let to = due.min(from.plus_seconds(30 * 86_400));
            let counted: i64 = calendar
                .segments(&limit, from, to)
                .iter()
                .filter(|one| one.counted)
                .map(Segment::seconds)
                .sum();
            assert_eq!(counted, calendar.counted(&limit, from, to), "{name} {limit:?}");
            let _ = calendar.next_opening(due);
        }
    }
});
