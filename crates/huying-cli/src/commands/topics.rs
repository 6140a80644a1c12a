//! `topics`: what many call about in one place within a while, each with its cases.

use super::out_of_turn;
use crate::{
    failure::{Failure, Output},
    live::{Answer, Request, folder},
    table::{table, wall, zone},
    words::{Lang, Say},
};
use huying_domain::{area::Level, time::Timestamp};
use huying_intake::topics::TopicAsk;
use serde_json::json;
use std::path::PathBuf;

const DAY_S: i64 = 86_400;

/// Which folder, and what makes a topic.
#[derive(Clone, Debug, clap::Args)]
pub struct TopicsArgs {
    /// The data folder
    #[arg(value_name = "DIR")]
    pub data: PathBuf,
    /// Cases in the same area of this level are in one place: grid, community, street, county 层级
    #[arg(long, default_value = "community")]
    pub by: Level,
    /// Longest gap between two cases of a topic, in days
    #[arg(long, default_value_t = 7)]
    pub days: u16,
    /// Fewest cases of a topic
    #[arg(long, default_value_t = 3)]
    pub min: u32,
    /// How alike the words are at least, in thousandths
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub alike: u16,
    /// Only cases filed at or after this instant
    #[arg(long)]
    pub since: Option<Timestamp>,
}

/// Lists the topics.
pub fn run(args: &TopicsArgs, lang: Lang) -> Result<Output, Failure> {
    let ask = TopicAsk {
        level: args.by,
        window_s: i64::from(args.days) * DAY_S,
        cases_min: args.min,
        alike_permille: args.alike,
        since: args.since.unwrap_or(Timestamp::EPOCH),
    };
    let told = match folder::open(&args.data)?.ask(Request::Topics(ask))? {
        Answer::Topics(told) => told,
        answer => return Err(out_of_turn(&answer)),
    };
    let zone = zone(&told.zone);
    let mut rows = table(lang, &[Say::HeadCount, Say::HeadTopic, Say::HeadFrom, Say::HeadTo, Say::HeadCases]);
    for topic in &told.topics {
        let place = topic.area.map_or_else(|| "—".to_owned(), |area| area.to_string());
        let cases: Vec<_> = topic.cases.iter().map(ToString::to_string).collect();
        rows.add_row([
            topic.cases.len().to_string(),
            [topic.class.as_str(), &place, &topic.about].join(" ").trim_end().to_owned(),
            wall(topic.first, &zone),
            wall(topic.last, &zone),
            cases.join(" "),
        ]);
    }
    let text = if told.topics.is_empty() { Say::NoTopics.text(lang).to_owned() } else { rows.to_string() };
    Ok(Output::done(json!({ "zone": told.zone, "topics": told.topics }), text))
}
