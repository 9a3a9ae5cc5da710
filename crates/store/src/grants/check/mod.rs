//! May this user do this? Many questions, one statement.

use std::collections::BTreeMap;

use tokio_postgres::Row;
use writ_domain::camunda::{ANY, is_valid, permission_bits, resource_from_text};
use writ_domain::{Realm, TenantId, TenantSeq};

use super::authorized::{Rights, Row as Authorization};
use super::{Linked, Opened, Via, opened};
use crate::codes::{realm_code, realm_from_code};
use crate::entries::Head;
use crate::entries::head_of;
use crate::entries::statement::{Statement, bigint};
use crate::{Error, Store};

/// A statement of parts: Camunda's is there where a question asks it, since a plan costs what it
/// has in it, used or not.
macro_rules! check {
    ($name:literal, $($part:literal),+) => {
        Statement {
            name: $name,
            sql: concat!("-- ", $name, "\n", $(include_str!(concat!($part, ".sql"))),+),
        }
    };
}

const CHECK_ONE: Statement = check!("store.grants.check_one", "asked_one", "edges", "opened");
const CHECK_ONE_AUTHORIZED: Statement = check!(
    "store.grants.check_one_authorized",
    "asked_one",
    "edges",
    "authorized",
    "opened"
);
const CHECK: Statement = check!("store.grants.check", "asked", "edges", "opened");
const CHECK_AUTHORIZED: Statement = check!(
    "store.grants.check_authorized",
    "asked",
    "edges",
    "authorized",
    "opened"
);
pub(super) const CHECK_AT: Statement =
    check!("store.grants.check_at", "asked_at", "edges_at", "opened_at");
pub(super) const CHECK_AUTHORIZED_AT: Statement = check!(
    "store.grants.check_authorized_at",
    "asked_at",
    "edges_at",
    "authorized_at",
    "opened_at"
);

/// All of them, for the tests of plans.
#[cfg(test)]
pub(super) const STATEMENTS: [Statement; 6] = [
    CHECK_ONE,
    CHECK_ONE_AUTHORIZED,
    CHECK,
    CHECK_AUTHORIZED,
    CHECK_AT,
    CHECK_AUTHORIZED_AT,
];

/// May the subject use the permission with the resource, in one of the realms?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The realms whose rules answer, the one whose answer is preferred first.
    pub realms: &'a [Realm],
    /// The realms in which the subject is known by this id.
    pub known: &'a [Realm],
    /// A user's id. Those who are the same person are asked, too.
    pub subject: &'a str,
    /// The permission's name.
    pub permission: &'a str,
    /// The identifier of the permission's namespace; in Camunda's realm a resource
    /// ([`writ_domain::camunda::resource_text`]).
    pub resource: &'a str,
}

/// A question as Camunda's rules read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The bits of the permission.
    pub(super) bits: u32,
    pub(super) resource_type: i32,
    /// A resource, or `*`.
    pub(super) resource_id: &'a str,
}

impl<'a> Question<'a> {
    /// What Camunda is asked; `None` where it knows no such thing.
    pub(super) fn place(&self) -> Option<Place<'a>> {
        let (resource_type, id) = resource_from_text(self.resource)?;
        if !self.realms.contains(&Realm::Camunda) || !is_valid(resource_type, self.permission) {
            return None;
        }
        Some(Place {
            bits: permission_bits(resource_type, self.permission)?,
            resource_type,
            resource_id: id.unwrap_or(ANY),
        })
    }
}

impl Place<'_> {
    pub(super) fn stored_bits(&self) -> i32 {
        // They are below 2^31, and zero would ask for nothing: there are no others.
        i32::try_from(self.bits).unwrap_or(i32::MAX)
    }
}

