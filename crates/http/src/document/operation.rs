//! Everything that is said of a route.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::path::{HttpMethod, OperationBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{self, Ref, Required, ResponseBuilder, ResponsesBuilder};

use super::{Content, Parameter};
use crate::problem::{Page, Problem, pages};

/// Who may: a credential, with any one of these sets of scopes.
#[derive(Debug, Clone)]
pub struct Rights {
    scheme: &'static str,
    any_of: Vec<Vec<String>>,
}

impl Rights {
    /// A credential, whatever it may.
    #[must_use]
    pub fn of(scheme: &'static str) -> Self {
        Self {
            scheme,
            any_of: vec![Vec::new()],
        }
    }

    /// One scope of each group.
    #[must_use]
    pub fn scopes(scheme: &'static str, groups: &[&[&str]]) -> Self {
        let mut any_of = vec![Vec::new()];
        for group in groups {
            let with = |set: &Vec<String>| {
                group
                    .iter()
                    .map(|scope| [set.clone(), vec![(*scope).to_owned()]].concat())
                    .collect::<Vec<_>>()
            };
            any_of = any_of.iter().flat_map(with).collect();
        }
        Self { scheme, any_of }
    }
}

/// A route as clients are told of it.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(super) method: HttpMethod,
    pub(super) path: &'static str,
    id: String,
    summary: String,
    description: Option<String>,
    tag: &'static str,
    rights: Option<Rights>,
    parameters: Vec<Parameter>,
    shared: Vec<&'static str>,
    body: Option<(bool, Vec<Content>)>,
    answers: BTreeMap<u16, Answer>,
}

#[derive(Debug, Clone, Default)]
struct Answer {
    description: Vec<String>,
    contents: Vec<Content>,
    headers: Vec<&'static str>,
}

impl Operation {
    /// An operation; `id` names it in generated clients.
    #[must_use]
    pub fn new(
        method: HttpMethod,
        path: &'static str,
        id: impl Into<String>,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            method,
            path,
            id: id.into(),
            summary: summary.into(),
            description: None,
            tag: "",
            rights: None,
            parameters: Vec::new(),
            shared: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
        }
    }

    /// One that shows something.
    #[must_use]
    pub fn get(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, path, id, summary)
    }

    /// One that takes something.
    #[must_use]
    pub fn post(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, path, id, summary)
    }

    /// In this group.
    #[must_use]
    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// With more than the summary says.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// For those who have these rights. Without, for everybody.
    #[must_use]
    pub fn rights(mut self, rights: Rights) -> Self {
        self.rights = Some(rights);
        self
    }

    /// With a parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// With several.
    #[must_use]
    pub fn parameters(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// With headers that are described once for all.
    #[must_use]
    pub fn headers(mut self, names: &[&'static str]) -> Self {
        self.shared.extend(names);
        self
    }

    /// With a body that must be there; one of these, by media type.
    #[must_use]
    pub fn body(mut self, contents: impl IntoIterator<Item = Content>) -> Self {
        self.body = Some((true, contents.into_iter().collect()));
        self
    }

    /// An answer without a body.
    #[must_use]
    pub fn answer(mut self, status: u16, description: impl Into<String>) -> Self {
        self.at(status).description.push(description.into());
        self
    }

    /// An answer with one. Said again of a status, its examples are added.
    #[must_use]
    pub fn answers(mut self, status: u16, description: &str, content: Content) -> Self {
        let answer = self.at(status);
        if !answer.description.iter().any(|said| said == description) {
            answer.description.push(description.to_owned());
        }
        let mut known = answer.contents.iter_mut();
        match known.find(|known| known.media_type == content.media_type) {
            Some(known) => known.absorb(content),
            None => answer.contents.push(content),
        }
        self
    }

    /// What the answers of this status carry by header.
    #[must_use]
    pub fn carries(mut self, status: u16, headers: &[&'static str]) -> Self {
        self.at(status).headers.extend(headers);
        self
    }

    /// Problems that it may answer with.
    #[must_use]
    pub fn problems(self, pages: &[&'static Page]) -> Self {
        pages.iter().fold(self, |operation, page| {
            let (status, content) = problem(page);
            operation.answers(status, page.title, content)
        })
    }

    /// What every route may answer that has a caller and may be busy.
    #[must_use]
    pub fn guarded(self) -> Self {
        self.problems(&[&pages::UNAUTHENTICATED, &pages::FORBIDDEN])
            .carries(401, &["WWW-Authenticate"])
            .edge()
    }

    /// What the edge of the server answers for every route, whatever its dialect.
    #[must_use]
    pub fn edge(self) -> Self {
        self.problems(&[
            &pages::INTERNAL,
            &pages::UNAVAILABLE,
            &pages::OVERLOADED,
            &pages::DEADLINE_PASSED,
        ])
        .carries(503, &["Retry-After"])
    }

    /// Which path and method it is.
    #[must_use]
    pub fn route(&self) -> (&'static str, &'static str) {
        (method_name(&self.method), self.path)
    }

    fn at(&mut self, status: u16) -> &mut Answer {
        self.answers.entry(status).or_default()
    }

    pub(super) fn render(self) -> openapi::path::Operation {
        let mut operation = OperationBuilder::new()
            .tag(self.tag)
            .operation_id(Some(self.id))
            .summary(Some(self.summary))
            .description(self.description);
        let said = |name: &str| self.parameters.iter().any(|one| one.name() == name);
        let shared: Vec<&str> = self
            .shared
            .iter()
            .copied()
            .filter(|name| !said(name))
            .collect();
        let mut parameters = self.parameters;
        parameters.sort_by_key(Parameter::rank);
        for parameter in parameters {
            operation = operation.parameter(parameter.render());
        }
        for name in shared {
            let place = Ref::new(format!("#/components/parameters/{name}"));
            operation = operation.parameter_ref(place);
        }
        if let Some((required, contents)) = self.body {
            let mut body = RequestBodyBuilder::new();
            for content in contents {
                body = body.content(content.media_type, content.render());
            }
            let required = if required {
                Required::True
            } else {
                Required::False
            };
            operation = operation.request_body(Some(body.required(Some(required)).build()));
        }
        if let Some(Rights { scheme, any_of }) = self.rights {
            let each = any_of.into_iter();
            operation =
                operation.securities(Some(each.map(|set| SecurityRequirement::new(scheme, set))));
        }
        let mut responses = ResponsesBuilder::new();
        for (status, answer) in self.answers {
            responses = responses.response(status.to_string(), answer.render(status));
        }
        operation.responses(responses.build()).build()
    }
}

impl Answer {
    fn render(self, status: u16) -> openapi::Response {
        let description = if self.description.is_empty() {
            let status = StatusCode::from_u16(status).ok();
            let reason = status.and_then(|status| status.canonical_reason());
            reason.unwrap_or("Answered").to_owned()
        } else {
            self.description.join(". ")
        };
        let mut response = ResponseBuilder::new().description(description);
        for content in self.contents {
            response = response.content(content.media_type, content.render());
        }
        for name in self.headers {
            let place = Ref::new(format!("#/components/headers/{name}"));
            response = response.header_ref(name, place);
        }
        response.build()
    }
}

/// A problem as an answer: its status and a body that shows it.
fn problem(page: &'static Page) -> (u16, Content) {
    let content = Content::of("application/problem+json", "Problem");
    let body = Problem::new(page).body();
    (page.status.as_u16(), content.example(page.code, body))
}

pub(super) fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}
