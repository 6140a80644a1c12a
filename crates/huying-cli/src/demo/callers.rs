//! The simulated callers of 灯塔市: a Poisson stream by the hour of the day, with repeats, from a seed.

use super::shares::{
    ACCUSES_PERMILLE, ALARM, ALARMS_PERMILLE, ANSWERED_AT_ONCE_PERMILLE, BY_NAME_PERMILLE, CHANNELS,
    DRILLS_PERMILLE, FINDER_SOLVES_PERMILLE, GROUNDS, HOURS, LINES, MATTERS, Matter, NOWHERE_PERMILLE,
    REFERRED_PERMILLE, REFUSED_PERMILLE, REPEAT_WINDOW_S, REPEATS_PERMILLE,
};
use crate::people::{
    agenda::Agenda,
    dice::Dice,
    world::{AtDesk, Call, Seen, World},
};
use huying_domain::{
    area::{AreaCode, Level, Point},
    event::Event,
    ids::{ClassId, ConditionId, ExternalId, UnitId},
    private::Private,
    time::Timestamp,
    vocabulary::{CaseKind, Channel, Tag},
};
use huying_intake::report::Report;
use std::collections::VecDeque;

/// How many days after the last call the run goes on at most.
pub const RUN_ON_DAYS_MAX: i64 = 60;
/// Hours between UTC and the demo city's clocks, which know no summer time.
const ZONE_HOURS: i64 = 8;
const HOUR_MS: i64 = 3_600_000;
/// What names the stream of calls among all chances of the seed.
const CALLS: u64 = 0x63_61_6c_6c_73;

/// A grid with the box in which its calls lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ground {
    /// The grid.
    pub grid: AreaCode,
    /// The south-western corner.
    pub low: Point,
    /// The north-eastern corner.
    pub high: Point,
}

/// The stream of calls.
pub struct Callers {
    dice: Dice,
    grounds: Vec<Ground>,
    communities: Vec<String>,
    per_hour: f64,
    until: Timestamp,
    count: u64,
    next: Option<(Timestamp, Call)>,
    recent: VecDeque<(Timestamp, Said)>,
    /// Calls whose place lies in no area.
    pub orphans: u64,
}

/// What is repeated when somebody else calls about the same.
#[derive(Clone, Debug)]
struct Said {
    matter: Matter,
    place: Option<Point>,
    address: Option<String>,
}

impl Callers {
    /// Callers from `start` until `until`, on average so many an hour.
    pub fn new(
        seed: u64,
        grounds: Vec<Ground>,
        communities: Vec<String>,
        per_hour: u32,
        start: Timestamp,
        until: Timestamp,
    ) -> Self {
        let dice = Dice::new(seed, &[CALLS]);
        let mut callers = Self {
            dice,
            grounds,
            communities,
            per_hour: f64::from(per_hour),
            until,
            count: 0,
            next: None,
            recent: VecDeque::new(),
            orphans: 0,
        };
        callers.next = callers.make(start);
        callers
    }

    /// The next call after an instant. The rate holds for an hour; what would come later is drawn anew there,
    /// which a stream without memory allows.
    fn make(&mut self, after: Timestamp) -> Option<(Timestamp, Call)> {
        let mut at = after;
        loop {
            let hour = (at.millis() + ZONE_HOURS * HOUR_MS).div_euclid(HOUR_MS);
            let weight = HOURS[usize::try_from(hour.rem_euclid(24)).expect("an hour of the day")];
            let rate = self.per_hour * f64::from(weight) * 24.0 / f64::from(HOURS.iter().sum::<u32>());
            let next = at.millis() + self.dice.until_next_ms(rate);
            let end = (hour + 1 - ZONE_HOURS) * HOUR_MS;
            if end > self.until.millis() && next > self.until.millis() {
                return None;
            }
            if next <= end {
                let at = Timestamp::from_millis(next);
                return Some((at, self.call(at)));
            }
            at = Timestamp::from_millis(end);
        }
    }

    fn call(&mut self, at: Timestamp) -> Call {
        self.count += 1;
        if self.dice.happens(ALARMS_PERMILLE) {
            return self.alarm(at);
        }
        while self.recent.pop_front_if(|(then, _)| at.seconds_since(*then) > REPEAT_WINDOW_S).is_some() {}
        let repeats = self.dice.happens(REPEATS_PERMILLE) && !self.recent.is_empty();
        let said = if repeats {
            let last = i64::try_from(self.recent.len()).expect("an hour's calls") - 1;
            let which = usize::try_from(self.dice.between(0, last)).expect("a place in the list");
            self.recent[which].1.clone()
        } else {
            self.say()
        };
        self.recent.push_back((at, said.clone()));
        let channel = CHANNELS[self.dice.weighted(&CHANNELS.map(|(_, weight)| weight))].0;
        let at_desk = self.at_desk(&said, channel);
        Call { report: self.report(at, said, channel), at_desk }
    }

    /// Somebody presses the button at home.
    fn alarm(&mut self, at: Timestamp) -> Call {
        let is_drill = self.dice.happens(DRILLS_PERMILLE);
        let said = Said { matter: ALARM, place: Some(self.somewhere()), address: None };
        let mut report = self.report(at, said, Channel::Device);
        report.accused = None;
        report.tags.extend(is_drill.then_some(Tag::Drill));
        Call { report, at_desk: None }
    }

