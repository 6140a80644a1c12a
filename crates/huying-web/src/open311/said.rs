//! What a client sent, in the address and in the body alike: names with values, in their order. What is empty was not
//! said.

use super::problem::{Problem, Problems};
use crate::upload::{self, is_multipart};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most names with values of one request.
const PAIRS_MAX: usize = 1_000;

/// Names with values, and photographs beside them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Said {
    pairs: Vec<(String, String)>,
    photos: Vec<Bytes>,
}

impl Said {
    /// Reads the address and the body. The body's word stands before the address's.
    pub(super) fn read(query: &str, content_type: &str, body: Bytes) -> Result<Self, Problems> {
        let mut photos = Vec::new();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut pairs = match kind.as_str() {
            "application/json" => json(&body)?,
            _ if is_multipart(content_type) => {
                let parts = upload::read(content_type, body)?;
                photos = parts.photos;
                parts.pairs
            }
            _ => form(&body),
        };
        pairs.extend(form(query.as_bytes()));
        pairs.retain(|(_, value)| !value.trim().is_empty());
        if pairs.len() > PAIRS_MAX {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                format!("参数超过 {PAIRS_MAX} 个。"),
                format!("There are more than {PAIRS_MAX} parameters."),
            )
            .into());
        }
        Ok(Self { pairs, photos })
    }

    /// The photographs that came along.
    pub(super) fn photos(&self) -> &[Bytes] {
        &self.photos
    }

    /// The first value of this name.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim())
    }

    /// Every value of this name, as it was sent; `name[]` is the same name.
    pub(super) fn every<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let is = move |own: &str| own.strip_suffix("[]").unwrap_or(own) == name;
        self.pairs.iter().filter(move |(own, _)| is(own)).map(|(_, value)| value.trim())
    }

    /// Every value of this name, repeated or with commas between them.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> Vec<&'s str> {
        let values = self.every(name).flat_map(|value| value.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// What was said as `attribute[code]`, `attribute[code][]` or `attribute[code]` again and again, by code.
    pub(super) fn attributes(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut attributes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &self.pairs {
            let code = name.strip_prefix("attribute[").and_then(|rest| rest.split_once(']'));
            if let Some((code, "" | "[]")) = code
                && !code.is_empty()
            {
                attributes.entry(code).or_default().push(value.trim());
            }
        }
        attributes
    }
}

fn form(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// An object of values, of arrays of them, and of `attribute` with values in it.
fn json(body: &[u8]) -> Result<Vec<(String, String)>, Problems> {
    let wrong = || {
        let (zh, en) = ("请求体不是 JSON 对象。", "The body is no JSON object.");
        Problems::from(Problem::new(StatusCode::BAD_REQUEST, zh, en))
    };
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return Err(wrong()) };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) if name == "attribute" => {
                inner
                    .into_iter()
                    .for_each(|(code, value)| plain(&format!("attribute[{code}]"), value, &mut pairs));
            }
            value => plain(&name, value, &mut pairs),
        }
    }
    Ok(pairs)
}

fn plain(name: &str, value: Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name.to_owned(), text)),
        Value::Array(values) => values.into_iter().for_each(|value| plain(name, value, pairs)),
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_read_however_it_is_written() {
        let body = "attribute[a]=1&attribute%5Bb%5D%5B%5D=x&attribute%5Bb%5D%5B%5D=y&attribute[c]=p&attribute[c]=q&attribute[d]=";
        let said = Said::read(
            "",
            "application/x-www-form-urlencoded; charset=utf-8",
            body.as_bytes().to_vec().into(),
        )
        .expect("a form");
        let wanted: BTreeMap<_, _> = [("a", vec!["1"]), ("b", vec!["x", "y"]), ("c", vec!["p", "q"])].into();
        assert_eq!(said.attributes(), wanted, "an empty one was not said");
        let json = br#"{"attribute":{"a":1,"b":["x","y"],"c":["p","q"],"d":null}}"#;
        assert_eq!(
            Said::read("", "application/json", Bytes::from_static(json)).expect("an object").attributes(),
            wanted
        );
    }

    #[test]
    fn the_bodys_word_stands_before_the_addresss_and_lists_come_with_commas_or_repeated() {
        let said = Said::read("api_key=b&status=open&status=closed,", "", Bytes::from_static(b"api_key=a"))
            .expect("a form");
        assert_eq!((said.one("api_key"), said.all("status")), (Some("a"), vec!["open", "closed"]));
        assert!(Said::read("", "application/json", Bytes::from_static(b"[1]")).is_err());
        assert!(Said::read("", "multipart/form-data; boundary=x", Bytes::new()).is_err());
    }
}
