//! `multipart/form-data`: the fields of a form, and photographs beside them.

use crate::{files::kind_of, refused::Refused};
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use multiparty::{
    headers::Headers,
    server::sans_io::{FormData, Read},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Most bytes of a body with photographs.
pub(crate) const UPLOAD_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Bodies with photographs that are read at once: each may fill much memory. Further ones wait.
const UPLOADS_AT_ONCE_MAX: usize = 8;
static UPLOADS: Semaphore = Semaphore::const_new(UPLOADS_AT_ONCE_MAX);

/// A place among those whose bodies are read, for as long as it is held.
pub(crate) async fn place() -> Option<SemaphorePermit<'static>> {
    UPLOADS.acquire().await.ok()
}

/// Most photographs of one report.
pub(crate) const PHOTOS_MAX: usize = 4;
/// Most bytes of a field that is no photograph.
const FIELD_BYTES_MAX: usize = 64 * 1024;
/// Most parts of one body.
const PARTS_MAX: usize = 1_000;
/// Most characters of a boundary (RFC 2046).
const BOUNDARY_CHARS_MAX: usize = 70;

/// What a body held.
#[derive(Default, Debug)]
pub(crate) struct Parts {
    /// Names with values, in their order.
    pub(crate) pairs: Vec<(String, String)>,
    /// Photographs.
    pub(crate) photos: Vec<Bytes>,
}

/// Whether a body is of this kind.
pub(crate) fn is_multipart(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a body. One that breaks off is refused whole: half a report is none.
pub(crate) fn read(content_type: &str, body: Bytes) -> Result<Parts, Refused> {
    let boundary = boundary(content_type).ok_or_else(broken)?;
    let mut form = FormData::new(boundary);
    form.write(body).map_err(|_| broken())?;
    let (mut parts, mut part): (Parts, Option<(Headers, BytesMut)>) = (Parts::default(), None);
    loop {
        match form.read().map_err(|_| broken())? {
            Read::NewPart { headers } => {
                part = Some((headers.parse().map_err(|_| broken())?, BytesMut::new()));
            }
            Read::Part(bytes) => part.as_mut().ok_or_else(broken)?.1.extend_from_slice(&bytes),
            Read::PartEof => {
                let (headers, bytes) = part.take().ok_or_else(broken)?;
                parts.take(headers, bytes.freeze())?;
            }
            Read::None => {}
            Read::Eof => return Ok(parts),
            Read::NeedsWrite => return Err(broken()),
        }
    }
}

impl Parts {
    fn take(&mut self, headers: Headers, bytes: Bytes) -> Result<(), Refused> {
        let Headers { name, filename, .. } = headers;
        if self.pairs.len() + self.photos.len() >= PARTS_MAX {
            return Err(bad(
                "",
                format!("分段超过 {PARTS_MAX} 个"),
                format!("there are more than {PARTS_MAX} parts"),
            ));
        }
        if filename.is_none() {
            if bytes.len() > FIELD_BYTES_MAX {
                let (zh, en) = (
                    format!("超过 {FIELD_BYTES_MAX} 字节"),
                    format!("it is longer than {FIELD_BYTES_MAX} bytes"),
                );
                return Err(bad(&name, zh, en));
            }
            let text = String::from_utf8(bytes.to_vec());
            let text = text.map_err(|_| bad(&name, "不是 UTF-8".to_owned(), "it is not UTF-8".to_owned()))?;
            self.pairs.push((name, text));
            return Ok(());
        }
        // A form whose field for a photograph was left empty sends an empty file.
        if bytes.is_empty() {
            return Ok(());
        }
        if self.photos.len() >= PHOTOS_MAX {
            let (zh, en) = (
                format!("照片超过 {PHOTOS_MAX} 张"),
                format!("there are more than {PHOTOS_MAX} photographs"),
            );
            return Err(bad(&name, zh, en));
        }
        // What a file is, its first bytes say and never its name.
        if !kind_of(&bytes).is_some_and(|kind| kind.starts_with("image/")) {
            let (zh, en) =
                ("应为 JPEG、PNG、WebP 或 HEIC 照片", "it is a photograph: JPEG, PNG, WebP or HEIC");
            return Err(bad(&name, zh.to_owned(), en.to_owned()));
        }
        self.photos.push(bytes);
        Ok(())
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let mut params = content_type.split(';').skip(1).filter_map(|param| param.trim().split_once('='));
    let (_, value) = params.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let value = value.trim_matches('"');
    (1..=BOUNDARY_CHARS_MAX).contains(&value.len()).then_some(value)
}

fn broken() -> Refused {
    bad(
        "",
        "multipart 正文不完整或格式不正确".to_owned(),
        "the multipart body is incomplete or not well formed".to_owned(),
    )
}

fn bad(name: &str, zh: String, en: String) -> Refused {
    let of = if name.is_empty() { String::new() } else { format!("{name}: ") };
    let (zh, en) = (format!("{of}{zh}。"), format!("{of}{en}."));
    Refused::new(StatusCode::BAD_REQUEST, "bad_upload", &zh, &en).field(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; charset=utf-8; boundary=\"x y\"";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and \r\n--x and so on";

    fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = b"a preamble\r\n".to_vec();
        for (disposition, bytes) in parts {
            body.extend_from_slice(
                format!("--x y\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x y--\r\n");
        body
    }

    #[test]
    fn fields_and_photographs_come_apart_and_nothing_of_a_photograph_is_lost() {
        let whole = body(&[
            ("name=\"description\"", "井盖\r\n松动".as_bytes()),
            ("name=\"attribute[condition]\"", b"deep"),
            ("name=\"media[]\"; filename=\"../../etc/passwd\"", PNG),
            ("name=\"media[]\"; filename=\"\"", b""),
        ]);
        let parts = read(TYPE, whole.clone().into()).expect("a form");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(parts.pairs, [pair("description", "井盖\r\n松动"), pair("attribute[condition]", "deep")]);
        assert_eq!(parts.photos, [Bytes::from_static(PNG)]);
        // Wherever it breaks off, nothing of it is taken.
        let end = whole.len() - b"--\r\n".len();
        for cut in 0..end {
            assert!(read(TYPE, whole[..cut].to_vec().into()).is_err(), "{cut} of {} bytes", whole.len());
        }
    }

    #[test]
    fn what_is_no_photograph_too_much_or_no_form_is_refused() {
        let read = |parts: &[(&str, &[u8])]| read(TYPE, body(parts).into());
        assert!(read(&[("name=\"media\"; filename=\"a.png\"", b"<svg onload=alert(1)>")]).is_err());
        assert!(
            read(&[("name=\"media\"; filename=\"a.pdf\"", b"%PDF-1.4")]).is_err(),
            "a paper is no photograph"
        );
        assert!(read(&[("name=\"description\"", b"\xff\xfe")]).is_err());
        assert!(read(&[("filename=\"a.png\"", PNG)]).is_err(), "a part without a name");
        let photo = ("name=\"media\"; filename=\"a.png\"", PNG);
        assert!(read(&[photo; PHOTOS_MAX]).is_ok() && read(&[photo; PHOTOS_MAX + 1]).is_err());
        let long = vec![b'x'; FIELD_BYTES_MAX + 1];
        assert!(read(&[("name=\"description\"", &long)]).is_err());
        for kind in
            ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other"]
        {
            assert!(super::read(kind, body(&[photo]).into()).is_err(), "{kind}");
        }
    }
}
