//! How each kind of row is written, and read back.

use tokio_postgres::Row;
use writ_domain::state::{GroupMember, Kind, Password, RolePermission, UserPermission, UserRole};
use writ_domain::{
    Admin, AdminKey, Authorization, AuthorizationKey, AuthorizationKind, AuthorizationTerms,
    CamundaSettings, Group, GroupKey, Guarded, Holder, LinkKey, LinkedSubject, LinkedSubjectKey,
    Namespace, NamespaceKey, Permission, PermissionKey, RevokeMode, Role, RoleKey, SubjectRef,
    TenantSeq, User, UserKey,
};

use super::columns::Value;
use crate::Error;
use crate::codes::{realm_code, realm_from_code, settings_from_text, settings_text};

/// The statements of one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) delete: &'static str,
    /// None where a row has nothing that can change.
    pub(crate) update: Option<&'static str>,
    pub(crate) insert: &'static str,
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
}

/// A kind of row that has a table and a history.
pub(crate) trait Stored: Kind + 'static {
    const TABLE: Table;

    /// The columns of its key.
    fn key(key: Self::Key) -> Vec<Value>;

    /// Its other columns, in the order of the statements.
    fn values(&self) -> Vec<Value>;
}

macro_rules! table {
    ($name:literal, with update) => {
        table!($name, Some(concat!($name, "/update")))
    };
    ($name:literal, $update:expr) => {
        Table {
            delete: concat!($name, "/delete"),
            update: $update,
            insert: concat!($name, "/insert"),
            open: concat!($name, "/open"),
            close: concat!($name, "/close"),
        }
    };
}

/// A key or position as the store writes it. Both are below 2^63 by construction.
pub(crate) fn big(number: u64) -> Value {
    Value::Big(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A key or position as the store reads it.
pub(crate) fn number(row: &Row, column: &'static str) -> Result<u64, Error> {
    let value: i64 = get(row, column)?;
    u64::try_from(value).map_err(|source| Error::Inconsistent {
        what: column,
        problem: source.to_string(),
    })
}

/// A column.
pub(crate) fn get<'r, T: tokio_postgres::types::FromSql<'r>>(
    row: &'r Row,
    column: &'static str,
) -> Result<T, Error> {
    row.try_get(column).map_err(|source| Error::Inconsistent {
        what: column,
        problem: source.to_string(),
    })
}

impl Stored for Namespace {
    const TABLE: Table = table!("namespaces", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::Small(realm_code(self.realm)),
            Value::Text(self.id.clone()),
            Value::Text(self.identifier.clone()),
            Value::MaybeText(self.name.clone()),
            Value::Text(settings_text(&self.settings)),
            Value::Flag(self.system),
            Value::Flag(self.declared),
        ]
    }
}

impl Stored for Permission {
    const TABLE: Table = table!("permissions", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            big(self.namespace.get()),
            Value::Text(self.name.clone()),
            Value::MaybeText(self.description.clone()),
            Value::Int(i32::try_from(self.ordinal).unwrap_or(i32::MAX)),
            Value::MaybeText(self.id.clone()),
            Value::MaybeText(self.category.clone()),
        ]
    }
}

impl Stored for Role {
    const TABLE: Table = table!("roles", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::Small(realm_code(self.realm)),
            Value::Text(self.id.clone()),
            Value::Text(self.name.clone()),
            Value::MaybeText(self.description.clone()),
            Value::MaybeText(self.guarded.as_ref().map(|guarded| guarded.guard.clone())),
            Value::Flag(self.guarded.as_ref().is_some_and(|guarded| guarded.system)),
            Value::Flag(self.guarded.as_ref().is_none_or(|guarded| guarded.active)),
            Value::MaybeBig(self.saved.map(|at| i64::try_from(at.0).unwrap_or(i64::MAX))),
        ]
    }
}

impl Stored for User {
    const TABLE: Table = table!("users", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::Small(realm_code(self.realm)),
            Value::Text(self.id.clone()),
            Value::Text(settings_text(&self.profile)),
        ]
    }
}

impl Stored for Admin {
    const TABLE: Table = table!("admins", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::Text(self.id.clone()),
            Value::Text(self.email.clone()),
            Value::MaybeText(self.name.clone()),
            Value::Text(self.password.clone()),
            Value::Big(i64::from(self.token_version)),
            Value::Text(settings_text(&self.metadata)),
        ]
    }
}

impl Stored for LinkedSubject {
    const TABLE: Table = table!("linked_subjects", None);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            big(self.link.get()),
            Value::Small(realm_code(self.subject.realm)),
            Value::Text(self.subject.id.clone()),
        ]
    }
}

macro_rules! edge {
    ($kind:ident, $name:literal) => {
        impl Stored for $kind {
            const TABLE: Table = table!($name, None);

            fn key((holder, held): Self::Key) -> Vec<Value> {
                vec![big(holder.get()), big(held.get())]
            }

            fn values(&self) -> Vec<Value> {
                Vec::new()
            }
        }
    };
}

