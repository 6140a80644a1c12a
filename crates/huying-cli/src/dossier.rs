//! What is held of one person, as it is handed to them: one shape for programs (`docs/PERSON_EXPORT.md`), one text to be
//! read, in both languages. Of other people nothing stands here: not their numbers, not their cases.

use crate::table::{wall, zone};
use huying_domain::{
    area::Point,
    event::{Event, collect::Filing},
    ids::{CaseId, PersonId, Seq, UnitId},
    private::Private,
    record::Record,
    time::Timestamp,
    vocabulary::Channel,
    words::Words,
};
use huying_engine::person::{Holding, Opened};
use huying_projection::timeline::Timeline;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fmt::Write as _;

/// The shape's name and version.
pub const FORM: &str = "huying.person-export/1";
/// Events that say of another caller's case that it joined or was served.
const OF_OTHERS: [&str; 4] = ["case.member_added/1", "case.passed_on/1", "case.took_in/1", "case.let_go/1"];

/// Everything.
#[derive(Debug, Serialize)]
pub struct Dossier {
    /// [`FORM`].
    pub form: &'static str,
    /// The number that was looked for.
    pub number: String,
    /// What for.
    pub purpose: String,
    /// How it was looked for, and what that cannot find.
    pub searched: Searched,
    /// The zone of the instants in the text.
    pub zone: String,
    /// The cases that hold the number.
    pub cases: Vec<Told>,
    /// Cases that hold it and were not opened, and why.
    pub unread: Vec<Unread>,
    /// Cases that the person named and that are erased.
    pub erased: Vec<Erased>,
    /// Cases that the person named and that do not hold the number.
    pub not_held: Vec<CaseId>,
}

/// How it was looked for.
#[derive(Debug, Serialize)]
pub struct Searched {
    /// Up to this record of the journal.
    pub up_to: Seq,
    /// Sealed records that were opened and compared.
    pub opened: u64,
    /// Sealed records whose key cannot be read.
    pub unreadable: u64,
    /// Erased cases in the whole journal.
    pub erased_cases: u64,
    /// Cases of the person that found no room here.
    pub left_out: u64,
    /// The same in words.
    pub words: Words,
}

/// One case.
#[derive(Debug, Serialize)]
pub struct Told {
    /// The case.
    pub case: CaseId,
    /// When the call was taken.
    pub filed_at: Timestamp,
    /// How it came in.
    pub channel: Channel,
    /// What it is about, as it was written down without anything of the caller.
    pub summary: String,
    /// Its class.
    pub class: String,
    /// The area.
    pub area: String,
    /// Where exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Point>,
    /// The case follows another caller's; of that one nothing is told.
    pub follows_another: bool,
    /// How many further callers follow this case.
    pub followed_by: u64,
    /// What is sealed of the person.
    pub held: Vec<Held>,
    /// Sealed records of the case that hold another number; they stay closed.
    pub of_others: u64,
    /// Who read the number, this reading among them.
    pub read_by: Vec<ReadBy>,
    /// What the person was told.
    pub told: Vec<ToldOn>,
    /// What happened.
    pub timeline: Vec<Line>,
    /// Events that found no room in the timeline.
    pub left_out: u64,
}

/// What one record sealed.
#[derive(Debug, Serialize)]
pub struct Held {
    /// The record.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Number, name, address, words, remarks: those that are there.
    #[serde(flatten)]
    pub private: Private,
}

/// One reading.
#[derive(Debug, Serialize)]
pub struct ReadBy {
    /// The record.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Which unit.
    pub unit: UnitId,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// What for.
    pub purpose: String,
}

/// One message.
#[derive(Debug, Serialize)]
pub struct ToldOn {
    /// The record.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub words: Words,
}

/// One event.
#[derive(Debug, Serialize)]
pub struct Line {
    /// The record.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub words: Words,
}

/// A case that was not opened.
#[derive(Debug, Serialize)]
pub struct Unread {
    /// The case.
    pub case: CaseId,
    /// Why, for programs.
    pub code: String,
    /// Why.
    pub words: Words,
}

/// An erased case.
#[derive(Debug, Serialize)]
pub struct Erased {
    /// The case.
    pub case: CaseId,
    /// The record.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl From<&Holding> for Searched {
    fn from(holding: &Holding) -> Self {
        let Holding { left_out, opened, unreadable, erased_cases, up_to, .. } = *holding;
        let words = Words::new(
            format!(
                "逐条打开至记录 {up_to} 为止的 {opened} 条加密记录并比对号码；{unreadable} 条无法读取；全库另有 {erased_cases} 张工单的个人信息已删除，无法再知道属于何人；未列出 {left_out} 张"
            ),
            format!(
                "up to record {up_to} each of {opened} sealed records was opened and compared; {unreadable} cannot be read; of {erased_cases} erased cases in all nobody can say any more whose they were; {left_out} more are left out"
            ),
        );
        Self { up_to, opened, unreadable, erased_cases, left_out, words }
    }
}

impl Dossier {
    /// Nothing told yet.
    pub fn new(number: &str, purpose: &str, searched: Searched) -> Self {
        Self {
            form: FORM,
            number: number.to_owned(),
            purpose: purpose.to_owned(),
            searched,
            zone: "UTC".to_owned(),
            cases: Vec::new(),
            unread: Vec::new(),
            erased: Vec::new(),
            not_held: Vec::new(),
        }
    }

