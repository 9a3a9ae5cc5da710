//! Random histories: at each revision, grants, checks and reasons are those of a plain model.

mod lines;
mod seen;
mod told;
mod took;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use writ_domain::testing::{Dice, Names};
use writ_domain::{Command, Realm, TenantId, TenantSeq};
use writ_store::Store;
use writ_store::entries::{self, Entry, Window, at_instant};
use writ_store::grants::{
    Ask, Effect, Explained, Grant, LinkedLife, Question, TOTAL_MAX, check, explain, list,
};

use self::lines::{Line, line, lines};
use self::seen::{Seen, count};
use self::told::{Answer, expected_answer, outline, outline_of_authorized, outlined, told};
use super::model::{Asked, BITS, Model, RESOURCE_TYPES};
use super::world::World;

const HISTORIES: u64 = 300;
const COMMANDS: usize = 12;
const AT_ONCE: usize = 8;
/// Random questions that are asked at each revision, and of them so many explained.
const CHECKED: usize = 24;
const EXPLAINED: usize = 2;
/// Questions that are asked one by one in the end, which is another statement than that of many.
const ALONE: usize = 48;
const NAMES: Names = Names {
    users: 3,
    roles: 3,
    apis: 3,
    permissions: 3,
    groups: 2,
    things: 2,
};

/// The realms of a question: where the subject is known, whose rules answer.
type Scope = (&'static [Realm], &'static [Realm]);

const EVERYWHERE: Scope = (&Realm::ALL, &Realm::ALL);

