//! What is told, once for both forms: XML keeps every name; JSON drops the outermost and makes an array of what only
//! repeats one name.

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use serde_json::{Map, Value};
use std::io;

/// The two forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Xml,
    Json,
}

impl Format {
    /// The form that an address ends in, and what stands before; none of another.
    pub(super) fn of(path: &str) -> Option<(&str, Self)> {
        let (path, suffix) = path.rsplit_once('.')?;
        match suffix {
            "xml" => Some((path, Self::Xml)),
            "json" => Some((path, Self::Json)),
            _ => None,
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// A part of what is told.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Element {
    /// Nothing: an empty element, `null`.
    Nothing,
    Text(String),
    Flag(bool),
    Whole(u64),
    Degrees(f64),
    /// Parts with names.
    Fields(Vec<(&'static str, Element)>),
    /// The same name again and again.
    List(&'static str, Vec<Element>),
}

impl Element {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn optional(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }

    fn json(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Text(text) => Value::String(printable(&text)),
            Self::Flag(flag) => Value::Bool(flag),
            Self::Whole(number) => number.into(),
            Self::Degrees(degrees) => degrees.into(),
            Self::Fields(fields) => {
                let fields = fields.into_iter().map(|(name, element)| (name.to_owned(), element.json()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Self::List(_, elements) => elements.into_iter().map(Self::json).collect(),
        }
    }

    fn write(&self, name: &str, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let element = writer.create_element(name);
        let text = match self {
            Self::Nothing => {
                element.write_empty()?;
                return Ok(());
            }
            Self::Text(text) => printable(text),
            Self::Flag(flag) => flag.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Degrees(degrees) => degrees.to_string(),
            Self::Fields(fields) => {
                element.write_inner_content(|writer| {
                    fields.iter().try_for_each(|(name, element)| element.write(name, writer))
                })?;
                return Ok(());
            }
            Self::List(of, elements) => {
                element.write_inner_content(|writer| {
                    elements.iter().try_for_each(|element| element.write(of, writer))
                })?;
                return Ok(());
            }
        };
        element.write_text_content(BytesText::new(&text))?;
        Ok(())
    }
}

/// XML has no form at all for some characters; they are shown as unknown.
fn printable(text: &str) -> String {
    let has_form = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if has_form(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// All that is told.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Document {
    pub(super) root: &'static str,
    pub(super) element: Element,
}

impl Document {
    pub(super) const fn new(root: &'static str, element: Element) -> Self {
        Self { root, element }
    }

    /// The one thing within its list, as the standard wraps it.
    pub(super) fn listed(root: &'static str, of: &'static str, elements: Vec<Element>) -> Self {
        Self::new(root, Element::List(of, elements))
    }

    fn xml(&self) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        let declared = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
        declared
            .and_then(|()| self.element.write(self.root, &mut writer))
            .expect("memory takes what is written");
        writer.into_inner()
    }

    pub(super) fn answer(self, status: StatusCode, format: Format) -> Response {
        let said: [(HeaderName, &str); 2] =
            [(header::CONTENT_TYPE, format.content_type()), (header::VARY, "accept-language")];
        let bytes = match format {
            Format::Xml => self.xml(),
            Format::Json => self.element.json().to_string().into_bytes(),
        };
        (status, said, bytes).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Document {
        let one = Element::Fields(vec![
            ("a", Element::text("<b>&\"'\u{b}喂")),
            ("n", Element::Nothing),
            ("f", Element::Flag(true)),
            ("l", Element::List("v", vec![Element::Degrees(41.5), Element::Whole(3)])),
        ]);
        Document::listed("ones", "one", vec![one])
    }

    #[test]
    fn markup_comes_out_as_text_and_what_xml_has_no_form_for_as_unknown() {
        let text = String::from_utf8(told().xml()).expect("UTF-8");
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><ones><one><a>"), "{text}");
        assert!(text.contains("&lt;b&gt;&amp;") && text.contains("\u{fffd}喂</a><n/><f>true</f>"), "{text}");
        assert!(text.ends_with("<l><v>41.5</v><v>3</v></l></one></ones>"), "{text}");
    }

    #[test]
    fn json_drops_the_outermost_name_and_makes_arrays_of_what_repeats() {
        let told = told().element.json();
        assert_eq!(told[0]["l"], serde_json::json!([41.5, 3]));
        assert!(told[0]["n"].is_null() && told[0]["f"] == true);
        assert_eq!(Document::listed("ones", "one", Vec::new()).element.json(), serde_json::json!([]));
    }

    #[test]
    fn the_last_dot_of_an_address_begins_its_form() {
        assert_eq!(Format::of("services/road.pothole.json"), Some(("services/road.pothole", Format::Json)));
        assert_eq!(Format::of("services/road.pothole"), None);
        assert_eq!(Format::of("services"), None);
    }
}