edge!(RolePermission, "role_permissions");
edge!(UserPermission, "user_permissions");
edge!(UserRole, "user_roles");
edge!(GroupMember, "group_members");

impl Stored for Group {
    const TABLE: Table = table!("groups", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::Small(realm_code(self.realm)),
            Value::Text(self.id.clone()),
            Value::MaybeText(self.name.clone()),
            Value::MaybeText(self.kind.clone()),
        ]
    }
}

impl Stored for Password {
    const TABLE: Table = table!("user_passwords", with update);

    fn key(user: Self::Key) -> Vec<Value> {
        vec![big(user.get())]
    }

    fn values(&self) -> Vec<Value> {
        vec![Value::Text(self.hash.clone())]
    }
}

impl Stored for Authorization {
    const TABLE: Table = table!("authorizations", with update);

    fn key(key: Self::Key) -> Vec<Value> {
        vec![big(key.get())]
    }

    fn values(&self) -> Vec<Value> {
        let terms = &self.terms;
        let [user, group] = holder(&terms.holder);
        vec![
            Value::Text(self.id.clone()),
            Value::Small(i16::try_from(self.kind.number()).unwrap_or(i16::MAX)),
            user,
            group,
            Value::Int(terms.resource_type),
            Value::MaybeText(terms.resource_id.clone()),
            Value::Int(i32::try_from(terms.permissions).unwrap_or(i32::MAX)),
        ]
    }
}

/// The two columns of a holder: user and group.
pub(super) fn holder(holder: &Holder) -> [Value; 2] {
    [holder.user_id(), holder.group_id()].map(|id| Value::MaybeText(id.map(str::to_owned)))
}

impl Stored for CamundaSettings {
    const TABLE: Table = table!("camunda_settings", with update);

    fn key((): Self::Key) -> Vec<Value> {
        Vec::new()
    }

    fn values(&self) -> Vec<Value> {
        vec![Value::Text(self.revoke_mode.as_str().to_owned())]
    }
}

/// A namespace read back, with its key and the entry that wrote it last.
pub(crate) fn namespace(row: &Row) -> Result<(NamespaceKey, Namespace, TenantSeq), Error> {
    let namespace = Namespace {
        realm: realm_from_code(get(row, "realm")?)?,
        id: get(row, "id")?,
        identifier: get(row, "identifier")?,
        name: get(row, "name")?,
        settings: settings_from_text(get(row, "settings")?)?,
        system: get(row, "system")?,
        declared: get(row, "declared")?,
    };
    Ok((
        NamespaceKey::from_stored(number(row, "key")?),
        namespace,
        changed(row)?,
    ))
}

/// A permission read back, with its key and the entry that wrote it last.
pub(crate) fn permission(row: &Row) -> Result<(PermissionKey, Permission, TenantSeq), Error> {
    let ordinal: i32 = get(row, "ordinal")?;
    let permission = Permission {
        namespace: NamespaceKey::from_stored(number(row, "namespace_key")?),
        name: get(row, "name")?,
        description: get(row, "description")?,
        ordinal: u32::try_from(ordinal).map_err(|source| Error::Inconsistent {
            what: "ordinal",
            problem: source.to_string(),
        })?,
        id: get(row, "id")?,
        category: get(row, "category")?,
    };
    Ok((
        PermissionKey::from_stored(number(row, "key")?),
        permission,
        changed(row)?,
    ))
}

/// A role read back, with its key and the entry that wrote it last.
pub(crate) fn role(row: &Row) -> Result<(RoleKey, Role, TenantSeq), Error> {
    let role = Role {
        realm: realm_from_code(get(row, "realm")?)?,
        id: get(row, "id")?,
        name: get(row, "name")?,
        description: get(row, "description")?,
        guarded: guarded(row)?,
        saved: maybe_seq(row, "saved_seq")?,
    };
    Ok((
        RoleKey::from_stored(number(row, "key")?),
        role,
        changed(row)?,
    ))
}

fn guarded(row: &Row) -> Result<Option<Guarded>, Error> {
    let Some(guard) = get::<Option<String>>(row, "guard")? else {
        return Ok(None);
    };
    Ok(Some(Guarded {
        guard,
        system: get(row, "system")?,
        active: get(row, "active")?,
    }))
}

/// The number of an entry, if there is one.
pub(super) fn maybe_seq(row: &Row, column: &'static str) -> Result<Option<TenantSeq>, Error> {
    let value: Option<i64> = get(row, column)?;
    let seq = value.map(u64::try_from).transpose();
    seq.map(|seq| seq.map(TenantSeq))
        .map_err(|source| Error::Inconsistent {
            what: column,
            problem: source.to_string(),
        })
}

/// The namespace that stands beside another row, in columns of its own.
pub(super) fn namespace_beside(row: &Row) -> Result<(NamespaceKey, Namespace, TenantSeq), Error> {
    let namespace = Namespace {
        realm: realm_from_code(get(row, "n_realm")?)?,
        id: get(row, "n_id")?,
        identifier: get(row, "n_identifier")?,
        name: get(row, "n_name")?,
        settings: settings_from_text(get(row, "n_settings")?)?,
        system: get(row, "n_system")?,
        declared: get(row, "n_declared")?,
    };
    Ok((
        NamespaceKey::from_stored(number(row, "n_key")?),
        namespace,
        TenantSeq(number(row, "n_changed_seq")?),
    ))
}

