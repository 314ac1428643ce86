//! `/api/v1/users/{user}/devices`: the browsers that a user of the CRM trusts, and `/manage`, the page where they change
//! that and their second step.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::{DeviceId, UserId};
use crate::domain::login::trust::DeviceView;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::document::{Callers, Chapter, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::login::begin_login::open_manage;
use crate::usecase::login::devices::{revoke_devices, view_devices};

use super::users::{LoginBody, user_id};

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Users, id, summary, text).by(Callers::Host).part::<UserId>(
        "user",
        "The user, by your own id.",
        "u-77",
    )
}

/// The browsers that a user trusts.
#[derive(Serialize, ToSchema)]
#[schema(as = Devices)]
struct DevicesShape {
    items: Vec<DeviceView>,
}

pub fn listing() -> Operation {
    about(
        "list_devices",
        "List the browsers that a user trusts",
        "Each skips the second step until it expires.",
    )
    .answers::<DevicesShape>(StatusCode::OK, "They, newest first.", example::DEVICES)
    .refuses(&[Code::NotFound])
}

/// `GET /api/v1/users/{user}/devices`
pub async fn list(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let items = view_devices(&site.desk, &host.tenant, &user_id(&user)?).await;
    let items = items.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(DevicesShape { items }))
}

pub fn revoking_all() -> Operation {
    about(
        "revoke_devices",
        "Trust none of a user's browsers",
        "Each asks for a code again. You are told of each by a push.",
    )
    .answers_with(StatusCode::NO_CONTENT, "None is trusted.", None)
    .refuses(&[Code::NotFound])
}

/// `DELETE /api/v1/users/{user}/devices`
pub async fn revoke_all(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let done = revoke_devices(&site.desk, &host.tenant, &user_id(&user)?, None, &host.acting(None)).await;
    done.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn revoking() -> Operation {
    about(
        "revoke_device",
        "Trust one of a user's browsers no longer",
        "It asks for a code again. You are told by a push.",
    )
    .part::<DeviceId>("device", "The browser.", "dev_01m7wdnw5735zsyyz7vsg7b412")
    .answers_with(StatusCode::NO_CONTENT, "It is trusted no longer.", None)
    .refuses(&[Code::NotFound])
}

/// `DELETE /api/v1/users/{user}/devices/{device}`
pub async fn revoke(
    site: web::Data<Site>,
    host: Host,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (user, device) = path.into_inner();
    let gone = || Problem::new(Code::NotFound).detail("there is no such device");
    let device = DeviceId::parse(&device).map_err(|_| gone())?;
    let user = user_id(&user)?;
    let done = revoke_devices(&site.desk, &host.tenant, &user, Some(&device), &host.acting(None)).await;
    done.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Where a user changes their second step.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagePage)]
struct ManageShape {
    /// Where to send the user's browser. It opens for thirty minutes.
    url: String,
}

pub fn managing() -> Operation {
    about(
        "manage_second_step",
        "Get the page where a user changes their second step",
        "For a user who is signed in: to set one up by choice, change it, get new backup codes, and see the browsers they \
         trust. Whoever has a second step proves it there first. The browser comes back to `return_url` without a proof.",
    )
    .takes::<LoginBody>(r#"{
  "return_url": "https://crm.example/profile"
}"#)
    .answers::<ManageShape>(StatusCode::OK, "The page.", r#"{
  "url": "https://verify.example.com/login/Zk3nX0c9QJmV7tLr2aYbWg"
}"#)
    .refuses(&[Code::NotFound, Code::ReturnUrlNotAllowed])
}

/// `POST /api/v1/users/{user}/manage`
pub async fn manage(
    site: web::Data<Site>,
    host: Host,
    user: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: LoginBody = body::api(payload).await?;
    let id = user_id(&user)?;
    let url = open_manage(&site.desk, &host.tenant, &id, &body.return_url, &host.acting(None)).await;
    let url = url.map_err(|f| failed(f, site.desk.time.now()))?.to_string();
    Ok(HttpResponse::Ok().json(ManageShape { url }))
}
