//! The class of a call from its words 文本分类: a small linear model that proposes, and people who decide.
//!
//! `huying train` makes the model of titles that a city has classed before ([`labelled`], [`train`]) and says on
//! titles that did not train how good it is ([`measure`]). The model is one file of the city's folder ([`file`]).
//! [`Classifier::propose`] gives for the words of a call the class, how sure it is, the second class, and the
//! parts of the words that spoke for it most. At or above the model's threshold a proposal can be followed; below
//! it a person decides, the proposal beside the words, and the class stays
//! [`WORDS_CLASS_UNKNOWN`](crate::read::WORDS_CLASS_UNKNOWN). What a label of the model is called in the city, and
//! whose duty it is, says [`labels`].
//!
//! The features are single characters and pairs of neighbours ([`text`]), weighed by tf-idf. Chinese needs no
//! cutting into words for this: on real titles, words of a dictionary beside the characters gave nothing that
//! could be told from chance.

pub mod error;
pub mod file;
pub mod labelled;
pub mod labels;
pub mod measure;
mod strongest;
mod text;
pub mod train;
mod vocabulary;

use self::{strongest::strongest, text::letters, vocabulary::Vocabulary};
use huying_domain::ids::ClassId;
use std::fmt;

/// Most parts of the words that a proposal names.
pub const STRONGEST_MAX: usize = 3;
/// Most classes of one model. A first level has seven to fifteen.
pub const CLASSES_MAX: usize = 64;
/// All of a confidence.
pub const WHOLE_PERMILLE: u16 = 1_000;
/// The threshold of a model that is never sure enough.
pub const THRESHOLD_NEVER_PERMILLE: u16 = WHOLE_PERMILLE + 1;

/// What the words say that the call is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The likeliest class.
    pub class: ClassId,
    /// How likely, in thousandths, as measured on titles that did not train.
    pub confidence_permille: u16,
    /// The likeliest class but one.
    pub second: ClassId,
    /// Whether the confidence reaches the model's threshold; where not, a person decides.
    pub sure: bool,
    /// Up to [`STRONGEST_MAX`] parts of the words, as they stand there, that spoke most for the class and against
    /// the second; the strongest first. They are the caller's: seal them with the words.
    pub strongest: Vec<String>,
}

impl fmt::Debug for Proposal {
    /// Without the caller's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposal")
            .field("class", &self.class)
            .field("confidence_permille", &self.confidence_permille)
            .field("second", &self.second)
            .field("sure", &self.sure)
            .finish_non_exhaustive()
    }
}

/// A model that proposes classes: for each n-gram a weight per class, and how sure is sure enough.
#[derive(Clone, PartialEq)]
pub struct Classifier {
    /// At least two, in ascending order.
    classes: Vec<ClassId>,
    vocabulary: Vocabulary,
    /// For each n-gram of the vocabulary as many weights as there are classes.
    weights: Vec<f32>,
    /// What a class has before anything is read.
    biases: Vec<f32>,
    threshold_permille: u16,
    /// How many titles trained it.
    titles: u32,
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classifier")
            .field("classes", &self.classes)
            .field("grams", &self.vocabulary.len())
            .field("threshold_permille", &self.threshold_permille)
            .finish_non_exhaustive()
    }
}

/// The classes by their likelihood.
struct Ranking {
    /// Probabilities in the order of the classes; their sum is 1.
    likely: Vec<f64>,
    first: usize,
    second: usize,
    /// Nothing of the words was ever seen in training.
    strange: bool,
}

impl Classifier {
    /// What the words speak for; nothing where the model knows no part of them.
    pub fn propose(&self, words: &str) -> Option<Proposal> {
        let letters = letters(words);
        let known = self.vocabulary.weigh(&letters);
        let ranking = self.rank(&known);
        if ranking.strange {
            return None;
        }
        let confidence_permille = permille(ranking.likely[ranking.first]);
        let spoke = known.iter().map(|&(gram, value)| {
            let row = self.row(gram);
            (gram, f64::from(value) * f64::from(row[ranking.first] - row[ranking.second]))
        });
        let spoke: Vec<_> = spoke.collect();
        Some(Proposal {
            class: self.classes[ranking.first].clone(),
            confidence_permille,
            second: self.classes[ranking.second].clone(),
            sure: confidence_permille >= self.threshold_permille,
            strongest: strongest(words, &letters, |gram| self.vocabulary.find(gram), &spoke),
        })
    }

    /// The classes that it can propose, in ascending order.
    pub fn classes(&self) -> &[ClassId] {
        &self.classes
    }

    /// From which confidence on a proposal is sure; [`THRESHOLD_NEVER_PERMILLE`] where none ever is.
    pub const fn threshold_permille(&self) -> u16 {
        self.threshold_permille
    }

    /// How many titles trained it.
    pub const fn titles(&self) -> u32 {
        self.titles
    }

    /// How many n-grams it knows.
    pub fn grams(&self) -> usize {
        self.vocabulary.len()
    }

    fn row(&self, gram: u32) -> &[f32] {
        let width = self.classes.len();
        let at = gram as usize * width;
        &self.weights[at..at + width]
    }

    fn rank(&self, known: &[(u32, f32)]) -> Ranking {
        let mut scores: Vec<f64> = self.biases.iter().map(|bias| f64::from(*bias)).collect();
        for &(gram, value) in known {
            for (score, weight) in scores.iter_mut().zip(self.row(gram)) {
                *score += f64::from(*weight) * f64::from(value);
            }
        }
        let (first, second) = two_highest(&scores);
        Ranking { likely: train::stack::likelihoods(&scores), first, second, strange: known.is_empty() }
    }
}

/// The places of the highest and the second highest; the earlier one where two are alike. There are two at least.
fn two_highest(scores: &[f64]) -> (usize, usize) {
    let (mut first, mut second) = if scores[1] > scores[0] { (1, 0) } else { (0, 1) };
    for (at, score) in scores.iter().enumerate().skip(2) {
        if *score > scores[first] {
            (first, second) = (at, first);
        } else if *score > scores[second] {
            second = at;
        }
    }
    (first, second)
}

/// A probability in whole thousandths, rounded down.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a probability lies between 0 and 1"
)]
fn permille(probability: f64) -> u16 {
    ((probability * f64::from(WHOLE_PERMILLE)) as u16).min(WHOLE_PERMILLE)
}
