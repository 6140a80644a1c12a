//! `GET /openapi.json`, `GET /docs/api`: what this door offers, in OpenAPI 3.1, written out of the types that it reads
//! and answers with; and the same as a page, which needs nothing from elsewhere.

mod open311;
mod operator;

use crate::{
    acts, areas, board, callers, cases, files, flows, list, preview, rates, refused, resident,
    rights::Right,
    rings, roster,
    sign_in::{provider::routes as provider, routes as sign_in},
    timing, work,
};
use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::{fmt::Write, sync::OnceLock};

/// Who may come to an address.
#[derive(Clone, Copy)]
enum Whom {
    /// Anybody, a bounded number of times.
    Anybody,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has signed in and has this right.
    With(Right),
    /// A feed with its key.
    Feed,
    /// A feed with its key, or a person with this right.
    FeedOr(Right),
}

/// The document that is being written.
struct Book {
    schemas: SchemaGenerator,
    paths: Map<String, Value>,
}

/// One address.
struct Page<'b> {
    book: &'b mut Book,
    path: &'static str,
    method: &'static str,
    told: Map<String, Value>,
    params: Vec<Value>,
}

impl Book {
    fn page(&mut self, method: &'static str, path: &'static str, whom: Whom, summary: &str) -> Page<'_> {
        let params = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(
            |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        );
        let params = params.collect();
        let mut told = Map::new();
        told.insert("summary".to_owned(), json!(summary));
        let mut responses = vec!["default"];
        let security = match whom {
            Whom::Anybody => json!([]),
            Whom::SignedIn | Whom::With(_) => json!([{ "session": [] }]),
            Whom::Feed => json!([{ "feed": [] }]),
            Whom::FeedOr(_) => json!([{ "session": [] }, { "feed": [] }]),
        };
        if let Whom::With(right) | Whom::FeedOr(right) = whom {
            told.insert("x-huying-right".to_owned(), json!(right.name()));
        }
        if !matches!(whom, Whom::Anybody) {
            responses.extend(["401", "403"]);
        }
        told.insert("security".to_owned(), security);
        let problem = json!({
            "description": "a refusal",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        let refused: Map<_, _> =
            responses.into_iter().map(|code| (code.to_owned(), problem.clone())).collect();
        told.insert("responses".to_owned(), Value::Object(refused));
        Page { book: self, path, method, told, params }
    }
}

impl Page<'_> {
    /// It reads these from the address.
    fn query<T: JsonSchema>(mut self) -> Self {
        let form = T::json_schema(&mut self.book.schemas).to_value();
        for (name, schema) in form["properties"].as_object().into_iter().flatten() {
            self.params.push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
        }
        self
    }

    /// It reads this body.
    fn body<T: JsonSchema>(self) -> Self {
        let schema = self.book.schemas.subschema_for::<T>();
        self.body_as("application/json", json!(schema))
    }

    fn body_as(mut self, kind: &str, schema: Value) -> Self {
        let none = || json!({ "required": true, "content": {} });
        let body = self.told.entry("requestBody").or_insert_with(none);
        body["content"][kind] = json!({ "schema": schema });
        self
    }

    /// It answers with this.
    fn answers<T: JsonSchema>(self, status: &str) -> Self {
        let schema = self.book.schemas.subschema_for::<T>();
        self.answers_as(status, "application/json", json!(schema))
    }

    fn answers_as(mut self, status: &str, kind: &str, schema: Value) -> Self {
        self.told["responses"][status] =
            json!({ "description": "done", "content": { kind: { "schema": schema } } });
        self
    }

    /// The same answer may come as a text of this kind.
    fn also(mut self, status: &str, kind: &str) -> Self {
        self.told["responses"][status]["content"][kind] = json!({ "schema": { "type": "string" } });
        self
    }

    /// It answers with nothing but the status.
    fn answers_nothing(mut self, status: &str) -> Self {
        self.told["responses"][status] = json!({ "description": "done" });
        self
    }

    /// A command: it may be named, so that sent again it happens once.
    fn command(mut self) -> Self {
        self.params.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$" },
        }));
        self
    }

    fn done(mut self) {
        if !self.params.is_empty() {
            self.told.insert("parameters".to_owned(), Value::Array(self.params));
        }
        let path = self.book.paths.entry(self.path).or_insert_with(|| json!({}));
        path[self.method] = Value::Object(self.told);
    }
}

/// The document.
pub fn document() -> &'static Value {
    static WRITTEN: OnceLock<Value> = OnceLock::new();
    WRITTEN.get_or_init(written)
}

