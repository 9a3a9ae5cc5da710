//! What Nest Auth's console shows: permissions, roles, guards and admins.
//!
//! Times are those of the entries that made and last changed a row: nothing here asks a clock.
//! When an admin signed in last is the one thing that no entry says ([`Store::note_admin_login`]).

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use writ_domain::{AdminKey, Realm, Settings, TenantId, TenantSeq, guard_place};

use super::page::{column, unsigned_column};
use crate::codes::{realm_code, settings_from_text};
use crate::{Error, Store};

const REALM: Realm = Realm::NestAuth;

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestPermission {
    /// Its public id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its guard.
    pub guard: String,
    /// What it allows.
    pub description: Option<String>,
    /// What it is listed under.
    pub category: Option<String>,
    /// When the entry was that made it.
    pub created_at: DateTime<Utc>,
    /// When the entry was that changed it last.
    pub updated_at: DateTime<Utc>,
}

/// Which permissions are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NestFilter<'a> {
    /// A pattern of `LIKE` that the name or the description fits.
    pub pattern: Option<&'a str>,
    /// What they are listed under.
    pub category: Option<&'a str>,
    /// Their guard.
    pub guard: Option<&'a str>,
    /// At most so many.
    pub limit: Option<i64>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestRole {
    /// Its public id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its guard.
    pub guard: String,
    /// Whether it is the host's own.
    pub system: bool,
    /// Whether its holders have it.
    pub active: bool,
    /// The names of its permissions, in no order that means anything.
    pub permissions: Vec<String>,
    /// When the entry was that made it.
    pub created_at: DateTime<Utc>,
    /// When the entry was that saved it last.
    pub updated_at: DateTime<Utc>,
}

/// An admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestAdmin {
    /// Its key.
    pub key: AdminKey,
    /// Its public id.
    pub id: String,
    /// Its e-mail address.
    pub email: String,
    /// Its name.
    pub name: Option<String>,
    /// The text of an argon2id hash.
    pub password: String,
    /// The version of its sessions.
    pub token_version: u64,
    /// Free fields.
    pub metadata: Settings,
    /// When it signed in last.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When the entry was that made it.
    pub created_at: DateTime<Utc>,
    /// When the entry was that changed it last.
    pub changed_at: DateTime<Utc>,
}

/// A statement and its name.
type Named = (&'static str, &'static str);

macro_rules! named {
    ($name:literal) => {
        (
            concat!("store.reads.nestauth.", $name),
            include_str!(concat!($name, ".sql")),
        )
    };
}

const GET: Named = named!("get");
const GET_AT: Named = named!("get_at");
const LIST: Named = named!("list");
const GUARDS_USED: Named = named!("guards_used");
const CATEGORIES: Named = named!("categories");
const GUARDS: Named = named!("guards");
const KNOWN_NAMES: Named = named!("known_names");
const ROLES: Named = named!("roles");
const ROLE_AT: Named = named!("role_at");
const ADMIN: Named = named!("admin");
const ADMIN_BY_EMAIL: Named = named!("admin_by_email");
const ANY_ADMIN: Named = named!("any_admin");
const NOTE_LOGIN: Named = named!("note_login");

impl Store {
    async fn ask(
        &self,
        (name, sql): Named,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        let failed = Error::statement(name);
        let client = self.client().await?;
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        client.query(&statement, parameters).await.map_err(failed)
    }

