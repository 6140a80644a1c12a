//! The class from the words on real titles, where the folder with them lies beside the project; each test says when
//! it skips.

#![expect(clippy::print_stderr, reason = "says what was skipped and what was measured")]

use huying_intake::class::{
    Classifier,
    labelled::{Labelled, held_apart, read_labelled},
    measure::{Measured, measure},
    train::train,
};
use std::{fs::File, path::PathBuf};

fn titles() -> Option<Vec<Labelled>> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/texts/titles_labelled.csv");
    if !path.exists() {
        eprintln!("skipped: ../shared/data/texts/titles_labelled.csv is absent");
        return None;
    }
    Some(read_labelled(File::open(path).expect("opens")).expect("reads"))
}

fn told(name: &str, training: &[Labelled], apart: &[Labelled]) -> (Classifier, Measured) {
    let model = train(training).expect("they make a model");
    let told = measure(&model, apart);
    eprintln!(
        "{name}: {} trained, {} measured, macro F1 {:.4}, accuracy {:.4}, top2 {:.4}, selective {:.4?}, {} n-grams",
        training.len(),
        told.titles,
        told.macro_f1,
        told.accuracy,
        told.top2,
        told.selective,
        model.grams(),
    );
    (model, told)
}

#[test]
fn all_real_titles_reach_what_a_desk_needs() {
    let Some(titles) = titles() else { return };
    let (training, apart) = held_apart(titles);
    let (model, told) = told("four fifths", &training, &apart);
    assert!(told.macro_f1 >= 0.88, "{}", told.macro_f1);
    assert!(told.top2 >= 0.96, "{}", told.top2);
    let [_, share, precision] = told.selective;
    assert!(precision >= 0.97 && share >= 0.55, "{:?}", told.selective);
    assert!(model.to_bytes().len() < 1024 * 1024, "a model is small");
    // A higher threshold leaves fewer, and those are right more often.
    let mut before = (apart.len() + 1, 0.0);
    for threshold in [0, 500, 700, 900, 970] {
        let proposals = apart.iter().filter_map(|labelled| Some((model.propose(&labelled.title)?, labelled)));
        let sure: Vec<_> =
            proposals.filter(|(proposal, _)| proposal.confidence_permille >= threshold).collect();
        let right = sure.iter().filter(|(proposal, labelled)| proposal.class == labelled.class).count();
        let precision = right as f64 / sure.len() as f64;
        eprintln!("at {threshold}: {} titles, {precision:.4} right", sure.len());
        assert!(sure.len() < before.0 && precision > before.1);
        before = (sure.len(), precision);
    }
}
