//! A digest over a tenant's live rows: two sets of views that agree on it are equal (promise P8).
//!
//! Live rows only: what the sweep of dead edges has removed, or not yet, makes no difference. The
//! rows go by, and are not kept. Encoded as in [`hash`](crate::hash); `text?` is `u8 0`, or `u8 1`
//! and `bytes`; `bool` is `u8` 0 or 1; `map` is a count and `bytes name │ bytes text` by name.
//!
//! ```text
//!   digest = H( "writ/digest/v1\0"  bytes tenant │ rows │ u8 0 │ u64 row count )
//!
//!   rows, by kind and then by key, each  u8 kind │ u64 key… │ u64 changed_seq │
//!     1  namespace        bytes realm │ bytes id │ bytes identifier │ text? name │ map settings
//!                         │ bool system │ bool declared
//!     2  permission       u64 namespace │ bytes name │ text? description │ u32 ordinal
//!     3  role             bytes realm │ bytes id │ bytes name │ text? description
//!     4  user             bytes realm │ bytes id │ map profile
//!     5  role permission  (two keys: role, permission)
//!     6  user permission  (two keys: user, permission)
//!     7  user role        (two keys: user, role)
//!     8  group            bytes realm │ bytes id │ text? name │ text? kind
//!     9  password         (key: user) bytes hash
//!    10  group member     (two keys: user, group)
//!    11  authorization    bytes id │ u8 kind (0 global, 1 grant, 2 revoke)
//!                         │ u8 0 and bytes user, or u8 1 and bytes group
//!                         │ u32 resource type (two's complement) │ text? resource id │ u32 bits
//!    12  Camunda's rules  (key: 0) bytes revoke mode
//!    20  admin            bytes id │ bytes email │ text? name │ bytes password
//!                         │ u32 token version │ map metadata
//!    21  linked subject   u64 link │ bytes realm │ bytes id
//!
//!   after a permission that has an id, or a category, and after a role in a guard:
//!   130  permission, more  text? id │ text? category
//!   131  role, more        text? guard │ bool system │ bool active │ u64 saved, or 0
//!
//!   of many tenants = H( "writ/digests/v1\0"  u64 count │ each, by name: bytes tenant │ 32 digest )
//! ```

use std::collections::BTreeMap;

use writ_domain::state::Password;
use writ_domain::{
    Admin, AdminKey, Authorization, AuthorizationKey, AuthorizationTerms, CamundaSettings, Group,
    GroupKey, Guarded, Holder, LinkedSubject, LinkedSubjectKey, Namespace, NamespaceKey,
    Permission, PermissionKey, Role, RoleKey, Settings, SubjectRef, TenantId, TenantSeq, User,
    UserKey,
};

use crate::Hash;
use crate::hash::Frame;

/// A row came that does not belong after the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {kind}/{keys:?} of the digest does not come after the one before it")]
pub struct OutOfOrder {
    /// The row's kind, as numbered in the module's description.
    pub kind: u8,
    /// The row's key; both keys of an edge.
    pub keys: (u64, u64),
}

/// The digest so far.
#[derive(Debug, Clone)]
pub struct Digest {
    frame: Frame,
    last: (u8, (u64, u64)),
    rows: u64,
}

impl Digest {
    /// Of no rows yet.
    #[must_use]
    pub fn new(tenant: &TenantId) -> Self {
        let mut frame = Frame::new(b"writ/digest/v1\0");
        frame.bytes(tenant.as_str().as_bytes());
        Self {
            frame,
            last: (0, (0, 0)),
            rows: 0,
        }
    }

    /// A namespace, last changed by the entry at `changed`.
    pub fn namespace(
        &mut self,
        key: NamespaceKey,
        row: &Namespace,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let Namespace {
            realm,
            id,
            identifier,
            name,
            settings,
            system,
            declared,
        } = row;
        let frame = self.row(1, key.get(), changed)?;
        frame
            .bytes(realm.as_str().as_bytes())
            .bytes(id.as_bytes())
            .bytes(identifier.as_bytes());
        text(frame, name.as_deref());
        map(frame, settings);
        frame.u8(u8::from(*system)).u8(u8::from(*declared));
        Ok(())
    }

