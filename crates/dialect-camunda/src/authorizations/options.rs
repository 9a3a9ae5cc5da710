//! `OPTIONS /authorization` and `OPTIONS /authorization/{id}`: links to what the caller may do.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use writ_domain::camunda::{Right, resource};
use writ_store::reads::CamundaAsked;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::serve::Ask;

/// What a path does not hold as it is.
const NOT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

#[derive(Serialize)]
struct Links {
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    method: &'static str,
    href: String,
    rel: &'static str,
}

pub(crate) async fn options_of_all(ask: &Ask) -> Result<Answer, Failure> {
    let link = |method, path: &str, rel| Link {
        method,
        href: format!("{}/authorization{path}", ask.base),
        rel,
    };
    let mut links = vec![link("GET", "", "list"), link("GET", "/count", "count")];
    if may(ask, Right::Create, None).await? {
        links.push(link("POST", "/create", "create"));
    }
    Answer::ok(&Links { links })
}

/// Whether it is there is not looked at.
pub(crate) async fn options_of_one(ask: &Ask, id: &str) -> Result<Answer, Failure> {
    let encoded = utf8_percent_encode(id, NOT_IN_PATHS).to_string();
    let link = |method, rel| Link {
        method,
        href: format!("{}/authorization/{encoded}", ask.base),
        rel,
    };
    let mut links = vec![link("GET", "self")];
    if may(ask, Right::Delete, Some(id)).await? {
        links.push(link("DELETE", "delete"));
    }
    if may(ask, Right::Update, Some(id)).await? {
        links.push(link("PUT", "update"));
    }
    Answer::ok(&Links { links })
}

async fn may(ask: &Ask, right: Right, id: Option<&str>) -> Result<bool, Failure> {
    let asked = CamundaAsked {
        user: &ask.viewer.user,
        groups: Some(&ask.viewer.groups),
        permission: right.bits(),
        resource_type: resource::AUTHORIZATION,
        resource_id: id,
    };
    let tenant = &ask.state.tenant;
    let verdict = ask.state.store.camunda_check(tenant, asked, None).await?;
    Ok(verdict.allowed)
}
