//! Redaction: what goes to the units says what is wrong and where, and nothing by which the caller could be
//! found.
//!
//! Taken out: telephone numbers, identity and bank numbers, accounts, mail addresses, number plates, names
//! that follow "my name is" and its like, rooms of a flat. The full words are kept sealed, so too much may be
//! taken out but never too little; amounts, dates and short numbers stay, because the handler needs them.

mod numbers;

use huying_domain::decide::SUMMARY_CHARS_MAX;
use regex::Regex;
use std::{borrow::Cow, sync::LazyLock};

/// What stands where something was taken out.
pub mod mark {
    /// A telephone number.
    pub const TELEPHONE: &str = "[电话]";
    /// An identity number.
    pub const IDENTITY: &str = "[证件号]";
    /// A bank card or another long number.
    pub const NUMBER: &str = "[号码]";
    /// A mail address.
    pub const MAIL: &str = "[邮箱]";
    /// A WeChat or QQ account.
    pub const ACCOUNT: &str = "[账号]";
    /// A number plate.
    pub const PLATE: &str = "[车牌]";
    /// A person's name.
    pub const NAME: &str = "[姓名]";
    /// Entrance and room of a flat.
    pub const ROOM: &str = "[门牌]";
}

/// How often a text is gone through at most; the second time almost never finds anything.
const PASSES_MAX: usize = 16;

/// The family names of some 85 % of the Chinese, and the frequent ones of two characters.
const FAMILY_NAMES: &str = concat!(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|[王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范",
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]"
);

/// What a text must hold for a rule to be worth asking; most texts hold little of it.
#[derive(Clone, Copy)]
enum Needs {
    At,
    Chinese,
    Nothing,
}

struct Rule {
    needs: Needs,
    pattern: Regex,
    /// What stands in its place; `$1` is what stays.
    put: String,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let family = FAMILY_NAMES;
    [
        (Needs::At, r"[A-Za-z0-9._%+\-]+[@＠][A-Za-z0-9.\-]+\.[A-Za-z]{2,}", "", mark::MAIL, ""),
        (
            Needs::Nothing,
            r"(?i)((?:微信|QQ|扣扣|VX|V信|wechat)(?:账号|号码|号|群)?\s*(?:是|为|[:：])?\s*)[A-Za-z0-9_\-]{5,20}",
            "$1",
            mark::ACCOUNT,
            "",
        ),
        (
            Needs::Chinese,
            concat!(
                r"(?i)[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]",
                r"[A-Z][·•\- ]?[A-Z0-9]{4,5}[A-Z0-9挂学警港澳]"
            ),
            "",
            mark::PLATE,
            "",
        ),
        (
            Needs::Chinese,
            r"((?:姓名|联系人|投诉人|反映人|举报人)\s*(?:是|为|叫|[:：])\s*)\p{Han}{2,4}",
            "$1",
            mark::NAME,
            "",
        ),
        (
            Needs::Chinese,
            r"((?:我叫|本人叫|名叫|名字叫|名字是)\s*)(?:(?:FAMILY)\p{Han}{1,2}|\p{Han}{2,3})",
            "$1",
            mark::NAME,
            "",
        ),
        (
            Needs::Chinese,
            r"(我是|本人|我，)(?:FAMILY)\p{Han}{1,2}([，,。；;、！!\s]|$)",
            "$1",
            mark::NAME,
            "$2",
        ),
        (
            Needs::Nothing,
            r"((?i:my name is|contact person is|this is|i am|i'm)\s+)[A-Z][a-z]+(?:\s+[A-Z][a-z'\-]+){1,2}",
            "$1",
            mark::NAME,
            "",
        ),
        (Needs::Nothing, r"((?i:my name is)\s+)[A-Z][a-z]+", "$1", mark::NAME, ""),
        (
            Needs::Chinese,
            concat!(
                r"[0-9０-９一二三四五六七八九十]{1,3}单元\s*",
                r"[0-9０-９一二三四五六七八九十零]{1,5}(?:室|号|户|房)?"
            ),
            "",
            mark::ROOM,
            "",
        ),
        (Needs::Chinese, r"[0-9０-９]{3,5}(?:室|户)", "", mark::ROOM, ""),
    ]
    .map(|(needs, pattern, before, mark, behind)| Rule {
        needs,
        pattern: Regex::new(&pattern.replace("FAMILY", family)).expect("a rule is a pattern"),
        put: format!("{before}{mark}{behind}").replace("$1", "${1}").replace("$2", "${2}"),
    })
    .into()
});

/// The text without what could tell who the caller is. Redacting twice changes nothing more.
pub fn redact(text: &str) -> String {
    let mut clean = redact_once(text);
    for _ in 1..PASSES_MAX {
        // What is left of a long run may be a number by itself.
        let again = redact_once(&clean);
        if again == clean {
            break;
        }
        clean = again;
    }
    clean
}

fn redact_once(text: &str) -> String {
    let mut clean: Cow<'_, str> = numbers::take_out(text);
    for rule in RULES.iter().filter(|rule| rule.needs.are_in(text)) {
        if let Cow::Owned(changed) = rule.pattern.replace_all(&clean, rule.put.as_str()) {
            clean = Cow::Owned(changed);
        }
    }
    clean.into_owned()
}

impl Needs {
    fn are_in(self, text: &str) -> bool {
        match self {
            Self::At => text.contains(['@', '＠']),
            Self::Chinese => !text.is_ascii(),
            Self::Nothing => true,
        }
    }
}

/// The summary of a filing: what it is about on one line, the address of the matter where that does not name it, the
/// class where nothing is said; never empty and never longer than a summary may be.
pub fn summary_of(about: &str, address: Option<&str>, class: &str) -> String {
    let mut summary = about.split_whitespace().collect::<Vec<_>>().join(" ");
    if summary.is_empty() {
        class.clone_into(&mut summary);
    }
    let place =
        address.map(|address| redact(address.trim())).filter(|place| !summary.contains(place.as_str()));
    let room = place.as_ref().map_or(0, |place| place.chars().count() + ADDRESS_LEAD.chars().count());
    let chars_max = SUMMARY_CHARS_MAX as usize;
    if summary.chars().count() + room > chars_max {
        summary = summary.chars().take(chars_max.saturating_sub(room + 1)).collect();
        summary.push('…');
    }
    if let Some(place) = place {
        summary.push_str(ADDRESS_LEAD);
        summary.push_str(&place);
    }
    summary
}

/// What stands between the words and the address.
const ADDRESS_LEAD: &str = " ｜ 地点：";
