//! What the command line asks of a ledger's database, in the words of the HTTP API.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use writ_domain::{NounKind, Partition, Position, Realm, Seq, TenantId, TenantSeq};
use writ_query::{AsOf, Checks, GrantsAsk, HistoryAsk, Question, Realms, Stand};
use writ_store::entries;
use writ_store::{Options as StoreOptions, Store};

use crate::database::Database;

/// Entries that are read at once.
const PAGE: u32 = 500;

/// Whose ledger is asked, and as of when.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) tenant: String,
    pub(crate) as_of: Option<String>,
}

/// Which grants, in words.
#[derive(Debug, Clone)]
pub(crate) struct GrantsWords {
    pub(crate) realm: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) permission: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: u32,
}

/// A question, in words.
#[derive(Debug, Clone)]
pub(crate) struct QuestionWords {
    pub(crate) realm: Option<String>,
    pub(crate) subject: String,
    pub(crate) permission: String,
    pub(crate) resource: String,
}

/// Which entries, in words.
#[derive(Debug, Clone)]
pub(crate) struct HistoryWords {
    pub(crate) realm: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) api: Option<String>,
    pub(crate) permission: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) permission_id: Option<String>,
    pub(crate) admin: Option<String>,
    pub(crate) actor: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) oldest_first: bool,
    pub(crate) cursor: Option<u64>,
    pub(crate) limit: u32,
}

impl HistoryWords {
    /// Nouns beside users, roles and APIs.
    fn others(&self) -> Vec<(NounKind, String)> {
        let named = [
            (NounKind::Group, &self.group),
            (NounKind::Authorization, &self.authorization),
            (NounKind::Permission, &self.permission_id),
            (NounKind::Admin, &self.admin),
        ];
        let named = named.into_iter();
        named
            .filter_map(|(kind, id)| Some((kind, id.clone()?)))
            .collect()
    }
}

/// A ledger that is only read.
#[derive(Debug)]
pub(crate) struct Reading {
    store: Store,
    tenant: TenantId,
    stand: Stand,
}

impl Reading {
    pub(crate) async fn open(database: &Database, point: &Point) -> anyhow::Result<Self> {
        let store = store(database).await?;
        let tenant = TenantId::try_new(&point.tenant)
            .with_context(|| format!("{:?} is no tenant", point.tenant))?;
        let as_of = match &point.as_of {
            Some(text) => text.parse::<AsOf>().with_context(|| format!("{text:?}"))?,
            None => AsOf::Now,
        };
        let stand = as_of.resolve(&store, &tenant).await?;
        Ok(Self {
            store,
            tenant,
            stand,
        })
    }

    /// The body of `GET /v1/grants`.
    pub(crate) async fn grants(&self, words: &GrantsWords) -> anyhow::Result<Value> {
        let ask = GrantsAsk {
            realms: realms(words.realm.as_deref())?,
            subject: words.subject.clone(),
            role: words.role.clone(),
            group: words.group.clone(),
            permission: words.permission.clone(),
            resource: words.resource.clone(),
            cursor: words.cursor.as_deref().map(str::parse).transpose()?,
            limit: words.limit,
        };
        anyhow::ensure!(
            ask.is_answerable(),
            "one of --subject, --role, --group and --resource must be given"
        );
        let (body, _) = writ_query::grants(&self.store, &self.tenant, self.stand, &ask).await?;
        value(&body)
    }

    /// The body of `POST /v1/check` with one question.
    pub(crate) async fn check(&self, words: &QuestionWords) -> anyhow::Result<Value> {
        let checks = Checks::One(question(words)?);
        let (body, _) = writ_query::check(&self.store, &self.tenant, self.stand, &checks).await?;
        value(&body)
    }

