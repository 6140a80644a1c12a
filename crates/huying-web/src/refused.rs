//! How a refusal is told over HTTP: as a problem (RFC 9457) with the status for programs that read no further, the
//! code, both sentences and the field for all others.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::{refusal::Refusal, words::Words};
use huying_engine::doors::{answer::RefusalMessage, refused};
use serde::Serialize;
use serde_json::Value;
use std::error::Error;

/// After how many seconds a client may try again that was told `busy`.
const RETRY_AFTER_S: u64 = 1;

/// A refusal on its way out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(Box<Told>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Told {
    status: StatusCode,
    message: RefusalMessage,
    /// How it stands now, where that is why.
    current: Option<Value>,
}

/// A problem as it is sent.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct Problem<'r> {
    /// `urn:huying:refusal:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The sentence in English.
    title: &'r str,
    status: u16,
    /// Frozen: programs read it.
    code: &'r str,
    zh: &'r str,
    en: &'r str,
    /// The field that has to be mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'r str>,
    /// How the case stands now, where somebody else was faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<&'r Value>,
}

impl Refused {
    /// A refusal of this door's own.
    pub fn new(status: StatusCode, code: &str, zh: &str, en: &str) -> Self {
        let message = RefusalMessage { code: code.to_owned(), words: Words::new(zh, en), field: None };
        Self(Box::new(Told { status, message, current: None }))
    }

    /// The same, naming the field.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.0.message.field = Some(field.to_owned());
        self
    }

    /// The same, with how it stands now.
    #[must_use]
    pub fn now(mut self, current: Value) -> Self {
        self.0.current = Some(current);
        self
    }

    /// Nobody has signed in.
    pub fn no_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "no_session", "请先登录。", "Sign in first.")
    }

    /// Name, password or code are not right.
    pub fn wrong_login() -> Self {
        let (zh, en) = ("账号、密码或验证码不正确。", "The account, the password or the code is not right.");
        Self::new(StatusCode::UNAUTHORIZED, "wrong_login", zh, en)
    }

    /// The password is right, and the account wants a code too.
    pub fn code_needed() -> Self {
        let (zh, en) = ("请输入动态验证码。", "Enter the one-time code.");
        Self::new(StatusCode::UNAUTHORIZED, "code_needed", zh, en).field("code")
    }

    /// Too many wrong passwords.
    pub fn locked_out() -> Self {
        let (zh, en) = (
            "多次输入错误，账号暂时锁定，请十五分钟后再试。",
            "Too many wrong attempts: the account is locked for a quarter of an hour.",
        );
        Self::new(StatusCode::LOCKED, "locked_out", zh, en)
    }

    /// A password that is too short or too long.
    pub fn bad_password(chars_min: usize) -> Self {
        let (zh, en) = (
            format!("密码至少 {chars_min} 个字符。"),
            format!("A password has at least {chars_min} characters."),
        );
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_password", &zh, &en).field("new")
    }

    /// A change without the session's second token.
    pub fn no_csrf() -> Self {
        let (zh, en) = (
            "请求缺少防伪令牌，请刷新页面。",
            "The request lacks the session's second token; load the page again.",
        );
        Self::new(StatusCode::FORBIDDEN, "no_csrf", zh, en)
    }

    /// The role has not that right.
    pub fn not_your_role(what: &str) -> Self {
        let (zh, en) =
            (format!("您的角色不能进行此操作（{what}）。"), format!("Your role may not do this ({what})."));
        Self::new(StatusCode::FORBIDDEN, "not_your_role", &zh, &en)
    }

    /// What the address or the body says is not what could be there.
    pub fn bad_request(field: &str) -> Self {
        let (zh, en) =
            (format!("参数 {field} 不正确。"), format!("The parameter {field} is not well formed."));
        Self::new(StatusCode::BAD_REQUEST, "bad_query", &zh, &en).field(field)
    }

    /// More was asked than may be in so short a time.
    pub fn too_often() -> Self {
        let (zh, en) = ("请求过于频繁，请稍后再试。", "Too many requests; try again later.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", zh, en)
    }

    /// The address takes other methods.
    pub fn wrong_method() -> Self {
        let (zh, en) = ("该地址不支持此方法。", "This address does not take that method.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", zh, en)
    }

    /// A body that is no JSON, or of another form than it should be.
    pub fn misshapen(error: &serde_json::Error) -> Self {
        let (zh, en) = (
            format!("内容格式不正确：{error}。"),
            format!("The body is not of the form that is expected: {error}."),
        );
        let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        Self::new(status, if error.is_data() { "bad_shape" } else { "not_json" }, &zh, &en)
    }

    /// The machine could not.
    pub fn fault(error: impl Error + 'static) -> Self {
        tracing::error!(error = &error as &dyn Error, "the door could not do what was asked");
        let (zh, en) =
            ("系统暂时无法完成，请联系管理员。", "It cannot be done at present; tell the operator.");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "fault", zh, en)
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.0.message.code
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

    /// Both sentences.
    pub fn words(&self) -> &Words {
        &self.0.message.words
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

/// The status of a refusal's code.
pub fn status_of(code: &str) -> StatusCode {
    StatusCode::from_u16(refused::status_of(code)).expect("the table holds numbers of HTTP")
}

impl From<RefusalMessage> for Refused {
    fn from(message: RefusalMessage) -> Self {
        Self(Box::new(Told { status: status_of(&message.code), message, current: None }))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        RefusalMessage::from(&refusal).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let RefusalMessage { code, words, field } = &self.0.message;
        let problem = Problem {
            kind: format!("urn:huying:refusal:{code}"),
            title: &words.en,
            status: self.0.status.as_u16(),
            code,
            zh: &words.zh,
            en: &words.en,
            field: field.as_deref(),
            current: self.0.current.as_ref(),
        };
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (self.0.status, [(header::CONTENT_TYPE, kind)], Json(problem)).into_response();
        if matches!(self.0.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
