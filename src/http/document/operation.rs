//! What the document says of one operation: told beside its handler, from the types that the handler reads and
//! writes.
//!
//! What follows from the rest is added here once: whoever needs a credential can be refused one, whoever sends a body
//! can send one that is too long, and nobody is safe from a database that is down.

use actix_web::http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::path::ParameterIn;

use crate::http::problem::Code;

use super::schemas::{Schemas, Shape, bare};

/// A chapter of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    Webhooks,
    Codes,
    Pins,
    Signings,
    Sessions,
    Users,
    Statuses,
    Clients,
    AgentTokens,
    Records,
    Document,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Anybody.
    All,
    /// The host's server by its API key, or an agent's browser by its token.
    HostOrAgent,
    /// The host's server by its API key.
    Host,
    /// The host's server by the signature of the body.
    Signer,
}

/// A parameter in the path, the query or a header.
#[derive(Clone)]
pub struct Parameter {
    pub name: &'static str,
    pub place: ParameterIn,
    pub required: bool,
    pub text: &'static str,
    pub shape: Shape,
    pub example: &'static str,
}

/// A body that is taken.
#[derive(Clone)]
pub struct Taken {
    pub shape: Shape,
    pub required: bool,
    /// JSON, its members in the order that people read them in.
    pub example: &'static str,
}

/// One answer that is no refusal.
#[derive(Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub text: &'static str,
    /// The media type, the shape, and an example of it.
    pub body: Option<(&'static str, Shape, &'static str)>,
    pub tagged: bool,
}

/// One operation.
#[derive(Clone)]
pub struct Operation {
    pub id: &'static str,
    pub summary: &'static str,
    pub text: &'static str,
    pub chapter: Chapter,
    pub callers: Callers,
    pub parameters: Vec<Parameter>,
    pub taken: Option<Taken>,
    pub answers: Vec<Answer>,
    pub refusals: Vec<Code>,
    pub schemas: Schemas,
}

impl Operation {
    pub fn new(chapter: Chapter, id: &'static str, summary: &'static str, text: &'static str) -> Self {
        Self {
            id,
            summary,
            text,
            chapter,
            callers: Callers::All,
            parameters: Vec::new(),
            taken: None,
            answers: Vec::new(),
            refusals: Vec::new(),
            schemas: Schemas::default(),
        }
    }

    /// Who may call; anybody where this is not said.
    #[must_use]
    pub fn by(mut self, callers: Callers) -> Self {
        self.callers = callers;
        self.refuses(&[Code::Unauthorized, Code::TenantNotEligible, Code::Unavailable, Code::Internal])
    }

    /// A part of the address.
    #[must_use]
    pub fn part<T: ToSchema>(self, name: &'static str, text: &'static str, example: &'static str) -> Self {
        self.parameter::<T>(ParameterIn::Path, (name, text, example))
    }

    /// A further wish in the query.
    #[must_use]
    pub fn query<T: ToSchema>(self, name: &'static str, text: &'static str, example: &'static str) -> Self {
        self.parameter::<T>(ParameterIn::Query, (name, text, example))
    }

    /// A header that must be there.
    #[must_use]
    pub fn must_have(self, name: &'static str, text: &'static str, example: &'static str) -> Self {
        let mut this = self.header::<String>(name, text, example);
        this.parameters.iter_mut().filter(|known| known.name == name).for_each(|known| known.required = true);
        this
    }

    /// A header.
    #[must_use]
    pub fn header<T: ToSchema>(self, name: &'static str, text: &'static str, example: &'static str) -> Self {
        self.parameter::<T>(ParameterIn::Header, (name, text, example))
    }

    fn parameter<T: ToSchema>(
        mut self,
        place: ParameterIn,
        (name, text, example): (&'static str, &'static str, &'static str),
    ) -> Self {
        let required = place == ParameterIn::Path;
        self.parameters.push(Parameter { name, place, required, text, shape: T::schema(), example });
        self.refuses(&[Code::InvalidRequest])
    }

    /// The language of what people read in the answer.
    #[must_use]
    pub fn in_language(self) -> Self {
        let text = "The language of labels and tooltips: `en` or `es`. Left out, the tenant's.";
        self.header::<String>("Accept-Language", text, "es")
    }

    /// A JSON body that must be there.
    #[must_use]
    pub fn takes<T: ToSchema>(self, example: &'static str) -> Self {
        self.body::<T>(true, example)
    }

    /// A JSON body that may be left out; then it counts as `{}`.
    #[must_use]
    pub fn may_take<T: ToSchema>(self, example: &'static str) -> Self {
        self.body::<T>(false, example)
    }

    fn body<T: ToSchema>(mut self, required: bool, example: &'static str) -> Self {
        let shape = self.schemas.taken::<T>();
        self.taken = Some(Taken { shape, required, example });
        self.refuses(&[Code::InvalidRequest, Code::BodyTooLarge])
    }

    /// What is answered when all is well.
    #[must_use]
    pub fn answers<T: ToSchema>(
        mut self,
        status: StatusCode,
        text: &'static str,
        example: &'static str,
    ) -> Self {
        let shape = self.schemas.given::<T>();
        let body = Some(("application/json", shape, example));
        self.answers.push(Answer { status, text, body, tagged: false });
        self
    }

    /// A page of a list.
    #[must_use]
    pub fn answers_page<T: ToSchema>(mut self, text: &'static str, example: &'static str) -> Self {
        let shape = self.schemas.page::<T>();
        let body = Some(("application/json", shape, example));
        self.answers.push(Answer { status: StatusCode::OK, text, body, tagged: false });
        self
    }

    /// An answer that is no JSON of ours, or none at all.
    #[must_use]
    pub fn answers_with(
        mut self,
        status: StatusCode,
        text: &'static str,
        media: Option<&'static str>,
    ) -> Self {
        let body = media.map(|media| (media, bare(media), ""));
        self.answers.push(Answer { status, text, body, tagged: false });
        self
    }

    /// Answers carry an entity tag, and who names it gets 304.
    #[must_use]
    pub fn tagged(mut self) -> Self {
        for answer in &mut self.answers {
            answer.tagged = true;
        }
        let text = "Nothing has changed since the answer that carried this tag. There is no body.";
        self.answers.push(Answer { status: StatusCode::NOT_MODIFIED, text, body: None, tagged: true });
        let text = "The `ETag` of the answer that you have: if it still holds, the answer is 304 and empty.";
        self.header::<String>("If-None-Match", text, "\"5d41402abc4b2a76b9719d911017c592\"")
    }

    /// The codes of its refusals, beside those that follow from the rest.
    #[must_use]
    pub fn refuses(mut self, codes: &[Code]) -> Self {
        for code in codes {
            if !self.refusals.contains(code) {
                self.refusals.push(*code);
            }
        }
        self
    }
}
