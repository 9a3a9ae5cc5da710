//! What each entry opened, changed and closed, and whose history tells of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;
use writ_domain::testing::Dice;
use writ_domain::{Command, NounKind, NounRef, Realm, TenantSeq, concerns};
use writ_store::entries::effects::{self, Edge, Effect, Turn};
use writ_store::entries::{self, Entry, Item, Order};

use super::super::model::Change;
use super::super::world::World;
use super::{AT_ONCE, COMMANDS, History, NAMES};

/// So many histories: each of them is asked of every name.
const LED: u64 = 120;

/// An effect as the model tells it.
fn told(effect: &Effect) -> Change {
    let (kind, told) = match &effect.edge {
        Edge::RolePermission {
            role,
            api,
            permission,
            ..
        } => ("role_permission", format!("{role} {api} {permission}")),
        Edge::UserPermission {
            user,
            api,
            permission,
            ..
        } => ("user_permission", format!("{user} {api} {permission}")),
        Edge::UserRole { user, role, .. } => ("user_role", format!("{user} {role}")),
        Edge::GroupMember { user, group, .. } => ("group_member", format!("{user} {group}")),
        Edge::Authorization {
            id, before, after, ..
        } => {
            let terms = [before, after].into_iter().flatten();
            let told: Vec<String> = terms.map(|terms| format!("{id} {terms:?}")).collect();
            ("authorization", told.join(" > "))
        }
    };
    match effect.turn {
        Turn::Gained => format!("+ {kind} {told}"),
        Turn::Changed { opened_by } => format!("~ {kind} {told} ({opened_by})"),
        Turn::Lost { opened_by, remains } => {
            let remains = remains.map_or(String::new(), |yes| format!(" remains {yes}"));
            format!("- {kind} {told} ({opened_by}){remains}")
        }
    }
}

/// The entries that concern each user and role, and whether they changed it.
type Concerned = BTreeMap<NounRef, BTreeMap<TenantSeq, bool>>;

impl History {
    async fn effects(&self, entry: &Entry, limit: usize) -> Vec<Change> {
        let mut all = Vec::new();
        let (mut cursor, mut total) = (None, None);
        loop {
            let page = effects::page(&self.store, entry, cursor, limit)
                .await
                .unwrap();
            total = total.or(Some(page.total.count));
            all.extend(page.effects.iter().map(told));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(total, Some(u64::try_from(all.len()).unwrap()));
        all.sort_unstable();
        all
    }

    /// Asserts what each entry did, and returns whom it concerns.
    async fn effects_are_as_the_model_saw(&self, dice: &mut Dice) -> Concerned {
        let mut concerned = Concerned::new();
        for (pair, entry) in self.models.windows(2).zip(&self.entries) {
            let at = entry.tenant_seq;
            let (changes, lost) = pair[1].changes_since(&pair[0]);
            // A fact names a permission as it was called then: not so the state before or after.
            if !pair[1].renamed.contains(&at.0) {
                let limit = [1, 2, 7, 1_000][dice.index(4)];
                let found = self.effects(entry, limit).await;
                assert_eq!(found, changes, "{} {at}: {:?}", self.tenant, entry.facts);
            }
            let command = &entry.submission.as_ref().unwrap().command;
            let named = concerns(command, &entry.facts).into_iter();
            for (noun, changed) in named.chain(lost.into_iter().map(|noun| (noun, true))) {
                *concerned.entry(noun).or_default().entry(at).or_default() |= changed;
            }
        }
        concerned
    }

    async fn told_of(&self, nouns: &[NounRef], limit: u32, order: Order) -> Vec<Item> {
        let mut all = Vec::new();
        let groups = [nouns.to_vec()];
        let mut ask = entries::Ask {
            tenant: &self.tenant,
            groups: &groups,
            actor: None,
            permission: None,
            order,
            cursor: None,
            after: TenantSeq::ZERO,
            up_to: self.last(),
            limit,
        };
        loop {
            let page = entries::history(&self.store, ask).await.unwrap();
            all.extend(page.items);
            ask.cursor = page.next;
            if page.next.is_none() {
                return all;
            }
        }
    }

    async fn histories_tell(&self, concerned: &Concerned, dice: &mut Dice) -> usize {
        let mut unnamed = 0;
        let users = (0..NAMES.users).map(|n| (NounKind::User, format!("u{n}")));
        let roles = (0..NAMES.roles).map(|n| (NounKind::Role, format!("r{n}")));
        for (kind, id) in users.chain(roles) {
            let nouns = Realm::ALL.map(|realm| NounRef {
                realm,
                kind,
                id: id.clone(),
            });
            let mut expected: BTreeMap<TenantSeq, bool> = BTreeMap::new();
            for (at, changed) in nouns
                .iter()
                .filter_map(|noun| concerned.get(noun))
                .flatten()
            {
                *expected.entry(*at).or_default() |= changed;
            }
            let expected: Vec<_> = expected.into_iter().collect();
            let limit = [1, 3, 1_000][dice.index(3)];
            let mut found: Vec<_> = self
                .told_of(&nouns, limit, Order::NewestFirst)
                .await
                .into_iter()
                .map(|item| (item.entry.tenant_seq, item.changed))
                .collect();
            found.reverse();
            assert_eq!(found, expected, "{} {id}", self.tenant);
            let oldest_first = self.told_of(&nouns, limit, Order::OldestFirst).await;
            for (item, (at, changed)) in oldest_first.iter().zip(&expected) {
                assert_eq!((item.entry.tenant_seq, item.changed), (*at, *changed));
                let command = &item.entry.submission.as_ref().unwrap().command;
                let named = concerns(command, &item.entry.facts);
                unnamed += usize::from(!nouns.iter().any(|noun| named.contains_key(noun)));
            }
            assert_eq!(oldest_first.len(), expected.len());
        }
        unnamed
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_did_what_a_plain_model_saw_and_whoever_lost_something_is_told() {
    let world = Arc::new(World::new().await);
    let mut leading = JoinSet::new();
    let mut unnamed = 0;
    for seed in 0..LED {
        if leading.len() >= AT_ONCE {
            unnamed += leading.join_next().await.unwrap().unwrap();
        }
        let world = Arc::clone(&world);
        leading.spawn(async move {
            let mut dice = Dice(seed.wrapping_add(1_000));
            let mut commands = vec![Command::Batch(Dice::ground(NAMES))];
            commands.extend((0..COMMANDS).map(|_| dice.commands(NAMES)));
            let tenant = format!("took-{seed}");
            let history = History::lead(&world, &tenant, (NAMES, commands)).await;
            let concerned = history.effects_are_as_the_model_saw(&mut dice).await;
            history.histories_tell(&concerned, &mut dice).await
        });
    }
    while let Some(led) = leading.join_next().await {
        unnamed += led.unwrap();
    }
    assert!(
        unnamed >= 20,
        "{unnamed} entries took something from somebody unnamed"
    );
}
