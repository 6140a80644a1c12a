//! `POST /v1/units/import`, `POST /v1/people/import` and the tables as files. Without `apply` nothing changes; with it
//! exactly what was shown is done, or nothing.

use super::{
    difference::{Difference, Fields, RowProblem},
    people,
    table::{IMPORT_BYTES_MAX, Table, TableError},
    units,
};
use crate::{
    acts::key,
    export::field,
    refused::Refused,
    rights::Right,
    router::Ground,
    sign_in::{
        changes::{By, set_accounts},
        who::Who,
    },
};
use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::{
    ids::{PersonId, Seq, Version},
    record::{Hash, RuleFile},
    refusal::Refusal,
    words::Words,
};
use huying_engine::doors::rules::{Publication, Untried};
use rust_xlsxwriter::{Workbook, XlsxError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{error::Error, sync::Arc};

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Whether it is done, and what was shown.
#[derive(Clone, Copy, Default, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct How {
    /// The name of what was shown. With it that is done, without it nothing is.
    apply: Option<Hash>,
    /// The version that was shown, where the answer named one.
    saw: Option<Version>,
}

/// What a table would change, or has changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// What names it; `apply` of the request that does it.
    name: Hash,
    /// The version in force that it was held to; `saw` of that request.
    #[serde(skip_serializing_if = "Option::is_none")]
    saw: Option<Version>,
    difference: Difference,
    /// It is done: the last record that says so. Absent where nothing has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<Applied>,
}

/// It is done.
#[derive(Serialize, JsonSchema)]
struct Applied {
    /// The last record that says so; absent where it had been done before.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<Seq>,
}

/// A file that is no table.
fn unread(error: &TableError) -> Refused {
    let status = match error {
        TableError::TooLong | TableError::UnpacksTooLong => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let Words { zh, en } = error.words();
    let refused = Refused::new(status, error.code(), &zh, &en);
    match error.field() {
        Some(field) => refused.field(field),
        None => refused,
    }
}

/// What was shown is not what this file would do now.
fn other_plan() -> Refused {
    let (zh, en) = (
        "现在导入的结果与此前显示的不同（文件或在册数据已变化），请重新查看差异。",
        "This would not do what was shown: the file or what is in force has changed. Look at the difference again.",
    );
    Refused::new(StatusCode::CONFLICT, "other_plan", zh, en).field("apply")
}

fn rows_refused(rows: usize) -> Refused {
    let (zh, en) = (
        format!("有 {rows} 处不能导入，请先改正；未作任何改动。"),
        format!("{rows} rows cannot be; mend them first. Nothing was changed."),
    );
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "rows_refused", &zh, &en)
}

/// Why rules were not tried, as it is told.
pub(crate) fn untried(untried: Untried) -> Refused {
    match untried {
        Untried::Refused(message) => message.into(),
        Untried::Unusable(error) => {
            let Words { zh, en } = unusable(&error);
            Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "rules_unusable", &zh, &en)
        }
    }
}

fn unusable(error: &dyn Error) -> Words {
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        if !causes.iter().any(|said| said.ends_with(&cause.to_string())) {
            causes.push(cause.to_string());
        }
        source = cause.source();
    }
    let why = causes.join(": ");
    Words::new(format!("规则文件不能使用：{why}。"), format!("The rule file cannot be used: {why}."))
}

async fn table(body: Result<Bytes, BytesRejection>) -> Result<Table, Refused> {
    let bytes = body.map_err(|_| Refused::too_long(IMPORT_BYTES_MAX))?;
    let read = tokio::task::spawn_blocking(move || Table::read(&bytes));
    read.await.map_err(Refused::fault)?.map_err(|error| unread(&error))
}

fn how(said: Result<Query<How>, QueryRejection>) -> Result<How, Refused> {
    said.map(|Query(how)| how).map_err(|_| Refused::bad_request("query"))
}

