//! How an effect of an entry is told.

use serde::Serialize;
use utoipa::ToSchema;
use writ_domain::camunda::{permission_names, resource_text};
use writ_domain::{AuthorizationKind, AuthorizationTerms, Realm};
use writ_store::entries::effects::{Edge, Effect, Turn};

/// A grant that an entry opened, changed or closed.
#[derive(Serialize, ToSchema)]
#[schema(as = Effect)]
pub(crate) struct EffectBody {
    kind: &'static str,
    change: &'static str,
    realm: &'static str,
    #[serde(flatten)]
    names: Names,
    /// The entry that brought it; of an authorization, the one that made it what it was before.
    opened_by: u64,
    /// The entry that took it, or made it another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<u64>,
    /// Of a direct grant that was lost: whether the user still holds the permission by a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    remains: Option<bool>,
}

/// Who has what.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = EffectNames)]
struct Names {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
    /// What the authorization was, if it was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<TermsBody>,
    /// What the authorization has become, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<TermsBody>,
}

/// Whose an authorization is, what it gives or takes, and where.
#[derive(Serialize, ToSchema)]
#[schema(as = EffectTerms)]
struct TermsBody {
    /// A user's id; `*` is everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// Absent where it is on nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    permissions: Vec<&'static str>,
}

impl TermsBody {
    fn of(kind: AuthorizationKind, terms: AuthorizationTerms) -> Self {
        let AuthorizationTerms {
            holder,
            resource_type,
            resource_id,
            permissions,
        } = terms;
        Self {
            user: holder.user_id().map(str::to_owned),
            group: holder.group_id().map(str::to_owned),
            resource: resource_id.map(|id| resource_text(resource_type, &id)),
            permissions: permission_names(kind, resource_type, permissions),
        }
    }
}

impl Names {
    /// The kind of an edge, its realm, and who has what by it.
    fn of(edge: Edge) -> (&'static str, Realm, Self) {
        let none = Self::default();
        match edge {
            Edge::RolePermission {
                realm,
                role,
                api,
                permission,
            } => {
                let (role, api, permission) = (Some(role), Some(api), Some(permission));
                let names = Self {
                    role,
                    api,
                    permission,
                    ..none
                };
                ("role_permission", realm, names)
            }
            Edge::UserPermission {
                realm,
                user,
                api,
                permission,
            } => {
                let (user, api, permission) = (Some(user), Some(api), Some(permission));
                let names = Self {
                    user,
                    api,
                    permission,
                    ..none
                };
                ("user_permission", realm, names)
            }
            Edge::UserRole { realm, user, role } => {
                let (user, role) = (Some(user), Some(role));
                ("user_role", realm, Self { user, role, ..none })
            }
            Edge::GroupMember { realm, user, group } => {
                let (user, group) = (Some(user), Some(group));
                (
                    "group_member",
                    realm,
                    Self {
                        user,
                        group,
                        ..none
                    },
                )
            }
            Edge::Authorization {
                id,
                kind,
                before,
                after,
            } => {
                let names = Self {
                    authorization: Some(id),
                    before: before.map(|terms| TermsBody::of(kind, terms)),
                    after: after.map(|terms| TermsBody::of(kind, terms)),
                    ..none
                };
                (authorization_kind(kind), Realm::Camunda, names)
            }
        }
    }
}

/// An authorization as a step or an effect, by what it does.
pub(crate) fn authorization_kind(kind: AuthorizationKind) -> &'static str {
    match kind {
        AuthorizationKind::Global => "global_authorization",
        AuthorizationKind::Grant => "grant_authorization",
        AuthorizationKind::Revoke => "revoke_authorization",
    }
}

impl EffectBody {
    pub(crate) fn of(effect: Effect) -> Self {
        let at = effect.at.0;
        let (kind, realm, names) = Names::of(effect.edge);
        let (change, opened_by, closed_by, remains) = match effect.turn {
            Turn::Gained => ("gained", at, None, None),
            Turn::Lost { opened_by, remains } => ("lost", opened_by.0, Some(at), remains),
            Turn::Changed { opened_by } => ("changed", opened_by.0, Some(at), None),
        };
        Self {
            kind,
            change,
            realm: realm.as_str(),
            names,
            opened_by,
            closed_by,
            remains,
        }
    }
}