    /// A permission, last changed by the entry at `changed`.
    pub fn permission(
        &mut self,
        key: PermissionKey,
        row: &Permission,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let Permission {
            namespace,
            name,
            description,
            ordinal,
            id,
            category,
        } = row;
        let frame = self.row(2, key.get(), changed)?;
        frame.u64(namespace.get()).bytes(name.as_bytes());
        text(frame, description.as_deref());
        frame.u32(*ordinal);
        if id.is_some() || category.is_some() {
            frame.u8(130);
            text(frame, id.as_deref());
            text(frame, category.as_deref());
        }
        Ok(())
    }

    /// A role, last changed by the entry at `changed`.
    pub fn role(&mut self, key: RoleKey, row: &Role, changed: TenantSeq) -> Result<(), OutOfOrder> {
        let Role {
            realm,
            id,
            name,
            description,
            guarded,
            saved,
        } = row;
        let frame = self.row(3, key.get(), changed)?;
        frame
            .bytes(realm.as_str().as_bytes())
            .bytes(id.as_bytes())
            .bytes(name.as_bytes());
        text(frame, description.as_deref());
        if guarded.is_some() || saved.is_some() {
            let (guard, system, active) = match guarded {
                None => (None, false, false),
                Some(Guarded {
                    guard,
                    system,
                    active,
                }) => (Some(guard.as_str()), *system, *active),
            };
            frame.u8(131);
            text(frame, guard);
            frame.u8(u8::from(system)).u8(u8::from(active));
            frame.u64(saved.map_or(0, |saved| saved.0));
        }
        Ok(())
    }

    /// A user, last changed by the entry at `changed`.
    pub fn user(&mut self, key: UserKey, row: &User, changed: TenantSeq) -> Result<(), OutOfOrder> {
        let User { realm, id, profile } = row;
        let frame = self.row(4, key.get(), changed)?;
        frame.bytes(realm.as_str().as_bytes()).bytes(id.as_bytes());
        map(frame, profile);
        Ok(())
    }

    /// A role's permission, granted by the entry at `changed`.
    pub fn role_permission(
        &mut self,
        role: RoleKey,
        permission: PermissionKey,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        self.edge(5, (role.get(), permission.get()), changed)
    }

    /// A user's direct permission, granted by the entry at `changed`.
    pub fn user_permission(
        &mut self,
        user: UserKey,
        permission: PermissionKey,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        self.edge(6, (user.get(), permission.get()), changed)
    }

    /// A user's role, assigned by the entry at `changed`.
    pub fn user_role(
        &mut self,
        user: UserKey,
        role: RoleKey,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        self.edge(7, (user.get(), role.get()), changed)
    }

    /// A group, last changed by the entry at `changed`.
    pub fn group(
        &mut self,
        key: GroupKey,
        row: &Group,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let Group {
            realm,
            id,
            name,
            kind,
        } = row;
        let frame = self.row(8, key.get(), changed)?;
        frame.bytes(realm.as_str().as_bytes()).bytes(id.as_bytes());
        text(frame, name.as_deref());
        text(frame, kind.as_deref());
        Ok(())
    }

    /// A user's password, set by the entry at `changed`.
    pub fn password(
        &mut self,
        user: UserKey,
        row: &Password,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let Password { hash } = row;
        self.row(9, user.get(), changed)?.bytes(hash.as_bytes());
        Ok(())
    }

    /// A user's membership in a group, begun by the entry at `changed`.
    pub fn group_member(
        &mut self,
        user: UserKey,
        group: GroupKey,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        self.edge(10, (user.get(), group.get()), changed)
    }

