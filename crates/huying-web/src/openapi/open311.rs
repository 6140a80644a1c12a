//! What stands under `/open311/v2`. Its forms are the standard's and are told there; here stand the addresses, what may
//! be asked, and who may ask it.

use super::{Book, Whom};
use schemars::JsonSchema;
use serde_json::{Value, json};

/// What a list of cases may be narrowed by.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its form is told: the door reads what clients send more liberally")]
struct Narrowed {
    /// Numbers with commas between them; they stand above everything else.
    service_request_id: Option<String>,
    /// Codes with commas between them.
    service_code: Option<String>,
    /// `open`, `closed`, or both with a comma.
    status: Option<String>,
    /// Registered from this second on, in ISO 8601 with an offset; the latest 90 days where nothing is said.
    start_date: Option<String>,
    /// Registered up to and with this second.
    end_date: Option<String>,
    /// Changed from this second on.
    updated_after: Option<String>,
    /// Changed up to and with this second.
    updated_before: Option<String>,
    /// From 1 on.
    page: Option<u32>,
    /// At most 1,000 rows.
    page_size: Option<u32>,
}

/// A stretch of time.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its form is told")]
struct Between {
    /// From this second on; a day back where nothing is said.
    start_date: Option<String>,
    /// Up to and with this second.
    end_date: Option<String>,
}

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn open311(book: &mut Book) {
    let mut get = |path, summary| answers(book.page("get", path, Whom::Anybody, summary)).done();
    get("/open311/v2/discovery.{format}", "GeoReport v2: what there is");
    get("/open311/v2/services.{format}", "GeoReport v2: the classes of the policy");
    get("/open311/v2/services/{service_code}.{format}", "GeoReport v2: the filing conditions of a class");
    get(
        "/open311/v2/requests/{service_request_id}.{format}",
        "GeoReport v2: a case, as everybody may see it",
    );
    get("/open311/v2/tokens/{token}.{format}", "GeoReport v2: the number behind a token");
    answers(book.page("get", REQUESTS, Whom::Anybody, "GeoReport v2: cases, as everybody may see them"))
        .query::<Narrowed>()
        .done();
    answers(book.page("get", UPDATES, Whom::Anybody, "GeoReport v2: what happened to cases"))
        .query::<Between>()
        .done();
    answers(book.page(
        "post",
        REQUESTS,
        Whom::Anybody,
        "GeoReport v2: bring a report, with the key of a feed",
    ))
    .body_as(FORM, form(&["api_key", "service_code"]))
    .done();
    answers(book.page(
        "post",
        UPDATES,
        Whom::Anybody,
        "GeoReport v2: say something of a case that one brought",
    ))
    .body_as(
        FORM,
        form(&["api_key", "service_request_id", "update_id", "status", "updated_datetime", "description"]),
    )
    .done();
}

const REQUESTS: &str = "/open311/v2/requests.{format}";
const UPDATES: &str = "/open311/v2/servicerequestupdates.{format}";

/// Names what stands in the address; a name may be followed by another within one segment here.
fn answers(mut page: super::Page<'_>) -> super::Page<'_> {
    let names = page.path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    page.params = names
        .map(|name| {
            let schema = match name {
                "format" => json!({ "type": "string", "enum": ["xml", "json"] }),
                _ => json!({ "type": "string" }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    let any = || json!({ "type": ["array", "object"] });
    let page = page.answers_as("200", "application/json", any());
    let page = page.answers_as("default", "application/json", errors());
    // An address without a format that is known is answered in plain words.
    page.also("200", "text/xml").also("default", "text/xml").also("default", "text/plain")
}

fn errors() -> Value {
    json!({ "type": "array", "items": {
        "type": "object", "required": ["code", "description"],
        "properties": { "code": { "type": "integer" }, "description": { "type": "string" } },
    } })
}

fn form(required: &[&str]) -> Value {
    let fields: serde_json::Map<_, _> =
        required.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
    json!({ "type": "object", "required": required, "properties": fields, "additionalProperties": true })
}
