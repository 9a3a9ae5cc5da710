//! An authorization as the engine shows it: nine members, in its order, nulls written.

use serde::Serialize;
use writ_domain::{Authorization, camunda};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    id: String,
    #[serde(rename = "type")]
    kind: i32,
    permissions: Vec<&'static str>,
    user_id: Option<String>,
    group_id: Option<String>,
    resource_type: i32,
    resource_id: Option<String>,
    /// Of a historic resource: there are none here.
    removal_time: Option<String>,
    /// Of a historic resource: there are none here.
    root_process_instance_id: Option<String>,
}

impl From<Authorization> for View {
    fn from(authorization: Authorization) -> Self {
        let Authorization { id, kind, terms } = authorization;
        let named = camunda::permission_names(kind, terms.resource_type, terms.permissions);
        Self {
            id,
            kind: kind.number(),
            permissions: named,
            user_id: terms.holder.user_id().map(str::to_owned),
            group_id: terms.holder.group_id().map(str::to_owned),
            resource_type: terms.resource_type,
            resource_id: terms.resource_id,
            removal_time: None,
            root_process_instance_id: None,
        }
    }
}
