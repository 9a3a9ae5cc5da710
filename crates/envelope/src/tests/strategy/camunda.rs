//! Arbitrary commands, facts and rejections of Camunda's realm.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use writ_domain::{
    Authorization, AuthorizationKey, AuthorizationKind, AuthorizationName, AuthorizationProblem,
    AuthorizationTerms, Command, Denial, Fact, GroupKey, GroupName, Holder, NounKind, Rejection,
    RevokeMode, UserKey, UserName,
};

use super::{changes, realm, seq, settings, text};

fn maybe() -> impl Strategy<Value = Option<String>> {
    option::of(text())
}

fn mode() -> impl Strategy<Value = RevokeMode> {
    prop::sample::select(&RevokeMode::ALL[..])
}

fn kind() -> impl Strategy<Value = AuthorizationKind> {
    prop::sample::select(&AuthorizationKind::ALL[..])
}

/// Holder, resource type and id, permissions, as a command says them.
type Said = (
    Option<String>,
    Option<String>,
    Option<i32>,
    Option<String>,
    Option<Vec<String>>,
);

fn said() -> impl Strategy<Value = Said> {
    let permissions = option::of(vec(text(), 0..3));
    (
        maybe(),
        maybe(),
        option::of(any::<i32>()),
        maybe(),
        permissions,
    )
}

pub(super) fn command() -> BoxedStrategy<Command> {
    prop_oneof![command_on_people(), command_on_authorization()].boxed()
}

fn command_on_people() -> BoxedStrategy<Command> {
    prop_oneof![
        mode().prop_map(|revoke_mode| Command::ConfigureCamunda { revoke_mode }),
        (text(), text()).prop_map(|(user, password_hash)| Command::InstallCamundaAdmin {
            user,
            password_hash
        }),
        (maybe(), text(), settings(), maybe()).prop_map(|(by, id, profile, password_hash)| {
            Command::CreateCamundaUser {
                by,
                id,
                profile,
                password_hash,
            }
        }),
        (maybe(), text(), changes()).prop_map(|(by, user, profile)| Command::UpdateCamundaUser {
            by,
            user,
            profile
        }),
        (maybe(), text(), text()).prop_map(|(by, user, password_hash)| {
            Command::SetCamundaPassword {
                by,
                user,
                password_hash,
            }
        }),
        (maybe(), text()).prop_map(|(by, user)| Command::DeleteCamundaUser { by, user }),
        (maybe(), text(), maybe(), maybe()).prop_map(|(by, id, name, kind)| Command::CreateGroup {
            by,
            id,
            name,
            kind
        }),
        (maybe(), text(), maybe(), maybe()).prop_map(|(by, group, name, kind)| {
            Command::UpdateGroup {
                by,
                group,
                name,
                kind,
            }
        }),
        (maybe(), text()).prop_map(|(by, group)| Command::DeleteGroup { by, group }),
        (maybe(), text(), text()).prop_map(|(by, group, user)| Command::AddGroupMember {
            by,
            group,
            user
        }),
        (maybe(), text(), text()).prop_map(|(by, group, user)| Command::RemoveGroupMember {
            by,
            group,
            user
        }),
    ]
    .boxed()
}

fn command_on_authorization() -> BoxedStrategy<Command> {
    let create = (maybe(), text(), any::<i32>(), said());
    let update = (maybe(), text(), said());
    prop_oneof![
        create.prop_map(|(by, id, kind, said)| {
            let (user, group, resource_type, resource_id, permissions) = said;
            Command::CreateAuthorization {
                by,
                id,
                kind,
                user,
                group,
                resource_type,
                resource_id,
                permissions,
            }
        }),
        update.prop_map(|(by, authorization, said)| {
            let (user, group, resource_type, resource_id, permissions) = said;
            Command::UpdateAuthorization {
                by,
                authorization,
                user,
                group,
                resource_type,
                resource_id,
                permissions,
            }
        }),
        (maybe(), text())
            .prop_map(|(by, authorization)| Command::DeleteAuthorization { by, authorization }),
    ]
    .boxed()
}

fn group_name() -> impl Strategy<Value = GroupName> {
    (any::<u64>(), realm(), text()).prop_map(|(key, realm, id)| GroupName {
        key: GroupKey::from_stored(key),
        realm,
        id,
    })
}

fn user_name() -> impl Strategy<Value = UserName> {
    (any::<u64>(), realm(), text()).prop_map(|(key, realm, id)| UserName {
        key: UserKey::from_stored(key),
        realm,
        id,
    })
}

fn authorization_name() -> impl Strategy<Value = AuthorizationName> {
    (any::<u64>(), text()).prop_map(|(key, id)| AuthorizationName {
        key: AuthorizationKey::from_stored(key),
        id,
    })
}

