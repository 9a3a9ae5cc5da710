//! Loading what a batch touches: one statement a kind of key, all in one round trip.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use tokio_postgres::Row;
use uuid::Uuid;
use writ_domain::state::{Cancelled, KeyUse, Lookup, RolePermission, UserPermission, UserRole};
use writ_domain::{
    Counted, GenericUuid as _, Key, NamespaceKey, PermissionKey, Realm, RoleKey, State, TenantId,
    TenantSeq, UserKey,
};

use super::columns::{Columns, Value};
use super::rows::{self, get, maybe_seq, number};
use super::session::Session;
use crate::Error;
use crate::codes::{noun_kind_code, realm_code};

/// Something to load, and whose.
pub type Wanted = (TenantId, Key);

/// What is known of each tenant.
pub(crate) type States = BTreeMap<TenantId, State>;

/// Keys of one kind, as the statement that loads them takes them.
#[derive(Debug, Default)]
struct Group {
    columns: Columns,
    wanted: Vec<Wanted>,
}

/// The statement that loads a key, and the key as a row of its parameters.
#[expect(clippy::too_many_lines, reason = "flat: an arm a key")]
fn row_of(tenant: &TenantId, key: &Key) -> (&'static str, Vec<Value>) {
    let t = Value::Text(tenant.as_str().to_owned());
    let r = |realm: &Realm| Value::Small(realm_code(*realm));
    let s = |text: &String| Value::Text(text.clone());
    match key {
        Key::Api { realm, handle } | Key::ApiPermissions { realm, handle } => {
            ("load/apis", vec![t, r(realm), s(handle)])
        }
        Key::Permission { realm, permission } => (
            "load/permissions",
            vec![t, r(realm), s(&permission.api), s(&permission.name)],
        ),
        Key::Role { realm, role } => ("load/roles", vec![t, r(realm), s(role)]),
        Key::RoleNamed { realm, name } => ("load/role_names", vec![t, r(realm), s(name)]),
        Key::User { realm, user } => ("load/users", vec![t, r(realm), s(user)]),
        Key::RolePermission {
            realm,
            role,
            permission,
        } => (
            "load/role_permissions",
            vec![
                t,
                r(realm),
                s(role),
                s(&permission.api),
                s(&permission.name),
            ],
        ),
        Key::UserPermission {
            realm,
            user,
            permission,
        } => (
            "load/user_permissions",
            vec![
                t,
                r(realm),
                s(user),
                s(&permission.api),
                s(&permission.name),
            ],
        ),
        Key::UserRole { realm, user, role } => {
            ("load/user_roles", vec![t, r(realm), s(user), s(role)])
        }
        Key::Apis { realm } => ("load/namespaces", vec![t, r(realm)]),
        Key::PermissionId { realm, permission } => {
            ("load/permission_ids", vec![t, r(realm), s(permission)])
        }
        Key::GuardRole { realm, guard, name } => {
            ("load/guard_roles", vec![t, r(realm), s(guard), s(name)])
        }
        Key::RoleHoldings { realm, role } => ("load/role_holdings", vec![t, r(realm), s(role)]),
        Key::Admin { admin } => ("load/admins", vec![t, s(admin)]),
        Key::AdminEmail { email } => ("load/admin_emails", vec![t, s(email)]),
        Key::Linked { subject } => ("load/links", vec![t, r(&subject.realm), s(&subject.id)]),
        Key::Count(what) => count_row(t, what),
        Key::LastChanged(noun) => {
            let kind = Value::Small(noun_kind_code(noun.kind));
            (
                "load/last_changed",
                vec![t, r(&noun.realm), kind, s(&noun.id)],
            )
        }
        Key::Command(command) => (
            "load/commands",
            vec![t, Value::MaybeUuid(Some(command.into_untyped_uuid()))],
        ),
        Key::IdempotencyKey { caller, key } => {
            ("load/idempotency_keys", vec![t, s(caller), s(key)])
        }
    }
}

