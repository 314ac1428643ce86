//! One route with what the document says of it: no route of the API is registered without.
//!
//! A known address by another method is told which it takes.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Resource, Responder, Route, web};

use super::document::Operation;
use super::problem::Problem;

/// The polls of statuses: many times as often as everything else.
const ASKED_FOR_MOST: [&str; 2] = ["/status", "/clients/{client}/status"];

/// A route and its description.
pub struct Endpoint {
    pub method: Method,
    /// Below the scope it is registered in.
    pub path: &'static str,
    pub describe: fn() -> Operation,
    route: Route,
}

macro_rules! methods {
    ($($name:ident $method:ident;)*) => {
        impl Endpoint {
            $(
                pub fn $name<F, Args>(path: &'static str, handler: F, describe: fn() -> Operation) -> Self
                where
                    F: Handler<Args>,
                    Args: FromRequest + 'static,
                    F::Output: Responder + 'static,
                {
                    Self { method: Method::$method, path, describe, route: web::$name().to(handler) }
                }
            )*
        }
    };
}

methods! {
    get GET;
    put PUT;
    post POST;
    patch PATCH;
    delete DELETE;
}

/// Registers them, one resource an address.
pub fn register(config: &mut web::ServiceConfig, endpoints: Vec<Endpoint>) {
    let mut resources: Vec<(&str, Vec<Method>, Resource)> = Vec::new();
    for Endpoint { method, path, route, .. } in endpoints {
        match resources.iter().position(|(known, ..)| *known == path) {
            Some(at) => {
                let (path, mut methods, resource) = resources.swap_remove(at);
                methods.push(method);
                resources.push((path, methods, resource.route(route)));
            }
            None => resources.push((path, vec![method], web::resource(path).route(route))),
        }
    }
    // Patterns are tried one after the other: addresses without parts come first, of both kinds those asked for most.
    resources.sort_by_key(|(path, ..)| (path.contains('{'), !ASKED_FOR_MOST.contains(path)));
    for (_, methods, resource) in resources {
        let allowed = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let refuse = move || {
            let refusal = Problem::method_not_allowed(&allowed);
            async move { Err::<web::Bytes, _>(refusal) }
        };
        config.service(resource.default_service(web::to(refuse)));
    }
}
