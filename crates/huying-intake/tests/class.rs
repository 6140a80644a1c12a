//! The laws of the class from the words: who trains, what a file may be, what a proposal may say.

use huying_domain::ids::ClassId;
use huying_intake::class::{
    Classifier, STRONGEST_MAX, THRESHOLD_NEVER_PERMILLE,
    file::MODEL_BYTES_MAX,
    labelled::{HELD_APART_ONE_IN, Labelled, held_apart, is_held_apart, read_labelled},
    measure::measure,
    train::{CLASS_TITLES_MIN, train},
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Three made-up classes, each with matters of its own; the places and the complaints are those of all.
const MATTERS: [(&str, [&str; 6]); 3] = [
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
    (
        "工资",
        [
            "工地拖欠工资",
            "老板不签劳动合同",
            "加班费一直没给",
            "社保断缴三个月",
            "辞退不给补偿",
            "押金不退还",
        ],
    ),
];
const PLACES: [&str; 8] =
    ["东门小区", "河西市场", "A7县中学旁", "建设路", "南湖公园", "车站广场", "北街社区", "老粮库"];
const ASKS: [&str; 4] = ["，请尽快处理", "怎么办？", "，没人管", ""];

fn class(name: &str) -> ClassId {
    ClassId::new(name).expect("a class")
}

/// Every place with every matter and every way to ask.
fn titles() -> Vec<Labelled> {
    let mut told = Vec::new();
    for place in PLACES {
        for ask in ASKS {
            for (name, matters) in MATTERS {
                let title = |matter: &&str| format!("{place}{matter}{ask}");
                told.extend(
                    matters.iter().map(|matter| Labelled { title: title(matter), class: class(name) }),
                );
            }
        }
    }
    told
}

static MODEL: LazyLock<Classifier> = LazyLock::new(|| train(&titles()).expect("they make a model"));

#[test]
fn the_same_titles_make_the_same_bytes_and_the_bytes_the_same_model() {
    let bytes = MODEL.to_bytes();
    assert_eq!(train(&titles()).expect("they make a model").to_bytes(), bytes);
    assert!(Classifier::from_bytes(&bytes).expect("a model") == *MODEL);
    let mut fewer = titles();
    fewer.truncate(500);
    assert_ne!(train(&fewer).expect("they make a model").to_bytes(), bytes, "other titles, another model");
}

#[test]
fn a_title_that_is_held_apart_never_trains_and_its_repetitions_are_held_apart_with_it() {
    let mut twice = titles();
    twice.extend(titles().into_iter().map(|labelled| Labelled { class: class("道路"), ..labelled }));
    let count = twice.len();
    let (training, apart) = held_apart(twice);
    assert_eq!(training.len() + apart.len(), count, "none is lost");
    assert!(apart.iter().all(|labelled| !training.iter().any(|other| other.title == labelled.title)));
    assert!(apart.iter().all(|labelled| is_held_apart(&format!(" {}\n", labelled.title))));
    let fifth = count / usize::from(HELD_APART_ONE_IN);
    assert!((fifth * 7 / 10..fifth * 13 / 10).contains(&apart.len()), "{} of {count}", apart.len());
    // What stands only in titles that are held apart is not in the model, so it proposes nothing of it.
    let (mut training, _) = held_apart(titles());
    let secret = (0..).map(|nth| format!("魑魅魍魉{}", "啊".repeat(nth))).find(|title| is_held_apart(title));
    let secret = Labelled { title: secret.expect("one in five is"), class: class("道路") };
    let mut with_secret = training.clone();
    with_secret.extend([secret.clone(), secret]);
    training = held_apart(with_secret).0;
    assert_eq!(train(&training).expect("they make a model").propose("魑魅魍魉"), None);
}

#[test]
fn a_model_learns_what_the_titles_have_in_common() {
    let (training, apart) = held_apart(titles());
    let told = measure(&train(&training).expect("they make a model"), &apart);
    assert!(told.macro_f1 > 0.95 && told.top2 > 0.97, "{told:?}");
    assert_eq!(told.titles as usize, apart.len());
    let counted: u32 = told.confusion.counts.iter().flatten().sum();
    assert_eq!(counted, told.titles, "each title stands once in the confusion");
    let proposal = MODEL.propose("河边的路灯坏了，整夜不亮").expect("it knows these words");
    assert_eq!(proposal.class, class("道路"));
    assert_ne!(proposal.second, proposal.class);
    assert!(proposal.strongest.concat().contains("灯"), "{:?}", proposal.strongest);
}

#[test]
fn of_words_that_were_never_seen_nothing_is_proposed() {
    assert_eq!(MODEL.propose("qwxyz"), None);
    assert_eq!(MODEL.propose(" \n"), None);
}

#[test]
fn neither_a_title_nor_the_words_of_a_proposal_stand_in_what_is_logged() {
    let proposal = MODEL.propose("工地拖欠工资").expect("a proposal");
    assert!(!proposal.strongest.is_empty());
    let shown = format!("{proposal:?} {:?} {:?}", *MODEL, titles()[0]);
    assert!(
        proposal.strongest.iter().all(|word| !shown.replace("工资,", "").contains(word.as_str())),
        "{shown}"
    );
    assert!(!shown.contains(&titles()[0].title), "{shown}");
}

proptest! {
    #[test]
    fn what_spoke_for_a_class_stands_in_the_words(
        parts in prop::collection::vec(prop_oneof!["[a-zA-Z0-9０-９ 的，]{0,4}", "[一-龥]{0,3}",
            prop::sample::select(MATTERS.map(|(_, matters)| matters).concat()).prop_map(str::to_owned)], 0..6),
    ) {
        let words = parts.concat();
        if let Some(proposal) = MODEL.propose(&words) {
            prop_assert!(proposal.strongest.len() <= STRONGEST_MAX);
            for strong in &proposal.strongest {
                prop_assert!(!strong.is_empty() && words.contains(strong.as_str()), "{strong} in {words}");
            }
            prop_assert!(proposal.confidence_permille <= 1000);
            prop_assert_eq!(proposal.sure, proposal.confidence_permille >= MODEL.threshold_permille());
        }
    }

    #[test]
    fn a_changed_or_cut_file_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u32, cut in any::<bool>()) {
        let mut bytes = MODEL.to_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        let refused = Classifier::from_bytes(&bytes).expect_err("it is not the file that was written");
        prop_assert!(["model_foreign", "model_version", "model_corrupt"].contains(&refused.code), "{refused}");
    }

    #[test]
    fn whatever_is_read_as_a_model_no_byte_makes_it_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = MODEL.to_bytes()[..10].to_vec();
        bytes.extend(noise);
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        let refused = Classifier::from_bytes(&bytes).err().map(|error| error.code);
        prop_assert_eq!(refused, Some("model_corrupt"));
    }
}