    /// The permission of this id.
    pub async fn nest_permission(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Option<NestPermission>, Error> {
        let realm = realm_code(REALM);
        let rows = self.ask(GET, &[&tenant.as_str(), &realm, &id]).await?;
        rows.first().map(permission).transpose()
    }

    /// The permission of this id as it was after entry `at`.
    pub async fn nest_permission_at(
        &self,
        tenant: &TenantId,
        id: &str,
        at: TenantSeq,
    ) -> Result<Option<NestPermission>, Error> {
        let (realm, at) = (realm_code(REALM), super::nouns::bound(at));
        let rows = self
            .ask(GET_AT, &[&tenant.as_str(), &realm, &id, &at])
            .await?;
        rows.first().map(permission).transpose()
    }

    /// Permissions by the bytes of their names.
    pub async fn nest_permissions(
        &self,
        tenant: &TenantId,
        filter: NestFilter<'_>,
    ) -> Result<Vec<NestPermission>, Error> {
        let rows = self
            .ask(
                LIST,
                &[
                    /* $1 tenant   */ &tenant.as_str(),
                    /* $2 realm    */ &realm_code(REALM),
                    /* $3 pattern  */ &filter.pattern,
                    /* $4 category */ &filter.category,
                    /* $5 guard    */ &filter.guard,
                    /* $6 limit    */ &filter.limit,
                ],
            )
            .await?;
        rows.iter().map(permission).collect()
    }

    /// The guards that hold a permission, in no order.
    pub async fn nest_guards_used(&self, tenant: &TenantId) -> Result<Vec<String>, Error> {
        let realm = realm_code(REALM);
        let rows = self.ask(GUARDS_USED, &[&tenant.as_str(), &realm]).await?;
        rows.iter().map(|row| column(row, "value")).collect()
    }

    /// What permissions are listed under, in no order.
    pub async fn nest_categories(&self, tenant: &TenantId) -> Result<Vec<String>, Error> {
        let realm = realm_code(REALM);
        let rows = self.ask(CATEGORIES, &[&tenant.as_str(), &realm]).await?;
        rows.iter().map(|row| column(row, "value")).collect()
    }

    /// The guards that are configured, the default one first.
    pub async fn nest_guards(&self, tenant: &TenantId) -> Result<Vec<String>, Error> {
        let realm = realm_code(REALM);
        let mut placed = Vec::new();
        for row in &self.ask(GUARDS, &[&tenant.as_str(), &realm]).await? {
            let settings = settings_from_text(column(row, "settings")?)?;
            if let Some(place) = guard_place(&settings) {
                placed.push((place, column::<String>(row, "identifier")?));
            }
        }
        placed.sort();
        Ok(placed.into_iter().map(|(_, guard)| guard).collect())
    }

    /// Those of these names that a guard has permissions of.
    pub async fn nest_known_names(
        &self,
        tenant: &TenantId,
        guard: &str,
        names: &[String],
    ) -> Result<Vec<String>, Error> {
        let realm = realm_code(REALM);
        let rows = self
            .ask(KNOWN_NAMES, &[&tenant.as_str(), &realm, &guard, &names])
            .await?;
        rows.iter().map(|row| column(row, "value")).collect()
    }

    /// Roles by the bytes of their names: all, or those of a guard, or the host's own.
    pub async fn nest_roles(
        &self,
        tenant: &TenantId,
        guard: Option<&str>,
        system: bool,
    ) -> Result<Vec<NestRole>, Error> {
        let realm = realm_code(REALM);
        let rows = self
            .ask(ROLES, &[&tenant.as_str(), &realm, &guard, &system])
            .await?;
        rows.iter().map(role).collect()
    }

    /// The role of this id as it was after entry `at`.
    pub async fn nest_role_at(
        &self,
        tenant: &TenantId,
        id: &str,
        at: TenantSeq,
    ) -> Result<Option<NestRole>, Error> {
        let (realm, at) = (realm_code(REALM), super::nouns::bound(at));
        let rows = self
            .ask(ROLE_AT, &[&tenant.as_str(), &realm, &id, &at])
            .await?;
        rows.first().map(role).transpose()
    }

    /// The admin of this id.
    pub async fn nest_admin(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Option<NestAdmin>, Error> {
        let rows = self.ask(ADMIN, &[&tenant.as_str(), &id]).await?;
        rows.first().map(admin).transpose()
    }

    /// The admin of this e-mail address, in lower case.
    pub async fn nest_admin_by_email(
        &self,
        tenant: &TenantId,
        email: &str,
    ) -> Result<Option<NestAdmin>, Error> {
        let rows = self
            .ask(ADMIN_BY_EMAIL, &[&tenant.as_str(), &email])
            .await?;
        rows.first().map(admin).transpose()
    }

    /// Whether there is an admin.
    pub async fn nest_has_admin(&self, tenant: &TenantId) -> Result<bool, Error> {
        let rows = self.ask(ANY_ADMIN, &[&tenant.as_str()]).await?;
        rows.first().map_or(Ok(false), |row| column(row, "found"))
    }

    /// Remembers when an admin signed in. This is no command: nobody's rights depend on it.
    pub async fn note_admin_login(
        &self,
        tenant: &TenantId,
        admin: AdminKey,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let key = i64::try_from(admin.get()).unwrap_or(i64::MAX);
        self.ask(NOTE_LOGIN, &[&tenant.as_str(), &key, &at]).await?;
        Ok(())
    }
}

fn permission(row: &Row) -> Result<NestPermission, Error> {
    Ok(NestPermission {
        id: column(row, "id")?,
        name: column(row, "name")?,
        guard: column(row, "guard")?,
        description: column(row, "description")?,
        category: column(row, "category")?,
        created_at: column(row, "created_at")?,
        updated_at: column(row, "updated_at")?,
    })
}

fn role(row: &Row) -> Result<NestRole, Error> {
    Ok(NestRole {
        id: column(row, "id")?,
        name: column(row, "name")?,
        guard: column(row, "guard")?,
        system: column(row, "system")?,
        active: column(row, "active")?,
        permissions: column(row, "permissions")?,
        created_at: column(row, "created_at")?,
        updated_at: column(row, "updated_at")?,
    })
}

fn admin(row: &Row) -> Result<NestAdmin, Error> {
    Ok(NestAdmin {
        key: AdminKey::from_stored(unsigned_column(row, "key")?),
        id: column(row, "id")?,
        email: column(row, "email")?,
        name: column(row, "name")?,
        password: column(row, "password")?,
        token_version: unsigned_column(row, "token_version")?,
        metadata: settings_from_text(column(row, "metadata")?)?,
        last_login_at: column(row, "last_login_at")?,
        created_at: column(row, "created_at")?,
        changed_at: column(row, "changed_at")?,
    })
}
