//! How good a model is on titles that it has not seen.

use super::{Classifier, labelled::Labelled, permille, text::letters};
use huying_domain::ids::ClassId;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a model did on labelled titles. Shares lie between 0 and 1.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Measured {
    /// How many titles were asked about.
    pub titles: u32,
    /// The plain mean of the classes' F1.
    pub macro_f1: f64,
    /// The share that got the true class.
    pub accuracy: f64,
    /// The share whose true class was the first or the second.
    pub top2: f64,
    /// The model's threshold, the share of titles at or above it, and the share of those that were right (0 where
    /// there are none).
    pub selective: [f64; 3],
    /// Each class that was true or proposed.
    pub classes: Vec<ClassMeasured>,
    /// What was taken for what.
    pub confusion: Confusion,
}

/// One class.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ClassMeasured {
    /// Which.
    pub class: ClassId,
    /// How many titles are of it.
    pub titles: u32,
    /// The share of its proposals that were right.
    pub precision: f64,
    /// The share of its titles that were found.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

/// Titles by their true class (a line each) and the proposed one (a column each).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Confusion {
    /// The classes, in the order of lines and of columns.
    pub classes: Vec<ClassId>,
    /// The counts.
    pub counts: Vec<Vec<u32>>,
}

/// What stands behind one confidence: right or not, and how sure.
struct Asked {
    right: bool,
    sure_permille: u16,
}

/// Asks the model about every title.
pub fn measure(model: &Classifier, titles: &[Labelled]) -> Measured {
    let mut pairs: BTreeMap<(&ClassId, &ClassId), u32> = BTreeMap::new();
    let mut among_two = 0;
    let mut asked = Vec::with_capacity(titles.len());
    for labelled in titles {
        let ranking = model.rank(&model.vocabulary.weigh(&letters(&labelled.title)));
        let (first, second) = (&model.classes[ranking.first], &model.classes[ranking.second]);
        *pairs.entry((&labelled.class, first)).or_default() += 1;
        among_two += u32::from(*first == labelled.class || *second == labelled.class);
        // Of words that it has never seen a model proposes nothing.
        let sure_permille = if ranking.strange { 0 } else { permille(ranking.likely[ranking.first]) };
        asked.push(Asked { right: *first == labelled.class, sure_permille });
    }
    let confusion = confusion(&pairs);
    let classes = by_class(&confusion);
    let sure: Vec<_> =
        asked.iter().filter(|asked| asked.sure_permille >= model.threshold_permille()).collect();
    let right = |asked: &[&Asked]| asked.iter().filter(|asked| asked.right).count();
    Measured {
        titles: u32::try_from(titles.len()).unwrap_or(u32::MAX),
        macro_f1: share_of_f64(classes.iter().map(|class| class.f1).sum(), classes.len()),
        accuracy: share(right(&asked.iter().collect::<Vec<_>>()), asked.len()),
        top2: share(among_two as usize, asked.len()),
        selective: [
            f64::from(model.threshold_permille()) / f64::from(super::WHOLE_PERMILLE),
            share(sure.len(), asked.len()),
            share(right(&sure), sure.len()),
        ],
        classes,
        confusion,
    }
}

fn confusion(pairs: &BTreeMap<(&ClassId, &ClassId), u32>) -> Confusion {
    let mut classes: Vec<ClassId> =
        pairs.keys().flat_map(|(one, other)| [(*one).clone(), (*other).clone()]).collect();
    classes.sort_unstable();
    classes.dedup();
    let count = |one: &ClassId, other: &ClassId| pairs.get(&(one, other)).copied().unwrap_or(0);
    let line = |one: &ClassId| classes.iter().map(|other| count(one, other)).collect();
    let counts = classes.iter().map(line).collect();
    Confusion { classes, counts }
}

fn by_class(confusion: &Confusion) -> Vec<ClassMeasured> {
    let of = |at: usize| {
        let right = confusion.counts[at][at];
        let titles: u32 = confusion.counts[at].iter().sum();
        let proposed: u32 = confusion.counts.iter().map(|line| line[at]).sum();
        ClassMeasured {
            class: confusion.classes[at].clone(),
            titles,
            precision: share(right as usize, proposed as usize),
            recall: share(right as usize, titles as usize),
            f1: share(2 * right as usize, (titles + proposed) as usize),
        }
    };
    (0..confusion.classes.len()).map(of).collect()
}

fn share(part: usize, whole: usize) -> f64 {
    share_of_f64(part as f64, whole)
}

fn share_of_f64(part: f64, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}
