//! How a way is told: step by step, from the subject to the resource.

use serde::Serialize;
use utoipa::ToSchema;
use writ_domain::Realm;
use writ_domain::camunda::resource_text;
use writ_store::grants::{Authorized, Life, LinkedLife, Membership, Way};

use super::{EntryBody, Told};
use crate::document;
use crate::effect::authorization_kind;
use crate::grants::{LinkedBody, Question, ViaBody};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Way)]
pub(super) struct WayBody {
    realm: &'static str,
    /// Where it is not the subject itself: whose way it is, who is the same person.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked: Option<LinkedBody>,
    via: ViaBody,
    #[schema(schema_with = document::entry_said)]
    opened_by: EntryBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = document::entry_said, required = false)]
    closed_by: Option<EntryBody>,
    /// From the subject to the resource.
    steps: Vec<StepBody>,
}

/// A noun or an edge that a way rests on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
struct StepBody {
    kind: &'static str,
    #[serde(flatten)]
    names: Names,
    #[schema(schema_with = document::entry_said)]
    opened_by: EntryBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = document::entry_said, required = false)]
    closed_by: Option<EntryBody>,
}

/// What a step is called.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = StepNames)]
pub(super) struct Names {
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'static str>,
}

impl Names {
    pub(super) fn of(question: &Question) -> Self {
        Self {
            user: Some(question.subject.clone()),
            permission: Some(question.permission.clone()),
            resource: Some(question.resource.clone()),
            ..Self::default()
        }
    }

    /// The same where somebody else, who is the same person, is on the way.
    fn linked(&self, linked: Option<&LinkedLife>) -> Self {
        let user = linked.map(|linked| linked.to.subject.clone());
        Self {
            user: user.or_else(|| self.user.clone()),
            ..self.clone()
        }
    }

    fn user(&self) -> Self {
        Self {
            user: self.user.clone(),
            ..Self::default()
        }
    }

    fn held(&self) -> Self {
        Self {
            permission: self.permission.clone(),
            resource: self.resource.clone(),
            ..Self::default()
        }
    }
}

impl Told {
    /// A way by edges.
    pub(super) fn way(&self, asked: &Names, way: &Way) -> WayBody {
        let named = asked.linked(way.linked.as_ref());
        let mut steps = self.link(asked, way.linked.as_ref());
        steps.push(self.step("user", named.user(), way.user));
        if let Some(link) = &way.role {
            let (user, role) = (named.user(), Some(link.id.clone()));
            let both = Names { role, ..user };
            steps.push(self.step("user_role", both.clone(), link.assignment));
            steps.push(self.step("role", Names { user: None, ..both }, link.role));
        }
        let (kind, holder) = match &way.role {
            Some(link) => (
                "role_permission",
                Names {
                    role: Some(link.id.clone()),
                    ..Names::default()
                },
            ),
            None => ("user_permission", named.user()),
        };
        let held = named.held();
        let edge = Names {
            permission: held.permission.clone(),
            resource: held.resource.clone(),
            ..holder
        };
        steps.push(self.step(kind, edge, way.permission_edge));
        steps.push(self.step("permission", held.clone(), way.permission));
        let resource = Names {
            permission: None,
            ..held
        };
        steps.push(self.step("resource", resource, way.namespace));
        WayBody {
            realm: way.realm.as_str(),
            linked: linked_body(way.linked.as_ref()),
            via: match &way.role {
                Some(link) => ViaBody::Role {
                    role: link.id.clone(),
                },
                None => ViaBody::Direct,
            },
            opened_by: self.entry(way.open.from),
            closed_by: way.open.to.map(|at| self.entry(at)),
            steps,
        }
    }

    /// A way by an authorization, or what is in the way.
    pub(super) fn authorized(&self, asked: &Names, way: &Authorized) -> WayBody {
        let named = asked.linked(way.linked.as_ref());
        let mut steps = self.link(asked, way.linked.as_ref());
        if let Some(membership) = &way.member {
            steps.extend(self.membership(&named, membership));
        }
        let authorization = Names {
            user: way.holder.user_id().map(str::to_owned),
            group: way.holder.group_id().map(str::to_owned),
            resource: Some(resource_text(way.resource_type, &way.resource_id)),
            authorization: Some(way.id.clone()),
            effect: Some(if way.allows { "allow" } else { "deny" }),
            ..Names::default()
        };
        let kind = authorization_kind(way.kind);
        steps.push(self.step(kind, authorization, way.authorization));
        WayBody {
            realm: Realm::Camunda.as_str(),
            linked: linked_body(way.linked.as_ref()),
            via: way.via.clone().into(),
            opened_by: self.entry(way.open.from),
            closed_by: way.open.to.map(|at| self.entry(at)),
            steps,
        }
    }

    fn membership(&self, named: &Names, membership: &Membership) -> [StepBody; 3] {
        let group = Names {
            group: Some(membership.group.clone()),
            ..Names::default()
        };
        let member = Names {
            user: named.user.clone(),
            ..group.clone()
        };
        [
            self.step("user", named.user(), membership.user),
            self.step("group_member", member, membership.member),
            self.step("group", group, membership.noun),
        ]
    }

    /// That two are the same person: that each of them has the link.
    fn link(&self, asked: &Names, linked: Option<&LinkedLife>) -> Vec<StepBody> {
        let Some(linked) = linked else {
            return Vec::new();
        };
        let one = Names {
            realm: Some(linked.named_in.as_str()),
            ..asked.user()
        };
        let other = Names {
            realm: Some(linked.to.realm.as_str()),
            user: Some(linked.to.subject.clone()),
            ..Names::default()
        };
        vec![
            self.step("linked_subject", one, linked.named),
            self.step("linked_subject", other, linked.other),
        ]
    }

    fn step(&self, kind: &'static str, names: Names, life: Life) -> StepBody {
        StepBody {
            kind,
            names,
            opened_by: self.entry(life.from),
            closed_by: life.to.map(|at| self.entry(at)),
        }
    }
}

fn linked_body(linked: Option<&LinkedLife>) -> Option<LinkedBody> {
    linked.map(|linked| linked.to.clone().into())
}

fn lives_of_link(linked: Option<&LinkedLife>) -> impl Iterator<Item = Life> {
    linked
        .into_iter()
        .flat_map(|linked| [linked.named, linked.other])
}

/// The lives of all that a way rests on, and its own.
pub(super) fn lives(way: &Way) -> impl Iterator<Item = Life> {
    let own = [
        way.user,
        way.permission_edge,
        way.permission,
        way.namespace,
        way.open,
    ];
    let link = way.role.iter();
    own.into_iter()
        .chain(link.flat_map(|link| [link.role, link.assignment]))
        .chain(lives_of_link(way.linked.as_ref()))
}

/// The same of an authorization's.
pub(super) fn lives_of_authorized(way: &Authorized) -> impl Iterator<Item = Life> {
    let member = way.member.iter();
    [way.authorization, way.open]
        .into_iter()
        .chain(member.flat_map(|member| [member.user, member.noun, member.member]))
        .chain(lives_of_link(way.linked.as_ref()))
}
