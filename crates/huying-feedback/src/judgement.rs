//! What a caller's words come to: the case may be closed as confirmed, or it goes back to work.

use huying_domain::{
    event::feedback::Verdict,
    vocabulary::{Grade, Solved},
    words::Words,
};

/// What follows from a call-back in which the caller was reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Solved, and not a word against it.
    Close,
    /// Not solved, solved in part, or solved to the caller's dissatisfaction; with the reason.
    Reopen(Words),
    /// The caller is not content, for a reason that lies outside the unit's power: a person decides.
    Person,
}

/// Whether the caller's verdict closes or reopens.
///
/// A grade that was not asked or not given does not stand against closing: many callers only say that it works.
pub fn next(verdict: Verdict) -> Next {
    let grade = verdict.grade.filter(|grade| is_dissatisfied(*grade));
    if verdict.solved == Solved::Yes && grade.is_none() {
        return Next::Close;
    }
    if verdict.beyond.is_some() {
        return Next::Person;
    }
    let solved = verdict.solved;
    let answered = match solved {
        Solved::Yes => "solved",
        Solved::Partly => "solved in part",
        Solved::No => "not solved",
    };
    let (zh, en) = match grade {
        Some(grade) => (format!("，{}", grade.zh()), format!(", {}", grade.name().replace('_', " "))),
        None => (String::new(), String::new()),
    };
    Next::Reopen(Words::new(
        format!("回访：来电人表示{}{zh}", solved.zh()),
        format!("call-back: the caller says {answered}{en}"),
    ))
}

const fn is_dissatisfied(grade: Grade) -> bool {
    match grade {
        Grade::Dissatisfied | Grade::VeryDissatisfied => true,
        Grade::VerySatisfied | Grade::Satisfied | Grade::Basically => false,
    }
}