/// A tenant's entries, and the model after each of them; the first one is that of the beginning.
struct History {
    store: Store,
    tenant: TenantId,
    names: Names,
    entries: Vec<Entry>,
    models: Vec<Model>,
    seen: Arc<Seen>,
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
            seen: Arc::default(),
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
            let scope = scope(dice);
            let questions = (0..CHECKED).map(|_| self.random_question(dice)).collect();
            self.check(Some(at), scope, questions).await;
            self.list(Some(at), scope, dice).await;
            for _ in 0..EXPLAINED {
                let scope = self::scope(dice);
                let question = self.question_of_the_past(at, scope, dice);
                self.explain(at, scope, question).await;
            }
        }
        self.check(None, EVERYWHERE, self.every_question()).await;
        for _ in 0..ALONE {
            let (scope, question) = (scope(dice), self.random_question(dice));
            self.check(None, scope, vec![question]).await;
        }
        self.list(None, EVERYWHERE, dice).await;
        for question in self.every_question() {
            self.explain(self.last(), EVERYWHERE, question).await;
        }
        self.instants(dice).await;
    }

    fn every_question(&self) -> Vec<Asked> {
        let names = self.names;
        let mut all = Vec::new();
        for user in (0..=names.users).map(|user| format!("u{user}")) {
            for permission in 0..names.permissions {
                for api in 0..names.apis {
                    all.push([user.clone(), format!("p{permission}"), format!("a{api}")]);
                }
            }
            for (resource_type, _) in RESOURCE_TYPES.iter().take(2) {
                for thing in ["*", "x0", "x1"] {
                    for (permission, _) in BITS.iter().skip(2) {
                        let resource = format!("{resource_type}/{thing}");
                        all.push([user.clone(), (*permission).to_owned(), resource]);
                    }
                }
            }
        }
        all
    }

    fn random_question(&self, dice: &mut Dice) -> Asked {
        if dice.roll(2) == 0 {
            return self.question_of_camunda(dice);
        }
        self.question_of_edges(dice)
    }

    /// Mostly one that once was answered with yes.
    fn question_of_the_past(&self, at: TenantSeq, scope: Scope, dice: &mut Dice) -> Asked {
        let mut question = self.random_question(dice);
        for _ in 0..8 {
            let before = self.model(TenantSeq(dice.roll(at.0 + 1)));
            if !before.yes(&question, scope.0, scope.1).is_empty() {
                break;
            }
            question = self.random_question(dice);
        }
        question
    }

    fn question_of_edges(&self, dice: &mut Dice) -> Asked {
        [
            dice.name('u', self.names.users),
            dice.name('p', self.names.permissions),
            dice.name('a', self.names.apis),
        ]
    }

    fn question_of_camunda(&self, dice: &mut Dice) -> Asked {
        let thing = match dice.roll(5) {
            0 => "*".to_owned(),
            _ => dice.name('x', self.names.things),
        };
        let (resource_type, _) = RESOURCE_TYPES[dice.index(2)];
        let (permission, _) = BITS[dice.index(BITS.len())];
        [
            dice.name('u', self.names.users),
            permission.to_owned(),
            format!("{resource_type}/{thing}"),
        ]
    }

    async fn check(&self, at: Option<TenantSeq>, scope: Scope, questions: Vec<Asked>) {
        let model = self.model(at.unwrap_or(self.last()));
        let asked: Vec<Question<'_>> = questions.iter().map(|of| question(of, scope)).collect();
        let checked = check(&self.store, &self.tenant, at, &asked).await.unwrap();
        assert_eq!(checked.head.is_some(), at.is_none());
        if let Some(head) = checked.head {
            assert_eq!(head.tenant_seq, self.last());
        }
        let mut known: BTreeMap<&Asked, Option<Answer>> = BTreeMap::new();
        for (of, answer) in questions.iter().zip(&checked.answers) {
            let found = answer.as_ref().map(told);
            let expected = known.entry(of).or_insert_with(|| {
                let expected = model.answer(of, scope.0, scope.1);
                expected.as_ref().map(expected_answer)
            });
            assert_eq!(found, *expected, "{} {at:?} {scope:?}: {of:?}", self.tenant);
            self.seen.answer(answer.as_ref());
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

    async fn list(&self, at: Option<TenantSeq>, scope: Scope, dice: &mut Dice) {
        let model = self.model(at.unwrap_or(self.last()));
        let names = self.names;
        let (user, role) = (dice.name('u', names.users), dice.name('r', names.roles));
        let mut aside = Dice(dice.0.wrapping_mul(3));
        let (resource, permission) = self.narrowed(dice);
        let mut of_subject = ask(at, scope);
        of_subject.subject = Some(&user);
        of_subject.role = (dice.roll(6) == 0).then_some(&role);
        let group = aside.name('g', names.groups);
        of_subject.group = (aside.roll(8) == 0 && of_subject.role.is_none()).then_some(&group);
        of_subject.resource = resource.as_deref();
        of_subject.permission = permission.as_deref();
        self.pages(of_subject, model, dice).await;
        let (_, permission) = self.narrowed(dice);
        let mut other = ask(at, scope);
        other.permission = permission.as_deref();
        let resource = match dice.roll(6) {
            0 => None,
            1 => Some("6/*".to_owned()),
            2 | 3 => Some(format!("User/{}", dice.name('x', names.things))),
            _ => Some(dice.name('a', names.apis)),
        };
        other.group = (aside.roll(4) == 0).then_some(&group);
        other.role = (resource.is_none() && other.group.is_none()).then_some(&role);
        other.resource = resource.as_deref();
        self.pages(other, model, dice).await;
    }

    /// A resource and a permission to narrow a list by, now and then.
    fn narrowed(&self, dice: &mut Dice) -> (Option<String>, Option<String>) {
        let [_, permission, resource] = self.random_question(dice);
        (
            (dice.roll(4) == 0).then_some(resource),
            (dice.roll(3) == 0).then_some(permission),
        )
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
        for grant in &all {
            count(&self.seen.denied, grant.effect == Effect::Deny);
        }
        assert!(all.is_sorted_by(|one, next| one.place < next.place));
        let total = total.unwrap();
        assert_eq!(total.count, u64::try_from(all.len()).unwrap());
        assert!(!total.at_least && total.count <= u64::from(TOTAL_MAX));
        for grant in &all {
            assert_eq!(grant.opened_by, self.entry(grant.opened.at).subject);
        }
        let mut found: Vec<Line> = all.iter().map(line).collect();
        let mut expected = lines(model, &ask);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{}: {ask:?}", self.tenant);
    }

    async fn explain(&self, at: TenantSeq, scope: Scope, of: Asked) {
        let asked = question(&of, scope);
        let explained = explain(&self.store, &self.tenant, at, asked, 100)
            .await
            .unwrap();
        let context = format!(
            "{} as of {at} {scope:?}: {of:?} {explained:#?}",
            self.tenant
        );
        self.seen.explained(&explained);
        let yes = |at: TenantSeq| self.model(at).yes(&of, scope.0, scope.1);
        let mut expected = (yes(at), None);
        if expected.0.is_empty() {
            // The last time that it was yes, and the entry after that.
            let last = (0..at.0).rev().map(TenantSeq);
            let mut last = last.map(|before| (yes(before), Some(before.0 + 1)));
            expected = last.find(|(ways, _)| !ways.is_empty()).unwrap_or_default();
        }
        let (ways, closed) = expected;
        let allowed = closed.is_none() && !ways.is_empty();
        let expected: BTreeSet<_> = ways.iter().map(|yes| (outlined(yes), closed)).collect();
        assert_eq!(expected.len(), ways.len(), "{context}");
        let by_edges = explained.ways.iter().map(outline);
        let authorized = explained.authorized.iter().map(outline_of_authorized);
        let found: Vec<_> = by_edges.chain(authorized).collect();
        assert_eq!(found.len(), ways.len(), "{context}");
        assert_eq!(
            found.into_iter().collect::<BTreeSet<_>>(),
            expected,
            "{context}"
        );
        self.rests_on_what_was_there(at, &explained, &context);
        let mut forbidden = BTreeSet::new();
        if !allowed {
            let model = self.model(at);
            for person in model.persons(&of[0], scope.0, scope.1) {
                let verdict = model.verdict(&person.subject, &of);
                let row = verdict.filter(|_| person.realm == Realm::Camunda);
                forbidden.extend(row.map(|row| (outlined(&row.yes(person)), None)));
            }
        }
        let found = explained.forbidden.iter().map(outline_of_authorized);
        assert_eq!(found.collect::<BTreeSet<_>>(), forbidden, "{context}");
    }

    /// A way is open from the latest beginning to the earliest end of what it rests on, and the
    /// ends of nouns are those that the model saw.
    fn rests_on_what_was_there(&self, at: TenantSeq, explained: &Explained, context: &str) {
        let model = self.model(at);
        let of_link = |linked: &Option<LinkedLife>| {
            let linked = linked.iter();
            linked
                .flat_map(|linked| [linked.named, linked.other])
                .collect::<Vec<_>>()
        };
        for way in &explained.ways {
            let link = way
                .role
                .iter()
                .flat_map(|link| [link.role, link.assignment]);
            let all = [way.user, way.permission_edge, way.permission, way.namespace];
            let all = all.into_iter().chain(link).chain(of_link(&way.linked));
            let all: Vec<_> = all.collect();
            let from = all.iter().map(|life| life.from).max();
            assert_eq!(from, Some(way.open.from), "{context}");
            let to = all.iter().filter_map(|life| life.to).min();
            assert_eq!(to, way.open.to, "{context}");
            for life in all.iter().filter(|life| life.to.is_some()) {
                assert!(life.to > Some(life.from), "{context}");
            }
        }
        assert!(!explained.more);
        let ends: BTreeSet<u64> = model
            .ended
            .values()
            .chain(&model.renamed)
            .copied()
            .collect();
        for way in &explained.ways {
            for noun in [way.user, way.permission, way.namespace] {
                assert!(noun.to.is_none_or(|to| ends.contains(&to.0)), "{context}");
            }
        }
        for way in explained.authorized.iter().chain(&explained.forbidden) {
            let member = way.member.iter();
            let member = member.flat_map(|member| [member.user, member.noun, member.member]);
            let all = [way.authorization].into_iter().chain(member);
            let all: Vec<_> = all.chain(of_link(&way.linked)).collect();
            let from = all.iter().map(|life| life.from).max();
            assert_eq!(from, Some(way.open.from), "{context}");
            // What came in between may have taken it away before.
            assert!(
                all.iter()
                    .all(|life| life.to.is_none_or(|to| Some(to) >= way.open.to)),
                "{context}"
            );
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

fn question(asked: &Asked, (known, realms): Scope) -> Question<'_> {
    let [subject, permission, resource] = asked;
    Question {
        realms,
        known,
        subject,
        permission,
        resource,
    }
}

/// Mostly everywhere.
fn scope(dice: &mut Dice) -> Scope {
    let mut one = || match dice.roll(12) {
        0 => &[Realm::Auth0] as &[Realm],
        1 => &[Realm::Camunda],
        2 => &[Realm::NestAuth],
        _ => &Realm::ALL,
    };
    (one(), one())
}

fn ask(at: Option<TenantSeq>, (known, realms): Scope) -> Ask<'static> {
    Ask {
        realms,
        known,
        subject: None,
        role: None,
        group: None,
        permission: None,
        resource: None,
        after: None,
        limit: 1_000,
        count: true,
        at,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_revision_of_random_histories_is_as_a_plain_model_says() {
    let (world, seen) = (Arc::new(World::new().await), Arc::new(Seen::default()));
    let mut leading = JoinSet::new();
    for seed in 0..HISTORIES {
        if leading.len() >= AT_ONCE {
            leading.join_next().await.unwrap().unwrap();
        }
        let (world, seen) = (Arc::clone(&world), Arc::clone(&seen));
        leading.spawn(async move {
            let tenant = format!("history-{seed}");
            let mut dice = Dice(seed);
            let mut commands = Vec::new();
            if dice.roll(8) > 0 {
                commands.push(Command::Batch(Dice::ground(NAMES)));
            }
            commands.extend((0..COMMANDS).map(|_| dice.commands(NAMES)));
            let mut history = History::lead(&world, &tenant, (NAMES, commands)).await;
            history.seen = seen;
            history.is_as_the_model_says(&mut dice).await;
        });
    }
    while let Some(led) = leading.join_next().await {
        led.unwrap();
    }
    seen.at_least(
        20,
        &[
            ("a yes", &seen.yes),
            ("one by a role", &seen.by_role),
            ("one by a group", &seen.by_group),
            ("one as everyone", &seen.by_everyone),
            ("one as another", &seen.linked),
            ("a loss", &seen.lost),
            ("a lost authorization", &seen.lost_authorized),
            ("a loss of a link", &seen.lost_linked),
            ("what forbids", &seen.forbidden),
            ("a grant that denies", &seen.denied),
        ],
    );
}

/// Something of every realm that happens in a busy world.
fn busy(dice: &mut Dice, names: Names) -> Command {
    match dice.roll(8) {
        0 if dice.roll(3) == 0 => dice.of_links(names),
        1..=3 => dice.of_camunda(names),
        4 => dice.of_nest_auth(names),
        0 | 5 => dice.of_edges(Realm::Native, names),
        _ => dice.of_edges(Realm::Auth0, names),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_random_questions_in_each_realm_are_answered_as_the_model_does() {
    const NAMES: Names = Names {
        users: 12,
        roles: 10,
        apis: 4,
        permissions: 8,
        groups: 4,
        things: 4,
    };
    let world = World::new().await;
    let mut dice = Dice(7);
    let mut commands = Dice::ground(NAMES);
    commands.extend((0..150).map(|_| dice.commands(NAMES)));
    commands.extend(Dice::ground(NAMES));
    for _ in 0..60 {
        commands.push(Command::Batch(
            (0..10).map(|_| busy(&mut dice, NAMES)).collect(),
        ));
    }
    commands.extend((0..300).map(|_| busy(&mut dice, NAMES)));
    let history = Arc::new(History::lead(&world, "busy", (NAMES, commands)).await);
    let mut asking = JoinSet::new();
    for realm in Realm::ALL {
        let (history, mut dice) = (Arc::clone(&history), Dice(dice.roll(1_000)));
        asking.spawn(async move {
            let answering: &[Realm] = match realm {
                Realm::Auth0 => &[Realm::Auth0],
                Realm::Camunda => &[Realm::Camunda],
                Realm::Native => &[Realm::Native],
                Realm::NestAuth => &[Realm::NestAuth],
            };
            for round in 0..100 {
                let question = |dice: &mut Dice| match realm {
                    Realm::Camunda => history.question_of_camunda(dice),
                    Realm::Auth0 | Realm::Native | Realm::NestAuth => {
                        history.question_of_edges(dice)
                    }
                };
                let questions = (0..1_000).map(|_| question(&mut dice)).collect();
                let at = (round % 2 == 0).then(|| TenantSeq(dice.roll(history.last().0 + 1)));
                history.check(at, (&Realm::ALL, answering), questions).await;
            }
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked.unwrap();
    }
    let seen = &history.seen;
    seen.at_least(
        1_000,
        &[
            ("a yes", &seen.yes),
            ("one by a role", &seen.by_role),
            ("one by a group", &seen.by_group),
            ("one as everyone", &seen.by_everyone),
            ("one as another", &seen.linked),
        ],
    );
}
