//! `GET /v1/cases/{id}`: where a case is. Nothing of the caller stands in it, and no person's account.

use crate::{keys::Grant, refused::Refused, router::Ground};
use axum::{
    Json,
    extract::{Path, State},
};
use huying_domain::ids::CaseId;
use huying_engine::doors::status::{CaseStatus, Sees};

/// Tells where a case is to the source that brought it; a case of another source is unknown to it.
pub(crate) async fn status(
    State(ground): State<Ground>,
    grant: Grant,
    Path(case): Path<String>,
) -> Result<Json<CaseStatus>, Refused> {
    let case: CaseId = case.parse().map_err(|_| Refused::not_found())?;
    let status = ground.doors.case_status(case, Sees::Own(&grant.source)).await;
    Ok(Json(status?))
}
