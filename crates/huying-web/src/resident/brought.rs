//! A resident's report as it comes over the wire.

use crate::{
    refused::Refused,
    router::Read,
    upload::{self, UPLOAD_BYTES_MAX, is_multipart},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use serde_json::Value;

/// A report as it comes: a call in JSON, or a form whose field `report` is that, with photographs beside it.
pub(crate) struct Brought {
    pub(super) call: Value,
    pub(super) photos: Vec<Bytes>,
}

/// The field of a form that holds the call.
const REPORT_FIELD: &str = "report";

impl<S: Send + Sync> FromRequest<S> for Brought {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        if !is_multipart(&kind) {
            let Read(call) = Read::from_request(request, state).await?;
            return Ok(Self { call, photos: Vec::new() });
        }
        let _place = upload::place().await;
        let bytes = Bytes::from_request(request, state).await;
        let parts = upload::read(&kind, bytes.map_err(|_| Refused::too_long(UPLOAD_BYTES_MAX))?)?;
        let call = parts.pairs.iter().find(|(name, _)| name == REPORT_FIELD);
        let (_, call) = call.ok_or_else(|| Refused::bad_request(REPORT_FIELD))?;
        let call = serde_json::from_str(call).map_err(|error| Refused::misshapen(&error))?;
        Ok(Self { call, photos: parts.photos })
    }
}
