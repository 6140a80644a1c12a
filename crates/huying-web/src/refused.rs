//! How a refusal is told over HTTP: the status for programs that read no further, the code, both sentences and the
//! field for all others.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::words::Words;
use huying_engine::doors::{answer::RefusalMessage, refused};
use serde::Serialize;

/// After how many seconds a client may try again that was told `busy`.
const RETRY_AFTER_S: u64 = 1;

/// A refusal on its way out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    status: StatusCode,
    message: RefusalMessage,
}

#[derive(Serialize)]
struct Body<'r> {
    refusal: &'r RefusalMessage,
}

impl Refused {
    /// A refusal of this door's own.
    pub fn new(status: StatusCode, code: &str, zh: &str, en: &str) -> Self {
        let message = RefusalMessage { code: code.to_owned(), words: Words::new(zh, en), field: None };
        Self { status, message }
    }

    /// The key is absent or unknown.
    pub fn no_key() -> Self {
        let (zh, en) = ("缺少密钥或密钥无效。", "The key is absent or unknown.");
        Self::new(StatusCode::UNAUTHORIZED, "no_key", zh, en)
    }

    /// The key is not for that.
    pub fn not_for_key() -> Self {
        let (zh, en) = ("该密钥不能用于此渠道。", "The key is not for this channel.");
        Self::new(StatusCode::FORBIDDEN, "not_for_key", zh, en)
    }

    /// There is nothing at that address, or nothing that this key may see.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "没有该资源。", "There is nothing here.")
    }

    /// The body is too long.
    pub fn too_long(bytes_max: usize) -> Self {
        let (zh, en) =
            (format!("内容超过 {bytes_max} 字节。"), format!("The body is longer than {bytes_max} bytes."));
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_long", &zh, &en)
    }

    /// The engine did not answer in time. What was asked may have been taken: sent again, it happens once.
    pub fn late() -> Self {
        let (zh, en) = (
            "引擎未及时答复。原样再次提交不会重复。",
            "The engine did not answer in time. Send the same again: nothing happens twice.",
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "late", zh, en)
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

/// The status of a refusal's code.
pub fn status_of(code: &str) -> StatusCode {
    StatusCode::from_u16(refused::status_of(code)).expect("the table holds numbers of HTTP")
}

impl From<RefusalMessage> for Refused {
    fn from(message: RefusalMessage) -> Self {
        Self { status: status_of(&message.code), message }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Body { refusal: &self.message })).into_response();
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
