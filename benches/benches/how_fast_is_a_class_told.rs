//! How fast is the class of a text told, by a model that was trained on made-up titles?

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use criterion::{Criterion, Throughput};
use huying_benches::machine;
use huying_domain::ids::ClassId;
use huying_intake::class::{labelled::Labelled, train::train};
use std::{hint::black_box, path::Path, time::Duration};

/// Made-up classes with matters of their own; places and ways to ask are those of all.
const MATTERS: [(&str, [&str; 6]); 4] = [
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
    (
        "供水",
        ["家里停水两天", "水压太低上不了楼", "自来水发黄有味", "水表读数不对", "水管爆裂漏水", "水费算错了"],
    ),
];
const PLACES: [&str; 12] = [
    "东门小区",
    "河西市场",
    "县中学旁",
    "建设路",
    "南湖公园",
    "车站广场",
    "北街社区",
    "老粮库",
    "新村三期",
    "桥头",
    "开发区",
    "医院门口",
];
const ASKS: [&str; 5] = ["，请尽快处理", "怎么办？", "，没人管", "，已经反映多次", ""];

fn main() {
    println!("{}", machine::describe(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    let titles = titles();
    let model = train(&titles).expect("there are titles enough");
    println!("{} titles, {} classes, {} grams", titles.len(), model.classes().len(), model.grams());
    let mut criterion = Criterion::default().without_plots();
    if machine::is_smoke() {
        let soon = criterion.sample_size(10).warm_up_time(Duration::from_millis(50));
        criterion = soon.measurement_time(Duration::from_millis(100));
    }
    let short = "建设路路灯整夜不亮，请尽快处理".to_owned();
    let long = titles.iter().map(|title| title.title.as_str()).take(60).collect::<Vec<_>>().join("。");
    let mut group = criterion.benchmark_group("how_fast_is_a_class_told");
    for (name, words) in [("a line", short), ("a page", long)] {
        assert!(model.propose(&words).is_some(), "the words speak for something");
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("{name}, {} characters", words.chars().count()), |bencher| {
            bencher.iter(|| model.propose(black_box(&words)));
        });
    }
    group.finish();
}

/// Every place with every matter and every way to ask.
fn titles() -> Vec<Labelled> {
    let mut told = Vec::new();
    for (place, ask) in PLACES.iter().flat_map(|place| ASKS.iter().map(move |ask| (place, ask))) {
        for (name, matters) in MATTERS {
            let class = ClassId::new(name).expect("a class");
            let title =
                |matter: &&str| Labelled { title: format!("{place}{matter}{ask}"), class: class.clone() };
            told.extend(matters.iter().map(title));
        }
    }
    told
}
