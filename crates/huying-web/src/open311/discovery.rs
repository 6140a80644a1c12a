//! `GET /discovery`: what there is here, and how to come by a key.

use super::{
    Asked,
    element::{Document, Element},
    instant,
    problem::Problems,
};
use crate::health::look;
use axum::http::header;
use huying_domain::{time::Timestamp, words::Words};

const SPECIFICATION: &str = "http://wiki.open311.org/GeoReport_v2";
/// Most bytes of a host's name that is said back.
const HOST_BYTES_MAX: usize = 255;

pub(super) async fn see(asked: &Asked) -> Result<Document, Problems> {
    let rules_at = look(&asked.ground, |engine| engine.views().requests.rules_at()).await?;
    let changed = rules_at.or(asked.rules.policy.valid_from).unwrap_or(Timestamp::EPOCH);
    let changed = instant::shown(changed, asked.zone());
    let contact = asked.in_words(&asked.tongue().unit(asked.rules.centre()));
    let key = Words::new(
        "请向运行单位申请密钥：huying http grant --source 来源 --channel app",
        "Ask the operator for a key: huying http grant --source SOURCE --channel app",
    );
    let formats = ["text/xml", "application/json"].map(Element::text);
    let kind = if asked.ground.desk.demo.is_empty() { "production" } else { "test" };
    let endpoint = Element::Fields(vec![
        ("specification", Element::text(SPECIFICATION)),
        ("url", Element::text(url(asked))),
        ("changeset", Element::text(changed.clone())),
        ("type", Element::text(kind)),
        ("formats", Element::List("format", formats.into())),
    ]);
    let fields = vec![
        ("changeset", Element::text(changed)),
        ("contact", Element::text(contact)),
        ("key_service", Element::text(asked.in_words(&key))),
        ("endpoints", Element::List("endpoint", vec![endpoint])),
    ];
    Ok(Document::new("discovery", Element::Fields(fields)))
}

/// This door as who asks has found it, also through a proxy.
fn url(asked: &Asked) -> String {
    let said = |name: &str| asked.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let plain = |host: &&str| {
        host.len() <= HOST_BYTES_MAX
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
    };
    let host = said(header::HOST.as_str()).filter(plain).unwrap_or("localhost");
    let secure = asked.ground.desk.tls || said("x-forwarded-proto") == Some("https");
    format!("{}://{host}/open311/v2", if secure { "https" } else { "http" })
}
