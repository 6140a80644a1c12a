//! Hot topics: what many call about, in one place and within a while.

use huying_domain::{area::Level, ids::CaseId, time::Timestamp};
use huying_intake::{
    class::{labelled::read_labelled, train::train},
    topics::{Noted, TopicAsk, Topics},
};
use jiff::{civil::DateTime, tz::TimeZone};
use proptest::prelude::*;
use std::{collections::BTreeSet, fs::File, path::PathBuf};

const DAY_S: i64 = 86_400;
const ASK: TopicAsk = TopicAsk {
    level: Level::Community,
    window_s: 3 * DAY_S,
    cases_min: 3,
    alike_permille: 400,
    since: Timestamp::EPOCH,
};

fn noted(day: i64, class: &str, area: &str, words: &str) -> Noted {
    Noted {
        at: Timestamp::from_seconds(day * DAY_S),
        class: class.parse().expect("a class"),
        area: area.parse().expect("a code"),
        words: words.to_owned(),
    }
}

fn topics(cases: &[Noted]) -> Topics {
    let mut topics = Topics::default();
    for (number, noted) in (1..).zip(cases) {
        topics.note(CaseId::new(0, number), noted.clone());
    }
    topics
}

fn numbers(topics: &Topics, ask: &TopicAsk) -> Vec<Vec<u64>> {
    topics.find(ask).iter().map(|topic| topic.cases.iter().map(|case| case.number()).collect()).collect()
}

#[test]
fn what_is_alike_in_one_place_within_a_while_is_one_topic() {
    const HERE: &str = "211081001001001";
    let cases = [
        noted(1, "heat", HERE, "东门小区暖气不热"),
        noted(1, "heat", "211081001001002", "东门小区三号楼暖气不热"),
        noted(2, "heat", HERE, "东门小区一直暖气不热"),
        noted(2, "noise", HERE, "东门小区暖气不热"),
        noted(2, "heat", "211081002001001", "东门小区暖气不热"),
        noted(2, "heat", HERE, "北街停水两天"),
        noted(9, "heat", HERE, "东门小区暖气不热"),
    ];
    let found = topics(&cases).find(&ASK);
    assert_eq!(
        numbers(&topics(&cases), &ASK),
        [[1, 2, 3]],
        "neither another class, place or matter, nor later"
    );
    assert_eq!((found[0].about.as_str(), found[0].class.as_str()), ("东门小区暖气不热", "heat"));
    assert_eq!((found[0].first.seconds(), found[0].last.seconds()), (DAY_S, 2 * DAY_S));
    let longer = TopicAsk { window_s: 7 * DAY_S, ..ASK };
    assert_eq!(numbers(&topics(&cases), &longer), [[1, 2, 3, 7]]);
    let wider = TopicAsk { level: Level::County, ..ASK };
    assert_eq!(numbers(&topics(&cases), &wider), [[1, 2, 3, 5]]);
    let later = TopicAsk { since: Timestamp::from_seconds(2 * DAY_S), cases_min: 1, ..ASK };
    assert!(numbers(&topics(&cases), &later).iter().all(|cases| !cases.contains(&1)));
}

proptest! {
    #[test]
    fn a_case_stands_in_one_topic_and_a_topic_holds_what_was_asked_for(
        cases in prop::collection::vec((0..20_i64, 0..3_usize, 0..2_usize, "[甲乙丙丁]{0,6}"), 0..60),
        window in 0..5_i64,
        alike in 0..1000_u16,
    ) {
        let cases: Vec<_> = cases
            .iter()
            .map(|(day, class, area, words)| {
                noted(*day, ["a", "b", "c"][*class], ["211081001001", "211081001002"][*area], words)
            })
            .collect();
        let ask = TopicAsk { window_s: window * DAY_S, cases_min: 1, alike_permille: alike, ..ASK };
        let kept = topics(&cases);
        let mut seen = BTreeSet::new();
        for topic in kept.find(&ask) {
            let mut before: Option<i64> = None;
            for case in &topic.cases {
                prop_assert!(seen.insert(*case), "{case} stands in two topics");
                let noted = &cases[usize::try_from(case.number() - 1).expect("small")];
                prop_assert_eq!(&noted.class, &topic.class);
                prop_assert_eq!(noted.area.at(ask.level), topic.area);
                prop_assert!(before.is_none_or(|before| noted.at.seconds() - before <= ask.window_s));
                before = Some(noted.at.seconds());
            }
        }
        prop_assert_eq!(seen.len(), cases.len(), "every case stands in one");
    }
}

/// Real messages of residents, where the folder with them lies beside the project.
#[test]
fn among_real_messages_there_are_topics() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/texts");
    let (Ok(titles), Ok(messages)) =
        (File::open(folder.join("titles_labelled.csv")), File::open(folder.join("messages_2019.csv")))
    else {
        eprintln!("skipped: ../shared/data/texts is absent");
        return;
    };
    let model = train(&read_labelled(titles).expect("they can be read")).expect("they make a model");
    let mut rows = csv::Reader::from_reader(messages);
    let header = rows.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|one| one.trim_start_matches('\u{feff}') == name);
    let (title, time) = (column("留言主题").expect("titles"), column("留言时间").expect("times"));
    let mut kept = Topics::default();
    let mut number = 0;
    for row in rows.records() {
        let row = row.expect("a row");
        let (Some(proposal), Some(at)) = (model.propose(&row[title]), instant(&row[time])) else { continue };
        number += 1;
        let area = "211081".parse().expect("a code");
        let words = row[title].to_owned();
        kept.note(CaseId::new(0, number), Noted { at, class: proposal.class, area, words });
    }
    let ask = TopicAsk { level: Level::County, window_s: 30 * DAY_S, cases_min: 5, ..ASK };
    let found = kept.find(&ask);
    let sizes: Vec<_> = found.iter().map(|topic| topic.cases.len()).collect();
    eprintln!("{number} messages, {} topics, cases {:?}", found.len(), &sizes[..sizes.len().min(10)]);
    assert!(number > 2_500 && sizes.first().is_some_and(|size| *size >= 10), "{number} {sizes:?}");
}

fn instant(text: &str) -> Option<Timestamp> {
    let wall = DateTime::strptime("%Y/%m/%d %H:%M:%S", text.trim()).ok()?;
    let zoned = wall.to_zoned(TimeZone::get("Asia/Shanghai").ok()?).ok()?;
    Some(zoned.timestamp().into())
}
