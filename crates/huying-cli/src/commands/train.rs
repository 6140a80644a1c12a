//! `train`: makes the model that proposes a class from a call's words, of titles that people have classed, and says
//! how good it is on titles that did not train it.
//!
//! Without `--test`, a fifth of the titles is held apart by their digest: the same title always falls on the same
//! side. The model that is written is the one that was measured. With `--test`, all of the first file trains, and
//! the report counts how many of the tested titles stand in both files; those say nothing of new calls.

use crate::{
    exit::Exit,
    failure::{Failure, Output},
    table::table,
    words::Lang,
};
use huying_domain::words::Words;
use huying_intake::class::{
    Classifier,
    error::ClassError,
    labelled::{HELD_APART_ONE_IN, Labelled, held_apart, read_labelled},
    measure::{Measured, measure},
    train::train,
};
use serde::Serialize;
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

/// Of what a model is made.
#[derive(Clone, Debug, clap::Args)]
pub struct TrainArgs {
    /// A CSV with the columns title and label1
    pub labelled: PathBuf,
    /// Titles that measure and do not train; without it a fifth of LABELLED is held apart
    #[arg(long, value_name = "CSV")]
    pub test: Option<PathBuf>,
    /// Where the model goes, such as classes.model in the city's folder
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where the report goes as JSON
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
}

/// What is told of the model.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    measured: Measured,
    /// How many titles trained it.
    trained: u32,
    /// How many of the tested titles trained it too.
    also_trained: usize,
    /// How the tested titles were chosen.
    chosen: &'static str,
    /// How many n-grams it knows.
    grams: usize,
    /// How large the file is.
    bytes: usize,
}

/// Trains, measures, writes.
pub fn run(args: &TrainArgs, lang: Lang) -> Result<Output, Failure> {
    let labelled = read(&args.labelled)?;
    let (training, tested) = match &args.test {
        Some(test) => (labelled, read(test)?),
        None => held_apart(labelled),
    };
    let model = train(&training).map_err(|error| useless(&args.labelled, &error))?;
    let bytes = model.to_bytes();
    let report = report(args, &model, (&training, &tested), bytes.len());
    write(&args.out, &bytes)?;
    let json = json!(report);
    if let Some(path) = &args.report {
        let mut told = serde_json::to_string_pretty(&json).expect("a report is plain JSON");
        told.push('\n');
        write(path, told.as_bytes())?;
    }
    Ok(Output::done(json, text(&report, args, lang)))
}

fn report(
    args: &TrainArgs,
    model: &Classifier,
    (training, tested): (&[Labelled], &[Labelled]),
    bytes: usize,
) -> Report {
    let trained: BTreeSet<&str> = training.iter().map(|labelled| labelled.title.as_str()).collect();
    Report {
        measured: measure(model, tested),
        trained: model.titles(),
        also_trained: tested.iter().filter(|labelled| trained.contains(labelled.title.as_str())).count(),
        chosen: if args.test.is_some() { "given" } else { "by_digest_of_title" },
        grams: model.grams(),
        bytes,
    }
}

/// What people read: how good, where the threshold lies, and each class with what it is mostly taken for.
fn text(report: &Report, args: &TrainArgs, lang: Lang) -> String {
    let Measured { titles, macro_f1, accuracy, top2, selective: [threshold, share, precision], .. } =
        report.measured;
    let (trained, grams, bytes) = (report.trained, report.grams, report.bytes);
    let out = args.out.display();
    let chosen = match (args.test.is_some(), lang) {
        (true, Lang::Zh) => format!("由 --test 给出，其中 {} 条也参与了训练", report.also_trained),
        (true, Lang::En) => format!("given by --test; {} of them trained it too", report.also_trained),
        (false, Lang::Zh) => format!("按标题摘要留出五分之一（1/{HELD_APART_ONE_IN}）"),
        (false, Lang::En) => format!("held apart by the title's digest, one in {HELD_APART_ONE_IN}"),
    };
    let mut said = match lang {
        Lang::Zh => format!(
            "训练 {trained} 条，检验 {titles} 条（{chosen}）\n宏平均 F1 {macro_f1:.4}，准确率 {accuracy:.4}，\
             前两类命中 {top2:.4}\n阈值 {threshold:.3}：自动采用 {share:.4}，其中正确 {precision:.4}\n"
        ),
        Lang::En => format!(
            "trained on {trained} titles, measured on {titles} ({chosen})\nmacro F1 {macro_f1:.4}, accuracy \
             {accuracy:.4}, true class among the first two {top2:.4}\nthreshold {threshold:.3}: {share:.4} of the \
             titles reach it, {precision:.4} of these right\n"
        ),
    };
    said.push_str(&by_class(report, lang).to_string());
    said.push('\n');
    said.push_str(&match lang {
        Lang::Zh => format!("模型已写入 {out}：{grams} 个特征，{bytes} 字节"),
        Lang::En => format!("the model is in {out}: {grams} n-grams, {bytes} bytes"),
    });
    said
}

/// A line per class; what was taken for what stands in the report.
fn by_class(report: &Report, lang: Lang) -> comfy_table::Table {
    let mut rows = table(lang, &[]);
    let heads = lang
        .pick("分类,数量,精确率,召回率,F1,误判最多", "class,count,precision,recall,F1,mostly mistaken for");
    rows.set_header(heads.split(','));
    let confusion = &report.measured.confusion;
    for (at, class) in report.measured.classes.iter().enumerate() {
        let others = confusion.counts[at].iter().enumerate().filter(|(other, _)| *other != at);
        let mostly = others.max_by_key(|(other, count)| (**count, std::cmp::Reverse(*other)));
        let mostly = mostly.filter(|(_, count)| **count > 0);
        rows.add_row([
            class.class.to_string(),
            class.titles.to_string(),
            format!("{:.3}", class.precision),
            format!("{:.3}", class.recall),
            format!("{:.3}", class.f1),
            mostly.map_or_else(String::new, |(other, count)| format!("{} {count}", confusion.classes[other])),
        ]);
    }
    rows
}

fn read(path: &Path) -> Result<Vec<Labelled>, Failure> {
    let file = File::open(path).map_err(|error| Failure::unreadable(path.display(), error))?;
    read_labelled(BufReader::new(file)).map_err(|error| useless(path, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| {
        let words = Words::new(
            format!("无法写入 {}。", path.display()),
            format!("{} cannot be written.", path.display()),
        );
        Failure::new(Exit::Fault, "cannot_write", words).because(error)
    })
}

/// The titles of a file do not make a model.
fn useless(path: &Path, error: &ClassError) -> Failure {
    let words = Words::new(
        format!("{}：{}", path.display(), error.words.zh),
        format!("{}: {}", path.display(), error.words.en),
    );
    Failure::new(Exit::Unreadable, error.code, words)
}
