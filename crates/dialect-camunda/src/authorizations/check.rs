//! `GET /authorization/check`

use axum::http::StatusCode;
use serde::Serialize;
use writ_domain::camunda::{Right, is_valid, permission_bits, resource};
use writ_store::reads::{CamundaAsked, CamundaGroupFilter, CamundaOrder, CamundaPage};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::serve::Ask;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked<'a> {
    permission_name: &'a str,
    resource_name: &'a str,
    resource_id: Option<&'a str>,
    authorized: bool,
}

pub(crate) async fn check(ask: &Ask) -> Result<Answer, Failure> {
    let query = &ask.query;
    let resource_type = query.framework_integer("resourceType")?;
    let missing = |name: &str| {
        let message = format!("Query parameter '{name}' cannot be null");
        Failure::invalid(StatusCode::BAD_REQUEST, message)
    };
    let permission = query
        .get("permissionName")
        .ok_or_else(|| missing("permissionName"))?;
    let resource = query
        .get("resourceName")
        .ok_or_else(|| missing("resourceName"))?;
    let resource_type = resource_type.ok_or_else(|| missing("resourceType"))?;
    let resource_id = query.get("resourceId");
    let bits = permission_bits(resource_type, permission)
        .ok_or_else(|| Failure::unknown_permission(permission, resource_type))?;
    let own = ask.viewer.user.as_str();
    let user = query.get("userId").unwrap_or(own);
    let groups = if user == own {
        ask.viewer.groups.clone()
    } else {
        groups_of(ask, user).await?
    };
    if !is_valid(resource_type, permission) {
        return Err(Failure::bad_user_request(format!(
            "ENGINE-03086 The resource type '{resource}' is not valid for '{permission}' permission."
        )));
    }
    let asked = CamundaAsked {
        user,
        groups: Some(&groups),
        permission: bits,
        resource_type,
        resource_id,
    };
    let tenant = &ask.state.tenant;
    let verdict = ask.state.store.camunda_check(tenant, asked, None).await?;
    Answer::ok(&Checked {
        permission_name: permission,
        resource_name: resource,
        resource_id,
        authorized: verdict.allowed,
    })
}

/// The groups of somebody else, as far as the caller may see them. The caller must be able to
/// see every authorization.
async fn groups_of(ask: &Ask, user: &str) -> Result<Vec<String>, Failure> {
    let asked = CamundaAsked {
        user: &ask.viewer.user,
        groups: Some(&ask.viewer.groups),
        permission: Right::Read.bits(),
        resource_type: resource::AUTHORIZATION,
        resource_id: None,
    };
    let (store, tenant) = (&ask.state.store, &ask.state.tenant);
    if !store.camunda_check(tenant, asked, None).await?.allowed {
        return Err(Failure::invalid(
            StatusCode::FORBIDDEN,
            "You must have READ permission for Authorization resource.",
        ));
    }
    let filter = CamundaGroupFilter {
        member: Some(user.to_owned()),
        ..CamundaGroupFilter::default()
    };
    let all = CamundaPage {
        order: CamundaOrder::Id,
        first: 0,
        count: u32::MAX,
    };
    let groups = store
        .camunda_groups(tenant, &ask.viewer, &filter, all)
        .await?;
    Ok(groups.into_iter().map(|group| group.id).collect())
}
