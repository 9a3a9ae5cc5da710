//! Random histories: at each revision, grants, checks and reasons are those of a plain model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use writ_domain::{Command, Realm, TenantId, TenantSeq};
use writ_store::Store;
use writ_store::entries::{self, Entry, Window, at_instant};
use writ_store::grants::{
    Ask, Explained, Grant, Granted, Holder, Question, TOTAL_MAX, Via, Way, check, explain, list,
};

use super::dice::{Dice, Names};
use super::model::{Model, Named, WayKey};
use super::world::World;

const HISTORIES: u64 = 300;
const COMMANDS: usize = 32;
const AT_ONCE: usize = 8;
const NAMES: Names = Names {
    users: 3,
    roles: 3,
    apis: 3,
    permissions: 3,
};

/// A tenant's entries, and the model after each of them; the first one is that of the beginning.
struct History {
    store: Store,
    tenant: TenantId,
    names: Names,
    entries: Vec<Entry>,
    models: Vec<Model>,
}

impl History {
    /// Lets one tenant ask for random things.
    async fn lead(world: &World, tenant: &str, (names, commands): (Names, Vec<Command>)) -> Self {
        for command in commands {
            world.submit_for(tenant, command).await;
        }
        let tenant = TenantId::try_new(tenant).unwrap();
        let window = Window {
            after: TenantSeq::ZERO,
            up_to: TenantSeq(u64::MAX),
            limit: 10_000,
        };
        let entries = entries::changes(&world.store, &tenant, window)
            .await
            .unwrap();
        let mut models = vec![Model::default()];
        for entry in &entries {
            let mut model = models.last().unwrap().clone();
            model.take(&entry.facts);
            models.push(model);
        }
        Self {
            store: world.store.clone(),
            tenant,
            names,
            entries,
            models,
        }
    }

    fn last(&self) -> TenantSeq {
        TenantSeq(u64::try_from(self.entries.len()).unwrap())
    }

    fn model(&self, at: TenantSeq) -> &Model {
        &self.models[usize::try_from(at.0).unwrap()]
    }

    async fn is_as_the_model_says(&self, dice: &mut Dice) {
        for at in (0..=self.last().0).map(TenantSeq) {
            let model = self.model(at);
            self.check(Some(at), model, self.every_question()).await;
            self.list(Some(at), model, dice).await;
            for _ in 0..6 {
                let question = self.random_question(dice);
                self.explain(at, model, question).await;
            }
        }
        let newest = self.model(self.last());
        self.check(None, newest, self.every_question()).await;
        self.list(None, newest, dice).await;
        for question in self.every_question() {
            self.explain(self.last(), newest, question).await;
        }
        self.instants(dice).await;
    }

    fn every_question(&self) -> Vec<[String; 3]> {
        let names = self.names;
        let mut all = Vec::new();
        for user in 0..=names.users {
            for permission in 0..names.permissions {
                for api in 0..names.apis {
                    all.push([
                        format!("u{user}"),
                        format!("p{permission}"),
                        format!("a{api}"),
                    ]);
                }
            }
        }
        all
    }

    fn random_question(&self, dice: &mut Dice) -> [String; 3] {
        [
            dice.name('u', self.names.users),
            dice.name('p', self.names.permissions),
            dice.name('a', self.names.apis),
        ]
    }

    async fn check(&self, at: Option<TenantSeq>, model: &Model, questions: Vec<[String; 3]>) {
        let asked: Vec<Question<'_>> = questions
            .iter()
            .map(|of| question(of, &Realm::ALL))
            .collect();
        let checked = check(&self.store, &self.tenant, at, &asked).await.unwrap();
        assert_eq!(checked.head.is_some(), at.is_none());
        if let Some(head) = checked.head {
            assert_eq!(head.tenant_seq, self.last());
        }
        let open = model.by_name();
        for (of, answer) in questions.iter().zip(&checked.answers) {
            let found = answer.as_ref().map(told);
            assert_eq!(
                found,
                expected(model, &open, of),
                "{} {at:?}: {of:?}",
                self.tenant
            );
            if let Some(answer) = answer {
                let opened = self.entry(answer.opened.at);
                assert_eq!(opened.position, answer.opened.position);
                assert_eq!(opened.time, answer.opened.time);
            }
        }
    }

