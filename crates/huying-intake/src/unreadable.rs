//! Why a foreign report cannot be read: a closed list of reasons, so that bad rows can be counted by reason.

use huying_domain::words::Words;
use std::fmt;

/// One unreadable report. It says which field and why, and never repeats what the field held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// The reason, one of [`Unreadable::CODES`]; it stands in metrics and in receipts.
    pub code: &'static str,
    /// The field that is meant, as the source calls it; empty when it is the report as a whole.
    pub field: String,
    /// The reason for people.
    pub words: Words,
}

/// Makes one constructor for each reason, and the list of them all.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $zh:literal, $en:literal;)+) => {
        impl Unreadable {
            /// Every code there is.
            pub const CODES: &'static [&'static str] = &[$(stringify!($name)),+];

            $($(#[$doc])*
            pub fn $name(field: &str) -> Self {
                Self::new(stringify!($name), field, $zh, $en)
            })+
        }
    };
}

reasons! {
    /// The source gave the call no name of its own where it has to.
    missing_external_id = "缺少来源编号", "the source's own name for the call is missing";
    /// The external id is longer than an id may be, or holds control characters.
    bad_external_id = "来源编号不合格式", "the external id is not well formed";
    /// Nothing says when it came in.
    missing_time = "缺少时间", "the time is missing";
    /// The time is not of the form that the source is known to write.
    bad_time = "时间不合格式", "the time is not well formed";
    /// Degrees that are no numbers or lie beyond the globe.
    bad_point = "坐标不合格式", "the point is not well formed";
    /// Nothing says what it is about.
    missing_class = "缺少事项类别和内容", "neither a class nor words say what it is about";
    /// A name of the city's catalogue (class, condition, unit, area) is not well formed.
    bad_name = "名称不合格式", "the name is not well formed";
    /// The bytes are not UTF-8.
    not_utf8 = "不是 UTF-8 编码", "the bytes are not UTF-8";
    /// A row or field is longer than it may be.
    too_long = "超过长度上限", "longer than it may be";
    /// A value that is not on the list of its column.
    unknown_value = "不在取值表内", "the value is not on its list";
    /// The row has fewer or more fields than the header.
    wrong_columns = "列数与表头不符", "the row has not as many fields as the header";
    /// Not JSON at all.
    not_json = "不是 JSON", "not JSON";
    /// JSON, but with an unknown or misshapen field.
    bad_shape = "字段不合约定", "a field is unknown or misshapen";
    /// The stream that brought the rows broke off.
    broken_stream = "数据流中断", "the stream of rows broke off";
}

impl Unreadable {
    fn new(code: &'static str, field: &str, zh: &str, en: &str) -> Self {
        let words = if field.is_empty() {
            Words::new(format!("{zh}。"), format!("{en}."))
        } else {
            Words::new(format!("{field}：{zh}。"), format!("{field}: {en}."))
        };
        Self { code, field: field.to_owned(), words }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words.en.trim_end_matches('.'))
    }
}

impl std::error::Error for Unreadable {}