/// The statement that counts, and what it counts as a row of its parameters.
fn count_row(tenant: Value, what: &Counted) -> (&'static str, Vec<Value>) {
    let (statement, realm, holder) = match what {
        Counted::Apis(realm) => ("load/count_apis", realm, None),
        Counted::Roles(realm) => ("load/count_roles", realm, None),
        Counted::RolePermissions(realm, role) => ("load/count_role_permissions", realm, Some(role)),
        Counted::UserPermissions(realm, user) => ("load/count_user_permissions", realm, Some(user)),
        Counted::UserRoles(realm, user) => ("load/count_user_roles", realm, Some(user)),
        Counted::Admins => return ("load/count_admins", vec![tenant]),
    };
    let mut row = vec![tenant, Value::Small(realm_code(*realm))];
    row.extend(holder.map(|id| Value::Text(id.clone())));
    (statement, row)
}

impl Session {
    /// Loads keys into the states of their tenants. Counts MUST be asked for only while the store
    /// holds all that those states have settled.
    pub(crate) async fn load(&self, wanted: Vec<Wanted>, states: &mut States) -> Result<(), Error> {
        let mut lists: Vec<Wanted> = Vec::new();
        let mut first: Vec<Wanted> = Vec::new();
        for (tenant, key) in wanted {
            if let Key::ApiPermissions { realm, handle } = &key {
                // The list of an API's permissions is found by the API's key: the API comes first.
                let api = Key::Api {
                    realm: *realm,
                    handle: handle.clone(),
                };
                first.push((tenant.clone(), api));
                lists.push((tenant, key));
            } else {
                first.push((tenant, key));
            }
        }
        self.load_groups(first, states).await?;
        if lists.is_empty() {
            return Ok(());
        }
        self.load_lists(&lists, states).await
    }

    async fn load_groups(&self, wanted: Vec<Wanted>, states: &mut States) -> Result<(), Error> {
        let mut groups: BTreeMap<&'static str, Group> = BTreeMap::new();
        for (tenant, key) in wanted {
            let (statement, row) = row_of(&tenant, &key);
            let group = groups.entry(statement).or_default();
            group.columns.push(row);
            group.wanted.push((tenant, key));
        }
        let loaded = try_join_all(groups.iter().map(async |(statement, group)| {
            Ok::<_, Error>((group, self.query(statement, &group.columns).await?))
        }))
        .await?;
        // SUBTLE: nouns before edges and counts, which are learned by the keys of the nouns.
        let (late, early): (Vec<_>, Vec<_>) = loaded
            .into_iter()
            .partition(|(group, _)| group.is_learned_late());
        for (group, found) in early.into_iter().chain(late) {
            group.learn(&found, states)?;
        }
        Ok(())
    }

    async fn load_lists(&self, lists: &[Wanted], states: &mut States) -> Result<(), Error> {
        let mut columns = Columns::default();
        let mut namespaces: Vec<(TenantId, NamespaceKey)> = Vec::new();
        for (tenant, key) in lists {
            let Key::ApiPermissions { realm, handle } = key else {
                continue;
            };
            let state = states.entry(tenant.clone()).or_default();
            if let Some(namespace) = state.namespace_of(*realm, handle) {
                columns.push([
                    Value::Text(tenant.as_str().to_owned()),
                    rows::big(namespace.get()),
                ]);
                namespaces.push((tenant.clone(), namespace));
            }
        }
        for row in self.query("load/api_permissions", &columns).await? {
            let (tenant, _) = of(&namespaces, &row)?;
            let (key, permission, changed) = rows::permission(&row)?;
            states
                .entry(tenant.clone())
                .or_default()
                .learn_row(key, permission, changed);
        }
        for (tenant, namespace) in namespaces {
            states.entry(tenant).or_default().learn_full(namespace);
        }
        Ok(())
    }

    /// The newest `tenant_seq` of each tenant; zero where it has none.
    pub(crate) async fn load_heads(
        &self,
        tenants: &[TenantId],
    ) -> Result<BTreeMap<TenantId, TenantSeq>, Error> {
        let mut columns = Columns::default();
        let mut heads = BTreeMap::new();
        for tenant in tenants {
            columns.push([Value::Text(tenant.as_str().to_owned())]);
            heads.insert(tenant.clone(), TenantSeq::ZERO);
        }
        for row in self.query("load/heads", &columns).await? {
            let tenant = of(tenants, &row)?;
            heads.insert(tenant.clone(), TenantSeq(number(&row, "tenant_seq")?));
        }
        Ok(heads)
    }