/// A yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The realm that says so.
    pub realm: Realm,
    /// By which other id: that of a linked subject.
    pub linked: Option<Linked>,
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
///
/// One statement; of a single question that is asked now two, where its subject may not and somebody
/// is linked with it.
pub async fn check(
    store: &Store,
    tenant: &TenantId,
    at: Option<TenantSeq>,
    questions: &[Question<'_>],
) -> Result<Checked, Error> {
    if let (None, [question]) = (at, questions)
        && let Some(checked) = check_one(store, tenant, question).await?
    {
        return Ok(checked);
    }
    check_many(store, tenant, at, questions).await
}

/// Asks of the subject itself alone; `None` where the answer is with those who are linked with it.
async fn check_one(
    store: &Store,
    tenant: &TenantId,
    question: &Question<'_>,
) -> Result<Option<Checked>, Error> {
    let place = question.place();
    let (index, camunda) = (0_i32, realm_code(Realm::Camunda));
    let (known, answering) = (mask(question.known), mask(question.realms));
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 tenant           */ &tenant.as_str(),
        /* $2 question         */ &index,
        /* $3 subject          */ &question.subject,
        /* $4 known in         */ &known,
        /* $5 answering        */ &answering,
        /* $6 permission       */ &question.permission,
        /* $7 resource         */ &question.resource,
        /* $8 bits             */ &place.map(|place| place.stored_bits()),
        /* $9 resource type    */ &place.map(|place| place.resource_type),
        /* $10 resource id     */ &place.map(|place| place.resource_id),
        /* $11 Camunda's realm */ &camunda,
    ];
    let statement = match place {
        None => CHECK_ONE,
        Some(_) => CHECK_ONE_AUTHORIZED,
    };
    let client = store.client().await?;
    let rows = statement.rows(&client, parameters).await?;
    let Some(first) = rows.first() else {
        return Ok(Some(Checked {
            head: Some(Head::none()),
            answers: vec![None],
        }));
    };
    let checked = Checked {
        head: Some(head_of(statement, first)?),
        answers: Found::of(statement, &rows)?.answers(&[*question]),
    };
    let is_linked: bool = statement.get(first, "is_linked")?;
    let is_whole = !is_linked || checked.answers.iter().all(Option::is_some);
    Ok(is_whole.then_some(checked))
}

