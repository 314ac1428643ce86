//! What providers tell: reports of texts, and what contacts answer.

mod gateway;
mod twilio;

use actix_web::web;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sms/{tenant}/inbound/{key}", web::get().to(gateway::reply))
        .route("/sms/{tenant}/inbound/{key}", web::post().to(gateway::reply))
        .route("/sms/{tenant}/{message}", web::get().to(gateway::report))
        .route("/sms/{tenant}/{message}", web::post().to(gateway::report))
        .route("/twilio/{tenant}/inbound", web::post().to(twilio::inbound))
        .route("/twilio/{tenant}/status", web::post().to(twilio::status));
}
