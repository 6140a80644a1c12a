//! Which field of a JSON text a reader stumbled over.
//!
//! serde says a line and a column. Whoever has to mend the text wants the field's path, `caller.number`. Only names
//! that could be field names are repeated: what a text holds, and a number that somebody wrote where a name belongs,
//! never are.

/// Longest name of a field that is repeated.
const FIELD_NAME_CHARS_MAX: usize = 32;
/// What stands for a name that is not repeated.
const UNNAMED: &str = "?";
/// Deepest path that is followed; our forms are not half as deep.
const DEPTH_MAX: usize = 16;

/// The path of the field at which an error of serde_json points; empty for the text as a whole.
pub fn field_at(text: &str, error: &serde_json::Error) -> String {
    let Some(line) = text.split_inclusive('\n').nth(error.line().saturating_sub(1)) else {
        return String::new();
    };
    let before = line.as_ptr() as usize - text.as_ptr() as usize;
    let upto = (before + error.column().min(line.len())).min(text.len());
    let mut path = path_at(&text.as_bytes()[..upto]);
    if let Some(missing) = missing(&error.to_string()) {
        // The error points behind the object in which the field is missing.
        path.push(missing);
    }
    path.join(".")
}

/// The name in serde's `missing field`, which stands nowhere in the text.
fn missing(said: &str) -> Option<String> {
    let name = said.strip_prefix("missing field `")?.split_once('`')?.0;
    Some(repeatable(name.as_bytes()))
}

fn repeatable(name: &[u8]) -> String {
    let fits = (1..=FIELD_NAME_CHARS_MAX).contains(&name.len())
        && name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    std::str::from_utf8(name).ok().filter(|_| fits).unwrap_or(UNNAMED).to_owned()
}

/// The keys that lead to the end of a text that breaks off there.
fn path_at(text: &[u8]) -> Vec<String> {
    let mut open: Vec<Option<String>> = Vec::new();
    let mut last: Option<&[u8]> = None;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => {
                let end = end_of_text(text, at + 1);
                last = Some(&text[at + 1..end]);
                at = end;
            }
            b'{' | b'[' if open.len() < DEPTH_MAX => {
                open.push(None);
                last = None;
            }
            b'}' | b']' => {
                // The error may stand right behind a bracket: what it closed is meant as long as nothing follows.
                if at + 1 < text.len() {
                    open.pop();
                } else if let Some(inner) = open.last_mut() {
                    *inner = None;
                }
                last = None;
            }
            b':' => {
                if let (Some(inner), Some(key)) = (open.last_mut(), last.take()) {
                    *inner = Some(repeatable(key));
                }
            }
            b',' => {
                if let Some(inner) = open.last_mut() {
                    *inner = None;
                }
                last = None;
            }
            _ => {}
        }
        at += 1;
    }
    let mut path: Vec<String> = open.iter().filter_map(Clone::clone).collect();
    // A key that nothing follows yet is the one that was not known; a value stands behind its key.
    if open.last().is_some_and(Option::is_none)
        && let Some(key) = last
    {
        path.push(repeatable(key));
    }
    path
}

/// Where the text that begins here ends: at its closing mark, or where everything ends.
fn end_of_text(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "read, not used")]
        words: Option<String>,
        #[expect(dead_code, reason = "read, not used")]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "read, not used")]
        number: String,
        #[expect(dead_code, reason = "read, not used")]
        count: Option<u8>,
    }

    fn stumbled(text: &str) -> String {
        field_at(text, &serde_json::from_str::<Outer>(text).expect_err("it is not in order"))
    }

    #[test]
    fn the_field_is_named_wherever_it_stands() {
        for (text, path) in [
            (r#"{"wrods": "x"}"#, "wrods"),
            (r#"{"words": 5}"#, "words"),
            (r#"{"words": "a:b,{", "inner": {"nubmer": "1"}}"#, "inner.nubmer"),
            (r#"{"inner": {"number": 7}}"#, "inner.number"),
            ("{\n  \"words\": \"x\",\n  \"inner\": {\"number\": \"1\",\n \"count\": 300}}", "inner.count"),
            (r#"{"inner": {"count": 3}}"#, "inner.number"),
            (r#"{"inner": {"number": "\"}"}, "colour": 1}"#, "colour"),
            (r#"{"words": "断了", "inner": []}"#, "inner"),
        ] {
            assert_eq!(stumbled(text), path, "{text}");
        }
    }

    #[test]
    fn what_is_no_field_name_is_not_repeated() {
        assert_eq!(stumbled(r#"{"13912345678": 1}"#), "?");
        assert_eq!(stumbled(r#"{"王小明": 1}"#), "?");
    }
}