    async fn query(&self, statement: &'static str, columns: &Columns) -> Result<Vec<Row>, Error> {
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let prepared = self.statements.get(statement)?;
        self.client
            .query(prepared, &columns.parameters())
            .await
            .map_err(Error::statement(statement))
    }
}

/// The element that a row's `ord` (from 1) points at.
fn of<'a, T>(wanted: &'a [T], row: &Row) -> Result<&'a T, Error> {
    let ord = number(row, "ord")?;
    usize::try_from(ord)
        .ok()
        .and_then(|ord| wanted.get(ord.checked_sub(1)?))
        .ok_or_else(|| Error::Inconsistent {
            what: "ord",
            problem: format!("{ord} is none"),
        })
}

impl Group {
    fn is_learned_late(&self) -> bool {
        self.wanted.iter().any(|(_, key)| match key {
            Key::Permission { .. }
            | Key::RolePermission { .. }
            | Key::UserPermission { .. }
            | Key::UserRole { .. }
            | Key::RoleHoldings { .. }
            | Key::Count(_) => true,
            Key::Api { .. }
            | Key::ApiPermissions { .. }
            | Key::Role { .. }
            | Key::RoleNamed { .. }
            | Key::User { .. }
            | Key::Apis { .. }
            | Key::PermissionId { .. }
            | Key::GuardRole { .. }
            | Key::Admin { .. }
            | Key::AdminEmail { .. }
            | Key::Linked { .. }
            | Key::LastChanged(_)
            | Key::Command(_)
            | Key::IdempotencyKey { .. } => false,
        })
    }

    /// Learns what was found, then that what was not found is absent.
    fn learn(&self, found: &[Row], states: &mut States) -> Result<(), Error> {
        for row in found {
            let (tenant, key) = of(&self.wanted, row)?;
            learn_row(states.entry(tenant.clone()).or_default(), key, row)?;
        }
        for (tenant, key) in &self.wanted {
            learn_absence(states.entry(tenant.clone()).or_default(), key);
        }
        Ok(())
    }
}

#[expect(clippy::too_many_lines, reason = "flat: an arm a key")]
fn learn_row(state: &mut State, key: &Key, row: &Row) -> Result<(), Error> {
    match key {
        Key::Api { .. } | Key::ApiPermissions { .. } | Key::Apis { .. } => {
            let (key, namespace, changed) = rows::namespace(row)?;
            state.learn_row(key, namespace, changed);
        }
        Key::Permission { .. } => {
            let (key, permission, changed) = rows::permission(row)?;
            state.learn_row(key, permission, changed);
        }
        Key::Role { .. } => {
            let (key, role, changed) = rows::role(row)?;
            state.learn_row(key, role, changed);
        }
        Key::RoleNamed { realm, name } => {
            let role = RoleKey::from_stored(number(row, "key")?);
            state.learn_role_name(*realm, name.clone(), role);
        }
        Key::User { .. } => {
            let (key, user, changed) = rows::user(row)?;
            state.learn_row(key, user, changed);
        }
        Key::RolePermission { .. } => {
            let (holder, held, at) = edge(row)?;
            let key = (
                RoleKey::from_stored(holder),
                PermissionKey::from_stored(held),
            );
            state.learn_edge(key, RolePermission, at);
        }
        Key::UserPermission { .. } => {
            let (holder, held, at) = edge(row)?;
            let key = (
                UserKey::from_stored(holder),
                PermissionKey::from_stored(held),
            );
            state.learn_edge(key, UserPermission, at);
        }
        Key::UserRole { .. } => {
            let (holder, held, at) = edge(row)?;
            let key = (UserKey::from_stored(holder), RoleKey::from_stored(held));
            state.learn_edge(key, UserRole, at);
        }
        Key::PermissionId { .. } => learn_with_namespace(state, row)?,
        Key::GuardRole { realm, guard, name } => {
            let role = RoleKey::from_stored(number(row, "key")?);
            state.learn_guard_role(*realm, guard.clone(), name.clone(), role);
        }
        Key::RoleHoldings { .. } => {
            learn_with_namespace(state, row)?;
            let role = RoleKey::from_stored(number(row, "holder_key")?);
            let held = PermissionKey::from_stored(number(row, "held_key")?);
            let at = maybe_seq(row, "edge_changed_seq")?;
            state.learn_edge((role, held), RolePermission, at);
        }
        Key::Admin { .. } | Key::AdminEmail { .. } => {
            let (key, admin, changed) = rows::admin(row)?;
            state.learn_row(key, admin, changed);
        }
        Key::Linked { .. } => {
            let (key, linked, changed) = rows::linked_subject(row)?;
            state.learn_row(key, linked, changed);
        }
        Key::Count(what) => state.learn_count(what, number(row, "counted")?),
        Key::LastChanged(noun) => {
            state.learn_last_changed(noun.clone(), TenantSeq(number(row, "tenant_seq")?));
        }
        Key::Command(command) => {
            state.learn_command(*command, maybe_seq(row, "decided_at")?);
            state.learn_edge(*command, Cancelled, maybe_seq(row, "cancelled_at")?);
        }
        Key::IdempotencyKey { caller, key } => {
            let fingerprint: &[u8] = get(row, "fingerprint")?;
            let fingerprint = fingerprint
                .try_into()
                .map_err(|_source| Error::Inconsistent {
                    what: "fingerprint",
                    problem: "it is not 32 bytes".to_owned(),
                })?;
            let entry = TenantSeq(number(row, "tenant_seq")?);
            let used = KeyUse {
                fingerprint,
                entry,
                time: get(row, "log_time")?,
            };
            state.learn_idempotency_key(caller.clone(), key.clone(), Some(used));
        }
    }
    Ok(())
}

