//! Tables, instants and lengths of time as people read them.

use crate::words::{Lang, Say};
use comfy_table::{ContentArrangement, Table, TableComponent, presets::UTF8_HORIZONTAL_ONLY};
use huying_domain::time::Timestamp;
use jiff::{
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// How wide a table is where there is no terminal to keep to.
const PLAIN_COLUMNS: u16 = 160;
const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;

/// An empty table with these headings; in a terminal it keeps to the width.
pub fn table(lang: Lang, headings: &[Say]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    // Rows stand close together: a case has many.
    for lines in [
        TableComponent::HorizontalLines,
        TableComponent::MiddleIntersections,
        TableComponent::LeftBorderIntersections,
        TableComponent::RightBorderIntersections,
    ] {
        table.remove_style(lines);
    }
    if !table.is_tty() {
        table.set_width(PLAIN_COLUMNS);
    }
    table.set_header(headings.iter().map(|heading| heading.text(lang)));
    table
}

/// The instant on the wall of a zone, to the second.
pub fn wall(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from(at).to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The instant in RFC 3339 with the zone's offset, to the second.
pub fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from(at).to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The day with its day of the week: `2026-10-10 六`, `2026-10-10 Sat`.
pub fn day(date: Date, lang: Lang) -> String {
    let weekday = match date.weekday() {
        Weekday::Monday => ("一", "Mon"),
        Weekday::Tuesday => ("二", "Tue"),
        Weekday::Wednesday => ("三", "Wed"),
        Weekday::Thursday => ("四", "Thu"),
        Weekday::Friday => ("五", "Fri"),
        Weekday::Saturday => ("六", "Sat"),
        Weekday::Sunday => ("日", "Sun"),
    };
    format!("{date} {}", lang.pick(weekday.0, weekday.1))
}

/// A length of time: `2d 03:04:05`, `03:04:05`.
pub fn length(seconds: i64) -> String {
    let (days, rest) = (seconds / DAY_S, seconds % DAY_S);
    let clock = format!("{:02}:{:02}:{:02}", rest / HOUR_S, rest % HOUR_S / MINUTE_S, rest % MINUTE_S);
    if days > 0 { format!("{days}d {clock}") } else { clock }
}

/// The zone of a name that a calendar gave; UTC for one that this program does not know.
pub fn zone(name: &str) -> TimeZone {
    jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_printed_with_the_offset_of_its_zone() {
        let at: Timestamp = "2026-10-10T10:00:00Z".parse().expect("an instant");
        assert_eq!(rfc3339(at, &zone("Asia/Shanghai")), "2026-10-10T18:00:00+08:00");
        assert_eq!(rfc3339(at, &zone("America/New_York")), "2026-10-10T06:00:00-04:00");
        assert_eq!(wall(at, &zone("Asia/Shanghai")), "2026-10-10 18:00:00");
    }

    #[test]
    fn lengths_show_days_only_where_there_are_any() {
        assert_eq!(length(0), "00:00:00");
        assert_eq!(length(4 * HOUR_S + 61), "04:01:01");
        assert_eq!(length(2 * DAY_S + 1), "2d 00:00:01");
    }
}