/// An admin read back, with its key and the entry that wrote it last.
pub(crate) fn admin(row: &Row) -> Result<(AdminKey, Admin, TenantSeq), Error> {
    let version = number(row, "token_version")?;
    let admin = Admin {
        id: get(row, "id")?,
        email: get(row, "email")?,
        name: get(row, "name")?,
        password: get(row, "password")?,
        token_version: u32::try_from(version).map_err(|source| Error::Inconsistent {
            what: "token_version",
            problem: source.to_string(),
        })?,
        metadata: settings_from_text(get(row, "metadata")?)?,
    };
    Ok((
        AdminKey::from_stored(number(row, "key")?),
        admin,
        changed(row)?,
    ))
}

/// A linked subject read back, with its key and the entry that linked it.
pub(crate) fn linked_subject(
    row: &Row,
) -> Result<(LinkedSubjectKey, LinkedSubject, TenantSeq), Error> {
    let linked = LinkedSubject {
        link: LinkKey::from_stored(number(row, "link_key")?),
        subject: SubjectRef {
            realm: realm_from_code(get(row, "realm")?)?,
            id: get(row, "subject")?,
        },
    };
    Ok((
        LinkedSubjectKey::from_stored(number(row, "key")?),
        linked,
        changed(row)?,
    ))
}

/// A user read back, with its key and the entry that wrote it last.
pub(crate) fn user(row: &Row) -> Result<(UserKey, User, TenantSeq), Error> {
    let user = User {
        realm: realm_from_code(get(row, "realm")?)?,
        id: get(row, "id")?,
        profile: settings_from_text(get(row, "profile")?)?,
    };
    Ok((
        UserKey::from_stored(number(row, "key")?),
        user,
        changed(row)?,
    ))
}

/// A group read back, with its key and the entry that wrote it last.
pub(crate) fn group(row: &Row) -> Result<(GroupKey, Group, TenantSeq), Error> {
    let group = Group {
        realm: realm_from_code(get(row, "realm")?)?,
        id: get(row, "id")?,
        name: get(row, "name")?,
        kind: get(row, "kind")?,
    };
    Ok((
        GroupKey::from_stored(number(row, "key")?),
        group,
        changed(row)?,
    ))
}

/// An authorization read back, with its key and the entry that wrote it last.
pub(crate) fn authorization(
    row: &Row,
) -> Result<(AuthorizationKey, Authorization, TenantSeq), Error> {
    let authorization = Authorization {
        id: get(row, "id")?,
        kind: authorization_kind(row)?,
        terms: AuthorizationTerms {
            holder: holder_of(row)?,
            resource_type: get(row, "resource_type")?,
            resource_id: get(row, "resource_id")?,
            permissions: bits(row)?,
        },
    };
    Ok((
        AuthorizationKey::from_stored(number(row, "key")?),
        authorization,
        changed(row)?,
    ))
}

/// What an authorization does.
pub(crate) fn authorization_kind(row: &Row) -> Result<AuthorizationKind, Error> {
    let number: i16 = get(row, "kind")?;
    AuthorizationKind::from_number(number.into()).ok_or_else(|| Error::Inconsistent {
        what: "kind",
        problem: format!("{number} is none"),
    })
}

/// Whose an authorization is.
pub(crate) fn holder_of(row: &Row) -> Result<Holder, Error> {
    match (get(row, "user_id")?, get(row, "group_id")?) {
        (Some(user), None) => Ok(Holder::User { user }),
        (None, Some(group)) => Ok(Holder::Group { group }),
        (Some(_), Some(_)) | (None, None) => Err(Error::Inconsistent {
            what: "user_id",
            problem: "it is not the one holder".to_owned(),
        }),
    }
}

/// An authorization's bits.
pub(crate) fn bits(row: &Row) -> Result<u32, Error> {
    let bits: i32 = get(row, "permissions")?;
    u32::try_from(bits).map_err(|source| Error::Inconsistent {
        what: "permissions",
        problem: source.to_string(),
    })
}

/// How Camunda's rules are to be read, and the entry that said so.
pub(crate) fn camunda_settings(row: &Row) -> Result<(CamundaSettings, TenantSeq), Error> {
    let revoke_mode = revoke_mode(get(row, "revoke_mode")?)?;
    Ok((CamundaSettings { revoke_mode }, changed(row)?))
}

/// A revoke mode by its name.
pub(crate) fn revoke_mode(name: &str) -> Result<RevokeMode, Error> {
    RevokeMode::from_name(name).ok_or_else(|| Error::Inconsistent {
        what: "revoke_mode",
        problem: format!("{name:?} is none"),
    })
}

/// The entry that wrote a row last.
pub(crate) fn changed(row: &Row) -> Result<TenantSeq, Error> {
    number(row, "changed_seq").map(TenantSeq)
}