fn terms() -> impl Strategy<Value = AuthorizationTerms> {
    let holder = prop_oneof![
        text().prop_map(|user| Holder::User { user }),
        text().prop_map(|group| Holder::Group { group }),
    ];
    (holder, any::<i32>(), maybe(), any::<u32>()).prop_map(
        |(holder, resource_type, resource_id, permissions)| AuthorizationTerms {
            holder,
            resource_type,
            resource_id,
            permissions,
        },
    )
}

pub(super) fn fact() -> BoxedStrategy<Fact> {
    let created = (any::<u64>(), text(), kind(), terms());
    prop_oneof![
        (mode(), mode()).prop_map(|(before, after)| Fact::CamundaConfigured { before, after }),
        (user_name(), text(), option::of(seq())).prop_map(|(user, hash, before_set_at)| {
            Fact::UserPasswordSet {
                user,
                hash,
                before_set_at,
            }
        }),
        fact_on_group(),
        created.prop_map(|(key, id, kind, terms)| Fact::AuthorizationCreated {
            key: AuthorizationKey::from_stored(key),
            authorization: Authorization { id, kind, terms },
        }),
        (authorization_name(), kind(), terms(), terms()).prop_map(
            |(authorization, kind, before, after)| Fact::AuthorizationChanged {
                authorization,
                kind,
                before,
                after,
            }
        ),
        (authorization_name(), kind(), terms()).prop_map(|(authorization, kind, terms)| {
            Fact::AuthorizationDeleted {
                authorization,
                kind,
                terms,
            }
        }),
    ]
    .boxed()
}

fn fact_on_group() -> BoxedStrategy<Fact> {
    let created = (any::<u64>(), realm(), text(), maybe(), maybe());
    prop_oneof![
        created.prop_map(|(key, realm, id, name, kind)| Fact::GroupCreated {
            key: GroupKey::from_stored(key),
            realm,
            id,
            name,
            kind,
        }),
        (group_name(), maybe(), maybe()).prop_map(|(group, before, after)| Fact::GroupRenamed {
            group,
            before,
            after
        }),
        (group_name(), maybe(), maybe()).prop_map(|(group, before, after)| {
            Fact::GroupKindChanged {
                group,
                before,
                after,
            }
        }),
        (group_name(), maybe(), maybe()).prop_map(|(group, name, kind)| Fact::GroupDeleted {
            group,
            name,
            kind
        }),
        (group_name(), user_name())
            .prop_map(|(group, user)| Fact::GroupMemberAdded { group, user }),
        (group_name(), user_name(), seq()).prop_map(|(group, user, added_at)| {
            Fact::GroupMemberRemoved {
                group,
                user,
                added_at,
            }
        }),
    ]
    .boxed()
}

pub(super) fn denial() -> BoxedStrategy<Denial> {
    (text(), text(), any::<i32>(), maybe())
        .prop_map(
            |(user, permission, resource_type, resource_id)| Denial::MissingPermission {
                user,
                permission,
                resource_type,
                resource_id,
            },
        )
        .boxed()
}

pub(super) fn rejection() -> BoxedStrategy<Rejection> {
    let problem = prop_oneof![
        any::<i32>().prop_map(|kind| AuthorizationProblem::UnknownKind { kind }),
        Just(AuthorizationProblem::GroupOfGlobal),
        text().prop_map(|user| AuthorizationProblem::UserOfGlobal { user }),
        Just(AuthorizationProblem::NoResourceType),
        Just(AuthorizationProblem::NoPermissions),
        (text(), any::<i32>()).prop_map(|(permission, resource_type)| {
            AuthorizationProblem::UnknownPermission {
                permission,
                resource_type,
            }
        }),
        Just(AuthorizationProblem::NotOneHolder),
        (text(), any::<i32>()).prop_map(|(permission, resource_type)| {
            AuthorizationProblem::PermissionElsewhere {
                permission,
                resource_type,
            }
        }),
    ];
    let kinds = prop::sample::select(&NounKind::ALL[..]);
    prop_oneof![
        text().prop_map(|group| Rejection::NoSuchGroup { group }),
        text().prop_map(|authorization| Rejection::NoSuchAuthorization { authorization }),
        text().prop_map(|group| Rejection::GroupExists { group }),
        (text(), text()).prop_map(|(group, user)| Rejection::MemberExists { group, user }),
        text().prop_map(|authorization| Rejection::AuthorizationExists { authorization }),
        (kinds, text()).prop_map(|(kind, id)| Rejection::InvalidId { kind, id }),
        problem.prop_map(|problem| Rejection::BadAuthorization { problem }),
    ]
    .boxed()
}
