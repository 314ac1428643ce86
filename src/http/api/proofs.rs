//! Redeeming a proof, the same for a signer and for a participant.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::guest::Method;
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::caller::Host;
use crate::http::problem::{Problem, failed};
use crate::usecase::guest::redeem_proof::{Of, redeem_proof};

#[derive(Deserialize, ToSchema)]
#[schema(as = ProofRequest)]
pub struct ProofBody {
    /// What stood in the query of `return_url`.
    #[schema(example = "Zk3nX0c9QJmV7tLr2aYbWgZk3nX0c9QJmV7tLr2aYbW")]
    pub proof: String,
}

/// A proof that was redeemed.
#[derive(Serialize, ToSchema)]
#[schema(as = Proof)]
pub struct ProofShape {
    /// When the right code was typed.
    verified_at: Timestamp,
    /// How that code had come.
    method: Method,
}

/// Redeems it.
///
/// # Errors
/// `not_found`
pub async fn redeem(site: &Site, host: &Host, of: &Of, body: &ProofBody) -> Result<HttpResponse, Problem> {
    let given = Proof::given(&body.proof);
    let kept = redeem_proof(&site.desk, &host.tenant, of, &given, &host.acting(None)).await;
    let kept = kept.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(ProofShape { verified_at: kept.verified_at, method: kept.method }))
}
