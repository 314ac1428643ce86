//! `/api/v1/two-step-policy`: who of the CRM's users needs a second step, and for how long a device may skip it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::calendar;
use crate::domain::policy::LoginPolicy;
use crate::domain::tenant::Tenant;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::Host;
use crate::http::document::{Callers, Chapter, Operation};
use crate::http::problem::{Problem, failed};
use crate::usecase::tenant::apply_tenants::NotApplied;
use crate::usecase::tenant::change_two_step::{Wanted, change_two_step};

/// Roles that a policy may name.
const MOST_ROLES: usize = 100;

const EXAMPLE: &str = r#"{
  "required_from": "2027-03-10",
  "always_required_roles": ["payroll"],
  "trust_days": 30
}"#;

/// Who needs a second step.
#[derive(Serialize, ToSchema)]
#[schema(as = TwoStepPolicy)]
struct PolicyShape {
    /// The day from which everybody needs one, in the tenant's time zone; until then they are reminded. Left out, nobody has
    /// to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, example = "2027-03-10")]
    required_from: Option<String>,
    /// Roles, in your own words, that need one whatever the day.
    always_required_roles: Vec<String>,
    /// For how many days a device that its user trusts is asked for no code; 0 trusts none.
    trust_days: u32,
}

/// Who is to need a second step.
#[derive(Deserialize, ToSchema)]
#[schema(as = TwoStepPolicyRequest)]
struct PolicyBody {
    /// A day, or `null` for nobody. It is not left out: what nobody thought of must not let everybody in.
    #[schema(max_length = 10, example = "2027-03-10", required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    required_from: Option<String>,
    #[schema(max_items = 100)]
    always_required_roles: Vec<String>,
    #[schema(maximum = 90)]
    trust_days: u32,
}

impl PolicyShape {
    fn of(policy: &LoginPolicy, tenant: &Tenant) -> Self {
        Self {
            required_from: policy.required_from.map(|from| calendar::iso_day(from, tenant.time_zone)),
            always_required_roles: policy.always_required_roles.clone(),
            trust_days: policy.trust_days,
        }
    }
}

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Users, id, summary, text).by(Callers::Host)
}

pub fn getting() -> Operation {
    about("get_two_step_policy", "See who of your users needs a second step", "As it holds now.")
        .answers::<PolicyShape>(StatusCode::OK, "The policy.", EXAMPLE)
}

/// `GET /api/v1/two-step-policy`
pub async fn get(host: Host) -> HttpResponse {
    HttpResponse::Ok().json(PolicyShape::of(&host.tenant.policy.login, &host.tenant))
}

pub fn putting() -> Operation {
    about(
        "put_two_step_policy",
        "Decide who of your users needs a second step",
        "All of it at once; it holds in every process within a second. Fewer days hold for devices that are trusted already, too; to end the trust in them for good, revoke them.",
    )
    .takes::<PolicyBody>(EXAMPLE)
    .answers::<PolicyShape>(StatusCode::OK, "The policy as it is now.", EXAMPLE)
}

/// `PUT /api/v1/two-step-policy`
pub async fn put(site: web::Data<Site>, host: Host, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let body: PolicyBody = body::api(payload).await?;
    if body.always_required_roles.len() > MOST_ROLES {
        return Err(Problem::invalid(format!("always_required_roles: at most {MOST_ROLES} are allowed")));
    }
    let wanted = Wanted {
        required_from: body.required_from,
        always_required_roles: body.always_required_roles,
        trust_days: body.trust_days,
    };
    let changed = change_two_step(&site.desk, &host.tenant, &wanted, &host.acting(None)).await;
    let policy = changed.map_err(|error| refused(&site, error))?;
    Ok(HttpResponse::Ok().json(PolicyShape::of(&policy, &host.tenant)))
}

/// What is wrong, by the name of its field here.
fn refused(site: &Site, error: NotApplied) -> Problem {
    match error {
        NotApplied::Faults { faults, .. } => {
            let told = faults.iter().map(|fault| {
                let name = fault.key.rsplit_once("login.").map_or(fault.key.as_str(), |(_, name)| name);
                format!("{name}: {}", fault.message)
            });
            Problem::invalid(told.collect::<Vec<_>>().join("; "))
        }
        NotApplied::KeyUsed { .. } | NotApplied::Taken { .. } => Problem::invalid(error.to_string()),
        NotApplied::Store(error) => failed(error.into(), site.desk.time.now()),
    }
}