    /// To be read, in both languages.
    pub fn text(&self) -> String {
        let zone = zone(&self.zone);
        let mut text = format!(
            "个人信息查阅 What is held of you\n号码 number: {}\n用途 purpose: {}\n{}\n{}\n",
            self.number, self.purpose, self.searched.words.zh, self.searched.words.en
        );
        if self.cases.is_empty() {
            text.push_str("\n没有工单持有该号码。 No case holds this number.\n");
        }
        for told in &self.cases {
            text.push_str(&told.text(&zone));
        }
        for unread in &self.unread {
            say(
                &mut text,
                &format!("\n工单 case {}：{}\n  {}", unread.case, unread.words.zh, unread.words.en),
            );
        }
        for erased in &self.erased {
            let (case, at, reason) = (erased.case, wall(erased.at, &zone), &erased.reason);
            say(&mut text, &format!("\n工单 case {case}：个人信息已于 {at} 删除 erased（{reason}）"));
        }
        for case in &self.not_held {
            say(&mut text, &format!("\n工单 case {case}：不含该号码 does not hold this number"));
        }
        text.trim_end().to_owned()
    }
}

impl Told {
    /// The case as its records and what was opened tell it.
    pub fn of(case: CaseId, records: &[Record], own: &[Opened], of_others: u64, zone_name: &str) -> Self {
        let events = || {
            records.iter().flat_map(move |record| {
                let parts = record.parts.iter().filter(move |part| part.case() == Some(case));
                parts.flat_map(|part| &part.events).map(move |event| (record, event))
            })
        };
        let at = |seq: Seq| records.iter().find(|record| record.seq == seq).map(|record| record.at);
        let mut timeline = Timeline::new(case, zone(zone_name));
        records.iter().for_each(|record| timeline.follow(record));
        let lines = timeline.lines.into_iter().filter(|line| !OF_OTHERS.contains(&line.event));
        let lines: Vec<(Line, &str)> =
            lines.map(|line| (Line { seq: line.seq, at: line.at, words: line.words }, line.event)).collect();
        let told = lines.iter().filter(|(_, event)| is_told(event));
        let told = told.map(|(line, _)| ToldOn { seq: line.seq, at: line.at, words: line.words.clone() });
        let read_by = events().filter_map(|(record, event)| match event {
            Event::Revealed(revealed) => Some(ReadBy {
                seq: record.seq,
                at: record.at,
                unit: record.actor.unit.clone(),
                person: record.actor.person.clone(),
                purpose: revealed.purpose.clone(),
            }),
            _ => None,
        });
        let filing = events().find_map(|(record, event)| Some((record.at, filed(event)?)));
        let (filed_at, filing) = filing.expect("a case begins with what was written down");
        Self {
            case,
            filed_at,
            channel: filing.channel,
            summary: filing.summary.to_string(),
            class: filing.brief.class.to_string(),
            area: filing.brief.area.to_string(),
            place: filing.place,
            follows_another: events().fold(false, |follows, (_, event)| match event {
                Event::Joined(_) | Event::Merged(_) => true,
                Event::Unmerged(_) | Event::Reopened(_) => false,
                _ => follows,
            }),
            followed_by: events().fold(0_u64, |others, (_, event)| match event {
                Event::MemberAdded(_) | Event::TookIn(_) => others + 1,
                Event::LetGo(_) => others.saturating_sub(1),
                _ => others,
            }),
            held: own
                .iter()
                .map(|opened| Held {
                    seq: opened.seq,
                    at: at(opened.seq).unwrap_or(filed_at),
                    private: opened.private.clone(),
                })
                .collect(),
            of_others,
            read_by: read_by.collect(),
            told: told.collect(),
            timeline: lines.into_iter().map(|(line, _)| line).collect(),
            left_out: timeline.left_out,
        }
    }

    fn text(&self, zone: &TimeZone) -> String {
        let mut text =
            format!("\n工单 case {}（{} {}）\n", self.case, wall(self.filed_at, zone), self.channel.zh());
        say(&mut text, &format!("  诉求 about: {}（{}，{}）", self.summary, self.class, self.area));
        for held in &self.held {
            say(&mut text, &format!("  持有 held，{}（记录 record {}）:", wall(held.at, zone), held.seq));
            for (name, value) in held.private.fields() {
                say(&mut text, &format!("    {}: {value}", field(name)));
            }
        }
        if self.of_others > 0 {
            say(
                &mut text,
                &format!(
                    "  另有 {0} 条涉及他人号码，未打开 {0} more hold another number and stay closed",
                    self.of_others
                ),
            );
        }
        say(&mut text, "  谁看过号码 who read the number:");
        for read in &self.read_by {
            let person = read.person.as_ref().map(|person| format!(" / {person}")).unwrap_or_default();
            say(&mut text, &format!("    {} {}{person}: {}", wall(read.at, zone), read.unit, read.purpose));
        }
        for (title, lines) in [
            (
                "告知过什么 what you were told",
                self.told.iter().map(|one| (one.at, &one.words)).collect::<Vec<_>>(),
            ),
            ("经过 what happened", self.timeline.iter().map(|one| (one.at, &one.words)).collect()),
        ] {
            say(&mut text, &format!("  {title}:"));
            for (at, words) in lines {
                say(&mut text, &format!("    {} {}\n      {}", wall(at, zone), words.zh, words.en));
            }
        }
        text
    }
}

fn say(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a text takes every line");
}

fn is_told(event: &str) -> bool {
    ["case.answered/", "case.told/", "case.informed/"].iter().any(|name| event.starts_with(name))
}

const fn filed(event: &Event) -> Option<&Filing> {
    match event {
        Event::Registered(event) => Some(&event.filing),
        Event::Joined(event) => Some(&event.filing),
        _ => None,
    }
}

fn field(name: &str) -> &str {
    match name {
        "number" => "号码 number",
        "name" => "姓名 name",
        "address" => "住址 address",
        "words" => "原话 words",
        "remarks" => "备注 remarks",
        other => other,
    }
}
