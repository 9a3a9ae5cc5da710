//! Arbitrary commands and facts of Nest Auth's realm, and of links.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use writ_domain::{
    AdminKey, AdminName, Command, Fact, Guarded, LinkKey, LinkedSubjectKey, SubjectRef,
};

use super::fact::{key, permission_name, role_name};
use super::{realm, seq, settings, text};

fn subject() -> impl Strategy<Value = SubjectRef> {
    (realm(), text()).prop_map(|(realm, id)| SubjectRef { realm, id })
}

pub(super) fn guarded() -> impl Strategy<Value = Guarded> {
    (text(), any::<bool>(), any::<bool>()).prop_map(|(guard, system, active)| Guarded {
        guard,
        system,
        active,
    })
}

pub(super) fn command() -> BoxedStrategy<Command> {
    let maybe = || option::of(text());
    prop_oneof![
        vec(text(), 0..4).prop_map(|guards| Command::ConfigureNestAuth { guards }),
        ((realm(), text(), text()), text(), maybe(), maybe()).prop_map(
            |((realm, id, api), name, description, category)| Command::CreatePermission {
                realm,
                id,
                api,
                name,
                description,
                category,
            }
        ),
        ((realm(), text()), maybe(), maybe(), maybe()).prop_map(
            |((realm, permission), name, description, category)| Command::UpdatePermission {
                realm,
                permission,
                name,
                description,
                category,
            }
        ),
        (realm(), text())
            .prop_map(|(realm, permission)| Command::DeletePermission { realm, permission }),
        ((realm(), text(), text()), guarded(), vec(text(), 0..4)).prop_map(
            |((realm, id, name), guarded, permissions)| Command::CreateGuardedRole {
                realm,
                id,
                name,
                guard: guarded.guard,
                system: guarded.system,
                active: guarded.active,
                permissions,
            }
        ),
        (
            (realm(), text()),
            maybe(),
            option::of(any::<bool>()),
            option::of(vec(text(), 0..4))
        )
            .prop_map(|((realm, role), name, active, permissions)| {
                Command::UpdateGuardedRole {
                    realm,
                    role,
                    name,
                    active,
                    permissions,
                }
            }),
        admin_command(),
        (subject(), subject()).prop_map(|(subject, with)| Command::LinkSubject { subject, with }),
        subject().prop_map(|subject| Command::UnlinkSubject { subject }),
    ]
    .boxed()
}

fn admin_command() -> impl Strategy<Value = Command> {
    let made = (text(), text(), option::of(text()), text());
    prop_oneof![
        (made, settings(), any::<bool>()).prop_map(
            |((id, email, name, password), metadata, first)| Command::CreateAdmin {
                id,
                email,
                name,
                password,
                metadata,
                first,
            }
        ),
        (text(), text())
            .prop_map(|(admin, password)| Command::ChangeAdminPassword { admin, password }),
        text().prop_map(|admin| Command::EndAdminSessions { admin }),
        text().prop_map(|admin| Command::DeleteAdmin { admin }),
    ]
}

pub(super) fn fact() -> BoxedStrategy<Fact> {
    let linked = || {
        (
            key(LinkedSubjectKey::from_stored),
            key(LinkKey::from_stored),
            subject(),
        )
    };
    prop_oneof![
        (permission_name(), text())
            .prop_map(|(permission, after)| Fact::PermissionRenamed { permission, after }),
        (permission_name(), option::of(text()), option::of(text())).prop_map(
            |(permission, before, after)| Fact::PermissionCategorized {
                permission,
                before,
                after
            }
        ),
        role_name().prop_map(|role| Fact::RoleActivated { role }),
        role_name().prop_map(|role| Fact::RoleDeactivated { role }),
        role_name().prop_map(|role| Fact::RoleSaved { role }),
        admin_fact(),
        linked().prop_map(|(key, link, subject)| Fact::SubjectLinked { key, link, subject }),
        (linked(), seq()).prop_map(|((key, link, subject), linked_at)| Fact::SubjectUnlinked {
            key,
            link,
            subject,
            linked_at,
        }),
    ]
    .boxed()
}

fn admin_fact() -> impl Strategy<Value = Fact> {
    let admin = || {
        (key(AdminKey::from_stored), text(), text()).prop_map(|(key, id, email)| AdminName {
            key,
            id,
            email,
        })
    };
    prop_oneof![
        (admin(), option::of(text()), text(), settings()).prop_map(
            |(admin, name, password, metadata)| Fact::AdminCreated {
                key: admin.key,
                id: admin.id,
                email: admin.email,
                name,
                password,
                metadata,
            }
        ),
        (admin(), text(), any::<u32>()).prop_map(|(admin, password, token_version)| {
            Fact::AdminPasswordChanged {
                admin,
                password,
                token_version,
            }
        }),
        (admin(), any::<u32>()).prop_map(|(admin, token_version)| Fact::AdminSessionsEnded {
            admin,
            token_version
        }),
        (admin(), option::of(text())).prop_map(|(admin, name)| Fact::AdminDeleted { admin, name }),
    ]
}
