//! The digest over live rows, read from the views or from the open rows of their history, in one
//! snapshot with the cursor.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row, Transaction};
use writ_domain::state::Password;
use writ_domain::{
    GroupKey, Offset, Partition, PermissionKey, RoleKey, Seq, TenantId, TenantSeq, UserKey,
};
use writ_envelope::Hash;
use writ_envelope::digest::{Digest, OutOfOrder};

use crate::ledger::rows::{self, number};
use crate::rebuild::READ_LOCK;
use crate::{Error, Store};

/// The digests of a partition's tenants, and where they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// The last seq decided.
    pub seq: Seq,
    /// The first offset that is not decided.
    pub next_offset: Offset,
    /// The chain hash at `seq`.
    pub chain: Vec<u8>,
    /// Where each tenant stands.
    pub heads: BTreeMap<TenantId, TenantSeq>,
    /// Each tenant's digest over the views.
    pub views: BTreeMap<TenantId, Hash>,
    /// Each tenant's digest over the open rows of history. MUST equal `views`.
    pub history: BTreeMap<TenantId, Hash>,
}

struct Sql {
    namespaces: &'static str,
    permissions: &'static str,
    roles: &'static str,
    users: &'static str,
    role_permissions: &'static str,
    user_permissions: &'static str,
    user_roles: &'static str,
    groups: &'static str,
    user_passwords: &'static str,
    group_members: &'static str,
    authorizations: &'static str,
    camunda_settings: &'static str,
    admins: &'static str,
    linked_subjects: &'static str,
}

const VIEWS: Sql = Sql {
    namespaces: include_str!("namespaces.sql"),
    permissions: include_str!("permissions.sql"),
    roles: include_str!("roles.sql"),
    users: include_str!("users.sql"),
    role_permissions: include_str!("role_permissions.sql"),
    user_permissions: include_str!("user_permissions.sql"),
    user_roles: include_str!("user_roles.sql"),
    groups: include_str!("groups.sql"),
    user_passwords: include_str!("user_passwords.sql"),
    group_members: include_str!("group_members.sql"),
    authorizations: include_str!("authorizations.sql"),
    camunda_settings: include_str!("camunda_settings.sql"),
    admins: include_str!("admins.sql"),
    linked_subjects: include_str!("linked_subjects.sql"),
};

const HISTORY: Sql = Sql {
    namespaces: include_str!("history_namespaces.sql"),
    permissions: include_str!("history_permissions.sql"),
    roles: include_str!("history_roles.sql"),
    users: include_str!("history_users.sql"),
    role_permissions: include_str!("history_role_permissions.sql"),
    user_permissions: include_str!("history_user_permissions.sql"),
    user_roles: include_str!("history_user_roles.sql"),
    groups: include_str!("history_groups.sql"),
    user_passwords: include_str!("history_user_passwords.sql"),
    group_members: include_str!("history_group_members.sql"),
    authorizations: include_str!("history_authorizations.sql"),
    camunda_settings: include_str!("history_camunda_settings.sql"),
    admins: include_str!("history_admins.sql"),
    linked_subjects: include_str!("history_linked_subjects.sql"),
};

impl Store {
    /// The digests of a partition in one snapshot.
    pub async fn digests(&self, partition: Partition) -> Result<Digests, Error> {
        let mut client = self.client().await?;
        on(&mut client, partition).await
    }
}

/// The digests of a partition in one snapshot, over the views that this connection's names mean.
pub(crate) async fn on(
    client: &mut tokio_postgres::Client,
    partition: Partition,
) -> Result<Digests, Error> {
    let failed = Error::statement("store.digest");
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(failed)?;
    // Before the first query, which takes the snapshot.
    snapshot.batch_execute(READ_LOCK).await.map_err(failed)?;
    let partition = i32::from(partition.0);
    let cursor = snapshot
        .query_one(include_str!("cursor.sql"), &[&partition])
        .await
        .map_err(failed)?;
    let mut heads = BTreeMap::new();
    for row in snapshot
        .query(include_str!("tenants.sql"), &[&partition])
        .await
        .map_err(failed)?
    {
        let tenant = TenantId::from_stored(rows::get(&row, "tenant")?);
        let tenant = tenant.map_err(|source| Error::Inconsistent {
            what: "tenant",
            problem: source.to_string(),
        })?;
        heads.insert(tenant, TenantSeq(number(&row, "tenant_seq")?));
    }
    let mut views = BTreeMap::new();
    let mut history = BTreeMap::new();
    for tenant in heads.keys() {
        views.insert(tenant.clone(), digest(&snapshot, tenant, &VIEWS).await?);
        history.insert(tenant.clone(), digest(&snapshot, tenant, &HISTORY).await?);
    }
    Ok(Digests {
        seq: Seq(number(&cursor, "seq")?),
        next_offset: Offset(number(&cursor, "next_offset")?),
        chain: rows::get(&cursor, "chain")?,
        heads,
        views,
        history,
    })
}

