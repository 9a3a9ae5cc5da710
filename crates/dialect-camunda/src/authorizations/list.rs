//! `GET /authorization` and `GET /authorization/count`

use axum::http::StatusCode;
use serde::Serialize;
use writ_store::reads::{CamundaFilter, CamundaOrder, CamundaPage};

use super::view::View;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::serve::Ask;

#[derive(Serialize)]
struct Count {
    count: u64,
}

pub(crate) async fn list(ask: &Ask) -> Result<Answer, Failure> {
    let window = ask.query.window()?;
    let (filter, order) = wanted(ask)?;
    let Some(window) = window else {
        return Answer::ok(&Vec::<View>::new());
    };
    let page = CamundaPage {
        order,
        first: window.first,
        count: window.count,
    };
    let tenant = &ask.state.tenant;
    let found = ask
        .state
        .store
        .camunda_authorizations(tenant, &ask.viewer, &filter, page)
        .await?;
    let shown: Vec<View> = found.into_iter().map(View::from).collect();
    Answer::ok(&shown)
}

pub(crate) async fn count(ask: &Ask) -> Result<Answer, Failure> {
    let (filter, _) = wanted(ask)?;
    let tenant = &ask.state.tenant;
    let count = ask
        .state
        .store
        .camunda_count(tenant, &ask.viewer, &filter)
        .await?;
    Answer::ok(&Count { count })
}

#[derive(Clone, Copy)]
enum By {
    ResourceType,
    ResourceId,
}

fn wanted(ask: &Ask) -> Result<(CamundaFilter, CamundaOrder), Failure> {
    let query = &ask.query;
    let kind = query.mapped_integer("type")?;
    let resource_type = query.mapped_integer("resourceType")?;
    let by = query.word(
        "sortBy",
        &[
            ("resourceType", By::ResourceType),
            ("resourceId", By::ResourceId),
        ],
    )?;
    let descending = query.word("sortOrder", &[("asc", false), ("desc", true)])?;
    let (users, groups) = (query.list("userIdIn"), query.list("groupIdIn"));
    if users.is_some() && groups.is_some() {
        return Err(Failure::users_and_groups(ask.state.profile));
    }
    let order = match (by, descending) {
        (None, None) => CamundaOrder::Id,
        (Some(By::ResourceType), Some(descending)) => CamundaOrder::ResourceType { descending },
        (Some(By::ResourceId), Some(descending)) => CamundaOrder::ResourceId { descending },
        (Some(_), None) | (None, Some(_)) => {
            return Err(Failure::invalid(
                StatusCode::BAD_REQUEST,
                "Only a single sorting parameter specified. sortBy and sortOrder required",
            ));
        }
    };
    let filter = CamundaFilter {
        id: query.owned("id"),
        kind,
        // A list of nobody is no filter.
        users: users.filter(|users| !users.is_empty()),
        groups: groups.filter(|groups| !groups.is_empty()),
        resource_type,
        resource_id: query.owned("resourceId"),
    };
    Ok((filter, order))
}
