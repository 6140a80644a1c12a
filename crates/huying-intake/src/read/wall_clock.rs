//! Foreign times: with an offset they are instants, without one they are what the clock on the source's wall
//! showed.

use huying_domain::time::Timestamp;
use jiff::{civil::DateTime, tz::TimeZone};

/// The instant that a text names; none when it is neither an instant nor a wall-clock time, or lies before
/// 1970.
///
/// An hour that the clock shows twice means the first of the two; an hour that it leaps over means as much
/// later.
pub(super) fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let instant = match text.parse::<jiff::Timestamp>() {
        Ok(instant) => instant,
        Err(_) => text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?.timestamp(),
    };
    let millis = instant.as_millisecond();
    (millis >= 0 && millis <= Timestamp::FAR.millis()).then(|| Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_time_is_read_in_its_zone_and_an_offset_wins_over_it() {
        let zone = TimeZone::get("America/New_York").expect("bundled");
        for (text, utc) in [
            ("2026-04-11T23:28:40.000", "2026-04-12T03:28:40Z"),
            ("2026-01-11 23:28:40", "2026-01-12T04:28:40Z"),
            ("2026-04-15T03:11:01Z", "2026-04-15T03:11:01Z"),
            ("2026-04-15T03:11:01+08:00", "2026-04-14T19:11:01Z"),
            // The clock leaps from 02:00 to 03:00: half past two is as much later.
            ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),
            // The clock shows half past one twice: the first is meant.
            ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
        ] {
            assert_eq!(instant(text, &zone).map(|at| at.to_string()).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        let zone = TimeZone::UTC;
        for text in
            ["", "yesterday", "2026-13-01T00:00:00", "2026-02-30T00:00:00", "1969-12-31T23:59:59", "12:30"]
        {
            assert_eq!(instant(text, &zone), None, "{text:?}");
        }
    }
}
