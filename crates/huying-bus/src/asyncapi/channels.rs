//! The channels, one for each family of subjects, and the discovery of services.

use crate::{
    stream::Stream,
    subject::{
        ROOT,
        filter::Family,
        token::{NoticeKind, Station, TellChannel, Verb},
    },
};
use huying_domain::vocabulary;

/// One channel, with the one operation on it.
pub(super) struct Channel {
    pub(super) name: &'static str,
    pub(super) operation: &'static str,
    pub(super) address: String,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// Name, description, and the tokens where the list is closed.
    pub(super) parameters: Vec<(&'static str, &'static str, Vec<&'static str>)>,
    pub(super) messages: &'static [&'static str],
    pub(super) engine_receives: bool,
    /// The channel of its answers, and their messages.
    pub(super) reply: Option<(&'static str, &'static [&'static str])>,
    pub(super) stream: Option<Stream>,
    /// The durable consumer by which it is read; the engine makes it.
    pub(super) consumer: &'static str,
    /// The roles on the other end.
    pub(super) roles: &'static [&'static str],
}

/// Every channel.
pub(super) fn channels() -> Vec<Channel> {
    let mut all: Vec<Channel> = Family::ALL.into_iter().map(of_family).collect();
    all.push(Channel {
        name: "services",
        operation: "answerWhoServes",
        address: "$SRV.{question}".to_owned(),
        title: "Which services are there",
        description: "As `nats micro` asks. INFO and STATS may be asked of one service or instance by further tokens.",
        parameters: vec![("question", "What is asked.", vec!["PING", "INFO", "STATS"])],
        messages: &["ServiceQuestion"],
        reply: Some(("aboutServices", &["ServiceAnswer"])),
        roles: &["unit", "feed", "station-intake", "observer"],
        ..blank(Family::Intake, true)
    });
    all
}

fn blank(family: Family, engine_receives: bool) -> Channel {
    Channel {
        name: family.name(),
        operation: "",
        address: String::new(),
        title: "",
        description: "",
        parameters: Vec::new(),
        messages: &[],
        engine_receives,
        reply: None,
        stream: None,
        consumer: "",
        roles: &[],
    }
}

const UNIT: (&str, &str) = ("unit", "A unit of the city: 1 to 32 of a-z, 0-9 and dash.");
const SOURCE: (&str, &str) = ("source", "Whose calls they are: 1 to 32 of a-z, 0-9 and dash.");

fn address(family: Family, tokens: &[&str]) -> String {
    let behind: String = tokens.iter().map(|token| format!(".{{{token}}}")).collect();
    format!("{ROOT}.{}{behind}", family.name())
}

fn ways_in() -> Vec<&'static str> {
    vocabulary::Channel::ALL.iter().map(|channel| channel.name()).collect()
}

fn of_family(family: Family) -> Channel {
    match family {
        Family::Intake | Family::Inbox | Family::Receipt | Family::Quarantine => of_calls(family),
        Family::As | Family::Assignment | Family::Notice => of_units(family),
        Family::Tell => Channel {
            operation: "tellResident",
            address: address(family, &["channel"]),
            title: "A resident is told 告知",
            description: "Asked again from the journal until a receipt comes: an adapter may see a message twice, and case and seq name it. A probe asks whether the adapter is ready.",
            parameters: vec![(
                "channel",
                "The adapter's channel.",
                TellChannel::ALL.iter().map(|channel| channel.name()).collect(),
            )],
            messages: &["TellRequest"],
            reply: Some(("told", &["TellReply"])),
            roles: &["adapter"],
            ..blank(family, false)
        },
        Family::Record => Channel {
            operation: "echoRecord",
            address: address(family, &["about"]),
            title: "The echo of the journal",
            description: "Every record on the platter, without personal data. The stream's sequence is the record's seq, without gap and without double.",
            parameters: vec![(
                "about",
                "A case such as 0-12, `rulebook-<file>` or `unit-<unit>`.",
                Vec::new(),
            )],
            messages: &["Record"],
            stream: Some(Stream::Records),
            consumer: "station-<station>, or one of the reader's own making",
            roles: &["station", "observer"],
            ..blank(family, false)
        },
        Family::Station | Family::Clock | Family::Rules => of_stations(family),
    }
}

