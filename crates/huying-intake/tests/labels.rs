//! From the words of a call to the city's class, condition and department; and what stays a person's to say.

use huying_domain::{
    calendar::SHIPPED, ids::ClassId, record::RuleFile, rules::Rules, time::Timestamp, vocabulary::Channel,
};
use huying_intake::{
    class::{
        Classifier,
        labelled::Labelled,
        labels::{Classes, follow},
        train::train,
    },
    read::{WORDS_CLASS_UNKNOWN, read_json},
    report::Report,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::LazyLock};

const MATTERS: [(&str, [&str; 6]); 2] = [
    (
        "噪声",
        [
            "半夜施工很吵",
            "广场舞音响太大",
            "酒吧唱歌到凌晨",
            "装修电钻扰民",
            "卡车鸣笛不停",
            "空调外机嗡嗡响",
        ],
    ),
    (
        "道路",
        ["路面坑洼积水", "井盖破损松动", "人行道砖块断裂", "路灯整夜不亮", "红绿灯失灵", "护栏被车撞倒"],
    ),
];
const PLACES: [&str; 8] =
    ["东门小区", "河西市场", "中学门口", "建设路", "南湖公园", "车站广场", "北街社区", "老粮库"];

const LABELS: &str = r#"
source = "made up"
[[label]]
label = "噪声"
class = "noise"
department = "police-desk"
[[label.condition]]
id = "night"
words = ["半夜", "凌晨"]
[[label]]
label = "道路"
class = "road"
"#;

static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let titles = MATTERS.iter().flat_map(|(label, matters)| {
        matters.iter().flat_map(move |matter| {
            PLACES.iter().flat_map(move |place| {
                ["", "，请处理", "怎么办"].map(|ask| Labelled {
                    title: format!("{place}{matter}{ask}"),
                    class: ClassId::new(*label).expect("a label"),
                })
            })
        })
    });
    train(&titles.collect::<Vec<_>>()).expect("they make a model").to_bytes()
});

fn rules() -> Rules {
    let policy = r#"
[policy]
name = "labels"
source = "made up"
centre = "centre"
calendar = "continuous"
top_repeat = "8uh"
returns_max = 2
reopenings_max = 2
call_backs_max = 2
ladder = []
[limits]
dispatch = "15um"
check = "1uh"
answer = "2uh"
call_back = "1nd"
close = "1nd"
[[class]]
id = "noise"
zh = "噪声"
en = "noise"
source = "made up"
[[class.condition]]
id = "night"
zh = "夜间"
en = "at night"
[[class]]
id = "road"
zh = "道路"
en = "road"
source = "made up"
"#;
    let duty = "[[duty]]\nstart = \"centre\"\nzh = \"中心\"\nen = \"centre\"\nsource = \"made up\"\n";
    let territory = "code,zh,en,from,to\n211081,灯塔市,Dengta,,\n";
    let units = "id,area,parent,calendar,staff,zh,en\ncentre,,,continuous,9,指挥中心,Centre\n\
                 police-desk,,,continuous,5,公安,Police desk\n";
    let texts = [
        (RuleFile::Policy, policy),
        (RuleFile::Duty, duty),
        (RuleFile::Calendar, SHIPPED),
        (RuleFile::Territory, territory),
        (RuleFile::Units, units),
    ];
    let texts: BTreeMap<_, _> = texts.into_iter().map(|(file, text)| (file, text.into())).collect();
    Rules::read(&texts).expect("they hold together")
}

fn classes(labels: &str) -> Classes {
    Classes::read(&MODEL, Some(labels)).expect("they can be read")
}

fn call(json: Value) -> Report {
    let received: Timestamp = "2026-11-22T12:00:00Z".parse().expect("an instant");
    read_json(None, Channel::Call, received, json.to_string().as_bytes()).expect("a call")
}

