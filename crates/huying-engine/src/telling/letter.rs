//! What a caller is told, read out of the case's own records: the redacted words of the answer and nothing else.

use huying_domain::{
    calendar::Calendar,
    event::{Event, collect::Guide, feedback::Answered, request::LimitNews},
    ids::{CaseId, Seq, TellChannel},
    record::Record,
    time::Timestamp,
    vocabulary::{EmergencyLine, governed::SuspensionGround},
    words::Words,
};

/// What a caller is owed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// The record that asked for it.
    pub asked: Seq,
    /// When it was asked.
    pub since: Timestamp,
    /// By which channel.
    pub channel: TellChannel,
    /// The channels that were asked since the answer, in their order, this one among them.
    pub tried: Vec<TellChannel>,
    /// What is said.
    pub words: Words,
    /// Whether it is the answer; else it is word of what became of the limit.
    pub answers: bool,
}

/// What became of a limit.
#[derive(Clone, Copy)]
enum News {
    Extended(Timestamp),
    Suspended(SuspensionGround, Timestamp),
    Resumed,
}

impl News {
    /// What a further caller hears of the case that leads.
    const fn of(news: LimitNews) -> Self {
        match news {
            LimitNews::Extended { until } => Self::Extended(until),
            LimitNews::Suspended { ground, until } => Self::Suspended(ground, until),
            LimitNews::Resumed => Self::Resumed,
        }
    }
}

/// How the matter ended, as far as the caller hears of it.
#[derive(Clone, Copy)]
enum Ended<'a> {
    Handled,
    Refused(&'a str, Option<&'a Guide>),
    Referred(EmergencyLine),
    Cancelled(&'a str),
    Terminated(&'a str),
}

/// Reads what is owed out of a case's records; none where the caller was told, or nobody asked for it.
///
/// The calendar shows on which day the matter was looked into.
pub fn letter(case: CaseId, records: &[Record], calendar: &Calendar) -> Option<Letter> {
    let mut ended = Ended::Handled;
    let mut answer: Option<&Answered> = None;
    let mut news: Option<News> = None;
    let mut answers = true;
    let mut asked: Option<(Seq, Timestamp)> = None;
    let mut tried: Vec<TellChannel> = Vec::new();
    for record in records {
        let about = record.parts.iter().filter(|part| part.case() == Some(case));
        for event in about.flat_map(|part| &part.events) {
            match event {
                Event::Refused(event) => ended = Ended::Refused(&event.reason, event.guide.as_ref()),
                Event::Referred(event) => ended = Ended::Referred(event.line),
                Event::Cancelled(event) => ended = Ended::Cancelled(&event.reason),
                Event::Terminated(event) => ended = Ended::Terminated(&event.reason),
                Event::Extended(event) => news = Some(News::Extended(event.until)),
                Event::Suspended(event) => news = Some(News::Suspended(event.ground, event.until)),
                Event::Resumed(_) => news = Some(News::Resumed),
                Event::InformAsked(event) => {
                    news = event.news.map(News::of).or(news);
                    (asked, answers) = (Some((record.seq, record.at)), false);
                    tried.push(event.channel.clone());
                }
                Event::Resolved(_) => ended = Ended::Handled,
                Event::Answered(event) => answer = Some(event),
                Event::TellAsked(event) => {
                    if !answers {
                        tried.clear();
                    }
                    (asked, answers) = (Some((record.seq, record.at)), true);
                    tried.push(event.channel.clone());
                }
                Event::Told(_) | Event::Informed(_) | Event::Closed(_) | Event::Reopened(_) => {
                    asked = None;
                    tried.clear();
                }
                _ => {}
            }
        }
    }
    let (asked, since) = asked?;
    let channel = tried.last()?.clone();
    let words = if answers {
        let answer = answer?;
        said(case, ended, answer, &calendar.date(answer.when).to_string())
    } else {
        moved(case, news?, calendar)
    };
    Some(Letter { asked, since, channel, tried, words, answers })
}

/// The channel to ask when one cannot reach the caller: the next of the city's that was not asked yet, at last the
/// list from which a person calls.
pub fn next_channel(order: &[TellChannel], tried: &[TellChannel]) -> Option<TellChannel> {
    let last = TellChannel::callback_list();
    order.iter().chain([&last]).find(|channel| !tried.contains(channel)).cloned()
}

/// Whether what the caller left can be an address on this channel at all. What cannot is not handed out.
pub fn fits(channel: &TellChannel, to: Option<&str>) -> bool {
    let Some(to) = to else { return *channel == TellChannel::callback_list() };
    match channel.as_str() {
        "mail" => to.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.')),
        "sms" => to.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ')),
        _ => true,
    }
}

fn said(case: CaseId, ended: Ended<'_>, answer: &Answered, day: &str) -> Words {
    let (zh, en) = match ended {
        Ended::Handled => ("已办理".to_owned(), "has been handled".to_owned()),
        Ended::Refused(why, guide) => {
            let Words { zh, en } = guide.map(Guide::words).unwrap_or_default();
            (
                format!("不予受理，理由：{}{zh}", bare(why)),
                format!("was not taken on, because: {}{en}", bare(why)),
            )
        }
        Ended::Referred(line) => (format!("已转{}", line.zh()), format!("was handed to {}", line.name())),
        Ended::Terminated(why) => {
            (format!("已终止办理，理由：{}", bare(why)), format!("was given up, because: {}", bare(why)))
        }
        Ended::Cancelled(why) => {
            (format!("已终止，理由：{}", bare(why)), format!("was ended, because: {}", bare(why)))
        }
    };
    let (done, contacted) = (bare(&answer.done), bare(&answer.contacted));
    let mut zh = format!(
        "您好！您反映的事项（编号{case}）{zh}。答复：{done}。核实日期：{day}，联系对象：{contacted}。"
    );
    let mut en = format!(
        "Your matter no. {case} {en}. Answer: {done}. Looked into on {day}; we contacted: {contacted}."
    );
    if let Some(by_when) = answer.by_when.as_deref().map(bare) {
        zh.push_str(&format!("后续安排：{by_when}。"));
        en.push_str(&format!(" What follows: {by_when}."));
    }
    zh.push_str("感谢您的来电。");
    en.push_str(" Thank you for calling.");
    Words { zh, en }
}

/// The day and nothing of the words between units: those are theirs.
fn moved(case: CaseId, news: News, calendar: &Calendar) -> Words {
    match news {
        News::Extended(until) => {
            let day = calendar.date(until);
            Words::new(
                format!(
                    "您好！您反映的事项（编号{case}）经批准延期，最迟于 {day} 前办结。给您带来不便，敬请谅解。"
                ),
                format!(
                    "Your matter no. {case} was given more time and will be done by {day}. We ask for your patience."
                ),
            )
        }
        News::Suspended(ground, until) => {
            let (day, zh) = (calendar.date(until), ground.zh());
            Words::new(
                format!("您好！您反映的事项（编号{case}）因{zh}暂缓办理，将于 {day} 恢复办理。敬请谅解。"),
                format!(
                    "Your matter no. {case} rests for now ({ground}) and goes on on {day}. We ask for your patience."
                ),
            )
        }
        News::Resumed => Words::new(
            format!("您好！您反映的事项（编号{case}）已恢复办理。"),
            format!("Work on your matter no. {case} goes on."),
        ),
    }
}

/// A sentence without its full stop, since one is put behind it.
fn bare(text: &str) -> &str {
    text.trim().trim_end_matches(['。', '.', '！', '!'])
}