fn written() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut book = Book { schemas: settings.into_generator(), paths: Map::new() };
    signing_in(&mut book);
    looking(&mut book);
    doing(&mut book);
    operator::operating(&mut book);
    residents(&mut book);
    open311::open311(&mut book);
    let _problem = book.schemas.subschema_for::<refused::Problem<'static>>();
    let schemas = book.schemas.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Huying 呼应",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A city's case dispatch: every call becomes a case. Refusals are problems (RFC 9457) with a frozen code and a sentence in Chinese and English.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": book.paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": crate::sign_in::who::COOKIE },
                "feed": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn signing_in(book: &mut Book) {
    book.page("get", "/v1/sign-in", Whom::Anybody, "How one may sign in")
        .answers::<sign_in::Ways>("200")
        .done();
    book.page("get", "/v1/sign-in/{provider}/start", Whom::Anybody, "Leave for an identity provider")
        .query::<provider::Wanted>()
        .answers_nothing("303")
        .done();
    book.page("get", "/v1/sign-in/{provider}/back", Whom::Anybody, "Come back from an identity provider")
        .query::<provider::Brought>()
        .answers_nothing("303")
        .done();
    book.page("post", "/v1/session", Whom::Anybody, "Sign in")
        .body::<sign_in::SignIn>()
        .answers::<sign_in::SignedIn>("200")
        .done();
    book.page("get", "/v1/session", Whom::SignedIn, "Who has signed in")
        .answers::<sign_in::SignedIn>("200")
        .done();
    book.page("delete", "/v1/session", Whom::SignedIn, "Sign out")
        .answers::<sign_in::Leave>("200")
        .answers_nothing("204")
        .done();
    book.page("post", "/v1/session/password", Whom::SignedIn, "Change one's password")
        .body::<sign_in::NewPassword>()
        .answers_nothing("204")
        .done();
    book.page("post", "/v1/session/totp", Whom::SignedIn, "Turn the second factor on")
        .body::<sign_in::SecondFactor>()
        .answers::<sign_in::Drawn>("200")
        .answers_nothing("204")
        .done();
    book.page("get", "/v1/catalogue", Whom::Anybody, "Closed lists, classes, units, fields of acts")
        .answers_as("200", "application/json", json!({ "type": "object" }))
        .done();
}

fn looking(book: &mut Book) {
    let see = Whom::With(Right::See);
    book.page("get", "/v1/board", see, "The board")
        .query::<list::Filter>()
        .answers::<board::Board>("200")
        .done();
    book.page("get", "/v1/flows", see, "The list behind what came in, was closed or became late")
        .query::<list::Filter>()
        .query::<flows::Which>()
        .answers::<flows::Listed>("200")
        .done();
    book.page("get", "/v1/cases", see, "The list behind each number")
        .query::<list::Filter>()
        .query::<list::Turn>()
        .answers::<list::Page>("200")
        .done();
    let text = json!({ "type": "string" });
    let export = Whom::With(Right::Export);
    book.page("get", "/v1/cases.csv", export, "A list as CSV")
        .query::<list::Filter>()
        .answers_as("200", "text/csv", text.clone())
        .done();
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    book.page("get", "/v1/cases.xlsx", export, "A list as a workbook")
        .query::<list::Filter>()
        .answers_as("200", sheet, text.clone())
        .done();
    book.page("get", "/v1/cases/{case}", Whom::FeedOr(Right::See), "A case")
        .answers::<cases::Page>("200")
        .done();
    book.page("get", "/v1/cases/{case}/clocks", see, "Why is this red?")
        .answers::<cases::Clocks>("200")
        .done();
    book.page("get", "/v1/cases/{case}/files/{hash}", see, "A photograph or paper of a case")
        .answers_as("200", "*/*", json!({}))
        .done();
    book.page("get", "/v1/work", Whom::With(Right::Work), "The unit's work")
        .query::<work::Whose>()
        .answers::<work::Work>("200")
        .done();
    book.page("get", "/v1/areas", Whom::SignedIn, "The territory as a tree")
        .query::<areas::Under>()
        .answers::<areas::Children>("200")
        .done();
    book.page("get", "/v1/territory.geojson", see, "The territory as a map with its load")
        .query::<areas::Under>()
        .query::<list::Filter>()
        .answers_as("200", "application/geo+json", json!({ "type": "object" }))
        .done();
    book.page("get", "/v1/timing", see, "How long clocks took").answers::<timing::Timing>("200").done();
    book.page("get", "/v1/timing/list", see, "The clocks behind one of those numbers")
        .query::<timing::Which>()
        .answers::<timing::Ends>("200")
        .done();
    let object = json!({ "type": "object" });
    book.page("get", "/v1/rates", see, "Rates, cohorts, levels, integrity, and their lists")
        .query::<rates::Which>()
        .answers_as("200", "application/json", object)
        .done();
    book.page("get", "/v1/units", Whom::With(Right::Roster), "Who is there")
        .answers::<roster::Roster>("200")
        .done();
    book.page("get", "/v1/live", see, "What moves, as server-sent events")
        .answers_as("200", "text/event-stream", text)
        .done();
}

