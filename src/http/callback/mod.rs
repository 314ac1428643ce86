//! What providers tell and ask: reports of texts and calls, what contacts answer, and what a call says.

mod gateway;
mod twilio;
mod voice;

use actix_web::web;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sms/{tenant}/inbound/{key}", web::get().to(gateway::reply))
        .route("/sms/{tenant}/inbound/{key}", web::post().to(gateway::reply))
        .route("/sms/{tenant}/{message}", web::get().to(gateway::report))
        .route("/sms/{tenant}/{message}", web::post().to(gateway::report))
        .route("/twilio/{tenant}/inbound", web::post().to(twilio::inbound))
        .route("/twilio/{tenant}/status", web::post().to(twilio::status))
        .route("/twilio/{tenant}/voice/{step}", web::post().to(voice::step));
}
