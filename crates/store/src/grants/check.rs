//! May this user do this? Many questions, one statement.

use writ_domain::{Realm, TenantId, TenantSeq};

use super::{Opened, Via, opened};
use crate::codes::{realm_code, realm_from_code};
use crate::entries::Head;
use crate::entries::head_of;
use crate::entries::statement::{Statement, bigint};
use crate::{Error, Store};

pub(super) const CHECK: Statement = Statement {
    name: "store.grants.check",
    sql: include_str!("check.sql"),
};
pub(super) const CHECK_AT: Statement = Statement {
    name: "store.grants.check_at",
    sql: include_str!("check_at.sql"),
};

/// May the subject use the permission with the resource, in one of the realms?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The realms that are asked, the one whose answer is preferred first.
    pub realms: &'a [Realm],
    /// A user's id.
    pub subject: &'a str,
    /// The permission's name.
    pub permission: &'a str,
    /// The identifier of the permission's namespace.
    pub resource: &'a str,
}

/// A yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The realm that says so.
    pub realm: Realm,
    /// A direct grant comes before a role, an older role before a newer one.
    pub via: Via,
    /// The entry that opened this way.
    pub opened: Opened,
}

/// The answers, and where the ledger stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// In the snapshot that was asked; `None` as of an entry, which says it all.
    pub head: Option<Head>,
    /// In the order of the questions; `None` is a no.
    pub answers: Vec<Option<Granted>>,
}

/// Answers questions now, or as of an entry.
pub async fn check(
    store: &Store,
    tenant: &TenantId,
    at: Option<TenantSeq>,
    questions: &[Question<'_>],
) -> Result<Checked, Error> {
    let mut columns = Columns::default();
    for (index, question) in (0_i32..).zip(questions) {
        for realm in question.realms {
            columns.indexes.push(index);
            columns.realms.push(realm_code(*realm));
            columns.subjects.push(question.subject);
            columns.permissions.push(question.permission);
            columns.resources.push(question.resource);
        }
    }
    let Columns {
        indexes,
        realms,
        subjects,
        permissions,
        resources,
    } = columns;
    let client = store.client().await?;
    let tenant = tenant.as_str();
    let (statement, rows) = match at {
        None => {
            let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
                /* $1 tenant      */ &tenant,
                /* $2 questions   */ &indexes,
                /* $3 realms      */ &realms,
                /* $4 subjects    */ &subjects,
                /* $5 permissions */ &permissions,
                /* $6 resources   */ &resources,
            ];
            (CHECK, CHECK.rows(&client, parameters).await?)
        }
        Some(at) => {
            let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
                /* $1 tenant      */ &tenant,
                /* $2 at          */ &bigint(at.0),
                /* $3 questions   */ &indexes,
                /* $4 realms      */ &realms,
                /* $5 subjects    */ &subjects,
                /* $6 permissions */ &permissions,
                /* $7 resources   */ &resources,
            ];
            (CHECK_AT, CHECK_AT.rows(&client, parameters).await?)
        }
    };
    let head = match (at, rows.first()) {
        (None, Some(row)) => Some(head_of(statement, row)?),
        (None, None) => Some(Head::none()),
        (Some(_), _) => None,
    };
    let mut answers = vec![None; questions.len()];
    for row in &rows {
        let Some(index) = statement.get::<Option<i32>>(row, "question")? else {
            continue;
        };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let (Some(question), Some(answer)) = (questions.get(index), answers.get_mut(index)) else {
            continue;
        };
        let granted = Granted {
            realm: realm_from_code(statement.get(row, "realm")?)?,
            via: statement
                .get::<Option<String>>(row, "role_id")?
                .map_or(Via::Direct, Via::Role),
            opened: opened(statement, row)?,
        };
        keep_preferred(question.realms, answer, granted);
    }
    Ok(Checked { head, answers })
}

#[derive(Default)]
struct Columns<'a> {
    indexes: Vec<i32>,
    realms: Vec<i16>,
    subjects: Vec<&'a str>,
    permissions: Vec<&'a str>,
    resources: Vec<&'a str>,
}

fn keep_preferred(realms: &[Realm], answer: &mut Option<Granted>, granted: Granted) {
    let rank = |of: &Granted| realms.iter().position(|realm| *realm == of.realm);
    if answer
        .as_ref()
        .is_none_or(|kept| rank(&granted) < rank(kept))
    {
        *answer = Some(granted);
    }
}
