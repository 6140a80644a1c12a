//! Laws of subjects, filters, streams and users.

use huying_bus::{
    header::{CE_ID, CloudEvent, EventType, MessageId},
    stream::Stream,
    subject::{
        SOURCE_UNKNOWN, SUBJECT_BYTES_MAX, Subject,
        filter::{Family, Filter},
        token::{NoticeKind, TellChannel, Verb},
    },
    user::User,
};
use huying_domain::{
    ids::{CaseId, SourceId, UnitId},
    record::{self, RuleFile},
    time::Timestamp,
    vocabulary::Channel,
};
use proptest::{prelude::*, sample::select};

fn unit() -> impl Strategy<Value = UnitId> {
    "[a-z0-9-]{1,32}".prop_map(|text| UnitId::new(text).expect("a token"))
}

fn source() -> impl Strategy<Value = SourceId> {
    "[a-z0-9-]{1,32}".prop_map(|text| SourceId::new(text).expect("a token"))
}

fn case() -> impl Strategy<Value = CaseId> {
    (any::<u16>(), any::<u64>()).prop_map(|(shard, number)| CaseId::new(shard, number))
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        (source(), select(Channel::ALL)).prop_map(|(source, channel)| Subject::Intake { source, channel }),
        (source(), select(Channel::ALL)).prop_map(|(source, channel)| Subject::Inbox { source, channel }),
        (unit(), select(Verb::ALL)).prop_map(|(unit, verb)| Subject::As { unit, verb }),
        (unit(), case()).prop_map(|(unit, case)| Subject::Assignment { unit, case }),
        (unit(), select(NoticeKind::ALL)).prop_map(|(unit, kind)| Subject::Notice { unit, kind }),
        select(TellChannel::ALL).prop_map(|channel| Subject::Tell { channel }),
        case().prop_map(|case| Subject::Record(record::Subject::Case(case))),
        select(&RuleFile::ALL[..]).prop_map(|file| Subject::Record(record::Subject::Rulebook(file))),
        unit().prop_map(|unit| Subject::Record(record::Subject::Unit(unit))),
        source().prop_map(|source| Subject::Receipt { source }),
        source().prop_map(|source| Subject::Quarantine { source }),
    ]
}

/// The server's own matching, for filters without `>`: token by token, `*` stands for one.
fn matches(filter: &str, subject: &str) -> bool {
    let (filter, subject): (Vec<_>, Vec<_>) = (filter.split('.').collect(), subject.split('.').collect());
    filter.len() == subject.len() && filter.iter().zip(&subject).all(|(want, is)| *want == "*" || want == is)
}

proptest! {
    #[test]
    fn a_subject_that_was_written_is_read_back_as_itself(subject in subject()) {
        prop_assert_eq!(subject.to_string().parse(), Ok(subject));
    }

    #[test]
    fn no_subject_holds_a_wildcard_a_space_or_an_empty_token(subject in subject()) {
        let text = subject.to_string();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)));
        prop_assert!(text.split('.').all(|token| !token.is_empty()));
        prop_assert!(text.len() <= SUBJECT_BYTES_MAX);
    }

    #[test]
    fn a_subject_has_one_written_form(text in r"huying\.v1\.(record|assignment\.duty)\.[0-9]{1,3}-[0-9]{1,3}") {
        if let Ok(subject) = text.parse::<Subject>() {
            prop_assert_eq!(subject.to_string(), text);
        }
    }

    #[test]
    fn a_unit_name_with_a_dot_a_wildcard_or_a_space_is_refused(
        before in "[a-z0-9-]{0,9}", bad in select(&[".", "*", ">", " ", "\t", "A", "网", "\u{0}"][..]), after in "[a-z0-9-]{0,9}",
    ) {
        let name = format!("{before}{bad}{after}");
        prop_assert!(UnitId::new(name.as_str()).is_err());
        prop_assert!(SourceId::new(name.as_str()).is_err());
        prop_assert!(name.parse::<User>().is_err());
        let subject = format!("huying.v1.as.{name}.accept");
        prop_assert!(subject.parse::<Subject>().is_err());
    }

    #[test]
    fn every_subject_lies_in_exactly_one_family(subject in subject()) {
        let text = subject.to_string();
        let families = Family::ALL.into_iter().filter(|family| matches(&Filter::Whole(*family).to_string(), &text));
        prop_assert_eq!(families.count(), 1);
    }

    #[test]
    fn a_unit_can_only_speak_in_its_own_name(one in unit(), other in unit(), verb in select(Verb::ALL)) {
        let spoken = Subject::As { unit: other.clone(), verb }.to_string();
        prop_assert_eq!(matches(&Filter::SpokenBy(one.clone()).to_string(), &spoken), one == other);
    }

    #[test]
    fn a_unit_can_only_hear_its_own_work_and_notices(one in unit(), other in unit(), case in case()) {
        let work = Subject::Assignment { unit: other.clone(), case }.to_string();
        let notice = Subject::Notice { unit: other.clone(), kind: NoticeKind::Alarm }.to_string();
        prop_assert_eq!(matches(&Filter::AssignedTo(one.clone()).to_string(), &work), one == other);
        prop_assert_eq!(matches(&Filter::NoticedTo(one.clone()).to_string(), &notice), one == other);
    }

    #[test]
    fn a_message_id_that_was_written_is_read_back_as_itself(seq in any::<u64>(), unit in unit()) {
        let id = MessageId { seq, unit };
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }
}