    fn entry(&self, at: TenantSeq) -> &Entry {
        &self.entries[usize::try_from(at.0 - 1).unwrap()]
    }

    async fn list(&self, at: Option<TenantSeq>, model: &Model, dice: &mut Dice) {
        for n in 0..self.names.users {
            let (user, role) = (format!("u{n}"), dice.name('r', self.names.roles));
            let role = (dice.roll(4) == 0).then_some(role);
            let ask = ask(Some(&user), role.as_deref(), None, at);
            self.pages(ask, model, dice).await;
        }
        for n in 0..self.names.roles {
            let (role, permission) = (format!("r{n}"), dice.name('p', self.names.permissions));
            let permission = (dice.roll(4) == 0).then_some(permission);
            let mut ask = ask(None, Some(&role), None, at);
            ask.permission = permission.as_deref();
            self.pages(ask, model, dice).await;
        }
        for n in 0..self.names.apis {
            let (api, permission) = (format!("a{n}"), dice.name('p', self.names.permissions));
            let permission = (dice.roll(2) == 0).then_some(permission);
            let mut ask = ask(None, None, Some(&api), at);
            ask.permission = permission.as_deref();
            self.pages(ask, model, dice).await;
        }
    }

    /// Reads all pages; each grant comes once, in order.
    async fn pages(&self, ask: Ask<'_>, model: &Model, dice: &mut Dice) {
        let mut ask = Ask {
            limit: if dice.roll(3) == 0 { 2 } else { 1_000 },
            ..ask
        };
        let mut all: Vec<Grant> = Vec::new();
        let mut total = None;
        loop {
            let page = list(&self.store, &self.tenant, ask).await.unwrap();
            assert!(page.grants.len() <= usize::try_from(ask.limit).unwrap());
            total = total.or(page.total);
            all.extend(page.grants);
            ask = Ask {
                after: page.next,
                count: false,
                ..ask
            };
            if page.next.is_none() {
                break;
            }
        }
        assert!(all.is_sorted_by(|one, next| one.place < next.place));
        let total = total.unwrap();
        assert_eq!(total.count, u64::try_from(all.len()).unwrap());
        assert!(!total.at_least && total.count <= u64::from(TOTAL_MAX));
        for grant in &all {
            assert_eq!(grant.opened_by, self.entry(grant.opened.at).subject);
        }
        let found: BTreeSet<Line> = all.iter().map(line).collect();
        assert_eq!(found.len(), all.len(), "a grant came twice");
        assert_eq!(found, lines(model, &ask), "{}: {ask:?}", self.tenant);
    }

    async fn explain(&self, at: TenantSeq, model: &Model, of: [String; 3]) {
        let asked = question(&of, &Realm::ALL);
        let explained = explain(&self.store, &self.tenant, at, asked, 100)
            .await
            .unwrap();
        let context = format!("{} as of {at}: {of:?} {explained:#?}", self.tenant);
        let named = |realm| named(realm, &of);
        let all = model.by_name();
        let open: BTreeMap<WayKey, u64> = Realm::ALL
            .into_iter()
            .filter_map(|realm| all.get(&named(realm)))
            .flatten()
            .map(|(way, opened)| (*way, *opened))
            .collect();
        let lost = Realm::ALL
            .into_iter()
            .filter_map(|realm| model.lost.get(&named(realm)));
        let (closed, ways) = if open.is_empty() {
            let newest = lost.clone().map(|(at, _)| *at).max();
            let lost = lost.filter(|(at, _)| Some(*at) == newest);
            let ways = lost.flat_map(|(_, ways)| ways.clone()).collect();
            (newest, ways)
        } else {
            (None, open)
        };
        let expected: BTreeSet<(Realm, Option<String>, u64, Option<u64>)> = ways
            .iter()
            .map(|(way, opened)| {
                let role = way.role.map(|role| model.role(role).1);
                (model.named(way).0, role, *opened, closed)
            })
            .collect();
        let found: BTreeSet<_> = explained.ways.iter().map(outline).collect();
        assert_eq!(found, expected, "{context}");
        assert_eq!(explained.ways.len(), ways.len(), "{context}");
        Self::rests_on_what_was_there(model, &explained, &context);
    }

