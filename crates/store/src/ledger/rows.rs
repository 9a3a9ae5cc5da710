//! How each kind of row is written, and read back.

use tokio_postgres::Row;
use writ_domain::state::{Kind, RolePermission, UserPermission, UserRole};
use writ_domain::{
    Namespace, NamespaceKey, Permission, PermissionKey, Role, RoleKey, TenantSeq, User, UserKey,
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
    };
    Ok((
        RoleKey::from_stored(number(row, "key")?),
        role,
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

/// The entry that wrote a row last.
pub(crate) fn changed(row: &Row) -> Result<TenantSeq, Error> {
    number(row, "changed_seq").map(TenantSeq)
}
