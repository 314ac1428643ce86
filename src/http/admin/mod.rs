//! `/admin`: the console, for people who run tenants and are no engineers, and for auditors.
//!
//! Pages made here, which work without a script: filters stand in the address, forms are posted and answered by a page.
//! Who may do what is asked of `domain::admin`, at one gate.

mod attempt;
mod clients;
mod delivery;
mod detail;
mod door;
mod export;
mod gate;
mod home;
mod keys;
mod logs;
mod page;
mod preview;
mod sessions;
mod settings;
mod user_deeds;
mod users;
mod when;
mod wordings;

use actix_web::web;

pub use page::Console;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("", web::get().to(home::tenants))
        .route("/sign-in", web::get().to(door::show))
        .route("/sign-in", web::post().to(door::sign_in))
        .route("/in", web::get().to(door::enter))
        .route("/sign-out", web::post().to(door::sign_out))
        .route("/sessions", web::get().to(sessions::show))
        .route("/sessions", web::post().to(sessions::end))
        .route("/new", web::get().to(keys::new))
        .route("/new", web::post().to(keys::make))
        .service(
            web::scope("/t/{tenant}")
                .route("", web::get().to(home::overview_page))
                .route("", web::post().to(home::resume))
                .route("/clients", web::get().to(clients::find))
                .route("/client", web::get().to(clients::show))
                .route("/client", web::post().to(clients::act))
                .route("/users", web::get().to(users::list))
                .route("/users", web::post().to(user_deeds::act))
                .route("/audit", web::get().to(logs::audit))
                .route("/messages", web::get().to(logs::messages))
                .route("/events", web::get().to(logs::events))
                .route("/events", web::post().to(logs::replay))
                .route("/export/{list}", web::post().to(export::export))
                .route("/keys", web::get().to(keys::show))
                .route("/keys", web::post().to(keys::act))
                .route("/delivery", web::get().to(delivery::show))
                .route("/delivery", web::post().to(delivery::test))
                .route("/templates", web::get().to(wordings::show))
                .route("/templates", web::post().to(wordings::act))
                .route("/preview", web::get().to(preview::stored))
                .route("/preview", web::post().to(preview::typed))
                .route("/settings/{section}", web::get().to(settings::show))
                .route("/settings/{section}", web::post().to(settings::save)),
        )
        .default_service(web::to(gate::nothing_here));
}