fn doing(book: &mut Book) {
    book.page("post", "/v1/cases/{case}/acts", Whom::With(Right::See), "An act on a case")
        .command()
        .body::<acts::Asked>()
        .answers::<acts::Taken>("200")
        .done();
    let calls = Whom::FeedOr(Right::TakeCalls);
    let object = json!({ "type": ["object", "array"] });
    book.page("post", "/v1/calls", calls, "One call, or a list of up to 64; see schemas/call.json")
        .query::<crate::calls::On>()
        .command()
        .body_as("application/json", object.clone())
        .answers_as("200", "application/json", object.clone())
        .answers_as("201", "application/json", object.clone())
        .answers_as("207", "application/json", object.clone())
        .done();
    book.page("post", "/v1/preview", Whom::With(Right::TakeCalls), "What would become of a call")
        .query::<crate::calls::On>()
        .body_as("application/json", object)
        .answers::<preview::Foreseen>("200")
        .done();
    ringing(book);
    book.page("post", "/v1/files", Whom::With(Right::Files), "Keep a photograph, paper or sound")
        .body_as("application/octet-stream", json!({}))
        .answers::<files::Kept>("201")
        .done();
    book.page("post", "/v1/units/{unit}/duty", Whom::With(Right::SetDuty), "Somebody is on duty, or nobody")
        .command()
        .body::<roster::OnDuty>()
        .answers::<acts::Taken>("200")
        .done();
}

fn ringing(book: &mut Book) {
    let desk = Whom::With(Right::TakeCalls);
    book.page("post", "/v1/callers", desk, "Who calls, and what of theirs is open")
        .body::<callers::Whose>()
        .answers::<callers::Known>("200")
        .done();
    book.page("post", "/v1/rings", Whom::Feed, "A call rings at a seat")
        .body::<rings::Rung>()
        .answers::<rings::Heard>("202")
        .done();
    book.page("get", "/v1/rings", desk, "What rings at one's seat").answers::<rings::AtSeat>("200").done();
    book.page("post", "/v1/rings/seat", desk, "Take a seat, or leave it")
        .body::<rings::Seat>()
        .answers_nothing("204")
        .done();
    book.page("delete", "/v1/rings/{ring}", desk, "Put a ring away").answers_nothing("204").done();
}

fn residents(book: &mut Book) {
    book.page("post", "/v1/resident/reports", Whom::Anybody, "Report; see schemas/call.json")
        .command()
        .body_as("application/json", json!({ "type": "object" }))
        .body_as("multipart/form-data", json!({ "type": "object" }))
        .answers::<resident::Reported>("201")
        .done();
    book.page(
        "post",
        "/v1/resident/status",
        Whom::Anybody,
        "The token of a case by the number that was left",
    )
    .body::<resident::ByNumber>()
    .answers::<resident::Reported>("200")
    .done();
    book.page("get", "/v1/resident/cases/{token}", Whom::Anybody, "Where one's case is")
        .answers::<resident::Status>("200")
        .done();
    book.page("post", "/v1/resident/cases/{token}/not-solved", Whom::Anybody, "It is not solved")
        .command()
        .body::<resident::NotSolved>()
        .answers_nothing("202")
        .done();
    book.page("post", "/v1/resident/cases/{token}/grade", Whom::Anybody, "Judge the answer")
        .command()
        .body::<resident::Judged>()
        .answers_nothing("202")
        .done();
}

/// The document as JSON.
pub(crate) async fn json_document() -> Json<&'static Value> {
    Json(document())
}

/// The document as a page.
pub(crate) async fn page() -> Response {
    let document = document();
    let mut rows = String::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, told) in methods.as_object().into_iter().flatten() {
            let summary = told["summary"].as_str().unwrap_or_default();
            let right = told["x-huying-right"].as_str().unwrap_or("");
            let pretty = serde_json::to_string_pretty(told).unwrap_or_default();
            let _written = write!(
                rows,
                "<tr><td><code>{}</code></td><td><code>{}</code></td><td><details><summary>{}</summary><pre>{}</pre></details></td><td>{}</td></tr>",
                method.to_uppercase(),
                plain(path),
                plain(summary),
                plain(&pretty),
                plain(right),
            );
        }
    }
    let schemas = serde_json::to_string_pretty(&document["components"]["schemas"]).unwrap_or_default();
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Huying 呼应 API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}}\
         table{{border-collapse:collapse;width:100%}}td,th{{border-bottom:1px solid #999;padding:.3rem;text-align:left;vertical-align:top}}\
         pre{{overflow:auto}}</style><h1>Huying 呼应 API</h1><p><a href=\"/openapi.json\">openapi.json</a></p>\
         <table><thead><tr><th scope=\"col\">Method</th><th scope=\"col\">Address</th><th scope=\"col\">What</th>\
         <th scope=\"col\">Right</th></tr></thead><tbody>{rows}</tbody></table><h2>Schemas</h2><pre>{}</pre></html>",
        plain(&schemas)
    ))
    .into_response()
}

/// Text as it stands in HTML.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        fn walk(whole: &Value, part: &Value, found: &mut u32) {
            if let Some(to) = part.get("$ref").and_then(Value::as_str) {
                *found += 1;
                assert!(whole.pointer(to.trim_start_matches('#')).is_some(), "{to} leads nowhere");
            }
            match part {
                Value::Object(fields) => fields.values().for_each(|part| walk(whole, part, found)),
                Value::Array(parts) => parts.iter().for_each(|part| walk(whole, part, found)),
                _ => {}
            }
        }
        let mut found = 0;
        walk(document(), document(), &mut found);
        assert!(found > 50, "{found} references");
    }
}