#[test]
fn the_subjects_are_frozen() {
    for (text, subject) in [
        (
            "huying.v1.intake.hotline.call",
            Subject::Intake { source: named("hotline"), channel: Channel::Call },
        ),
        ("huying.v1.inbox.city-app.app", Subject::Inbox { source: named("city-app"), channel: Channel::App }),
        ("huying.v1.as.street-7.accept", Subject::As { unit: named("street-7"), verb: Verb::Accept }),
        ("huying.v1.as.street-7.call_back", Subject::As { unit: named("street-7"), verb: Verb::CallBack }),
        (
            "huying.v1.assignment.water.3-77",
            Subject::Assignment { unit: named("water"), case: CaseId::new(3, 77) },
        ),
        ("huying.v1.notice.water.alarm", Subject::Notice { unit: named("water"), kind: NoticeKind::Alarm }),
        ("huying.v1.tell.callback-list", Subject::Tell { channel: TellChannel::CallbackList }),
        ("huying.v1.record.0-1", Subject::Record(record::Subject::Case(CaseId::new(0, 1)))),
        ("huying.v1.record.rulebook-duty", Subject::Record(record::Subject::Rulebook(RuleFile::Duty))),
        ("huying.v1.record.unit-unit-7", Subject::Record(record::Subject::Unit(named("unit-7")))),
        ("huying.v1.receipt.hotline", Subject::Receipt { source: named("hotline") }),
        ("huying.v1.quarantine.unknown", Subject::Quarantine { source: named(SOURCE_UNKNOWN) }),
    ] {
        assert_eq!(subject.to_string(), text);
        assert_eq!(text.parse(), Ok(subject));
    }
}

#[test]
fn the_verbs_are_frozen() {
    let names: Vec<_> = Verb::ALL.iter().map(|verb| verb.name()).collect();
    assert_eq!(
        names.join(" "),
        "accept return rule reassign delegate escalate refer contact arrive progress assign extend suspend terminate grant \
         deny resume whistle report_in call_help report consult finish_task supervise instruct resolve remind check \
         answer call_back reopen close refuse cancel correct tag rehome merge unmerge appeal judge_appeal exempt \
         look_again reveal"
    );
}

#[test]
fn what_is_no_subject_of_ours_is_refused() {
    for text in [
        "",
        "huying",
        "huying.v1",
        "huying.v1.",
        "huying.v2.tell.sms",
        "huying.v1.as.street-7",
        "huying.v1.as.street-7.dance",
        "huying.v1.as.street-7.accept.now",
        "huying.v1.as.*.accept",
        "huying.v1.as.>",
        "huying.v1.intake.hotline.来电",
        "huying.v1.record.00-1",
        "huying.v1.record.rulebook-secret",
        "huying.v1.record.",
        " huying.v1.tell.sms",
    ] {
        assert!(text.parse::<Subject>().is_err(), "{text:?} was read as a subject");
    }
}

#[test]
fn the_streams_are_frozen_and_keep_no_subject_twice() {
    let kept: Vec<_> =
        Stream::ALL.into_iter().map(|stream| (stream.name(), stream.keeps().to_string())).collect();
    let expected = [
        ("HUYING_INBOX", "huying.v1.inbox.*.*"),
        ("HUYING_RECORDS", "huying.v1.record.*"),
        ("HUYING_ASSIGNMENTS", "huying.v1.assignment.*.*"),
        ("HUYING_RECEIPTS", "huying.v1.receipt.*"),
        ("HUYING_QUARANTINE", "huying.v1.quarantine.*"),
    ];
    assert_eq!(kept, expected.map(|(name, filter)| (name, filter.to_owned())));
    for stream in Stream::ALL {
        assert_eq!(stream.name().parse(), Ok(stream));
    }
}

#[test]
fn each_user_has_a_reply_prefix_that_no_other_users_filter_covers() {
    let one: User = "water".parse().unwrap();
    let other: User = "water-2".parse().unwrap();
    assert_eq!(one.reply_filter(), "_INBOX_water.>");
    let covered = one.reply_filter().trim_end_matches('>').to_owned();
    assert!(!format!("{}.abc", other.reply_prefix()).starts_with(&covered));
    assert!(format!("{}.abc", one.reply_prefix()).starts_with(&covered));
}

#[test]
fn an_assignment_sent_again_has_the_id_that_it_had() {
    let event = CloudEvent {
        id: MessageId { seq: 1234, unit: named("street-7") },
        kind: EventType::Assigned,
        journal: "b5d1".into(),
        at: Timestamp::from_seconds(1_700_000_000),
    };
    let headers = event.headers();
    assert_eq!(headers, event.clone().headers());
    assert!(headers.contains(&(CE_ID, "1234.street-7".to_owned())));
    assert!(headers.contains(&("ce-type", "huying.v1.assignment.assigned".to_owned())));
    assert!(headers.contains(&("ce-source", "urn:huying:journal:b5d1".to_owned())));
    assert!(headers.contains(&("ce-time", "2023-11-14T22:13:20Z".to_owned())));
    assert!(headers.contains(&("ce-specversion", "1.0".to_owned())));
}

fn named<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a well-formed name")
}
