//! `POST /v1/check`: may this subject do this? One question, or many in one statement.
//!
//! ```json
//! { "subject": "ann", "permission": "read", "resource": "https://a/", "realm": "auth0" }
//! { "checks": [ { "subject": "ann", "permission": "read", "resource": "https://a/" } ] }
//! ```

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use writ_domain::{Realm, TenantId};
use writ_http::Problem;
use writ_store::Store;
use writ_store::grants::{self, Granted};

use super::{OpenedBody, Realms, ViaBody};
use crate::QueryState;
use crate::as_of::{Stand, StandBody};
use crate::freshness::failed;
use crate::params::{Params, VALUE_BYTES_MAX};
use crate::reader::{Reader, Shown, serve_body};

const KEYS: &[&str] = &["as_of", "at_least", "consistency"];

/// Questions of one request, at most.
const CHECKS_MAX: usize = 1_000;

/// May the subject use the permission with the resource?
#[derive(Debug, Clone)]
pub struct Question {
    /// The realms that are asked; one yes is enough.
    pub realms: Realms,
    /// A user's id.
    pub subject: String,
    /// A permission's name.
    pub permission: String,
    /// The identifier of what the permission belongs to.
    pub resource: String,
}

/// One question, or a list of them.
#[derive(Debug, Clone)]
pub enum Checks {
    /// Answered by itself.
    One(Question),
    /// Answered by a list, in order.
    Many(Vec<Question>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    subject: String,
    permission: String,
    #[serde(alias = "api")]
    resource: String,
    #[serde(default)]
    realm: Option<String>,
}

#[derive(Debug, Serialize)]
struct OneBody {
    as_of: StandBody,
    #[serde(flatten)]
    answer: AnswerBody,
}

#[derive(Debug, Serialize)]
struct ManyBody {
    as_of: StandBody,
    answers: Vec<AnswerBody>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ChecksBody {
    One(OneBody),
    Many(ManyBody),
}

#[derive(Debug, Serialize)]
struct AnswerBody {
    allowed: bool,
    /// The realm that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<ViaBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_by: Option<OpenedBody>,
}

impl AnswerBody {
    fn of(granted: Option<Granted>) -> Self {
        match granted {
            Some(granted) => Self {
                allowed: true,
                realm: Some(granted.realm.as_str()),
                via: Some(granted.via.into()),
                opened_by: Some(OpenedBody::of(granted.opened, None)),
            },
            None => Self {
                allowed: false,
                realm: None,
                via: None,
                opened_by: None,
            },
        }
    }
}

impl Question {
    pub(crate) fn stored(&self) -> grants::Question<'_> {
        grants::Question {
            realms: self.realms.by_edges(),
            subject: &self.subject,
            permission: &self.permission,
            resource: &self.resource,
        }
    }
}

/// Answers questions, and says of which point of history.
pub async fn check(
    store: &Store,
    tenant: &TenantId,
    stand: Stand,
    checks: &Checks,
) -> Result<(impl Serialize + use<>, Stand), writ_store::Error> {
    let questions: Vec<grants::Question<'_>> = match checks {
        Checks::One(question) => vec![question.stored()],
        Checks::Many(questions) => questions.iter().map(Question::stored).collect(),
    };
    let checked = grants::check(store, tenant, stand.at(), &questions).await?;
    let stand = stand.seen(checked.head);
    let as_of = stand.body(tenant);
    let mut answers = checked.answers.into_iter().map(AnswerBody::of);
    let body = match checks {
        Checks::One(_) => ChecksBody::One(OneBody {
            as_of,
            answer: answers.next().unwrap_or_else(|| AnswerBody::of(None)),
        }),
        Checks::Many(_) => ChecksBody::Many(ManyBody {
            as_of,
            answers: answers.collect(),
        }),
    };
    Ok((body, stand))
}

pub(crate) async fn route(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve_body(state, request, &["ledger:read"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let body = reader.json()?;
    let checks = asked(body)?;
    let stand = state.stand(&reader.tenant, &params).await?;
    let (body, stand) = check(&state.store, &reader.tenant, stand, &checks)
        .await
        .map_err(failed)?;
    reader.show(&body, &stand.head)
}

/// Reads what is asked.
fn asked(mut body: Value) -> Result<Checks, Problem> {
    let Some(checks) = body.get_mut("checks").map(Value::take) else {
        return Ok(Checks::One(question(body, "the body")?));
    };
    if body.as_object().is_some_and(|body| body.len() > 1) {
        return Err(Problem::malformed(
            "beside `checks` the body may have nothing else",
        ));
    }
    let Value::Array(checks) = checks else {
        return Err(Problem::malformed("`checks` is not a list"));
    };
    if checks.is_empty() || checks.len() > CHECKS_MAX {
        return Err(Problem::malformed(format!(
            "`checks` must have from 1 to {CHECKS_MAX} questions"
        )));
    }
    let questions = checks
        .into_iter()
        .enumerate()
        .map(|(index, check)| question(check, &format!("check {index}")));
    Ok(Checks::Many(questions.collect::<Result<_, _>>()?))
}

fn question(value: Value, what: &str) -> Result<Question, Problem> {
    let asked: Asked = serde_json::from_value(value)
        .map_err(|error| Problem::malformed(format!("{what} is not a question: {error}")))?;
    let realm = match &asked.realm {
        None => None,
        Some(name) => Some(Realm::from_name(name).ok_or_else(|| {
            Problem::malformed(format!("{what}: the realm is not one of {}", names()))
        })?),
    };
    for text in [&asked.subject, &asked.permission, &asked.resource] {
        if text.contains('\0') || text.len() > VALUE_BYTES_MAX {
            return Err(Problem::malformed(format!(
                "{what} holds U+0000 or a text of more than {VALUE_BYTES_MAX} bytes"
            )));
        }
    }
    Ok(Question {
        realms: Realms::of(realm),
        subject: asked.subject,
        permission: asked.permission,
        resource: asked.resource,
    })
}

fn names() -> String {
    Realm::ALL.map(Realm::as_str).join(", ")
}