/// Shows what a table of units would change, or changes it.
pub(crate) async fn units(
    State(ground): State<Ground>,
    who: Who,
    said: Result<Query<How>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, Refused> {
    who.must(Right::SetRules)?;
    let (how, table) = (how(said)?, table(body).await?);
    let in_force = ground.doors.in_force(RuleFile::Units).await?;
    let (rules, work) = (Arc::clone(&in_force.rules), in_force.work);
    let planned = tokio::task::spawn_blocking(move || units::Plan::of(table, &rules, &work));
    let planned = planned.await.map_err(Refused::fault)?.map_err(|error| unread(&error))?;
    let (name, saw) = (planned.name(), in_force.version);
    let mut shown = Shown { name, saw: Some(saw), difference: planned.difference, applied: None };
    let Some(apply) = how.apply else {
        if shown.difference.counts.refused == 0 && !shown.difference.is_nothing() {
            shown.difference = held_together(&ground, shown.difference, planned.text).await?;
        }
        shown.difference = shown.difference.listed();
        return Ok(Json(shown));
    };
    if in_force.hash == apply && name == apply {
        shown.applied = Some(Applied { seq: None });
        return Ok(Json(shown));
    }
    if how.saw.is_some_and(|seen| seen != saw) {
        return Err(Refusal::RulesMoved { now: saw }.into());
    }
    if shown.difference.counts.refused > 0 {
        return Err(rows_refused(shown.difference.counts.refused));
    }
    if name != apply {
        return Err(other_plan());
    }
    if shown.difference.is_nothing() {
        return Err(Refusal::NothingNew.into());
    }
    let publication = Publication { file: RuleFile::Units, bytes: planned.text.into_bytes(), saw: Some(saw) };
    let key = key(&ground, &headers)?;
    let done = ground.doors.publish_rules(who.actor(), &key, publication).await.map_err(untried)?;
    shown.applied = Some(Applied { seq: Some(done.0.seq) });
    shown.difference = shown.difference.listed();
    Ok(Json(shown))
}

/// Whether the city's rules hold together with these units.
async fn held_together(ground: &Ground, difference: Difference, text: String) -> Result<Difference, Refused> {
    match ground.doors.try_rules(RuleFile::Units, text.into_bytes()).await {
        Ok(_) => Ok(difference),
        Err(Untried::Refused(message)) => Err(message.into()),
        Err(Untried::Unusable(error)) => {
            let (key, words) = ("units".to_owned(), unusable(&error));
            let problem = RowProblem { line: None, key, field: None, code: "rules_unusable", words };
            Ok(difference.with(vec![problem]))
        }
    }
}

/// Shows what a table of people would change, or changes it.
pub(crate) async fn people(
    State(ground): State<Ground>,
    who: Who,
    said: Result<Query<How>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, Refused> {
    who.must(Right::Accounts)?;
    let (how, table) = (how(said)?, table(body).await?);
    let rules = ground.doors.rules();
    let by = people::Bringer { account: Some(&who.account.name), unit: &who.account.unit };
    let accounts = &ground.desk.accounts;
    let _turn = accounts.turn().await;
    let book = accounts.all();
    let plan = people::Plan::of(table, &book, &rules, by).map_err(|error| unread(&error))?;
    let mut shown = Shown { name: plan.name, saw: None, difference: plan.difference, applied: None };
    if let Some(apply) = how.apply {
        if shown.difference.counts.refused > 0 {
            return Err(rows_refused(shown.difference.counts.refused));
        }
        if plan.name != apply {
            return Err(other_plan());
        }
        if shown.difference.is_nothing() {
            return Err(Refusal::NothingNew.into());
        }
        let locked: Vec<PersonId> =
            plan.accounts.iter().filter(|one| one.locked).map(|one| one.name.clone()).collect();
        let pairs = plan.accounts.into_iter().map(|now| (book.get(&now.name).cloned(), now)).collect();
        let seq = set_accounts(&ground, By::from(&who), pairs).await?;
        for name in &locked {
            ground.desk.sessions.end_all(name).map_err(Refused::fault)?;
        }
        shown.applied = Some(Applied { seq });
    }
    shown.difference = shown.difference.listed();
    Ok(Json(shown))
}

/// The table of units as a file.
pub(crate) async fn units_file(
    State(ground): State<Ground>,
    who: Who,
    Path(form): Path<String>,
) -> Result<Response, Refused> {
    who.must(Right::Rules)?;
    let in_force = ground.doors.in_force(RuleFile::Units).await?;
    file("units", &form, move || units::exported(&in_force.rules)).await
}

/// The table of people as a file.
pub(crate) async fn people_file(
    State(ground): State<Ground>,
    who: Who,
    Path(form): Path<String>,
) -> Result<Response, Refused> {
    who.must(Right::Accounts)?;
    let book = ground.desk.accounts.all();
    file("people", &form, move || people::exported(&book)).await
}

async fn file(
    name: &str,
    form: &str,
    rows: impl FnOnce() -> Vec<Fields> + Send + 'static,
) -> Result<Response, Refused> {
    let kind = match form {
        "csv" => CSV,
        "xlsx" => XLSX,
        _ => return Err(Refused::not_found()),
    };
    let made =
        tokio::task::spawn_blocking(move || if kind == CSV { Ok(csv(&rows())) } else { workbook(&rows()) });
    let bytes = made.await.map_err(Refused::fault)?.map_err(Refused::fault)?;
    let said = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{form}\"")),
    ];
    Ok((said, bytes).into_response())
}

/// The mark tells spreadsheets that this is UTF-8.
fn csv(rows: &[Fields]) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    for row in rows {
        text += &row.iter().map(|one| field(one)).collect::<Vec<_>>().join(",");
        text += "\r\n";
    }
    text.into_bytes()
}

/// Every cell is text, so that no code becomes a number.
fn workbook(rows: &[Fields]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, row) in (0_u32..).zip(rows) {
        for (column, text) in (0_u16..).zip(row) {
            sheet.write_string(at, column, text)?;
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_from_either_form_as_it_went_out() {
        let rows: Vec<Fields> = [["id", "zh"], ["-x", "一, \"二\""], ["900001001001001001", "=1+1"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec();
        for bytes in [csv(&rows), workbook(&rows).expect("a workbook")] {
            let table = Table::read(&bytes).expect("a table");
            assert_eq!(table.head, rows[0]);
            let read: Vec<_> = table.rows.into_iter().map(|(_, row)| row).collect();
            assert_eq!(read, rows[1..]);
        }
    }
}