    /// A way is open from the latest beginning to the earliest end of what it rests on, and the
    /// ends of nouns are those that the model saw.
    fn rests_on_what_was_there(model: &Model, explained: &Explained, context: &str) {
        for way in &explained.ways {
            let link = way
                .role
                .iter()
                .flat_map(|link| [link.role, link.assignment]);
            let all = [way.user, way.permission_edge, way.permission, way.namespace];
            let all: Vec<_> = all.into_iter().chain(link).collect();
            let from = all.iter().map(|life| life.from).max();
            assert_eq!(from, Some(way.open.from), "{context}");
            let to = all.iter().filter_map(|life| life.to).min();
            assert_eq!(to, way.open.to, "{context}");
            for life in all.iter().filter(|life| life.to.is_some()) {
                assert!(life.to > Some(life.from), "{context}");
            }
        }
        assert!(!explained.more);
        let ends: BTreeSet<u64> = model.ended.values().copied().collect();
        for way in &explained.ways {
            for noun in [way.user, way.permission, way.namespace] {
                assert!(noun.to.is_none_or(|to| ends.contains(&to.0)), "{context}");
            }
        }
    }

    async fn instants(&self, dice: &mut Dice) {
        for _ in 0..8 {
            let entry = &self.entries[dice.index(self.entries.len())];
            let by = [-1, 0, 1, 1_000][dice.index(4)];
            let instant = entry.time + TimeDelta::microseconds(by);
            let moment = at_instant(&self.store, &self.tenant, instant)
                .await
                .unwrap();
            let expected = self.entries.iter().rfind(|entry| entry.time <= instant);
            let expected = expected.map_or(TenantSeq::ZERO, |entry| entry.tenant_seq);
            assert_eq!(
                moment.head.tenant_seq, expected,
                "{} at {instant}",
                self.tenant
            );
            if let Some(head) = expected.0.checked_sub(1) {
                let head = &self.entries[usize::try_from(head).unwrap()];
                assert_eq!(
                    (moment.head.chain8, moment.head.time),
                    (head.chain8(), head.time)
                );
            }
        }
        let before = self.entries[0].time - TimeDelta::seconds(1);
        let moment = at_instant(&self.store, &self.tenant, before).await.unwrap();
        assert_eq!(
            (moment.head.tenant_seq, moment.provisional),
            (TenantSeq::ZERO, false)
        );
        let beyond = self.entries.last().unwrap().time + TimeDelta::days(1);
        let moment = at_instant(&self.store, &self.tenant, beyond).await.unwrap();
        assert_eq!(
            (moment.head.tenant_seq, moment.provisional),
            (self.last(), true)
        );
    }
}

fn question<'a>(
    [subject, permission, resource]: &'a [String; 3],
    realms: &'a [Realm],
) -> Question<'a> {
    Question {
        realms,
        subject,
        permission,
        resource,
    }
}

fn named(realm: Realm, [subject, permission, resource]: &[String; 3]) -> Named {
    (realm, subject.clone(), permission.clone(), resource.clone())
}

fn ask<'a>(
    subject: Option<&'a str>,
    role: Option<&'a str>,
    resource: Option<&'a str>,
    at: Option<TenantSeq>,
) -> Ask<'a> {
    Ask {
        realms: &Realm::ALL,
        subject,
        role,
        permission: None,
        resource,
        after: None,
        limit: 1_000,
        count: true,
        at,
    }
}

/// An answer: realm, role, the entry that opened it.
type Answer = (Realm, Option<String>, u64);

fn told(granted: &Granted) -> Answer {
    let role = match &granted.via {
        Via::Direct => None,
        Via::Role(role) => Some(role.clone()),
    };
    (granted.realm, role, granted.opened.at.0)
}

/// The first realm that says yes; there, direct before any role, an older role before a newer one.
fn expected(
    model: &Model,
    open: &BTreeMap<Named, BTreeMap<WayKey, u64>>,
    of: &[String; 3],
) -> Option<Answer> {
    Realm::ALL.into_iter().find_map(|realm| {
        let ways = open.get(&named(realm, of))?;
        let (way, opened) = ways.iter().min_by_key(|(way, _)| way.role)?;
        Some((realm, way.role.map(|role| model.role(role).1), *opened))
    })
}

