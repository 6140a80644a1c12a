//! Counts by day on the wall of the city's zone: "today" is never the last 24 hours nor the server's date.

use crate::{
    span::day_of,
    tally::{Known, Tally},
};
use huying_domain::record::Record;
use jiff::{civil::Date, tz::TimeZone};
use std::collections::BTreeMap;

/// One tally a day, for as long as the journal reaches.
#[derive(Clone, Debug)]
pub struct Days {
    zone: TimeZone,
    days: BTreeMap<Date, Tally>,
    known: Known,
}

impl Days {
    /// No day yet, in this zone.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, days: BTreeMap::new(), known: Known::default() }
    }

    /// Takes in one record.
    pub fn follow(&mut self, record: &Record) {
        let day = day_of(&self.zone, record.at);
        self.days.entry(day).or_default().count(record, &mut self.known);
    }

    /// The tally of one day, if anything happened on it.
    pub fn day(&self, day: Date) -> Option<&Tally> {
        self.days.get(&day)
    }

    /// The sum from one day to another, both included.
    pub fn from_to(&self, first: Date, last: Date) -> Tally {
        let mut sum = Tally::default();
        if first <= last {
            self.days.range(first..=last).for_each(|(_, tally)| sum.add(tally));
        }
        sum
    }

    /// The days on which anything happened, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Date, &Tally)> {
        self.days.iter().map(|(day, tally)| (*day, tally))
    }
}