    /// An authorization, last changed by the entry at `changed`.
    pub fn authorization(
        &mut self,
        key: AuthorizationKey,
        row: &Authorization,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let Authorization { id, kind, terms } = row;
        let AuthorizationTerms {
            holder,
            resource_type,
            resource_id,
            permissions,
        } = terms;
        let frame = self.row(11, key.get(), changed)?;
        frame.bytes(id.as_bytes());
        frame.u8(u8::try_from(kind.number()).unwrap_or(u8::MAX));
        match holder {
            Holder::User { user } => frame.u8(0).bytes(user.as_bytes()),
            Holder::Group { group } => frame.u8(1).bytes(group.as_bytes()),
        };
        frame.u32(resource_type.cast_unsigned());
        text(frame, resource_id.as_deref());
        frame.u32(*permissions);
        Ok(())
    }

    /// How Camunda's rules are to be read, set by the entry at `changed`.
    pub fn camunda_settings(
        &mut self,
        row: CamundaSettings,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let CamundaSettings { revoke_mode } = row;
        self.row(12, 0, changed)?
            .bytes(revoke_mode.as_str().as_bytes());
        Ok(())
    }

    /// An admin of Nest Auth's console, last changed by the entry at `changed`.
    pub fn admin(
        &mut self,
        key: AdminKey,
        row: &Admin,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let Admin {
            id,
            email,
            name,
            password,
            token_version,
            metadata,
        } = row;
        let frame = self.row(20, key.get(), changed)?;
        frame.bytes(id.as_bytes()).bytes(email.as_bytes());
        text(frame, name.as_deref());
        frame.bytes(password.as_bytes()).u32(*token_version);
        map(frame, metadata);
        Ok(())
    }

    /// A linked subject, linked by the entry at `changed`.
    pub fn linked_subject(
        &mut self,
        key: LinkedSubjectKey,
        row: &LinkedSubject,
        changed: TenantSeq,
    ) -> Result<(), OutOfOrder> {
        let LinkedSubject {
            link,
            subject: SubjectRef { realm, id },
        } = row;
        let frame = self.row(21, key.get(), changed)?;
        frame
            .u64(link.get())
            .bytes(realm.as_str().as_bytes())
            .bytes(id.as_bytes());
        Ok(())
    }

    /// The digest of the rows that came.
    #[must_use]
    pub fn finish(mut self) -> Hash {
        self.frame.u8(0).u64(self.rows).finish()
    }

    fn row(&mut self, kind: u8, key: u64, changed: TenantSeq) -> Result<&mut Frame, OutOfOrder> {
        self.follow(kind, (key, 0))?;
        Ok(self.frame.u8(kind).u64(key).u64(changed.0))
    }

    fn edge(&mut self, kind: u8, keys: (u64, u64), changed: TenantSeq) -> Result<(), OutOfOrder> {
        self.follow(kind, keys)?;
        self.frame.u8(kind).u64(keys.0).u64(keys.1).u64(changed.0);
        Ok(())
    }

    /// Checks that the row comes after the last one, and counts it.
    fn follow(&mut self, kind: u8, keys: (u64, u64)) -> Result<(), OutOfOrder> {
        if (kind, keys) <= self.last {
            return Err(OutOfOrder { kind, keys });
        }
        self.last = (kind, keys);
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }
}

/// The digest over several tenants. Tenants without rows MUST be there on both sides or on none.
#[must_use]
pub fn of_tenants(digests: &BTreeMap<TenantId, Hash>) -> Hash {
    let mut frame = Frame::new(b"writ/digests/v1\0");
    frame.count(digests.len());
    for (tenant, digest) in digests {
        frame.bytes(tenant.as_str().as_bytes()).hash(digest);
    }
    frame.finish()
}

fn text(frame: &mut Frame, text: Option<&str>) {
    match text {
        None => frame.u8(0),
        Some(text) => frame.u8(1).bytes(text.as_bytes()),
    };
}

fn map(frame: &mut Frame, settings: &Settings) {
    frame.count(settings.len());
    for (name, value) in settings {
        frame.bytes(name.as_bytes()).bytes(value.0.as_bytes());
    }
}