fn outline(way: &Way) -> (Realm, Option<String>, u64, Option<u64>) {
    let role = way.role.as_ref().map(|link| link.id.clone());
    (way.realm, role, way.open.from.0, way.open.to.map(|to| to.0))
}

/// A grant: realm, holder, via, permission, resource, the entry that opened it.
type Line = (Realm, Holder, Via, String, String, u64);

fn line(grant: &Grant) -> Line {
    let (holder, via) = (grant.holder.clone(), grant.via.clone());
    let (permission, resource) = (grant.permission.clone(), grant.resource.clone());
    (
        grant.realm,
        holder,
        via,
        permission,
        resource,
        grant.opened.at.0,
    )
}

/// What a list holds, by the model.
fn lines(model: &Model, ask: &Ask<'_>) -> BTreeSet<Line> {
    let ways = model.ways.iter().map(|(way, opened)| {
        let (realm, user, permission, resource) = model.named(way);
        let via = way
            .role
            .map_or(Via::Direct, |role| Via::Role(model.role(role).1));
        (
            realm,
            Holder::User(user),
            via,
            permission,
            resource,
            *opened,
        )
    });
    let of_roles = model.of_roles.iter().map(|((role, permission), opened)| {
        let ((realm, role), (permission, resource)) = (model.role(*role), model.held(*permission));
        (
            realm,
            Holder::Role(role),
            Via::Direct,
            permission,
            resource,
            *opened,
        )
    });
    ways.chain(of_roles)
        .filter(|(_, holder, via, permission, resource, _)| {
            let of_whom = match (ask.subject, ask.role, holder) {
                (Some(subject), _, Holder::User(user)) => user == subject,
                (None, Some(role), Holder::Role(id)) => id == role,
                (None, None, _) => true,
                (Some(_), _, Holder::Role(_)) | (None, Some(_), Holder::User(_)) => false,
            };
            let by_role = match (ask.subject, ask.role) {
                (Some(_), Some(role)) => *via == Via::Role(role.to_owned()),
                _ => true,
            };
            of_whom
                && by_role
                && ask.permission.is_none_or(|name| name == permission)
                && ask.resource.is_none_or(|name| name == resource)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_revision_of_random_histories_is_as_a_plain_model_says() {
    let world = Arc::new(World::new().await);
    let mut leading = JoinSet::new();
    for seed in 0..HISTORIES {
        if leading.len() >= AT_ONCE {
            leading.join_next().await.unwrap().unwrap();
        }
        let world = Arc::clone(&world);
        leading.spawn(async move {
            let tenant = format!("history-{seed}");
            let mut dice = Dice(seed);
            let mut commands = Vec::new();
            if dice.roll(2) == 0 {
                commands = Dice::ground(NAMES);
            }
            commands.extend((0..COMMANDS).map(|_| dice.commands(NAMES)));
            let history = History::lead(&world, &tenant, (NAMES, commands)).await;
            history.is_as_the_model_says(&mut dice).await;
        });
    }
    while let Some(led) = leading.join_next().await {
        led.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_random_questions_are_answered_as_the_model_does() {
    const NAMES: Names = Names {
        users: 12,
        roles: 10,
        apis: 4,
        permissions: 8,
    };
    let world = World::new().await;
    let mut dice = Dice(7);
    let mut commands = Dice::ground(NAMES);
    commands.extend((0..150).map(|_| dice.commands(NAMES)));
    commands.extend(Dice::ground(NAMES));
    commands.extend((0..500).map(|_| dice.of_edges(Realm::Auth0, NAMES)));
    let history = History::lead(&world, "busy", (NAMES, commands)).await;
    let newest = history.model(history.last());
    for round in 0..100 {
        let questions: Vec<_> = (0..1_000)
            .map(|_| history.random_question(&mut dice))
            .collect();
        let at = (round % 2 == 0).then(|| TenantSeq(dice.roll(history.last().0 + 1)));
        let model = at.map_or(newest, |at| history.model(at));
        history.check(at, model, questions).await;
    }
    let answers = newest.ways.len();
    assert!(answers > 100, "the world is too poor: {answers}");
}
