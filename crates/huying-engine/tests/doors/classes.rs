//! A call that names no class: its words speak for one, or it waits at the desk for a person.

use crate::{
    house::{House, case},
    making::{WEDNESDAY_9, at},
};
use huying_bus::message::answer::{CallAnswer, ProposalMessage};
use huying_domain::{event::Event, ids::CaseId, record::Record, vocabulary::Stage};
use huying_intake::class::{labelled::Labelled, labels::Classes, train::train};
use std::sync::{Arc, LazyLock};

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
        "供水",
        [
            "水管爆裂漏水",
            "自来水发黄浑浊",
            "停水三天没水",
            "水压太低上不去",
            "水表坏了多收费",
            "管道破损冒水",
        ],
    ),
];
const PLACES: [&str; 8] =
    ["东门小区", "河西市场", "中学门口", "建设路", "南湖公园", "车站广场", "北街社区", "老粮库"];
const LABELS: &str = r#"
source = "made up"
[[label]]
label = "噪声"
class = "noise.neighbour"
[[label]]
label = "供水"
class = "water.burst"
department = "water"
"#;

fn model(threshold_to_spare: bool) -> Arc<Classes> {
    static SURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let titles = MATTERS.iter().flat_map(|(label, matters)| {
            matters.iter().flat_map(move |matter| {
                PLACES.iter().flat_map(move |place| {
                    ["", "，请处理", "怎么办"].map(|ask| Labelled {
                        title: format!("{place}{matter}{ask}"),
                        class: label.parse().expect("a label"),
                    })
                })
            })
        });
        train(&titles.collect::<Vec<_>>()).expect("they make a model").to_bytes()
    });
    let labels =
        if threshold_to_spare { LABELS.to_owned() } else { LABELS.replace("water.burst", "water.none") };
    Arc::new(Classes::read(&SURE, Some(&labels)).expect("they can be read"))
}

fn house(dir: &tempfile::TempDir, seed: u64, classes: Option<Arc<Classes>>) -> House {
    let house = House::open(dir.path(), at(WEDNESDAY_9), seed);
    house.doors.shared_desk().write().expect("nobody panics at the desk").set_classes(classes);
    house
}

fn call(name: &str, words: &str) -> String {
    format!(
        r#"{{"external_id":"{name}","words":"{words}，我叫王小明，电话13912345678","place":{{"area":"211081001001001"}}}}"#
    )
}

fn proposal(answer: &CallAnswer) -> &ProposalMessage {
    match answer {
        CallAnswer::Taken { proposal: Some(proposal), .. } => proposal,
        other => panic!("no proposal: {other:?}"),
    }
}

fn of_case(house: &House, id: CaseId) -> Vec<Record> {
    let about = |record: &Record| record.parts.iter().any(|part| part.case() == Some(id));
    house.records().into_iter().filter(about).collect()
}

#[test]
fn what_the_words_are_sure_of_is_filed_and_routed_and_the_caller_hears_why() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir, 1, Some(model(true)));
    let answers = house.send(&call("T-1", "建设路水管爆裂漏水"));
    let told = proposal(&answers[0]);
    assert!(told.sure && told.class.as_str() == "water.burst", "{told:?}");
    assert!(
        !told.strongest.is_empty() && told.strongest.iter().all(|part| !part.contains("王小明")),
        "{told:?}"
    );
    house.settle();
    let status = house.status(case(&answers[0]));
    assert_eq!((status.stage, status.holder.as_str()), (Stage::Assigned, "water"));
    // No word of the caller's stands in what everybody may read.
    for record in of_case(&house, case(&answers[0])) {
        let parts = format!("{:?}", record.parts);
        assert!(["爆裂", "漏水", "王小明", "139"].iter().all(|word| !parts.contains(word)), "{parts}");
    }
}

#[test]
fn what_is_not_sure_waits_at_the_desk_until_a_person_says_what_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir, 2, Some(model(false)));
    let answers = house.send(&call("T-1", "建设路水管爆裂漏水"));
    assert!(!proposal(&answers[0]).sure);
    house.settle();
    let id = case(&answers[0]);
    let status = house.status(id);
    assert_eq!((status.stage, status.holder.as_str()), (Stage::Filed, "centre"), "nobody else has it yet");
    assert!(!status.clocks.is_empty(), "and it is not forgotten there");
    assert!(correct(&house, id), "a person of the centre may");
    house.settle();
    assert_eq!(house.status(id).holder.as_str(), "water");
}

/// A person of the centre names the class.
fn correct(house: &House, id: CaseId) -> bool {
    use huying_domain::{
        command::{Ask, Command},
        event::collect::Corrected,
        record::{Actor, CommandId, Origin},
    };
    let class = Corrected { class: Some("water.burst".parse().expect("a class")), ..Corrected::default() };
    let command = Command {
        id: CommandId::of_act("li", "class", 1),
        actor: Actor {
            unit: "centre".parse().expect("a unit"),
            person: Some("li".parse().expect("a person")),
        },
        by: Origin::Person,
        because: None,
        saw: None,
        case: Some(id),
        ask: Ask::Correct(class),
        private: None,
    };
    let ticket = house.handle.submit(command, huying_engine::door::Lane::Ordinary).expect("there is room");
    ticket.wait().is_some_and(|answer| answer.is_ok())
}

#[test]
fn the_same_call_is_the_same_case_under_another_model_and_under_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let sent = call("T-1", "建设路水管爆裂漏水");
    let first = {
        let house = house(&dir, 3, Some(model(true)));
        case(&house.send(&sent)[0])
    };
    for (seed, other) in [(4, Some(model(false))), (5, None)] {
        let house = house(&dir, seed, other);
        let again = house.send(&sent);
        assert!(
            matches!(&again[0], CallAnswer::Taken { case, repeat: true, .. } if *case == first),
            "{again:?}"
        );
        assert!(proposal(&again[0]).sure, "what it became then");
    }
}

#[test]
fn without_a_model_nothing_is_proposed_and_the_duty_list_decides() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir, 6, None);
    let answers = house.send(&call("T-1", "建设路水管爆裂漏水"));
    assert!(matches!(&answers[0], CallAnswer::Taken { proposal: None, .. }), "{answers:?}");
    house.settle();
    assert_eq!(house.status(case(&answers[0])).stage, Stage::Assigned);
    let filed = of_case(&house, case(&answers[0]));
    let Event::Registered(event) = &filed[0].parts[0].events[0] else { panic!("{filed:?}") };
    assert_eq!(event.filing.proposal, None);
}

#[test]
fn a_call_that_names_its_class_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let house = house(&dir, 7, Some(model(true)));
    let named = call("T-1", "建设路水管爆裂漏水").replacen('{', r#"{"class":"noise.neighbour","#, 1);
    assert!(matches!(&house.send(&named)[0], CallAnswer::Taken { proposal: None, .. }));
}
