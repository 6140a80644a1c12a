//! `GET /v1/catalogue`: every closed list with its words, the city's classes and units, and what goes with each act.

use crate::{
    rights::{ACTS, Role},
    router::Ground,
    shown::name_of,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::{
    area::Level,
    command::Ask,
    rules::Rules,
    vocabulary::{
        CancelGround, CaseKind, Channel, Clock, CloseCondition, EmergencyLine, EscalationGround,
        ExemptGround, Grade, Outcome, Phase, RefusalGround, ReturnGround, Rung, Solved, Stage, Tag,
        governed::{SupervisionDegree, SupervisionGround, SuspensionGround, TerminationGround, WhistleKind},
        review::{BeyondPower, CallBackWay, LookKind},
    },
};
use huying_projection::{cases::query::PAGE_ROWS_MAX, word::Word};
use serde_json::{Map, Value, json};

/// The catalogue; with an `ETag`, since it changes only with the rules.
pub(crate) async fn see(State(ground): State<Ground>, headers: HeaderMap) -> Response {
    let rules = ground.doors.rules();
    let tag = format!("\"{}-{}\"", rules.label, env!("CARGO_PKG_VERSION"));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let said = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, said).into_response();
    }
    (said, axum::Json(catalogue(&rules))).into_response()
}

fn catalogue(rules: &Rules) -> Value {
    let calendar = rules.calendars.get(&rules.policy.calendar).expect("checked when the rules were read");
    let county = rules.territory.codes(Level::County).next();
    let classes = rules.policy.classes.iter().map(|(id, class)| {
        let conditions = class.conditions.iter().map(|(id, condition)| {
            let resolve = condition.limits.get(&Clock::Resolve).map(ToString::to_string);
            json!({ "id": id, "zh": condition.zh, "en": condition.en, "resolve": resolve })
        });
        json!({ "id": id, "zh": class.zh, "en": class.en, "conditions": conditions.collect::<Vec<_>>() })
    });
    let units = rules.units.iter().map(|unit| {
        let level = unit.area.map(|area| area.level());
        json!({
            "id": unit.id, "area": unit.area, "parent": unit.parent, "level": level, "words": unit.name,
            "staff": unit.staff,
        })
    });
    json!({
        "city": county.and_then(|county| rules.territory.name(county)),
        "zone": calendar.zone().iana_name().unwrap_or("UTC"),
        "label": rules.label,
        "centre": rules.centre(),
        "ladder": rules.policy.ladder,
        "lists": lists(),
        "classes": classes.collect::<Vec<_>>(),
        "units": units.collect::<Vec<_>>(),
        "bounds": {
            "note_chars": huying_domain::decide::TEXT_CHARS_MAX,
            "evidence": huying_domain::decide::EVIDENCE_MAX,
            "page_rows": PAGE_ROWS_MAX,
            "body_bytes": crate::router::BODY_BYTES_MAX,
        },
    })
}

/// The closed lists.
fn lists() -> Value {
    macro_rules! listed {
        ($($name:literal: $list:ty),+ $(,)?) => {{
            let mut all = Map::new();
            $(all.insert($name.to_owned(), <$list>::ALL.iter().map(|one| {
                json!({ "name": one.name(), "zh": one.zh(), "en": spoken(one.name()) })
            }).collect());)+
            all
        }};
    }
    let mut all = listed! {
        "kind": CaseKind, "channel": Channel, "tag": Tag, "rung": Rung, "clock": Clock,
        "refusal_ground": RefusalGround, "emergency_line": EmergencyLine, "cancel_ground": CancelGround,
        "return_ground": ReturnGround, "escalation_ground": EscalationGround, "close_condition": CloseCondition,
        "solved": Solved, "grade": Grade, "exempt_ground": ExemptGround, "outcome": Outcome, "stage": Stage,
        "phase": Phase, "role": Role, "suspension_ground": SuspensionGround,
        "termination_ground": TerminationGround, "whistle_kind": WhistleKind,
        "supervision_degree": SupervisionDegree, "supervision_ground": SupervisionGround,
        "call_back_way": CallBackWay, "look_kind": LookKind, "beyond_power": BeyondPower,
    };
    let words = Word::ALL
        .iter()
        .map(|word| json!({ "name": name_of(*word), "zh": word.zh(), "en": spoken(name_of(*word)) }));
    all.insert("word".to_owned(), words.collect());
    let levels = Level::ALL.iter().zip(["微网格", "网格", "社区", "街道", "县区"]);
    all.insert(
        "level".to_owned(),
        levels
            .map(|(level, zh)| json!({ "name": level.name(), "zh": zh, "en": spoken(level.name()) }))
            .collect(),
    );
    let flaws = [
        ("orphan", "无网格", "No area found"),
        ("no_target", "无时限", "No target"),
        ("no_next", "无人再看", "Nothing wakes it"),
        ("unaccepted", "未签收", "Not accepted"),
    ];
    all.insert(
        "flaw".to_owned(),
        flaws.iter().map(|(name, zh, en)| json!({ "name": name, "zh": zh, "en": en })).collect(),
    );
    all.insert("ask".to_owned(), asks());
    Value::Object(all)
}

/// A name as English is spoken: `call_back` is "Call back".
fn spoken(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Every act with its fields, read off the form of the commands.
fn asks() -> Value {
    let schema = schemars::schema_for!(Ask).to_value();
    ACTS.iter()
        .map(|act| {
            let fields = fields(&schema, act.ask);
            json!({ "name": act.ask, "zh": act.zh, "en": act.en, "fields": fields })
        })
        .collect()
}

fn resolved<'s>(schema: &'s Value, part: &'s Value) -> &'s Value {
    let target =
        part.get("$ref").and_then(Value::as_str).and_then(|to| schema.pointer(to.trim_start_matches('#')));
    target.map_or(part, |target| resolved(schema, target))
}

fn fields(schema: &Value, ask: &str) -> Value {
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    let of_ask =
        |variant: &&Value| variant.pointer("/properties/ask/const").and_then(Value::as_str) == Some(ask);
    let Some(with) = variants.clone().find(of_ask).and_then(|variant| variant.pointer("/properties/with"))
    else {
        return json!([]);
    };
    let with = resolved(schema, with);
    let required: Vec<&str> =
        with["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let listed = with["properties"].as_object().into_iter().flatten();
    listed
        .map(|(name, form)| {
            json!({
                "name": name, "required": required.contains(&name.as_str()), "schema": flat(schema, form, 0),
            })
        })
        .collect()
}

/// A form with what it refers to written out; none of them is deep.
fn flat(schema: &Value, form: &Value, depth: u8) -> Value {
    /// No form of a command is as deep as this.
    const DEPTH_MAX: u8 = 6;
    match resolved(schema, form) {
        Value::Object(fields) if depth < DEPTH_MAX => Value::Object(
            fields.iter().map(|(name, form)| (name.clone(), flat(schema, form, depth + 1))).collect(),
        ),
        Value::Array(forms) => forms.iter().map(|form| flat(schema, form, depth + 1)).collect(),
        other => other.clone(),
    }
}
