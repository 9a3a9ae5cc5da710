//! Every statement of the write side, by name.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Statement};

use crate::Error;

macro_rules! statements {
    ($($name:literal),* $(,)?) => {
        /// Name (as after `store.ledger.`) and text.
        pub(crate) const ALL: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("sql/", $name, ".sql")))),*
        ];
    };
}

statements![
    "cursor/lock",
    "cursor/advance",
    "cursor/claim",
    "cursor/peek",
    "cursor/rebase",
    "cursor/renew",
    "cursor/release",
    "cursor/halt",
    "cursor/halted",
    "cursor/recover",
    "load/heads",
    "load/apis",
    "load/api_permissions",
    "load/permissions",
    "load/roles",
    "load/role_names",
    "load/users",
    "load/role_permissions",
    "load/user_permissions",
    "load/user_roles",
    "load/count_apis",
    "load/count_roles",
    "load/count_role_permissions",
    "load/count_user_permissions",
    "load/count_user_roles",
    "load/camunda_settings",
    "load/groups",
    "load/user_passwords",
    "load/user_groups",
    "load/authorizations",
    "load/authorizations_of",
    "load/authorizations_on",
    "load/count_revokes",
    "load/namespaces",
    "load/permission_ids",
    "load/guard_roles",
    "load/role_holdings",
    "load/admins",
    "load/admin_emails",
    "load/count_admins",
    "load/links",
    "load/last_changed",
    "load/commands",
    "load/idempotency_keys",
    "entries/insert",
    "entries/positions",
    "entries/heads",
    "entries/outcomes",
    "entries/cancelled",
    "entries/idempotency_keys",
    "entries/nouns",
    "entries/dead_nouns",
    "namespaces/delete",
    "namespaces/update",
    "namespaces/insert",
    "namespaces/open",
    "namespaces/close",
    "permissions/delete",
    "permissions/update",
    "permissions/insert",
    "permissions/open",
    "permissions/close",
    "roles/delete",
    "roles/update",
    "roles/insert",
    "roles/open",
    "roles/close",
    "users/delete",
    "users/update",
    "users/insert",
    "users/open",
    "users/close",
    "role_permissions/delete",
    "role_permissions/insert",
    "role_permissions/open",
    "role_permissions/close",
    "user_permissions/delete",
    "user_permissions/insert",
    "user_permissions/open",
    "user_permissions/close",
    "user_roles/delete",
    "user_roles/insert",
    "user_roles/open",
    "user_roles/close",
    "groups/delete",
    "groups/update",
    "groups/insert",
    "groups/open",
    "groups/close",
    "user_passwords/delete",
    "user_passwords/update",
    "user_passwords/insert",
    "user_passwords/open",
    "user_passwords/close",
    "group_members/delete",
    "group_members/insert",
    "group_members/open",
    "group_members/close",
    "authorizations/delete",
    "authorizations/update",
    "authorizations/insert",
    "authorizations/open",
    "authorizations/close",
    "camunda_settings/delete",
    "camunda_settings/update",
    "camunda_settings/insert",
    "camunda_settings/open",
    "camunda_settings/close",
    "admins/delete",
    "admins/update",
    "admins/insert",
    "admins/open",
    "admins/close",
    "linked_subjects/delete",
    "linked_subjects/insert",
    "linked_subjects/open",
    "linked_subjects/close",
];

/// The statements, prepared on one connection.
#[derive(Debug)]
pub(crate) struct Statements(BTreeMap<&'static str, Statement>);

impl Statements {
    /// Prepares every statement, in one pipelined round trip.
    pub(crate) async fn prepare(client: &Client) -> Result<Self, Error> {
        let prepared = ALL.iter().map(async |(name, text)| {
            let statement = client.prepare(text).await.map_err(Error::statement(name))?;
            Ok((*name, statement))
        });
        Ok(Self(
            futures_util::future::try_join_all(prepared)
                .await?
                .into_iter()
                .collect(),
        ))
    }

    /// The statement of this name.
    pub(crate) fn get(&self, name: &'static str) -> Result<&Statement, Error> {
        self.0.get(name).ok_or_else(|| Error::Inconsistent {
            what: "statement",
            problem: format!("{name} was not prepared"),
        })
    }
}