#[test]
fn each_kind_of_wrong_file_is_named() {
    let code = |bytes: &[u8]| Classifier::from_bytes(bytes).expect_err("refused").code;
    assert_eq!(code(b""), "model_foreign");
    assert_eq!(code(b"title,label1\n"), "model_foreign");
    let mut newer = MODEL.to_bytes();
    newer[8] = 2;
    assert_eq!(code(&newer), "model_version");
    assert_eq!(code(&vec![0; usize::try_from(MODEL_BYTES_MAX).expect("fits") + 1]), "model_too_large");
    let mut longer = MODEL.to_bytes();
    longer.push(0);
    assert_eq!(code(&longer), "model_corrupt");
}

#[test]
fn a_weight_that_is_no_number_is_refused_though_the_digest_holds() {
    let bytes = MODEL.to_bytes();
    let mut body = bytes[..bytes.len() - 32].to_vec();
    let last = body.len() - 4;
    body[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    let digest = Sha256::digest(&body);
    body.extend(digest);
    let refused = Classifier::from_bytes(&body).expect_err("refused");
    assert!(refused.words.en.contains("not a number"), "{refused}");
}

#[test]
fn what_cannot_train_is_named() {
    let code = |titles: &[Labelled]| train(titles).expect_err("refused").code;
    assert_eq!(code(&[]), "bad_class_count");
    let (one, rest): (Vec<_>, Vec<_>) =
        titles().into_iter().partition(|labelled| labelled.class == class("噪声"));
    assert_eq!(code(&one), "bad_class_count");
    let mut few = rest;
    few.extend(one.into_iter().take(CLASS_TITLES_MIN - 1));
    assert_eq!(code(&few), "too_few_titles");
}

#[test]
fn a_model_of_words_that_tell_nothing_is_never_sure() {
    let same = |nth: usize| Labelled { title: "请问".to_owned(), class: class(MATTERS[nth % 2].0) };
    let model = train(&(0..200).map(same).collect::<Vec<_>>()).expect("they make a model");
    assert_eq!(model.threshold_permille(), THRESHOLD_NEVER_PERMILLE);
    let proposal = model.propose("请问").expect("it knows the words");
    assert!(!proposal.sure && proposal.confidence_permille < 700, "{proposal:?}");
}

#[test]
fn rows_that_cannot_be_used_are_named_by_their_line_and_not_repeated() {
    let read = |text: &str| read_labelled(text.as_bytes());
    let good = read("\u{feff}label1,other,title\n道路,1, 路坏了 \n").expect("columns in any order");
    assert_eq!((good[0].title.as_str(), good[0].class.as_str()), ("路坏了", "道路"));
    let refused = |text: &str| read(text).expect_err("refused");
    assert_eq!(refused("title,label\n路坏了,道路\n").code, "no_column");
    for bad in ["title,label1\n路坏了,道路\n秘密,\n", "title,label1\n路坏了,道路\n ,道路\n"] {
        let refused = refused(bad);
        assert!(refused.code == "bad_row" && refused.words.en.starts_with("line 3"), "{refused}");
        assert!(!refused.words.zh.contains("秘密"));
    }
    let long = format!("title,label1\n{},道路\n", "长".repeat(4_001));
    assert_eq!(refused(&long).code, "bad_row");
}
