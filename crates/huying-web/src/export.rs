//! `GET /v1/cases.csv`, `GET /v1/cases.xlsx`: a list as a file, whole. It says how many rows it has and up to which
//! record it holds, so that nobody wonders whether today is in it.

use crate::{
    health::look,
    list::Filter,
    refused::Refused,
    rights::Right,
    router::Ground,
    shown::{Tongue, name_of},
    sign_in::who::Who,
};
use axum::{
    body::Body,
    extract::{Query as Said, State, rejection::QueryRejection},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use huying_domain::{
    ids::{CaseId, Seq},
    time::Timestamp,
};
use huying_projection::cases::query::{PAGE_ROWS_MAX, Query};
use rust_xlsxwriter::{Workbook, XlsxError};
use std::convert::Infallible;

/// Most rows of a sheet: what the format holds, less the heading.
const SHEET_ROWS_MAX: u64 = 1_048_575;
const ROWS_HEADER: HeaderName = HeaderName::from_static("x-huying-rows");
const SEQ_HEADER: HeaderName = HeaderName::from_static("x-huying-seq");

/// The columns: programs' name, 中文.
const COLUMNS: [(&str, &str); 16] = [
    ("case", "工单号"),
    ("filed_at", "登记时间"),
    ("stage", "状态"),
    ("word", "时限"),
    ("next", "下一时点"),
    ("rung", "层级"),
    ("holder", "承办单位"),
    ("holder_name", "单位名称"),
    ("class", "类别"),
    ("class_name", "类别名称"),
    ("area", "区域代码"),
    ("area_name", "区域"),
    ("channel", "来源"),
    ("kind", "性质"),
    ("members", "并单数"),
    ("summary", "诉求"),
];

type Line = [String; COLUMNS.len()];

/// The ids that are meant, at one instant: what comes in later is not in the file, what is in it is not lost.
struct Meant {
    cases: Vec<CaseId>,
    seq: Seq,
    now: Timestamp,
}

async fn meant(
    ground: &Ground,
    who: &Who,
    filter: Result<Said<Filter>, QueryRejection>,
) -> Result<Meant, Refused> {
    who.must(Right::Export)?;
    let Ok(Said(filter)) = filter else { return Err(Refused::bad_request("query")) };
    let query: Query = filter.query(who, &ground.doors.rules())?;
    look(ground, move |engine| {
        let (now, cases) = (engine.clock().now(), &engine.views().cases);
        Meant { cases: cases.list(&query, now), seq: cases.seq(), now }
    })
    .await
}

/// The lines of some of them. A case that was closed meanwhile keeps its line and says so.
async fn lines(ground: &Ground, ids: Vec<CaseId>, now: Timestamp) -> Result<Vec<Line>, Refused> {
    look(ground, move |engine| {
        let (cases, tongue) = (&engine.views().cases, Tongue(engine.rules()));
        let line = |id: CaseId| -> Line {
            let Some(row) = cases.row(id) else {
                let mut gone = Line::default();
                (gone[0], gone[2]) = (id.to_string(), "closed".to_owned());
                return gone;
            };
            [
                id.to_string(),
                row.filed_at.to_string(),
                row.stage.name().to_owned(),
                name_of(cases.word(row, now)).to_owned(),
                row.next().map(|next| next.to_string()).unwrap_or_default(),
                row.rung.name().to_owned(),
                row.holder.to_string(),
                tongue.unit(&row.holder).zh,
                row.class.to_string(),
                tongue.class(&row.class).zh,
                row.area.to_string(),
                tongue.area(row.area).zh,
                row.channel.name().to_owned(),
                row.kind.name().to_owned(),
                row.members.to_string(),
                tongue.summary(&row.summary).zh.to_string(),
            ]
        };
        ids.into_iter().map(line).collect()
    })
    .await
}

/// A field as CSV writes it. What a spreadsheet would take for a formula is written as text.
pub(crate) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn row(fields: &[String]) -> String {
    let mut line = fields.iter().map(|text| field(text)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// The list as CSV, sent as it is made.
pub(crate) async fn csv(
    State(ground): State<Ground>,
    who: Who,
    filter: Result<Said<Filter>, QueryRejection>,
) -> Result<Response, Refused> {
    let Meant { cases, seq, now } = meant(&ground, &who, filter).await?;
    let total = cases.len();
    let head = COLUMNS.map(|(name, _)| name.to_owned());
    // The mark tells spreadsheets that this is UTF-8.
    let about = format!("\u{feff}# rows {total}, seq {seq}, at {now}\r\n{}", row(&head));
    let pages: Vec<Vec<CaseId>> = cases.chunks(PAGE_ROWS_MAX).map(<[CaseId]>::to_vec).collect();
    let body = stream::unfold(
        (Some(about), pages.into_iter(), ground),
        move |(about, mut pages, ground)| async move {
            if let Some(about) = about {
                return Some((Ok::<_, Infallible>(Bytes::from(about)), (None, pages, ground)));
            }
            // An engine that stops ends the file short of the rows that its head promises.
            let lines = lines(&ground, pages.next()?, now).await.ok()?;
            let text: String = lines.iter().map(|line| row(line)).collect();
            Some((Ok(Bytes::from(text)), (None, pages, ground)))
        },
    );
    let said = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"cases.csv\"".to_owned()),
        (ROWS_HEADER, total.to_string()),
        (SEQ_HEADER, seq.to_string()),
    ];
    Ok((said, Body::from_stream(body)).into_response())
}

/// The list as a workbook: a sheet of cases, and one that says what it holds.
pub(crate) async fn xlsx(
    State(ground): State<Ground>,
    who: Who,
    filter: Result<Said<Filter>, QueryRejection>,
) -> Result<Response, Refused> {
    let Meant { cases, seq, now } = meant(&ground, &who, filter).await?;
    let total = cases.len() as u64;
    if total > SHEET_ROWS_MAX {
        let (zh, en) = (
            "超过一张工作表的行数，请缩小范围或导出 CSV。",
            "More rows than a sheet holds; narrow the list, or take CSV.",
        );
        return Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rows", zh, en));
    }
    let mut all = Vec::with_capacity(cases.len());
    for page in cases.chunks(PAGE_ROWS_MAX) {
        all.extend(lines(&ground, page.to_vec(), now).await?);
    }
    let made = tokio::task::spawn_blocking(move || workbook(&all, seq, now));
    let bytes = made.await.map_err(Refused::fault)?.map_err(Refused::fault)?;
    let said = [
        (
            header::CONTENT_TYPE,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"cases.xlsx\"".to_owned()),
        (ROWS_HEADER, total.to_string()),
        (SEQ_HEADER, seq.to_string()),
    ];
    Ok((said, bytes).into_response())
}

fn workbook(lines: &[Line], seq: Seq, now: Timestamp) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?.set_name("工单 cases")?;
    for (column, (name, zh)) in (0_u16..).zip(COLUMNS) {
        sheet.write_string(0, column, format!("{zh} {name}"))?;
    }
    for (at, line) in (1_u32..).zip(lines) {
        for (column, text) in (0_u16..).zip(line) {
            sheet.write_string(at, column, text)?;
        }
    }
    let about = book.add_worksheet().set_name("说明 about")?;
    let said = [
        ("行数 rows", lines.len().to_string()),
        ("截至记录 seq", seq.to_string()),
        ("时间 at", now.to_string()),
    ];
    for (at, (name, value)) in (0_u32..).zip(said) {
        about.write_string(at, 0, name)?;
        about.write_string(at, 1, value)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_never_a_formula_and_quotes_what_would_break_its_row() {
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("井盖缺失"), "井盖缺失");
    }
}
