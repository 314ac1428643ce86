//! Who calls the API: a host with its key, or an agent's browser with a token.
//!
//! The extractor gives the tenant; without it no use case can be called for one.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use crate::domain::agent::Agent;
use crate::domain::audit::{Actor, Origin};
use crate::domain::id::ApiKeyId;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::domain::token::{self, Claims};
use crate::usecase::Caller as Acting;
use crate::usecase::stream::Pass;

use super::Site;
use super::address::Address;
use super::problem::{Code, Problem};

/// A host's server. An agent's token is not enough.
pub struct Host {
    pub tenant: Arc<Tenant>,
    pub key: ApiKeyId,
    from: Address,
}

impl Host {
    /// On the record as the agent that the host names, else as the host.
    pub fn acting(&self, agent: Option<&Agent>) -> Acting {
        let host = || Actor::Host(self.key.as_str().to_owned());
        let actor = agent.map_or_else(host, |a| Actor::Agent(a.id.as_str().to_owned()));
        Acting::unbound(Origin { actor, from: self.from.to_string() })
    }
}

/// A host's server or an agent's browser.
pub enum Caller {
    Host(Host),
    Agent { tenant: Arc<Tenant>, claims: Arc<Claims>, from: Address },
}

impl Caller {
    pub fn tenant(&self) -> &Arc<Tenant> {
        match self {
            Self::Host(host) => &host.tenant,
            Self::Agent { tenant, .. } => tenant,
        }
    }

    /// The agent who acts: with a token, the one it names, whatever the body says.
    pub fn agent(&self, named: Option<Agent>) -> Option<Agent> {
        match self {
            Self::Host(_) => named,
            Self::Agent { claims, .. } => Some(claims.agent.clone()),
        }
    }

    /// What the caller was let in by, for as long as that holds.
    pub fn pass(&self) -> Pass {
        match self {
            Self::Host(host) => Pass { via: host.key.as_str().to_owned(), until: None },
            Self::Agent { claims, .. } => Pass { via: claims.via.clone(), until: Some(claims.expires_at) },
        }
    }

    /// Whoever acts, for a use case.
    pub fn acting(&self, agent: Option<&Agent>) -> Acting {
        match self {
            Self::Host(host) => host.acting(agent),
            Self::Agent { claims, from, .. } => Acting {
                origin: Origin {
                    actor: Actor::Agent(claims.agent.id.as_str().to_owned()),
                    from: from.to_string(),
                },
                named: Some(claims.named.clone()),
            },
        }
    }
}

fn find(request: &HttpRequest) -> Result<Caller, Problem> {
    let site = request.app_data::<web::Data<Site>>().ok_or_else(|| Problem::new(Code::Internal))?;
    let header = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let bearer =
        header.and_then(|h| h.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let credential = bearer.map(|(_, credential)| credential.trim()).ok_or_else(Problem::unauthorized)?;
    let from = Address::of(request, &site.trusted_proxies);
    let caller = if credential.starts_with(token::PREFIX) {
        by_token(site, credential, from)
    } else {
        by_key(site, credential, from)
    };
    let caller = caller.ok_or_else(Problem::unauthorized)?;
    if !caller.tenant().eligible {
        return Err(
            Problem::new(Code::TenantNotEligible).detail("this tenant is not switched on for verification")
        );
    }
    check_origin(request, site, &caller)?;
    Ok(caller)
}

fn by_key(site: &Site, key: &str, from: Address) -> Option<Caller> {
    let directory = site.desk.directory.get();
    let (member, id) = directory.by_api_key(key)?;
    site.desk.uses.note(&member.tenant.id, id, site.desk.time.now());
    Some(Caller::Host(Host { tenant: Arc::clone(&member.tenant), key: id.clone(), from }))
}

fn by_token(site: &Site, token: &str, from: Address) -> Option<Caller> {
    let now = site.desk.time.now();
    let claims = site.passes.read(&site.desk.store.vault().ring, token, now)?;
    let directory = site.desk.directory.get();
    // A token dies with the key or secret it was made for.
    let member =
        directory.member(&claims.tenant).filter(|_| directory.is_live(&claims.tenant, &claims.via, now))?;
    Some(Caller::Agent { tenant: Arc::clone(&member.tenant), claims, from })
}

/// A browser's call must come from the tenant's own origins, or from our own pages.
fn check_origin(request: &HttpRequest, site: &Site, caller: &Caller) -> Result<(), Problem> {
    let (Caller::Agent { tenant, .. }, Some(origin)) = (caller, request.headers().get(header::ORIGIN)) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let own = site.public_url.origin().ascii_serialization();
    if origin == own || tenant.allowed_origins.iter().any(|o| o == origin) {
        return Ok(());
    }
    Err(Problem::unauthorized().detail("this origin is not among the tenant's allowed_origins"))
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request))
    }
}

impl FromRequest for Host {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request).and_then(|caller| match caller {
            Caller::Host(host) => Ok(host),
            Caller::Agent { .. } => Err(Problem::unauthorized().detail("this call takes the host's API key")),
        }))
    }
}

/// The language a caller asks for, else the tenant's.
pub fn language(request: &HttpRequest, tenant: &Tenant) -> Locale {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    header.and_then(Locale::from_accept_language).unwrap_or(tenant.default_locale)
}
