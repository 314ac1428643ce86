//! The API for hosts' servers and agents' browsers, JSON in and out.

pub mod agent_tokens;
pub mod challenges;
pub mod clients;
pub mod codes;
pub mod lists;
pub mod recent;
pub mod shape;
pub mod status;
pub mod wire;

use actix_web::web;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/agent-tokens", web::post().to(agent_tokens::create))
        .route("/status", web::get().to(status::many))
        .route("/status", web::post().to(status::many_posted))
        .route("/clients/{client}", web::put().to(clients::put))
        .route("/clients/{client}", web::get().to(clients::get))
        .route("/clients/{client}", web::delete().to(clients::delete))
        .route("/clients/{client}/status", web::get().to(status::one))
        .route("/clients/{client}/status/revoke", web::post().to(clients::revoke))
        .route("/clients/{client}/unlock", web::post().to(clients::unlock))
        .route("/clients/{client}/codes", web::post().to(codes::create))
        .route("/events", web::get().to(lists::events))
        .route("/events/replay", web::post().to(lists::replay_missed))
        .route("/events/{id}/replay", web::post().to(lists::replay))
        .route("/messages", web::get().to(lists::messages))
        .route("/audit", web::get().to(lists::audit))
        .route("/challenges/{id}", web::get().to(challenges::get))
        .route("/challenges/{id}/resend", web::post().to(challenges::resend))
        .route("/challenges/{id}/check", web::post().to(challenges::check))
        .route("/challenges/{id}/cancel", web::post().to(challenges::cancel));
}