async fn digest(snapshot: &Transaction<'_>, tenant: &TenantId, sql: &Sql) -> Result<Hash, Error> {
    let mut digest = Digest::new(tenant);
    each(snapshot, sql.namespaces, tenant, |row| {
        let (key, namespace, changed) = rows::namespace(row)?;
        digest
            .namespace(key, &namespace, changed)
            .map_err(unordered)
    })
    .await?;
    each(snapshot, sql.permissions, tenant, |row| {
        let (key, permission, changed) = rows::permission(row)?;
        digest
            .permission(key, &permission, changed)
            .map_err(unordered)
    })
    .await?;
    each(snapshot, sql.roles, tenant, |row| {
        let (key, role, changed) = rows::role(row)?;
        digest.role(key, &role, changed).map_err(unordered)
    })
    .await?;
    each(snapshot, sql.users, tenant, |row| {
        let (key, user, changed) = rows::user(row)?;
        digest.user(key, &user, changed).map_err(unordered)
    })
    .await?;
    each(snapshot, sql.role_permissions, tenant, |row| {
        let (holder, held, changed) = edge(row)?;
        let (role, permission) = (
            RoleKey::from_stored(holder),
            PermissionKey::from_stored(held),
        );
        digest
            .role_permission(role, permission, changed)
            .map_err(unordered)
    })
    .await?;
    each(snapshot, sql.user_permissions, tenant, |row| {
        let (holder, held, changed) = edge(row)?;
        let (user, permission) = (
            UserKey::from_stored(holder),
            PermissionKey::from_stored(held),
        );
        digest
            .user_permission(user, permission, changed)
            .map_err(unordered)
    })
    .await?;
    each(snapshot, sql.user_roles, tenant, |row| {
        let (holder, held, changed) = edge(row)?;
        let (user, role) = (UserKey::from_stored(holder), RoleKey::from_stored(held));
        digest.user_role(user, role, changed).map_err(unordered)
    })
    .await?;
    camunda(snapshot, tenant, sql, &mut digest).await?;
    each(snapshot, sql.admins, tenant, |row| {
        let (key, admin, changed) = rows::admin(row)?;
        digest.admin(key, &admin, changed).map_err(unordered)
    })
    .await?;
    each(snapshot, sql.linked_subjects, tenant, |row| {
        let (key, linked, changed) = rows::linked_subject(row)?;
        digest
            .linked_subject(key, &linked, changed)
            .map_err(unordered)
    })
    .await?;
    Ok(digest.finish())
}

async fn camunda(
    snapshot: &Transaction<'_>,
    tenant: &TenantId,
    sql: &Sql,
    digest: &mut Digest,
) -> Result<(), Error> {
    each(snapshot, sql.groups, tenant, |row| {
        let (key, group, changed) = rows::group(row)?;
        digest.group(key, &group, changed).map_err(unordered)
    })
    .await?;
    each(snapshot, sql.user_passwords, tenant, |row| {
        let user = UserKey::from_stored(number(row, "user_key")?);
        let hash = rows::get(row, "hash")?;
        digest
            .password(user, &Password { hash }, rows::changed(row)?)
            .map_err(unordered)
    })
    .await?;
    each(snapshot, sql.group_members, tenant, |row| {
        let (holder, held, changed) = edge(row)?;
        let (user, group) = (UserKey::from_stored(holder), GroupKey::from_stored(held));
        digest.group_member(user, group, changed).map_err(unordered)
    })
    .await?;
    each(snapshot, sql.authorizations, tenant, |row| {
        let (key, authorization, changed) = rows::authorization(row)?;
        digest
            .authorization(key, &authorization, changed)
            .map_err(unordered)
    })
    .await?;
    each(snapshot, sql.camunda_settings, tenant, |row| {
        let (settings, changed) = rows::camunda_settings(row)?;
        digest
            .camunda_settings(settings, changed)
            .map_err(unordered)
    })
    .await
}

/// Streams rows, one at a time in memory.
async fn each(
    snapshot: &Transaction<'_>,
    statement: &'static str,
    tenant: &TenantId,
    mut take: impl FnMut(&Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = Error::statement("store.digest");
    let parameters: [&(dyn ToSql + Sync); 1] = [&tenant.as_str()];
    let rows = snapshot
        .query_raw(statement, parameters)
        .await
        .map_err(failed)?;
    let mut rows = core::pin::pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        take(&row)?;
    }
    Ok(())
}

fn edge(row: &Row) -> Result<(u64, u64, TenantSeq), Error> {
    Ok((
        number(row, "holder_key")?,
        number(row, "held_key")?,
        rows::changed(row)?,
    ))
}

fn unordered(error: OutOfOrder) -> Error {
    Error::Inconsistent {
        what: "order of rows",
        problem: error.to_string(),
    }
}
