//! What is wrong with a request: one error for each thing that has to be mended, so that nobody mends them one by one.

use super::element::{Document, Element, Format};
use crate::refused::Refused;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::words::Words;
use huying_engine::doors::answer::RefusalMessage;

/// Most characters of what somebody sent that are said back to them.
const ECHO_CHARS_MAX: usize = 80;
/// Most errors of one answer.
const PROBLEMS_MAX: usize = 50;
/// After how many seconds a client may try again.
const RETRY_AFTER_S: u64 = 1;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    words: Words,
}

impl Problem {
    pub(super) fn new(status: StatusCode, zh: impl AsRef<str>, en: impl AsRef<str>) -> Self {
        Self { status, words: Words::new(zh.as_ref(), en.as_ref()) }
    }

    /// The key is absent, or nobody's.
    pub(super) fn no_key() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "缺少 api_key 或密钥无效。",
            "api_key is missing, or is not a key that is in force.",
        )
    }

    /// What has to be said was not.
    pub(super) fn missing(name: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("缺少 {name}。"), format!("{name} is missing."))
    }

    /// There is nothing of that name.
    pub(super) fn unknown(name: &str, said: &str) -> Self {
        let said = echo(said);
        Self::new(
            StatusCode::NOT_FOUND,
            format!("没有 {name} {said}。"),
            format!("There is no {name} {said}."),
        )
    }

    /// It is not of the form that it should be.
    pub(super) fn bad(name: &str, said: &str, zh: &str, en: &str) -> Self {
        let said = echo(said);
        Self::new(
            StatusCode::BAD_REQUEST,
            format!("{name} 的值 {said} 不正确：{zh}。"),
            format!("{name} cannot be {said}: {en}."),
        )
    }
}

fn echo(said: &str) -> String {
    let short: String = said.chars().take(ECHO_CHARS_MAX).collect();
    if short.len() < said.len() { format!("“{short}…”") } else { format!("“{short}”") }
}

/// All that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Fine where there is none.
    pub(super) fn none_of(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// The key comes first, then what does not exist, then everything else.
    fn status(&self) -> StatusCode {
        let first = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
        let has = |status: &StatusCode| self.0.iter().any(|problem| problem.status == *status);
        let first = first.into_iter().find(has);
        first.or_else(|| Some(self.0.first()?.status)).unwrap_or(StatusCode::BAD_REQUEST)
    }

    pub(super) fn answer(self, format: Format) -> Response {
        let status = self.status();
        let error = |Problem { status, words }: Problem| {
            Element::Fields(vec![
                ("code", Element::Whole(status.as_u16().into())),
                ("description", Element::text(format!("{} {}", words.zh, words.en))),
            ])
        };
        let errors = self.0.into_iter().take(PROBLEMS_MAX).map(error).collect();
        let mut response = Document::listed("errors", "error", errors).answer(status, format).into_response();
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        response
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl From<Refused> for Problems {
    /// The standard knows 400, 403 and 404. What a program ought to do something else about keeps its own status.
    fn from(refused: Refused) -> Self {
        let (status, words) = (refused.status(), refused.words().clone());
        let status = match status {
            StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            kept => kept,
        };
        Problem { status, words }.into()
    }
}

impl From<RefusalMessage> for Problems {
    fn from(refusal: RefusalMessage) -> Self {
        Refused::from(refusal).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_comes_before_what_does_not_exist_and_that_before_the_rest() {
        let all = |problems: &[Problem]| Problems(problems.to_vec()).status().as_u16();
        let (bad, none, key) =
            (Problem::missing("service_code"), Problem::unknown("service_code", "x"), Problem::no_key());
        assert_eq!(all(std::slice::from_ref(&bad)), 400);
        assert_eq!(all(&[bad.clone(), none.clone()]), 404);
        assert_eq!(all(&[bad, none, key]), 403);
    }

    #[test]
    fn what_was_sent_is_said_back_in_part() {
        let long = Problem::unknown("service_code", &"长".repeat(4_000));
        assert!(long.words.en.chars().count() < 120 && long.words.en.contains("长…"));
    }
}
