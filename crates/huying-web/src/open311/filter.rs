//! Which cases of a list are meant. Every parameter is read before any is refused.

use super::{
    Asked,
    instant::{self, End},
    problem::{Problem, Problems},
    services::class_of,
};
use axum::http::StatusCode;
use huying_domain::{
    ids::{CaseId, ClassId},
    time::Timestamp,
};
use huying_projection::{ledger::KEEP_DAYS, requests::Request};

/// Longest stretch of one question, in days: the standard's.
const SPAN_DAYS_MAX: i64 = 90;
/// Most rows of one answer: the standard's.
pub(super) const ROWS_MAX: usize = 1_000;
/// Most cases that are asked for by number at once: each may have to be read from the disk.
pub(super) const NUMBERS_MAX: usize = 100;
const DAY_S: i64 = 86_400;

/// From one second up to and with another; what is absent does not narrow.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Stretch {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl Stretch {
    /// Seconds are compared, since seconds are what was shown.
    fn holds(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from.seconds() <= at.seconds())
            && self.to.is_none_or(|to| at.seconds() <= to.seconds())
    }

    /// Reads both ends.
    pub(super) fn read(asked: &Asked, from: &str, to: &str, problems: &mut Vec<Problem>) -> Self {
        let mut end = |name: &str, end: End| {
            let said = asked.said.one(name)?;
            let read = instant::read(said, asked.zone(), end);
            if read.is_none() {
                problems.push(Problem::bad(
                    name,
                    said,
                    "应为带时区的 ISO 8601 时间，如 2026-10-01T00:00:00+08:00",
                    "write ISO 8601 with an offset, such as 2026-10-01T00:00:00+08:00",
                ));
            }
            read
        };
        let stretch = Self { from: end(from, End::First), to: end(to, End::Last) };
        if let Self { from: Some(first), to: Some(last) } = stretch
            && first > last
        {
            let (zh, en) = (format!("{from} 晚于 {to}。"), format!("{from} is later than {to}."));
            problems.push(Problem::new(StatusCode::BAD_REQUEST, zh, en));
        }
        stretch
    }
}

/// Which cases are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Filter {
    classes: Vec<ClassId>,
    open: Option<bool>,
    requested: Stretch,
    updated: Stretch,
    /// Rows before the page.
    pub(super) skip: usize,
    /// Rows of the page.
    pub(super) rows: usize,
}

impl Filter {
    pub(super) fn read(asked: &Asked, now: Timestamp) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let updated = Stretch::read(asked, "updated_after", "updated_before", &mut problems);
        let requested = requested(asked, now, updated != Stretch::default(), &mut problems);
        let classes = classes(asked, &mut problems);
        let open = open(asked, &mut problems);
        let rows = number(asked, "page_size", &mut problems).unwrap_or(ROWS_MAX).min(ROWS_MAX);
        let page = number(asked, "page", &mut problems).unwrap_or(1);
        Problems::none_of(problems)?;
        Ok(Self { classes, open, requested, updated, skip: (page - 1).saturating_mul(rows), rows })
    }

    /// Whether a case is meant.
    pub(super) fn means(&self, request: &Request) -> bool {
        (self.classes.is_empty() || self.classes.contains(&request.class))
            && self.open.is_none_or(|open| open == request.closed_at.is_none())
            && self.requested.holds(request.filed_at)
            && self.updated.holds(request.updated_at)
    }

    /// Whether this one and all that were filed before it are too old.
    pub(super) fn is_behind(&self, request: &Request) -> bool {
        self.requested.from.is_some_and(|from| request.filed_at.seconds() < from.seconds())
    }
}

/// The numbers that are asked for; they stand above everything else.
pub(super) fn numbers(asked: &Asked) -> Result<Vec<CaseId>, Problems> {
    let said = asked.said.all("service_request_id");
    if said.len() > NUMBERS_MAX {
        let (zh, en) = (
            format!("一次最多查询 {NUMBERS_MAX} 个 service_request_id。"),
            format!("At most {NUMBERS_MAX} service_request_id are answered at once."),
        );
        return Err(Problem::new(StatusCode::BAD_REQUEST, zh, en).into());
    }
    let mut numbers: Vec<CaseId> = Vec::new();
    // What is no number of ours is nobody's case: it is left out like any other that is not there.
    for number in said.into_iter().filter_map(|number| number.parse().ok()) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// The stretch in which they were filed: 90 days at most, and the latest ones where nothing else is said.
fn requested(asked: &Asked, now: Timestamp, by_update: bool, problems: &mut Vec<Problem>) -> Stretch {
    let said = Stretch::read(asked, "start_date", "end_date", problems);
    let span = SPAN_DAYS_MAX * DAY_S;
    let stretch = match (said.from, said.to) {
        (None, None) if by_update => return said,
        (None, None) => Stretch { from: Some(now.plus_seconds(-span)), to: None },
        (Some(from), None) => Stretch { from: Some(from), to: Some(from.plus_seconds(span)) },
        (None, Some(to)) => Stretch { from: Some(to.plus_seconds(-span)), to: Some(to) },
        (Some(_), Some(_)) => said,
    };
    let Some(from) = stretch.from else { return stretch };
    let day = |at: Timestamp| jiff::Timestamp::from(at).to_zoned(asked.zone().clone()).date();
    let days =
        stretch.to.and_then(|to| day(from).until(day(to)).ok()).map_or(0, |span| i64::from(span.get_days()));
    if days > SPAN_DAYS_MAX {
        let (zh, en) = (
            format!("start_date 至 end_date 最多 {SPAN_DAYS_MAX} 天。"),
            format!("start_date and end_date are at most {SPAN_DAYS_MAX} days apart."),
        );
        problems.push(Problem::new(StatusCode::BAD_REQUEST, zh, en));
    }
    if said != Stretch::default() && from < now.plus_seconds(-KEEP_DAYS * DAY_S) {
        let (zh, en) = (
            format!("列表只到 {KEEP_DAYS} 天前；更早的请按 service_request_id 查询。"),
            format!("Lists reach {KEEP_DAYS} days back; ask for older ones by service_request_id."),
        );
        problems.push(Problem::new(StatusCode::BAD_REQUEST, zh, en));
    }
    stretch
}

fn classes(asked: &Asked, problems: &mut Vec<Problem>) -> Vec<ClassId> {
    let mut classes = Vec::new();
    for code in asked.said.all("service_code") {
        match class_of(&asked.rules, code) {
            Some((id, _)) => classes.push(id.clone()),
            None => problems.push(Problem::unknown("service_code", code)),
        }
    }
    classes
}

fn open(asked: &Asked, problems: &mut Vec<Problem>) -> Option<bool> {
    let mut wanted = Vec::new();
    for status in asked.said.all("status") {
        match status.to_ascii_lowercase().as_str() {
            "open" => wanted.push(true),
            "closed" => wanted.push(false),
            _ => problems.push(Problem::bad("status", status, "应为 open 或 closed", "it is open or closed")),
        }
    }
    let first = wanted.first().copied()?;
    wanted.iter().all(|open| *open == first).then_some(first)
}

/// A whole number from 1 on.
fn number(asked: &Asked, name: &str, problems: &mut Vec<Problem>) -> Option<usize> {
    let said = asked.said.one(name)?;
    let number = said.parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        problems.push(Problem::bad(name, said, "应为正整数", "it is a whole number from 1 on"));
    }
    number
}
