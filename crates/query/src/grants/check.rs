//! `POST /v1/check`: may this subject do this? One question, or many in one statement.
//!
//! ```json
//! { "subject": "ann", "permission": "read", "resource": "https://a/", "realm": "auth0" }
//! { "checks": [ { "subject": "ann", "permission": "read", "resource": "https://a/" } ] }
//! ```
//!
//! `realm` says whose rules are to answer, `subject_realm` in which realm the subject is known by
//! that id; without them, all and any. In Camunda's realm a resource is a type and an id, as in
//! `ProcessDefinition/invoice`, or a type alone for all of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use writ_domain::{Realm, TenantId};
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::Store;
use writ_store::grants::{self, Granted};

use super::{LinkedBody, OpenedBody, Realms, ViaBody};
use crate::QueryState;
use crate::as_of::{Stand, StandBody};
use crate::freshness::{failed, unanswered};
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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Question)]
struct Asked {
    subject: String,
    permission: String,
    #[serde(alias = "api")]
    resource: String,
    #[serde(default)]
    realm: Option<String>,
    #[serde(default)]
    subject_realm: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckAnswerOfOne)]
struct OneBody {
    as_of: StandBody,
    #[serde(flatten)]
    answer: AnswerBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckAnswers)]
struct ManyBody {
    as_of: StandBody,
    answers: Vec<AnswerBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Checked)]
enum ChecksBody {
    One(OneBody),
    Many(ManyBody),
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckAnswer)]
struct AnswerBody {
    allowed: bool,
    /// The realm that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<&'static str>,
    /// Where it is not the subject itself: whose grant it is, who is the same person.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked: Option<LinkedBody>,
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
                linked: granted.linked.map(LinkedBody::from),
                via: Some(granted.via.into()),
                opened_by: Some(OpenedBody::of(granted.opened, None)),
            },
            None => Self {
                allowed: false,
                realm: None,
                linked: None,
                via: None,
                opened_by: None,
            },
        }
    }
}

impl Question {
    pub(crate) fn stored(&self) -> grants::Question<'_> {
        grants::Question {
            realms: self.realms.answering(),
            known: self.realms.known(),
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
    let mut answers = checked.answers;
    let body = match checks {
        Checks::One(_) => one(stand.body(tenant), answers.pop().flatten()),
        Checks::Many(_) => ChecksBody::Many(ManyBody {
            as_of: stand.body(tenant),
            answers: answers.into_iter().map(AnswerBody::of).collect(),
        }),
    };
    Ok((body, stand))
}

fn one(as_of: StandBody, answer: Option<Granted>) -> ChecksBody {
    ChecksBody::One(OneBody {
        as_of,
        answer: AnswerBody::of(answer),
    })
}

/// The bodies of this route.
pub(super) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<Asked>().of::<ChecksBody>()
}

pub(crate) async fn route(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve_body(state, request, &["ledger:read"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let body = reader.json()?;
    let checks = asked(body)?;
    let stand = state.point(&reader.tenant, &params).await?;
    if let (None, Checks::One(question)) = (stand.at(), &checks) {
        let asked = state.asker.ask(&reader.tenant, question.clone()).await;
        let (answer, head) = asked.map_err(unanswered)?;
        let stand = stand.seen(Some(head));
        return reader.show(&one(stand.body(&reader.tenant), answer), &stand.head);
    }
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
    // SUBTLE: a list would be read by the order of the members.
    if !value.is_object() {
        return Err(Problem::malformed(format!(
            "{what} is not a question: it is not an object"
        )));
    }
    let asked: Asked = serde_json::from_value(value)
        .map_err(|error| Problem::malformed(format!("{what} is not a question: {error}")))?;
    let realm = |name: Option<&String>| match name {
        None => Ok(None),
        Some(name) => Realm::from_name(name).map(Some).ok_or_else(|| {
            Problem::malformed(format!("{what}: the realm is not one of {}", names()))
        }),
    };
    let realms = Realms::of(realm(asked.realm.as_ref())?);
    let realms = realms.known_in(realm(asked.subject_realm.as_ref())?);
    for text in [&asked.subject, &asked.permission, &asked.resource] {
        if text.contains('\0') || text.len() > VALUE_BYTES_MAX {
            return Err(Problem::malformed(format!(
                "{what} holds U+0000 or a text of more than {VALUE_BYTES_MAX} bytes"
            )));
        }
    }
    Ok(Question {
        realms,
        subject: asked.subject,
        permission: asked.permission,
        resource: asked.resource,
    })
}

fn names() -> String {
    Realm::ALL.map(Realm::as_str).join(", ")
}
