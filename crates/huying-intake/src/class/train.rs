//! Training: three linear models on the same features, weighed against each other by a fourth, and folded into one.
//!
//! The three see the same n-grams differently: a support vector machine on the tf-idf values; another on the values
//! times how much oftener an n-gram stands in titles of the class than in others (log-count ratios); and the
//! logarithms of those shares by themselves (naive Bayes). Five inner folds of the training titles, divided by
//! title, give for each title scores of models that have not seen it. On these a softmax regression ([`stack`])
//! learns how much each score says for each class, which also makes the confidences honest, and the threshold is
//! the lowest confidence from which on [`SURE_WANTED_PERMILLE`] of them were right. Since all of it is linear, the
//! result is one weight per n-gram and class.
//!
//! The same titles in the same order give the same model, byte for byte, on one machine; logarithms of another
//! machine may differ in the last place. Nothing here draws lots outside a fixed sequence.

mod members;
pub(super) mod stack;
mod svm;

use self::members::Members;
use super::{
    CLASSES_MAX, Classifier, THRESHOLD_NEVER_PERMILLE, WHOLE_PERMILLE,
    error::ClassError,
    labelled::{Labelled, share_of},
    permille,
    text::{Letter, letters},
    two_highest,
    vocabulary::Vocabulary,
};
use huying_domain::ids::ClassId;
use std::collections::BTreeMap;

/// Fewest classes.
pub const CLASSES_MIN: usize = 2;
/// Fewest titles of a class; of fewer nothing can be learnt and nothing measured.
pub const CLASS_TITLES_MIN: usize = 10;
/// How many of the proposals at the threshold must have been right on inner folds: 97 % are wanted, and half a
/// percent is kept for the difference between titles.
pub const SURE_WANTED_PERMILLE: u32 = 975;
/// On fewer proposals than this no threshold can be founded.
const SURE_TITLES_MIN: u32 = 50;
/// Into how many parts the training titles are divided to see how models do on titles that they have not seen.
const INNER_FOLDS: u16 = 5;
/// What makes the inner division another than the outer.
const INNER_PURPOSE: &str = "inner";

/// A title's n-grams by number, each with its value.
type Row = Vec<(u32, f32)>;

/// Trains a model on all these titles.
#[expect(clippy::cast_possible_truncation, reason = "there are at most TITLES_MAX titles")]
pub fn train(titles: &[Labelled]) -> Result<Classifier, ClassError> {
    let classes = classes(titles)?;
    let number = |labelled: &Labelled| {
        classes.binary_search(&labelled.class).expect("the classes are those of the titles")
    };
    let taught: Vec<usize> = titles.iter().map(number).collect();
    let read: Vec<Vec<Letter>> = titles.iter().map(|labelled| letters(&labelled.title)).collect();
    let unseen = unseen_scores(titles, &read, &taught, classes.len());
    let spread = members::spread(&unseen, classes.len());
    let scaled: Vec<Vec<f64>> = unseen.iter().map(|scores| members::scaled(scores, &spread)).collect();
    let stack = stack::fit(&scaled, &taught, classes.len());
    let threshold_permille = threshold(scaled.iter().map(|scores| stack.scores(scores)), &taught);
    let every: Vec<usize> = (0..titles.len()).collect();
    let (vocabulary, members) = taught_on(&every, &read, &taught, classes.len());
    let (weights, biases) = members.folded(&stack, &spread);
    Ok(Classifier { classes, vocabulary, weights, biases, threshold_permille, titles: titles.len() as u32 })
}

/// The classes in ascending order, if a model can be made of them.
fn classes(titles: &[Labelled]) -> Result<Vec<ClassId>, ClassError> {
    let mut counts: BTreeMap<&ClassId, usize> = BTreeMap::new();
    for labelled in titles {
        *counts.entry(&labelled.class).or_default() += 1;
    }
    if !(CLASSES_MIN..=CLASSES_MAX).contains(&counts.len()) {
        let count = counts.len();
        return Err(ClassError::new(
            "bad_class_count",
            format!("有 {count} 个分类，须为 {CLASSES_MIN} 至 {CLASSES_MAX} 个"),
            format!("there are {count} classes; there must be {CLASSES_MIN} to {CLASSES_MAX}"),
        ));
    }
    if let Some((class, count)) = counts.iter().find(|(_, count)| **count < CLASS_TITLES_MIN) {
        return Err(ClassError::new(
            "too_few_titles",
            format!("分类“{class}”只有 {count} 条标题，至少需要 {CLASS_TITLES_MIN} 条"),
            format!("the class {class} has {count} titles; {CLASS_TITLES_MIN} at least are needed"),
        ));
    }
    Ok(counts.into_keys().cloned().collect())
}

/// For each title the scores of members that have not seen it.
fn unseen_scores(
    titles: &[Labelled],
    read: &[Vec<Letter>],
    taught: &[usize],
    classes: usize,
) -> Vec<Vec<f64>> {
    let folds: Vec<u16> =
        titles.iter().map(|labelled| share_of(INNER_PURPOSE, &labelled.title) % INNER_FOLDS).collect();
    let mut scores = vec![Vec::new(); titles.len()];
    for fold in 0..INNER_FOLDS {
        let (apart, seen): (Vec<usize>, Vec<usize>) = (0..titles.len()).partition(|at| folds[*at] == fold);
        let (vocabulary, members) = taught_on(&seen, read, taught, classes);
        for at in apart {
            scores[at] = members.scores(&vocabulary.weigh(&read[at]));
        }
    }
    scores
}

/// The vocabulary and the members that some of the titles teach.
fn taught_on(
    some: &[usize],
    read: &[Vec<Letter>],
    taught: &[usize],
    classes: usize,
) -> (Vocabulary, Members) {
    let seen: Vec<&[Letter]> = some.iter().map(|at| read[*at].as_slice()).collect();
    let vocabulary = Vocabulary::learn(&seen);
    let rows: Vec<Row> = seen.iter().map(|letters| vocabulary.weigh(letters)).collect();
    let taught: Vec<usize> = some.iter().map(|at| taught[*at]).collect();
    let members = members::teach(&rows, &taught, classes, vocabulary.len());
    (vocabulary, members)
}

/// The lowest confidence from which on enough of the proposals were right.
fn threshold(scores: impl Iterator<Item = Vec<f64>>, taught: &[usize]) -> u16 {
    let mut at_confidence = vec![(0_u32, 0_u32); usize::from(WHOLE_PERMILLE) + 1];
    for (scores, class) in scores.zip(taught) {
        let (first, _) = two_highest(&scores);
        let confidence = permille(stack::likelihoods(&scores)[first]);
        let (all, right) = &mut at_confidence[usize::from(confidence)];
        *all += 1;
        *right += u32::from(first == *class);
    }
    let mut threshold = THRESHOLD_NEVER_PERMILLE;
    let (mut all, mut right) = (0, 0);
    for confidence in (0..=WHOLE_PERMILLE).rev() {
        let (more, more_right) = at_confidence[usize::from(confidence)];
        all += more;
        right += more_right;
        if all >= SURE_TITLES_MIN && right * u32::from(WHOLE_PERMILLE) >= all * SURE_WANTED_PERMILLE {
            threshold = confidence;
        }
    }
    threshold
}
