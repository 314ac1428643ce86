//! The words around the operations: what the service is, how calls are made and refused, and who may call.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Info, InfoBuilder, License, Tag};

use super::operation::Chapter;

/// A part of the introduction.
pub struct Part {
    pub name: &'static str,
    pub text: &'static str,
    /// What is shown beside it: its name, and a call or JSON.
    pub example: Option<(&'static str, &'static str)>,
}

const fn part(name: &'static str, text: &'static str, example: Option<(&'static str, &'static str)>) -> Part {
    Part { name, text, example }
}

/// What comes before the operations.
pub const INTRODUCTION: &[Part] = &[
    part(
        "Countersign",
        "Countersign adds identity verification to a CRM that already exists. An agent clicks a button on a client's \
         card, an authorized contact of that client gets a one-time code by email and text and reads it out, and every \
         screen of the CRM shows that the client is verified, for an hour.\n\nThe shortest way: post the webhook \
         `verification.requested`, show the `window_url` of its answer in an iframe, and take the pushes. The window \
         does the rest. All else here is for building your own.",
        None,
    ),
    part(
        "Credentials",
        "Your server calls with an API key: `Authorization: Bearer csk_…`. It stays on your server. The examples here take it \
         from the variable `COUNTERSIGN_KEY`.\n\nAn agent's \
         browser calls with an agent token: `Authorization: Bearer cst_…`, for an hour at most, in that agent's name. \
         Browsers may call from the tenant's `allowed_origins` only.\n\nWhat you post to `/webhooks/{tenant}` is signed \
         with the tenant's webhook secret, and what is posted to you with its push secret, both as Standard Webhooks \
         describes: `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. There are \
         libraries for most languages.",
        Some((
            "A first call",
            "curl \"$BASE/api/v1/clients/lead-10482/status\" \\\n  -H \"Authorization: Bearer $COUNTERSIGN_KEY\"",
        )),
    ),
    part(
        "Errors",
        "Every refusal is `application/problem+json` with a stable `code`, which is what to branch on, and a `detail` \
         for the person who reads it. Codes may be added. A 5xx carries an `id` to look for in the service's log, and \
         nothing else.\n\nLimits answer 429 with `Retry-After` in seconds. A known address by another method is 405 \
         `method_not_allowed` with `Allow`; any other address is 404 `not_found`.",
        Some(("A refusal", REFUSAL)),
    ),
    part(
        "Conventions",
        "Bodies are JSON, in UTF-8, at most 256 KiB, 64 KiB for webhooks. Times are RFC 3339; answers are in UTC. \
         Unknown members of a request are ignored, and members may be added to answers: ignore what you do not know. \
         What is not set is left out, never null.\n\nIds in the path are your own, percent-encoded: at most 200 \
         characters, none of them a control character. Ids of ours announce their kind: `chl_`, `msg_`, `evt_`, \
         `aud_`.\n\nLists come in pages, newest first: `next` goes into `page=` to read on.",
        None,
    ),
];

const REFUSAL: &str = r#"{
  "type": "about:blank",
  "title": "A code was just sent",
  "status": 429,
  "code": "too_soon",
  "detail": "a code was just sent; it can be sent again at 2026-11-20T15:04:35Z",
  "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412"
}"#;

/// The document's head.
pub fn info() -> Info {
    let text = INTRODUCTION.iter().map(|part| format!("## {}\n\n{}", part.name, part.text));
    let mut license = License::new("Apache License 2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    InfoBuilder::new()
        .title("Countersign")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(text.collect::<Vec<_>>().join("\n\n")))
        .license(Some(license))
        .build()
}

impl Chapter {
    pub const ALL: [Self; 11] = [
        Self::Webhooks,
        Self::Codes,
        Self::Pins,
        Self::Signings,
        Self::Sessions,
        Self::Users,
        Self::Statuses,
        Self::Clients,
        Self::AgentTokens,
        Self::Records,
        Self::Document,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "Webhooks",
            Self::Codes => "Codes",
            Self::Pins => "Security PINs",
            Self::Signings => "Signings",
            Self::Sessions => "Sessions",
            Self::Users => "Users and sign-ins",
            Self::Statuses => "Statuses",
            Self::Clients => "Clients",
            Self::AgentTokens => "Agent tokens",
            Self::Records => "Records",
            Self::Document => "Document",
        }
    }

    /// What it is about.
    pub fn text(self) -> &'static str {
        match self {
            Self::Webhooks => "What your server tells Countersign, signed.",
            Self::Codes => "Sending a code to a contact, following it, and checking what was read out.",
            Self::Pins => {
                "The number that a client chose and says on the phone: setting it by a link, and checking it."
            }
            Self::Signings => "A code before a document opens, typed by its signer on a page.",
            Self::Sessions => "Inviting people to a live session, and a code that each types to join.",
            Self::Users => "A second step when the users of your CRM sign in.",
            Self::Statuses => "Where clients stand, for every screen that shows them.",
            Self::Clients => "Clients and their contacts, as your CRM knows them.",
            Self::AgentTokens => "Calls from an agent's browser.",
            Self::Records => "What was pushed, sent and done.",
            Self::Document => "This document, for programs and for people.",
        }
    }
}

/// The chapters.
pub fn tags() -> Vec<Tag> {
    let tag =
        |chapter: Chapter| TagBuilder::new().name(chapter.name()).description(Some(chapter.text())).build();
    Chapter::ALL.map(tag).into()
}

/// The name of the scheme of an API key.
pub const API_KEY: &str = "apiKey";
/// The name of the scheme of an agent token.
pub const AGENT_TOKEN: &str = "agentToken";
/// The name of the scheme of a signature.
pub const SIGNATURE: &str = "webhookSignature";

/// How callers show who they are.
pub fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = |form: &str, text: &str| {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(form);
        SecurityScheme::Http(scheme.description(Some(text)).build())
    };
    let signature = ApiKeyValue::with_description(
        "webhook-signature",
        "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under the webhook secret after `whsec_`, decoded \
         from base64. Several may stand there, a space between them: one must be right.",
    );
    [
        (
            API_KEY,
            bearer("csk_…", "The API key of the tenant, for your server. It is shown once, when it is made."),
        ),
        (AGENT_TOKEN, bearer("cst_…", "A token for an agent's browser, for an hour at most.")),
        (SIGNATURE, SecurityScheme::ApiKey(ApiKey::Header(signature))),
    ]
}