async fn check_many(
    store: &Store,
    tenant: &TenantId,
    at: Option<TenantSeq>,
    questions: &[Question<'_>],
) -> Result<Checked, Error> {
    let columns = Columns::of(questions);
    let (all, camunda): (&[i16], _) = (&Realm::ALL.map(realm_code), realm_code(Realm::Camunda));
    let (tenant, at_seq) = (tenant.as_str(), at.map(|at| bigint(at.0)));
    let mut parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![
        /* $1 tenant          */ &tenant,
        /* $2 questions       */ &columns.indexes,
        /* $3 subjects        */ &columns.subjects,
        /* $4 known in        */ &columns.known,
        /* $5 answering       */ &columns.answering,
        /* $6 permissions     */ &columns.permissions,
        /* $7 resources       */ &columns.resources,
        /* $8 bits            */ &columns.bits,
        /* $9 resource types  */ &columns.resource_types,
        /* $10 resource ids   */ &columns.resource_ids,
        /* $11 Camunda's realm */ &camunda,
    ];
    let is_asked = columns.bits.iter().any(Option::is_some);
    let statement = match (&at_seq, is_asked) {
        (None, false) => CHECK,
        (None, true) => CHECK_AUTHORIZED,
        (Some(_), false) => CHECK_AT,
        (Some(_), true) => CHECK_AUTHORIZED_AT,
    };
    if let Some(at) = &at_seq {
        parameters.push(/* $12 realms */ &all);
        parameters.push(/* $13 at     */ at);
    }
    let client = store.client().await?;
    let rows = statement.rows(&client, &parameters).await?;
    let head = match (at, rows.first()) {
        (None, Some(row)) => Some(head_of(statement, row)?),
        (None, None) => Some(Head::none()),
        (Some(_), _) => None,
    };
    Ok(Checked {
        head,
        answers: Found::of(statement, &rows)?.answers(questions),
    })
}

#[derive(Default)]
struct Columns<'a> {
    indexes: Vec<i32>,
    subjects: Vec<&'a str>,
    known: Vec<i32>,
    answering: Vec<i32>,
    permissions: Vec<&'a str>,
    resources: Vec<&'a str>,
    bits: Vec<Option<i32>>,
    resource_types: Vec<Option<i32>>,
    resource_ids: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn of(questions: &[Question<'a>]) -> Self {
        let mut columns = Self::default();
        for (index, question) in (0_i32..).zip(questions) {
            let place = question.place();
            columns.indexes.push(index);
            columns.subjects.push(question.subject);
            columns.known.push(mask(question.known));
            columns.answering.push(mask(question.realms));
            columns.permissions.push(question.permission);
            columns.resources.push(question.resource);
            columns.bits.push(place.map(|place| place.stored_bits()));
            columns
                .resource_types
                .push(place.map(|place| place.resource_type));
            columns
                .resource_ids
                .push(place.map(|place| place.resource_id));
        }
        columns
    }
}

/// A bit for the number of each realm.
fn mask(realms: &[Realm]) -> i32 {
    let bits = realms.iter().map(|realm| 1 << realm_code(*realm));
    bits.fold(0, |all: i32, bit: i32| all | bit)
}

/// Who answers a question: whom it names comes before those who are linked, and then, where two
/// are of one realm, who was linked first.
type Who = (usize, Realm, u64);

/// What came back.
#[derive(Default)]
struct Found {
    yes: Vec<(Who, Granted)>,
    rights: BTreeMap<Who, (String, Rights<Opened>)>,
}

impl Found {
    fn of(statement: Statement, rows: &[Row]) -> Result<Self, Error> {
        let mut found = Self::default();
        for row in rows {
            found.take(statement, row)?;
        }
        Ok(found)
    }

    fn take(&mut self, statement: Statement, row: &Row) -> Result<(), Error> {
        let Some(index) = statement.get::<Option<i32>>(row, "question")? else {
            return Ok(());
        };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let realm = realm_from_code(statement.get(row, "realm")?)?;
        let linked_key = statement.number(row, "linked_key")?;
        let who = (index, realm, linked_key);
        let subject: String = statement.get(row, "subject")?;
        let opened = opened(statement, row)?;
        if statement.get::<Option<i16>>(row, "kind")?.is_some() {
            let (_, rights) = self.rights.entry(who).or_insert((subject, Rights::new()));
            return rights.take(Authorization::read(statement, row)?, opened);
        }
        let role: Option<String> = statement.get(row, "role_id")?;
        let granted = Granted {
            realm,
            linked: linked(who, subject),
            via: role.map_or(Via::Direct, Via::Role),
            opened,
        };
        self.yes.push((who, granted));
        Ok(())
    }

    fn answers(self, questions: &[Question<'_>]) -> Vec<Option<Granted>> {
        let mut answers: Vec<Option<(Who, Granted)>> = vec![None; questions.len()];
        let rights = self
            .rights
            .into_iter()
            .filter_map(|(who, (subject, rights))| {
                let place = questions.get(who.0)?.place()?;
                let (via, opened) = rights.allows(&subject, place)?;
                Some((
                    who,
                    Granted {
                        realm: who.1,
                        linked: linked(who, subject),
                        via,
                        opened,
                    },
                ))
            });
        for (who, granted) in self.yes.into_iter().chain(rights) {
            let (Some(question), Some(answer)) = (questions.get(who.0), answers.get_mut(who.0))
            else {
                continue;
            };
            let rank = |(_, realm, linked): Who| {
                let at = question.realms.iter().position(|asked| *asked == realm);
                (linked > 0, at, linked)
            };
            if answer
                .as_ref()
                .is_none_or(|(kept, _)| rank(who) < rank(*kept))
            {
                *answer = Some((who, granted));
            }
        }
        let told = |answer: Option<(Who, Granted)>| answer.map(|(_, granted)| granted);
        answers.into_iter().map(told).collect()
    }
}

fn linked((_, realm, key): Who, subject: String) -> Option<Linked> {
    (key > 0).then_some(Linked { realm, subject })
}