    /// The body of `GET /v1/explain`.
    pub(crate) async fn explain(&self, words: &QuestionWords) -> anyhow::Result<Value> {
        const WAYS_MAX: u32 = 1_000;
        let question = question(words)?;
        let body = writ_query::explain(&self.store, &self.tenant, self.stand, &question, WAYS_MAX);
        value(&body.await?)
    }

    /// The body of `GET /v1/history`.
    pub(crate) async fn history(&self, words: &HistoryWords) -> anyhow::Result<Value> {
        let ask = HistoryAsk {
            realm: words.realm.as_deref().map(realm).transpose()?,
            user: words.user.clone(),
            role: words.role.clone(),
            api: words.api.clone(),
            permission: words.permission.clone(),
            others: words.others(),
            actor: words.actor.clone(),
            from: words.from.as_deref().map(instant).transpose()?,
            to: words.to.as_deref().map(instant).transpose()?,
            oldest_first: words.oldest_first,
            cursor: words.cursor.map(TenantSeq),
            limit: words.limit,
        };
        anyhow::ensure!(
            ask.is_answerable(),
            "one of --user, --role, --api, --group, --authorization, --permission-id, --admin, \
             --actor, --from and --to must be given"
        );
        let up_to = self.stand.head.tenant_seq;
        let body = writ_query::history_page(&self.store, &self.tenant, up_to, &ask).await?;
        value(&body)
    }
}

/// Tells entries in the order of the log, as the feed tells them, from a position on: of its
/// partition, or, where none is given, of each partition from its beginning.
///
/// `tell` is given a tenant's name and an entry, and says whether it wants more.
pub(crate) async fn replay(
    database: &Database,
    from: Option<&str>,
    mut tell: impl FnMut(&str, String) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let store = store(database).await?;
    let from: Option<Position> = from.map(str::parse).transpose()?;
    let partitions = store.partitions().await?;
    let starts: Vec<Position> = match from {
        Some(from) => {
            anyhow::ensure!(
                from.partition.0 < partitions,
                "there is no partition {}: the ledger has {partitions}, from 0 on",
                from.partition
            );
            vec![from]
        }
        None => (0..partitions)
            .map(|partition| Position {
                partition: Partition(partition),
                seq: Seq(1),
            })
            .collect(),
    };
    for start in starts {
        let mut seq = start.seq;
        loop {
            let page = entries::scan(&store, start.partition, seq, PAGE).await?;
            let Some(last) = page.last().map(|raw| raw.position.seq) else {
                break;
            };
            for raw in page {
                let entry = raw.read()?;
                if !tell(entry.tenant.as_str(), entry.change_json())? {
                    return Ok(());
                }
            }
            seq = last.next().context("there are no more numbers")?;
        }
    }
    Ok(())
}

async fn store(database: &Database) -> anyhow::Result<Store> {
    let store = Store::new(database.config.clone(), &StoreOptions::default())?;
    store.check_schema().await?;
    Ok(store)
}

fn value(body: &impl Serialize) -> anyhow::Result<Value> {
    // SUBTLE: by way of the text; what is opaque in it cannot be made a value directly.
    Ok(serde_json::from_str(&serde_json::to_string(body)?)?)
}

fn question(words: &QuestionWords) -> anyhow::Result<Question> {
    Ok(Question {
        realms: realms(words.realm.as_deref())?,
        subject: words.subject.clone(),
        permission: words.permission.clone(),
        resource: words.resource.clone(),
    })
}

fn realms(name: Option<&str>) -> anyhow::Result<Realms> {
    Ok(Realms::of(name.map(realm).transpose()?))
}

fn realm(name: &str) -> anyhow::Result<Realm> {
    let known = Realm::ALL.map(Realm::as_str).join(", ");
    Realm::from_name(name).with_context(|| format!("{name:?} is not one of {known}"))
}

fn instant(text: &str) -> anyhow::Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.with_timezone(&Utc))
        .with_context(|| format!("{text:?} is not an instant such as 2026-01-31T08:00:00Z"))
}
