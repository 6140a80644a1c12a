//! Instants as the standard writes them, and as clients do.

use huying_domain::time::Timestamp;
use jiff::{
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

/// The instant on the city's wall, with its offset, in whole seconds.
pub(super) fn shown(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from(at).to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Which end of a day is meant where only the day is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Its first second.
    First,
    /// Its last second.
    Last,
}

/// Reads an instant: a space for the `T`, parts of a second, and an offset whose plus became a space are taken; without
/// an offset it is the city's wall, and a day alone is the city's day. None of anything else.
pub(super) fn read(said: &str, zone: &TimeZone, end: End) -> Option<Timestamp> {
    let said = said.trim();
    let (day, rest) = said.split_at_checked(10)?;
    let day: Date = day.parse().ok()?;
    if rest.is_empty() {
        return match end {
            End::First => at(day.at(0, 0, 0, 0), zone),
            End::Last => Some(at(day.tomorrow().ok()?.at(0, 0, 0, 0), zone)?.plus_seconds(-1)),
        };
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let from = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at(from);
    let time: Time = time.parse().ok()?;
    let wall = day.to_datetime(time);
    match offset.trim_end() {
        "" => at(wall, zone),
        "Z" | "z" => at(wall, &TimeZone::UTC),
        offset => at(wall, &TimeZone::fixed(offset_of(offset)?)),
    }
}

fn at(wall: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(wall).ok().map(Timestamp::from)
}

/// `+08:00`, `-0500`, `+08`, and ` 08:00` whose plus was lost on the way.
fn offset_of(said: &str) -> Option<Offset> {
    let (sign, digits) = match said.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+" | " ", digits) => (1, digits.trim_start()),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 =
        digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Some(0), |rest| rest.parse().ok())?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").expect("built in")
    }

    fn reads(said: &str) -> Option<String> {
        read(said, &zone(), End::First).map(|at| shown(at, &zone()))
    }

    #[test]
    fn an_instant_is_read_however_clients_write_it_and_shown_with_the_citys_offset() {
        let wanted = Some("2026-10-01T08:30:05+08:00".to_owned());
        for said in [
            "2026-10-01T08:30:05+08:00",
            "2026-10-01 08:30:05+08:00",
            "2026-10-01T08:30:05 08:00",
            "2026-10-01T08:30:05.999999+08:00",
            "2026-10-01T08:30:05",
            "2026-10-01T00:30:05Z",
            "2026-09-30T19:30:05-0500",
        ] {
            assert_eq!(reads(said), wanted, "{said}");
        }
        for said in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-10-01T25:00:00Z",
            "2026-10-01T08:30:05+99:00",
            "2026-10-01喂",
            "一二三四五六",
        ] {
            assert_eq!(reads(said), None, "{said}");
        }
    }

    #[test]
    fn a_day_alone_is_the_citys_whole_day_also_the_years_last() {
        let last = |said| read(said, &zone(), End::Last).map(|at| shown(at, &zone()));
        assert_eq!(reads("2026-12-31").as_deref(), Some("2026-12-31T00:00:00+08:00"));
        assert_eq!(last("2026-12-31").as_deref(), Some("2026-12-31T23:59:59+08:00"));
        assert_eq!(
            read("2026-12-31", &zone(), End::First).map(|at| at.to_string()).as_deref(),
            Some("2026-12-30T16:00:00Z")
        );
    }
}
