//! The host makes a signing, and gets the link for its signer.

use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use crate::domain::contact::Contact;
use crate::domain::guest::{Guest, GuestId, Matter, SigningState, Standing};
use crate::domain::id::{DocumentId, SigningId};
use crate::domain::refusal::Refusal;
use crate::domain::return_url::ReturnUrl;
use crate::domain::signing;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::link::make_link;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

/// What is asked for.
pub struct Request {
    pub document: DocumentId,
    pub document_name: String,
    pub signer: Contact,
    pub return_url: String,
}

/// A signing that was made. Not `Debug`: it holds the link.
pub struct Started {
    pub id: SigningId,
    pub url: Zeroizing<String>,
    pub state: SigningState,
}

/// Makes a signing.
///
/// # Errors
/// `ReturnUrlNotAllowed`
pub async fn start_signing(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    request: Request,
    caller: &Caller,
) -> Result<Started, Failure> {
    let return_url =
        ReturnUrl::parse(&request.return_url, tenant).map_err(|_| Refusal::ReturnUrlNotAllowed)?;
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let id = SigningId::new(work.now, desk.draw().1);
    let Request { document, document_name, signer, .. } = request;
    let mut guest = Guest {
        id: GuestId::Signing(id.clone()),
        person: signer,
        matter: Matter::Signing { document, document_name, return_url },
        standing: Standing::default(),
        created_at: work.now,
        ends_at: signing::ends_at(tenant, work.now),
    };
    let token = make_link(&mut work, &mut guest).await?;
    work.tx.of(&tenant.id).insert_guest(&guest).await?;
    work.note(&guest, Done("signing.create", "created", id.as_str()), json!({}));
    let state = guest.signing_state(work.when());
    work.commit().await?;
    let base = desk.public_url.as_str().trim_end_matches('/');
    Ok(Started { id, url: Zeroizing::new(format!("{base}/p/{}", token.expose())), state })
}
