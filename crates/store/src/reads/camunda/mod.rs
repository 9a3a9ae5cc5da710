//! Camunda's users, groups and authorizations, and what somebody may do.
//!
//! A check and a get are answered by the evaluation of the domain, over the rows that one
//! statement brings. Lists are filtered in the statement, by `camunda_shows`: the engine filters
//! lists otherwise than it answers checks.

use tokio_postgres::Row;
use writ_domain::check::{Authorizations, Question, Verdict, check, resource_ids, shows};
use writ_domain::{
    Authorization, AuthorizationKind, Group, Holder, Realm, RevokeMode, TenantId, TenantSeq, User,
};

use crate::codes::realm_code;
use crate::ledger::rows::{self, get, number};
use crate::{Error, Store};

const LOGIN: &str = include_str!("login.sql");
const RIGHTS: &str = include_str!("rights.sql");
const RIGHTS_AT: &str = include_str!("rights_at.sql");
const AUTHORIZATION: &str = include_str!("authorization.sql");
const AUTHORIZATION_AT: &str = include_str!("authorization_at.sql");
const AUTHORIZATIONS: &str = include_str!("authorizations.sql");
const COUNT: &str = include_str!("count.sql");
const GROUPS: &str = include_str!("groups.sql");
const USER: &str = include_str!("user.sql");
const REVOKE_MODE: &str = include_str!("revoke_mode.sql");

const REALM: Realm = Realm::Camunda;

/// What a login is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CamundaLogin {
    /// The hash of the password, if the user has one.
    pub hash: Option<String>,
    /// The groups that the user is a member of.
    pub groups: Vec<String>,
}

/// Somebody who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CamundaViewer {
    /// The user.
    pub user: String,
    /// The groups that it is a member of.
    pub groups: Vec<String>,
}

/// What is asked of somebody's rights.
#[derive(Debug, Clone, Copy)]
pub struct CamundaAsked<'a> {
    /// The user.
    pub user: &'a str,
    /// The groups that count; none for all that the user is a member of.
    pub groups: Option<&'a [String]>,
    /// The bits of the permission.
    pub permission: u32,
    /// The type of the resource.
    pub resource_type: i32,
    /// Which; none asks about all of them.
    pub resource_id: Option<&'a str>,
}

/// Which authorizations are listed. What is absent does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CamundaFilter {
    /// Of this id.
    pub id: Option<String>,
    /// Of this kind, by number.
    pub kind: Option<i32>,
    /// Of one of these users.
    pub users: Option<Vec<String>>,
    /// Of one of these groups.
    pub groups: Option<Vec<String>>,
    /// On this type of resource.
    pub resource_type: Option<i32>,
    /// On this resource.
    pub resource_id: Option<String>,
}

/// Which groups are listed. What is absent does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CamundaGroupFilter {
    /// Of one of these ids.
    pub ids: Option<Vec<String>>,
    /// Of this name.
    pub name: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// That this user is a member of.
    pub member: Option<String>,
}

/// By what a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CamundaOrder {
    /// By id.
    #[default]
    Id,
    /// By the type of the resource, then by id.
    ResourceType {
        /// The highest first.
        descending: bool,
    },
    /// By the resource, then by id.
    ResourceId {
        /// The highest first.
        descending: bool,
    },
}

/// Which rows of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CamundaPage {
    /// In which order.
    pub order: CamundaOrder,
    /// How many are left out first.
    pub first: u32,
    /// How many at most.
    pub count: u32,
}

/// The rows that one question looks at.
struct Loaded {
    mode: RevokeMode,
    groups: Vec<String>,
    has_revoke: bool,
    rows: Vec<(AuthorizationKind, Holder, String, u32)>,
}

impl Authorizations for Loaded {
    type Error = core::convert::Infallible;

    fn bits(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        _resource_type: i32,
        resource_id: &str,
    ) -> Result<Option<u32>, Self::Error> {
        let found = self
            .rows
            .iter()
            .find(|row| row.0 == kind && row.1 == *holder && row.2 == resource_id);
        Ok(found.map(|row| row.3))
    }

    /// Of anybody whom the question looks at: it asks for no more than that.
    fn has_revoke(&self, _holder: &Holder) -> Result<bool, Self::Error> {
        Ok(self.has_revoke)
    }
}

impl Loaded {
    fn of(found: &[Row]) -> Result<Self, Error> {
        let Some(first) = found.first() else {
            return Err(Error::Inconsistent {
                what: "rights",
                problem: "no row came back".to_owned(),
            });
        };
        let mut rows = Vec::new();
        for row in found {
            // The one row of a question that no authorization answers.
            if get::<Option<i16>>(row, "kind")?.is_some() {
                rows.push((
                    rows::authorization_kind(row)?,
                    rows::holder_of(row)?,
                    get(row, "resource_id")?,
                    rows::bits(row)?,
                ));
            }
        }
        Ok(Self {
            mode: rows::revoke_mode(get(first, "revoke_mode")?)?,
            groups: get(first, "groups")?,
            has_revoke: get(first, "has_revoke")?,
            rows,
        })
    }
}