/// A permission with the namespace that it is in.
fn learn_with_namespace(state: &mut State, row: &Row) -> Result<(), Error> {
    let (key, namespace, changed) = rows::namespace_beside(row)?;
    state.learn_row(key, namespace, changed);
    let (key, permission, changed) = rows::permission(row)?;
    state.learn_row(key, permission, changed);
    Ok(())
}

fn learn_absence(state: &mut State, key: &Key) {
    match key {
        Key::Api { realm, handle } | Key::ApiPermissions { realm, handle } => {
            state.learn_absent(Lookup::NamespaceId(*realm, handle.clone()));
            state.learn_absent(Lookup::NamespaceIdentifier(*realm, handle.clone()));
        }
        Key::Permission { realm, permission } => {
            if let Some(namespace) = state.namespace_identified(*realm, &permission.api) {
                state.learn_absent(Lookup::Permission(namespace, permission.name.clone()));
            }
        }
        Key::Role { realm, role } => state.learn_absent(Lookup::RoleId(*realm, role.clone())),
        Key::RoleNamed { realm, name } => {
            state.learn_absent(Lookup::RoleName(*realm, name.clone()));
        }
        Key::User { realm, user } => state.learn_absent(Lookup::UserId(*realm, user.clone())),
        Key::Apis { realm } => state.learn_full_realm(*realm),
        Key::PermissionId { permission, .. } => {
            state.learn_absent(Lookup::PermissionId(permission.clone()));
        }
        Key::GuardRole { realm, guard, name } => {
            state.learn_absent(Lookup::GuardRole(*realm, guard.clone(), name.clone()));
        }
        Key::RoleHoldings { realm, role } => state.learn_full_role(*realm, role),
        Key::Admin { admin } => state.learn_absent(Lookup::AdminId(admin.clone())),
        Key::AdminEmail { email } => state.learn_absent(Lookup::AdminEmail(email.clone())),
        Key::Linked { subject } => {
            state.learn_absent(Lookup::Linked(subject.realm, subject.id.clone()));
        }
        Key::LastChanged(noun) => state.learn_last_changed(noun.clone(), TenantSeq::ZERO),
        Key::IdempotencyKey { caller, key } => {
            state.learn_idempotency_key(caller.clone(), key.clone(), None);
        }
        // An edge whose ends are there comes back as a row in any case; so do counts of holders
        // that are there, and commands.
        Key::RolePermission { .. }
        | Key::UserPermission { .. }
        | Key::UserRole { .. }
        | Key::Count(_)
        | Key::Command(_) => {}
    }
}

fn edge(row: &Row) -> Result<(u64, u64, Option<TenantSeq>), Error> {
    let at = maybe_seq(row, "changed_seq")?;
    Ok((number(row, "holder_key")?, number(row, "held_key")?, at))
}

/// A command id as it is stored.
pub(super) fn uuid_of(command: writ_domain::CommandId) -> Uuid {
    command.into_untyped_uuid()
}