#[test]
fn words_speak_for_the_citys_class_its_condition_and_its_department() {
    let (proposal, strongest) = classes(LABELS)
        .propose(&rules(), &call(json!({ "words": "建设路半夜施工很吵" })))
        .expect("a proposal");
    assert_eq!(proposal.class.as_str(), "noise");
    assert_eq!(proposal.condition.as_ref().map(|id| id.as_str()), Some("night"));
    assert_eq!(proposal.department.as_ref().map(|id| id.as_str()), Some("police-desk"));
    assert_eq!(proposal.second.as_ref().map(|class| class.as_str()), Some("road"));
    assert!(proposal.sure, "{} ‰", proposal.confidence_permille);
    assert!(!strongest.is_empty() && strongest.len() <= 3, "{strongest:?}");
    let day =
        classes(LABELS).propose(&rules(), &call(json!({ "words": "建设路装修电钻扰民" }))).expect("one");
    assert_eq!((day.0.class.as_str(), day.0.condition), ("noise", None));
}

#[test]
fn a_call_that_names_its_class_or_has_no_words_is_left_alone() {
    let classes = classes(LABELS);
    assert_eq!(classes.propose(&rules(), &call(json!({ "words": "半夜施工很吵", "class": "road" }))), None);
    assert_eq!(classes.propose(&rules(), &call(json!({ "class": WORDS_CLASS_UNKNOWN }))), None);
}

#[test]
fn what_is_sure_is_filed_so_and_no_word_of_the_caller_stands_in_the_summary() {
    let mut report = call(json!({ "words": "半夜施工很吵，我叫王小明", "kind": "complaint" }));
    let (proposal, _) = classes(LABELS).propose(&rules(), &report).expect("a proposal");
    follow(&mut report, &proposal);
    assert_eq!(report.class.as_str(), "noise");
    assert_eq!(report.summary, "投诉 · noise · night");
    let told = serde_json::to_string(&proposal).expect("plain");
    for words in ["半夜", "施工", "王小明"] {
        assert!(!told.contains(words), "{told}");
    }
}

#[test]
fn what_the_caller_is_does_not_stand_among_the_reasons() {
    let (_, strongest) = classes(LABELS)
        .propose(&rules(), &call(json!({ "words": "我叫王小明，电话13900000042，半夜施工很吵" })))
        .expect("a proposal");
    assert!(strongest.iter().all(|part| !part.contains("王小明") && !part.contains("1390")), "{strongest:?}");
}

#[test]
fn strange_words_wait_for_a_person() {
    let mut report = call(json!({ "words": "qwxyz" }));
    let (proposal, strongest) = classes(LABELS).propose(&rules(), &report).expect("it waits");
    assert_eq!((proposal.sure, proposal.confidence_permille, strongest.len()), (false, 0, 0));
    follow(&mut report, &proposal);
    assert_eq!(report.class.as_str(), WORDS_CLASS_UNKNOWN);
}

#[test]
fn a_class_that_the_policy_does_not_have_is_never_sure() {
    let other = LABELS.replace("class = \"noise\"", "class = \"din\"").replace("police-desk", "nobody");
    let classes = classes(&other);
    assert_eq!(classes.unknown_to(&rules()), ["din"]);
    let (proposal, _) = classes.propose(&rules(), &call(json!({ "words": "半夜施工很吵" }))).expect("one");
    assert!(!proposal.sure && proposal.department.is_none(), "{proposal:?}");
}

#[test]
fn without_the_file_the_labels_are_the_classes() {
    let classes = Classes::read(&MODEL, None).expect("the model alone");
    assert_eq!(classes.unknown_to(&rules()), ["噪声", "道路"]);
    let (proposal, _) = classes.propose(&rules(), &call(json!({ "words": "半夜施工很吵" }))).expect("one");
    assert_eq!((proposal.class.as_str(), proposal.sure), ("噪声", false));
}

#[test]
fn a_file_that_misspells_a_word_is_refused_and_says_which() {
    let error = Classes::read(&MODEL, Some("source = \"x\"\n[[lable]]\n")).expect_err("it is refused");
    assert_eq!(error.code, "labels_unreadable");
    assert!(error.words.en.contains("lable"), "{}", error.words.en);
    assert!(Classes::read(b"not a model", None).is_err());
    assert_eq!(Classifier::from_bytes(&MODEL).map(|model| model.classes().len()), Ok(2));
}
