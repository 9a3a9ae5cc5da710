//! Arbitrary facts.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use writ_domain::{
    ApiName, Fact, NamespaceKey, PermissionKey, PermissionName, RoleKey, RoleName, UserKey,
    UserName,
};

use super::{id, json_text, realm, seq, settings, text};

pub(super) fn key<K: std::fmt::Debug>(make: fn(u64) -> K) -> impl Strategy<Value = K> {
    any::<u64>().prop_map(make)
}

fn api_name() -> impl Strategy<Value = ApiName> {
    (key(NamespaceKey::from_stored), realm(), text()).prop_map(|(key, realm, identifier)| ApiName {
        key,
        realm,
        identifier,
    })
}

pub(super) fn permission_name() -> impl Strategy<Value = PermissionName> {
    let names = (text(), text(), option::of(text()));
    (key(PermissionKey::from_stored), realm(), names).prop_map(|(key, realm, (api, name, id))| {
        PermissionName {
            key,
            realm,
            api,
            name,
            id,
        }
    })
}

pub(super) fn role_name() -> impl Strategy<Value = RoleName> {
    (key(RoleKey::from_stored), realm(), text()).prop_map(|(key, realm, id)| RoleName {
        key,
        realm,
        id,
    })
}

fn user_name() -> impl Strategy<Value = UserName> {
    (key(UserKey::from_stored), realm(), text()).prop_map(|(key, realm, id)| UserName {
        key,
        realm,
        id,
    })
}

pub(in crate::tests) fn fact() -> BoxedStrategy<Fact> {
    prop_oneof![
        fact_on_api(),
        fact_on_permission(),
        fact_on_role(),
        fact_on_user(),
        fact_on_edge(),
        super::camunda::fact(),
        super::nestauth::fact(),
        id().prop_map(|command| Fact::CommandCancelled { command }),
    ]
    .boxed()
}

fn fact_on_api() -> BoxedStrategy<Fact> {
    let keys = || vec(key(PermissionKey::from_stored), 0..4);
    let created = (
        key(NamespaceKey::from_stored),
        realm(),
        text(),
        text(),
        option::of(text()),
        settings(),
    );
    prop_oneof![
        created.prop_map(
            |(key, realm, id, identifier, name, settings)| Fact::ApiCreated {
                key,
                realm,
                id,
                identifier,
                name,
                settings
            }
        ),
        (api_name(), option::of(text()), option::of(text()))
            .prop_map(|(api, before, after)| Fact::ApiRenamed { api, before, after }),
        (
            api_name(),
            text(),
            option::of(json_text()),
            option::of(json_text())
        )
            .prop_map(|(api, setting, before, after)| Fact::ApiSettingChanged {
                api,
                setting,
                before,
                after
            }),
        api_name().prop_map(|api| Fact::ApiPermissionsDeclared { api }),
        (api_name(), keys(), keys())
            .prop_map(|(api, before, after)| Fact::ApiPermissionsReordered { api, before, after }),
        (api_name(), text(), option::of(text())).prop_map(|(api, id, name)| Fact::ApiDeleted {
            api,
            id,
            name
        }),
    ]
    .boxed()
}

fn fact_on_permission() -> BoxedStrategy<Fact> {
    let place = || {
        (
            permission_name(),
            key(NamespaceKey::from_stored),
            option::of(text()),
            option::of(text()),
        )
    };
    prop_oneof![
        (place(), any::<u32>()).prop_map(
            |((permission, namespace, description, category), ordinal)| Fact::PermissionDefined {
                permission,
                namespace,
                description,
                ordinal,
                category,
            }
        ),
        (permission_name(), option::of(text()), option::of(text())).prop_map(
            |(permission, before, after)| Fact::PermissionDescribed {
                permission,
                before,
                after
            }
        ),
        place().prop_map(|(permission, namespace, description, category)| {
            Fact::PermissionRemoved {
                permission,
                namespace,
                description,
                category,
            }
        }),
    ]
    .boxed()
}

fn fact_on_role() -> BoxedStrategy<Fact> {
    let created = (
        key(RoleKey::from_stored),
        realm(),
        text(),
        text(),
        option::of(text()),
        option::of(super::nestauth::guarded()),
    );
    prop_oneof![
        created.prop_map(
            |(key, realm, id, name, description, guarded)| Fact::RoleCreated {
                key,
                realm,
                id,
                name,
                description,
                guarded
            }
        ),
        (role_name(), text(), text()).prop_map(|(role, before, after)| Fact::RoleRenamed {
            role,
            before,
            after
        }),
        (role_name(), option::of(text()), option::of(text())).prop_map(|(role, before, after)| {
            Fact::RoleDescribed {
                role,
                before,
                after,
            }
        }),
        (
            (role_name(), text(), option::of(text())),
            option::of(super::nestauth::guarded())
        )
            .prop_map(|((role, name, description), guarded)| Fact::RoleDeleted {
                role,
                name,
                description,
                guarded,
            }),
    ]
    .boxed()
}

fn fact_on_user() -> BoxedStrategy<Fact> {
    prop_oneof![
        (key(UserKey::from_stored), realm(), text(), settings()).prop_map(
            |(key, realm, id, profile)| Fact::UserRegistered {
                key,
                realm,
                id,
                profile
            }
        ),
        (
            user_name(),
            text(),
            option::of(json_text()),
            option::of(json_text())
        )
            .prop_map(|(user, field, before, after)| Fact::UserProfileChanged {
                user,
                field,
                before,
                after
            }),
        (user_name(), settings()).prop_map(|(user, profile)| Fact::UserDeleted { user, profile }),
    ]
    .boxed()
}

fn fact_on_edge() -> BoxedStrategy<Fact> {
    prop_oneof![
        (role_name(), permission_name())
            .prop_map(|(role, permission)| Fact::RolePermissionGranted { role, permission }),
        (role_name(), permission_name(), seq()).prop_map(|(role, permission, granted_at)| {
            Fact::RolePermissionRevoked {
                role,
                permission,
                granted_at,
            }
        }),
        (user_name(), permission_name())
            .prop_map(|(user, permission)| Fact::UserPermissionGranted { user, permission }),
        (user_name(), permission_name(), seq()).prop_map(|(user, permission, granted_at)| {
            Fact::UserPermissionRevoked {
                user,
                permission,
                granted_at,
            }
        }),
        (user_name(), role_name()).prop_map(|(user, role)| Fact::UserRoleAssigned { user, role }),
        (user_name(), role_name(), seq()).prop_map(|(user, role, assigned_at)| {
            Fact::UserRoleUnassigned {
                user,
                role,
                assigned_at,
            }
        }),
    ]
    .boxed()
}
