//! `POST /v1/files`, `GET /v1/cases/{id}/files/{hash}`: photographs, papers and sound. What a file is, its first bytes
//! say and never its name; it is handed out to be looked at and never to be run.

use crate::{
    cases::{case_id, seen},
    refused::Refused,
    rights::Right,
    router::Ground,
    sign_in::who::Who,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huying_domain::record::Hash;
use huying_engine::side::FILE_BYTES_MAX;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// What is taken, by its first bytes: at an offset, these.
const KINDS: [(&str, usize, &[u8]); 9] = [
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/webp", 8, b"WEBP"),
    ("image/heic", 4, b"ftyphei"),
    ("application/pdf", 0, b"%PDF-"),
    ("audio/mpeg", 0, b"ID3"),
    ("audio/ogg", 0, b"OggS"),
    ("audio/wav", 8, b"WAVE"),
    ("audio/mp4", 4, b"ftypM4A"),
];

/// A file that is kept.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    hash: Hash,
    #[serde(rename = "type")]
    kind: &'static str,
    bytes: usize,
}

/// What a file is.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let is = |(_, at, magic): &&(&str, usize, &[u8])| bytes.get(*at..*at + magic.len()) == Some(*magic);
    KINDS.iter().find(is).map(|(kind, ..)| *kind)
}

/// Keeps a file.
pub(crate) async fn put(
    State(ground): State<Ground>,
    who: Who,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    who.must(Right::Files)?;
    let bytes = body.map_err(|_| Refused::too_long(FILE_BYTES_MAX))?;
    let kind = kind_of(&bytes).ok_or_else(|| {
        let names = KINDS.map(|(kind, ..)| kind).join(", ");
        let (zh, en) = (
            format!("不接受该类型的文件，可用：{names}。"),
            format!("Not a kind of file that is taken; there are: {names}."),
        );
        Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_file", &zh, &en)
    })?;
    let length = bytes.len();
    let hash = keep(&ground, bytes).await?;
    Ok((StatusCode::CREATED, Json(Kept { hash, kind, bytes: length })).into_response())
}

/// Keeps bytes of which it is known what they are.
pub(crate) async fn keep(ground: &Ground, bytes: Bytes) -> Result<Hash, Refused> {
    let files = Arc::clone(&ground.desk.files);
    let kept =
        tokio::task::spawn_blocking(move || files.lock().expect("nobody panics over the files").put(&bytes));
    kept.await.map_err(Refused::fault)?.map_err(Refused::fault)
}

/// A file that a record of the case names, to whoever sees the case.
pub(crate) async fn get(
    State(ground): State<Ground>,
    who: Who,
    Path((case, hash)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let hash: Hash = hash.parse().map_err(|_| Refused::not_found())?;
    let page = seen(&ground, &who, case_id(&case)?).await?;
    if !page.evidence.iter().any(|one| one.hash == hash) {
        return Err(Refused::not_found());
    }
    let files = Arc::clone(&ground.desk.files);
    let read =
        tokio::task::spawn_blocking(move || files.lock().expect("nobody panics over the files").get(hash));
    let bytes =
        read.await.map_err(Refused::fault)?.map_err(Refused::fault)?.ok_or_else(Refused::not_found)?;
    let kind = kind_of(&bytes).unwrap_or("application/octet-stream");
    let said = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((said, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        assert_eq!(kind_of(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(kind_of(b"<svg onload=alert(1)>"), None);
        assert_eq!(kind_of(b"MZ\x90"), None);
        assert_eq!(kind_of(b""), None);
    }
}