impl Store {
    /// Whether revokes count.
    pub async fn camunda_revoke_mode(&self, tenant: &TenantId) -> Result<RevokeMode, Error> {
        let error = Error::statement("store.reads.camunda.revoke_mode");
        let client = self.client().await?;
        let statement = client.prepare_cached(REVOKE_MODE).await.map_err(error)?;
        let row = client
            .query_opt(&statement, &[&tenant.as_str()])
            .await
            .map_err(error)?;
        let mode = row.map(|row| rows::revoke_mode(get(&row, "revoke_mode")?));
        Ok(mode.transpose()?.unwrap_or_default())
    }

    /// What a login of the user is compared with; `None` if there is no such user.
    pub async fn camunda_login(
        &self,
        tenant: &TenantId,
        user: &str,
    ) -> Result<Option<CamundaLogin>, Error> {
        let error = Error::statement("store.reads.camunda.login");
        let client = self.client().await?;
        let statement = client.prepare_cached(LOGIN).await.map_err(error)?;
        let row = client
            .query_opt(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 realm */ &realm_code(REALM),
                    /* $3 user */ &user,
                ],
            )
            .await
            .map_err(error)?;
        let login = |row: Row| -> Result<CamundaLogin, Error> {
            Ok(CamundaLogin {
                hash: get(&row, "hash")?,
                groups: get(&row, "groups")?,
            })
        };
        row.map(login).transpose()
    }

    /// Whether somebody may do something, now or as it was after entry `at`.
    pub async fn camunda_check(
        &self,
        tenant: &TenantId,
        asked: CamundaAsked<'_>,
        at: Option<TenantSeq>,
    ) -> Result<Verdict, Error> {
        let loaded = self.camunda_rights(tenant, asked, at).await?;
        let question = Question {
            user: asked.user,
            groups: &loaded.groups,
            permission: asked.permission,
            resource_type: asked.resource_type,
            resource_id: asked.resource_id,
        };
        match check(&loaded, loaded.mode, &question) {
            Ok(verdict) => Ok(verdict),
            Err(never) => match never {},
        }
    }

    /// Whether a list would show this to somebody, now or as it was after entry `at`.
    pub async fn camunda_shows(
        &self,
        tenant: &TenantId,
        asked: CamundaAsked<'_>,
        at: Option<TenantSeq>,
    ) -> Result<bool, Error> {
        let loaded = self.camunda_rights(tenant, asked, at).await?;
        let question = Question {
            user: asked.user,
            groups: &loaded.groups,
            permission: asked.permission,
            resource_type: asked.resource_type,
            resource_id: asked.resource_id,
        };
        match shows(&loaded, loaded.mode, &question) {
            Ok(shown) => Ok(shown),
            Err(never) => match never {},
        }
    }

    async fn camunda_rights(
        &self,
        tenant: &TenantId,
        asked: CamundaAsked<'_>,
        at: Option<TenantSeq>,
    ) -> Result<Loaded, Error> {
        let error = Error::statement("store.reads.camunda.rights");
        let client = self.client().await?;
        let sql = if at.is_some() { RIGHTS_AT } else { RIGHTS };
        let statement = client.prepare_cached(sql).await.map_err(error)?;
        let ids = resource_ids(asked.resource_id);
        let (tenant, realm) = (tenant.as_str(), realm_code(REALM));
        let at = at.map(super::nouns::bound);
        let mut parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![
            /* $1 tenant */ &tenant,
            /* $2 realm */ &realm,
            /* $3 user */ &asked.user,
            /* $4 resource type */ &asked.resource_type,
            /* $5 resource ids */ &ids,
            /* $6 groups */ &asked.groups,
        ];
        if let Some(at) = &at {
            parameters.push(/* $7 as of */ at);
        }
        let found = client.query(&statement, &parameters).await.map_err(error)?;
        Loaded::of(&found)
    }

    /// The authorization of this id, now or as it was after entry `at`.
    pub async fn camunda_authorization(
        &self,
        tenant: &TenantId,
        id: &str,
        at: Option<TenantSeq>,
    ) -> Result<Option<Authorization>, Error> {
        let error = Error::statement("store.reads.camunda.authorization");
        let client = self.client().await?;
        let tenant = tenant.as_str();
        let row = match at {
            None => {
                let statement = client.prepare_cached(AUTHORIZATION).await.map_err(error)?;
                client.query_opt(&statement, &[&tenant, &id]).await
            }
            Some(at) => {
                let statement = client
                    .prepare_cached(AUTHORIZATION_AT)
                    .await
                    .map_err(error)?;
                let at = super::nouns::bound(at);
                client.query_opt(&statement, &[&tenant, &id, &at]).await
            }
        }
        .map_err(error)?;
        let found = row.as_ref().map(rows::authorization).transpose()?;
        Ok(found.map(|(_, authorization, _)| authorization))
    }

    /// The authorizations that the viewer may see.
    pub async fn camunda_authorizations(
        &self,
        tenant: &TenantId,
        viewer: &CamundaViewer,
        filter: &CamundaFilter,
        page: CamundaPage,
    ) -> Result<Vec<Authorization>, Error> {
        let Some(kind) = kind_of(filter) else {
            return Ok(Vec::new());
        };
        let error = Error::statement("store.reads.camunda.authorizations");
        let client = self.client().await?;
        let statement = client.prepare_cached(AUTHORIZATIONS).await.map_err(error)?;
        let found = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 viewer */ &viewer.user,
                    /* $3 its groups */ &viewer.groups,
                    /* $4 id */ &filter.id,
                    /* $5 kind */ &kind,
                    /* $6 users */ &filter.users,
                    /* $7 groups */ &filter.groups,
                    /* $8 resource type */ &filter.resource_type,
                    /* $9 resource id */ &filter.resource_id,
                    /* $10 order */ &order_code(page.order),
                    /* $11 from */ &i64::from(page.first),
                    /* $12 how many */ &i64::from(page.count),
                ],
            )
            .await
            .map_err(error)?;
        let authorization = |row: &Row| rows::authorization(row).map(|(_, found, _)| found);
        found.iter().map(authorization).collect()
    }

    /// How many authorizations the viewer may see.
    pub async fn camunda_count(
        &self,
        tenant: &TenantId,
        viewer: &CamundaViewer,
        filter: &CamundaFilter,
    ) -> Result<u64, Error> {
        let Some(kind) = kind_of(filter) else {
            return Ok(0);
        };
        let error = Error::statement("store.reads.camunda.count");
        let client = self.client().await?;
        let statement = client.prepare_cached(COUNT).await.map_err(error)?;
        let row = client
            .query_one(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 viewer */ &viewer.user,
                    /* $3 its groups */ &viewer.groups,
                    /* $4 id */ &filter.id,
                    /* $5 kind */ &kind,
                    /* $6 users */ &filter.users,
                    /* $7 groups */ &filter.groups,
                    /* $8 resource type */ &filter.resource_type,
                    /* $9 resource id */ &filter.resource_id,
                ],
            )
            .await
            .map_err(error)?;
        number(&row, "counted")
    }

    /// The groups that the viewer may see, by id.
    pub async fn camunda_groups(
        &self,
        tenant: &TenantId,
        viewer: &CamundaViewer,
        filter: &CamundaGroupFilter,
        page: CamundaPage,
    ) -> Result<Vec<Group>, Error> {
        let error = Error::statement("store.reads.camunda.groups");
        let client = self.client().await?;
        let statement = client.prepare_cached(GROUPS).await.map_err(error)?;
        let found = client
            .query(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 viewer */ &viewer.user,
                    /* $3 its groups */ &viewer.groups,
                    /* $4 realm */ &realm_code(REALM),
                    /* $5 ids */ &filter.ids,
                    /* $6 name */ &filter.name,
                    /* $7 kind */ &filter.kind,
                    /* $8 member */ &filter.member,
                    /* $9 from */ &i64::from(page.first),
                    /* $10 how many */ &i64::from(page.count),
                ],
            )
            .await
            .map_err(error)?;
        let group = |row: &Row| rows::group(row).map(|(_, found, _)| found);
        found.iter().map(group).collect()
    }

    /// The user of this id, if the viewer may see it.
    pub async fn camunda_user(
        &self,
        tenant: &TenantId,
        viewer: &CamundaViewer,
        user: &str,
    ) -> Result<Option<User>, Error> {
        let error = Error::statement("store.reads.camunda.user");
        let client = self.client().await?;
        let statement = client.prepare_cached(USER).await.map_err(error)?;
        let row = client
            .query_opt(
                &statement,
                &[
                    /* $1 tenant */ &tenant.as_str(),
                    /* $2 viewer */ &viewer.user,
                    /* $3 its groups */ &viewer.groups,
                    /* $4 realm */ &realm_code(REALM),
                    /* $5 user */ &user,
                ],
            )
            .await
            .map_err(error)?;
        let found = row.as_ref().map(rows::user).transpose()?;
        Ok(found.map(|(_, user, _)| user))
    }
}

/// The kind of a filter as its column has it; `None` if no row can be of it.
#[expect(
    clippy::option_option,
    reason = "no filter, and one that nothing meets"
)]
fn kind_of(filter: &CamundaFilter) -> Option<Option<i16>> {
    match filter.kind.map(i16::try_from) {
        None => Some(None),
        Some(Ok(kind)) => Some(Some(kind)),
        Some(Err(_)) => None,
    }
}

fn order_code(order: CamundaOrder) -> i16 {
    match order {
        CamundaOrder::Id => 0,
        CamundaOrder::ResourceType { descending: false } => 1,
        CamundaOrder::ResourceType { descending: true } => 2,
        CamundaOrder::ResourceId { descending: false } => 3,
        CamundaOrder::ResourceId { descending: true } => 4,
    }
}
