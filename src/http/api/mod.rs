//! The API for hosts' servers and agents' browsers, JSON in and out.

pub mod agent_tokens;
pub mod challenges;
pub mod clients;
pub mod codes;
pub mod devices;
mod items;
pub mod lists;
pub mod participants;
pub mod pins;
mod poll;
mod proofs;
pub mod recent;
pub mod sessions;
pub mod shape;
pub mod signings;
pub mod status;
pub mod stream;
pub mod two_step;
pub mod users;
pub mod wire;

use super::document;
use super::endpoint::Endpoint;

/// Every route, each with what the document says of it.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/clients/{client}/codes", codes::create, codes::creating),
        Endpoint::get("/challenges/{id}", challenges::get, challenges::getting),
        Endpoint::post("/challenges/{id}/check", challenges::check, challenges::checking),
        Endpoint::post("/challenges/{id}/resend", challenges::resend, challenges::resending),
        Endpoint::post("/challenges/{id}/cancel", challenges::cancel, challenges::cancelling),
        Endpoint::post("/clients/{client}/pin/link", pins::send, pins::sending),
        Endpoint::post("/clients/{client}/pin/check", pins::check, pins::checking),
        Endpoint::post("/clients/{client}/pin/lock", pins::lock, pins::locking),
        Endpoint::get("/clients/{client}/pin", pins::get, pins::getting),
        Endpoint::post("/signings", signings::start, signings::starting),
        Endpoint::get("/signings/{id}", signings::get, signings::getting),
        Endpoint::patch("/signings/{id}", signings::correct, signings::correcting),
        Endpoint::delete("/signings/{id}", signings::cancel, signings::cancelling),
        Endpoint::post("/signings/{id}/access-code", signings::access_code, signings::making_access_code),
        Endpoint::post("/signings/{id}/proof", signings::prove, signings::proving),
        Endpoint::post("/sessions", sessions::start, sessions::starting),
        Endpoint::get("/sessions/{id}", sessions::get, sessions::getting),
        Endpoint::delete("/sessions/{id}", sessions::end, sessions::ending),
        Endpoint::post("/sessions/{id}/participants", participants::add, participants::adding),
        Endpoint::patch(
            "/sessions/{id}/participants/{participant}",
            participants::change,
            participants::changing,
        ),
        Endpoint::delete(
            "/sessions/{id}/participants/{participant}",
            participants::remove,
            participants::removing,
        ),
        Endpoint::post(
            "/sessions/{id}/participants/{participant}/resend",
            participants::resend,
            participants::resending,
        ),
        Endpoint::post(
            "/sessions/{id}/participants/{participant}/reveal",
            participants::reveal,
            participants::revealing,
        ),
        Endpoint::post(
            "/sessions/{id}/participants/{participant}/proof",
            participants::prove,
            participants::proving,
        ),
        Endpoint::put("/users/{user}", users::put, users::putting),
        Endpoint::get("/users/{user}", users::get, users::getting),
        Endpoint::delete("/users/{user}", users::delete, users::deleting),
        Endpoint::get("/users", users::list, users::listing),
        Endpoint::post("/users/{user}/logins", users::begin, users::beginning),
        Endpoint::delete("/users/{user}/second-step", users::reset, users::resetting),
        Endpoint::post("/users/{user}/manage", devices::manage, devices::managing),
        Endpoint::get("/users/{user}/devices", devices::list, devices::listing),
        Endpoint::delete("/users/{user}/devices", devices::revoke_all, devices::revoking_all),
        Endpoint::delete("/users/{user}/devices/{device}", devices::revoke, devices::revoking),
        Endpoint::get("/two-step-policy", two_step::get, two_step::getting),
        Endpoint::put("/two-step-policy", two_step::put, two_step::putting),
        Endpoint::post("/logins/{login}/proof", users::prove, users::proving),
        Endpoint::get("/clients/{client}/status", status::one, status::reading_one),
        Endpoint::get("/status", status::many, status::reading_many),
        Endpoint::post("/status", status::many_posted, status::reading_many_posted),
        Endpoint::get("/status/stream", stream::get, stream::watching),
        Endpoint::post("/status/stream", stream::post, stream::watching_posted),
        Endpoint::put("/clients/{client}", clients::put, clients::putting),
        Endpoint::get("/clients/{client}", clients::get, clients::getting),
        Endpoint::delete("/clients/{client}", clients::delete, clients::deleting),
        Endpoint::post("/clients/{client}/unlock", clients::unlock, clients::unlocking),
        Endpoint::post("/clients/{client}/status/revoke", clients::revoke, clients::revoking),
        Endpoint::post("/agent-tokens", agent_tokens::create, agent_tokens::creating),
        Endpoint::get("/events", lists::events, lists::listing_events),
        Endpoint::post("/events/replay", lists::replay_missed, lists::replaying_missed),
        Endpoint::post("/events/{id}/replay", lists::replay, lists::replaying),
        Endpoint::get("/messages", lists::messages, lists::listing_messages),
        Endpoint::get("/audit", lists::audit, lists::listing_audit),
        Endpoint::get("/openapi.json", document::get, document::getting),
        Endpoint::get("/docs", document::docs, document::showing),
    ]
}