    fn say(&mut self) -> Said {
        let matter = MATTERS[self.dice.weighted(&MATTERS.map(|matter| matter.weight))];
        let number = self.dice.between(1, 99);
        if self.dice.happens(NOWHERE_PERMILLE) {
            return Said { matter, place: None, address: Some(format!("说不清的地方{number}号")) };
        }
        if self.dice.happens(BY_NAME_PERMILLE) {
            let last = i64::try_from(self.communities.len()).expect("a city's communities") - 1;
            let which = usize::try_from(self.dice.between(0, last)).expect("a place in the list");
            let address = format!("{}{number}号楼", self.communities[which]);
            return Said { matter, place: None, address: Some(address) };
        }
        Said { matter, place: Some(self.somewhere()), address: None }
    }

    /// A point in one of the grids.
    fn somewhere(&mut self) -> Point {
        let last = i64::try_from(self.grounds.len()).expect("a city's grids") - 1;
        let which = usize::try_from(self.dice.between(0, last)).expect("a place in the list");
        let Ground { low, high, .. } = self.grounds[which];
        let mut within = |low: i32, high: i32| {
            i32::try_from(self.dice.between(i64::from(low), i64::from(high)))
                .expect("between two of its kind")
        };
        Point { lon: within(low.lon, high.lon), lat: within(low.lat, high.lat) }
    }

    fn at_desk(&mut self, said: &Said, channel: Channel) -> Option<AtDesk> {
        if said.matter.kind == CaseKind::Inquiry && self.dice.happens(ANSWERED_AT_ONCE_PERMILLE) {
            Some(AtDesk::Solved)
        } else if channel == Channel::Patrol && self.dice.happens(FINDER_SOLVES_PERMILLE) {
            Some(AtDesk::SolvedByFinder)
        } else if self.dice.happens(REFERRED_PERMILLE) {
            Some(AtDesk::Referred(LINES[self.dice.weighted(&LINES.map(|(_, weight)| weight))].0))
        } else if self.dice.happens(REFUSED_PERMILLE) {
            Some(AtDesk::Refused(GROUNDS[self.dice.weighted(&GROUNDS.map(|(_, weight)| weight))].0))
        } else {
            None
        }
    }

    fn report(&mut self, at: Timestamp, said: Said, channel: Channel) -> Report {
        let Said { matter, place, address } = said;
        let accuses = place.is_some() && self.dice.happens(ACCUSES_PERMILLE);
        let around = |ground: &&Ground| {
            place.is_some_and(|Point { lon, lat }| {
                (ground.low.lon..=ground.high.lon).contains(&lon)
                    && (ground.low.lat..=ground.high.lat).contains(&lat)
            })
        };
        let accused = self.grounds.iter().find(around).filter(|_| accuses);
        let accused = accused.and_then(|ground| UnitId::new(ground.grid.to_string()).ok());
        // Numbers that begin with six zeros are nobody's; they are there to be sealed.
        let number = format!("000000{:05}", self.dice.between(0, 99_999));
        let name = format!("演示居民{}", self.count);
        let words = format!("我叫{name}，电话{number}，{}", matter.summary);
        let private =
            Private { number: Some(number), name: Some(name), words: Some(words), ..Private::default() };
        Report {
            external: ExternalId::new(format!("demo-{:07}", self.count)).ok(),
            received: at,
            kind: matter.kind,
            channel,
            class: ClassId::new(matter.class).expect("the catalogue's ids are well formed"),
            condition: matter.condition.and_then(|condition| ConditionId::new(condition).ok()),
            department: None,
            point: place,
            area: None,
            area_hint: None,
            address,
            summary: matter.summary.into(),
            private,
            occurred_at: None,
            target: None,
            closed: None,
            snapshot: None,
            on_time: None,
            tags: Vec::new(),
            accused,
            settled: None,
            follows: None,
            photos: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl World for Callers {
    fn next_call_at(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|(at, _)| *at)
    }

    fn take_call(&mut self) -> Option<Call> {
        let (at, call) = self.next.take()?;
        self.next = self.make(at);
        Some(call)
    }

    fn horizon(&self) -> Timestamp {
        self.until.plus_seconds(RUN_ON_DAYS_MAX * 86_400)
    }

    fn calls(&self) -> Option<u64> {
        None
    }

    fn follow(&mut self, seen: &Seen<'_>, _: &mut Agenda) {
        match seen.event {
            Event::Registered(event) => self.orphans += u64::from(event.filing.orphan),
            Event::Joined(event) => self.orphans += u64::from(event.filing.orphan),
            _ => {}
        }
    }
}

/// The boxes of the grids in a GeoJSON. The demo city's areas are rectangles, so the box is the area.
pub fn grounds(geojson: &str) -> Vec<Ground> {
    let Ok(whole) = serde_json::from_str::<serde_json::Value>(geojson) else { return Vec::new() };
    let features = whole["features"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ground = |feature: &serde_json::Value| {
        let code = &feature["properties"]["code"];
        let grid: AreaCode = code.as_str().map_or_else(|| code.to_string(), str::to_owned).parse().ok()?;
        let mut corners = Vec::new();
        corners_of(&feature["geometry"]["coordinates"], &mut corners);
        let span = |axis: fn(&Point) -> i32| {
            Some((corners.iter().map(axis).min()?, corners.iter().map(axis).max()?))
        };
        let ((west, east), (south, north)) = (span(|point| point.lon)?, span(|point| point.lat)?);
        let low = Point { lon: west, lat: south };
        (grid.level() == Level::Grid).then_some(Ground { grid, low, high: Point { lon: east, lat: north } })
    };
    features.iter().filter_map(ground).collect()
}

fn corners_of(value: &serde_json::Value, corners: &mut Vec<Point>) {
    let Some(list) = value.as_array() else { return };
    match (list.first().and_then(serde_json::Value::as_f64), list.get(1).and_then(serde_json::Value::as_f64))
    {
        (Some(lon), Some(lat)) => corners.extend(Point::from_degrees(lon, lat)),
        _ => list.iter().for_each(|inner| corners_of(inner, corners)),
    }
}
