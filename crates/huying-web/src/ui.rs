//! The pages, built from `ui/` and carried in the program. Whatever is no address of the API and no file is a page of
//! theirs: its address is read in the browser.

use crate::refused::Refused;
use axum::{
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;

/// What `ui/dist` held when the program was built.
#[derive(RustEmbed)]
#[folder = "ui/dist/"]
#[allow_missing = true]
struct Built;

/// The page that reads addresses.
const INDEX: &str = "index.html";
/// The beginnings of addresses that are programs' and never pages.
const PROGRAMS: [&str; 6] = ["v1/", "open311/", "openapi.json", "docs/api", "healthz", "readyz"];
/// Names under which the builder puts files whose names change with their content.
const HASHED: &str = "assets/";

/// A file of the pages, or the page itself.
pub(crate) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if PROGRAMS.iter().any(|program| path.starts_with(program))
        || !matches!(method, Method::GET | Method::HEAD)
    {
        return Refused::not_found().into_response();
    }
    let path = if path.is_empty() { INDEX } else { path };
    match Built::get(path) {
        Some(file) => served(path, file, &headers),
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path != INDEX => {
            Refused::not_found().into_response()
        }
        None => match Built::get(INDEX) {
            Some(file) => served(INDEX, file, &headers),
            None => Html(UNBUILT).into_response(),
        },
    }
}

fn served(path: &str, file: rust_embed::EmbeddedFile, headers: &HeaderMap) -> Response {
    let kept = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = format!("\"{}\"", HEXLOWER.encode(&file.metadata.sha256_hash()[..16]));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let said = [
        (header::CONTENT_TYPE, kind_of(path).to_owned()),
        (header::CACHE_CONTROL, kept.to_owned()),
        (header::ETAG, tag),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, said).into_response();
    }
    (said, file.data).into_response()
}

/// The type of a file that the builder makes.
fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// What is shown by a program that was built without its pages.
const UNBUILT: &str = r#"<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>呼应 Huying</title>
<h1>呼应 Huying</h1>
<p>引擎在运行；本程序构建时没有带网页。运行 <code>make ui</code> 后重新构建即可。</p>
<p lang="en">The engine runs; this program was built without its pages. Run <code>make ui</code> and build again.</p>
</html>
"#;