fn of_calls(family: Family) -> Channel {
    let (unit_free, ways) =
        ((SOURCE.0, SOURCE.1, Vec::new()), ("channel", "How the call came in.", ways_in()));
    match family {
        Family::Intake => Channel {
            operation: "takeCalls",
            address: address(family, &["source", "channel"]),
            title: "Calls, asked and answered 受理",
            description: "One call, or a list of up to 64. Each is answered when it is on the disk. Sent again with the same external_id and body, it gets the first answer again.",
            parameters: vec![unit_free, ways],
            messages: &["Calls"],
            reply: Some(("intakeAnswers", &["IntakeReply"])),
            roles: &["feed"],
            ..blank(family, true)
        },
        Family::Inbox => Channel {
            operation: "fetchCalls",
            address: address(family, &["source", "channel"]),
            title: "Calls, left in the durable inbox 留存",
            description: "Published to the stream, which acknowledges them; taken in when the engine is there, then receipted.",
            parameters: vec![unit_free, ways],
            messages: &["Calls"],
            stream: Some(Stream::Inbox),
            consumer: "inbox",
            roles: &["feed"],
            ..blank(family, true)
        },
        Family::Receipt => Channel {
            operation: "giveReceipt",
            address: address(family, &["source"]),
            title: "What became of a message in the inbox",
            description: "Kept for seven days.",
            parameters: vec![unit_free],
            messages: &["InboxReceipt"],
            stream: Some(Stream::Receipts),
            consumer: "source-<source>",
            roles: &["feed"],
            ..blank(family, false)
        },
        _ => Channel {
            operation: "quarantine",
            address: address(family, &["source"]),
            title: "Messages of the inbox that nobody could read",
            description: "As they came, for the operator. The source has a receipt that says so.",
            parameters: vec![unit_free],
            messages: &["Unreadable"],
            stream: Some(Stream::Quarantine),
            roles: &["operator"],
            ..blank(family, false)
        },
    }
}

fn of_units(family: Family) -> Channel {
    let unit = (UNIT.0, UNIT.1, Vec::new());
    match family {
        Family::As => Channel {
            operation: "doAsUnit",
            address: address(family, &["unit", "verb"]),
            title: "What a unit does 签收 退回 办结 …",
            description: "The unit stands in the subject: the server's permissions say who may speak for whom. The verb in the body must be the subject's.",
            parameters: vec![
                unit,
                ("verb", "What is done.", Verb::ALL.iter().map(|verb| verb.name()).collect()),
            ],
            messages: &["UnitRequest"],
            reply: Some(("unitAnswers", &["UnitReply"])),
            roles: &["unit"],
            ..blank(family, true)
        },
        Family::Assignment => Channel {
            operation: "assign",
            address: address(family, &["unit", "case"]),
            title: "Work for a unit 派单",
            description: "One message a subject: a later one replaces it, and `withdrawn` says that the unit no longer has the case. At least once; the same ce-id is the same message. Never the caller.",
            parameters: vec![unit, ("case", "The case, such as 0-12.", Vec::new())],
            messages: &["Assignment"],
            stream: Some(Stream::Assignments),
            consumer: "unit-<unit>",
            roles: &["unit"],
            ..blank(family, false)
        },
        _ => Channel {
            operation: "notice",
            address: address(family, &["unit", "kind"]),
            title: "Something a unit must know 催办 督办 升级",
            description: "Heard by whoever listens then, and kept nowhere.",
            parameters: vec![
                unit,
                ("kind", "What kind of notice.", NoticeKind::ALL.iter().map(|kind| kind.name()).collect()),
            ],
            messages: &["Notice"],
            roles: &["unit"],
            ..blank(family, false)
        },
    }
}

fn of_stations(family: Family) -> Channel {
    let stations = || Station::ALL.iter().map(|station| station.name()).collect();
    match family {
        Family::Station => Channel {
            operation: "takeNamed",
            address: address(family, &["station"]),
            title: "What a station in a process of its own names",
            description: "Between Huying's own programs of one version; no promise to others.",
            parameters: vec![("station", "Which station.", stations())],
            messages: &["Named"],
            reply: Some(("namedAnswers", &["NamedReply"])),
            roles: &["station"],
            ..blank(family, true)
        },
        Family::Clock => Channel {
            operation: "tick",
            address: address(family, &[]),
            title: "The instant of an engine in virtual time",
            description: "Between Huying's own programs of one version; no promise to others.",
            messages: &["Tick"],
            roles: &["station"],
            ..blank(family, false)
        },
        _ => Channel {
            operation: "giveRules",
            address: address(family, &["hash"]),
            title: "A piece of a rule file, by the hash of the whole",
            description: "Between Huying's own programs of one version; no promise to others.",
            parameters: vec![("hash", "SHA-256 of the whole, in lower-case hexadecimal digits.", Vec::new())],
            messages: &["RulesAsk"],
            reply: Some(("rulesPieces", &["RulesPiece"])),
            roles: &["station"],
            ..blank(family, true)
        },
    }
}
