//! What lists hold, by the model.

use std::collections::BTreeMap;

use writ_domain::Realm;
use writ_store::grants::{Ask, Effect, Grant, Holder};

use super::super::model::{BITS, By, Model, Person, RESOURCE_TYPES};
use super::told::by;

/// A grant: realm, holder, by what, permission, resource, authorization, effect, the entry that
/// opened it.
pub(super) type Line = (
    Realm,
    Holder,
    By,
    String,
    String,
    Option<String>,
    Effect,
    u64,
);

pub(super) fn line(grant: &Grant) -> Line {
    (
        grant.realm,
        grant.holder.clone(),
        by(&grant.via),
        grant.permission.clone(),
        grant.resource.clone(),
        grant.authorization.clone(),
        grant.effect,
        grant.opened.at.0,
    )
}

/// What a list holds, by the model.
pub(super) fn lines(model: &Model, ask: &Ask<'_>) -> Vec<Line> {
    let mut lines = match (ask.subject, ask.role) {
        (Some(subject), role) => lines_of_subject(model, ask, subject, role),
        (None, Some(role)) => lines_of_roles(model, ask.realms)
            .filter(|line| line.1 == Holder::Role(role.to_owned()))
            .collect(),
        (None, None) => lines_of_all(model, ask.realms),
    };
    if let Some(group) = ask.group {
        let of_group = |line: &Line| match ask.subject {
            Some(_) => line.2 == By::Group(group.to_owned()),
            None => line.1 == Holder::Group(group.to_owned()),
        };
        lines.retain(of_group);
    }
    lines.retain(|line| {
        let named = |name: &str| {
            let all = line.0 == Realm::Camunda && line.3 == "ALL";
            line.3 == name || (all && BITS.iter().any(|(known, _)| *known == name))
        };
        ask.permission.is_none_or(named) && ask.resource.is_none_or(|asked| is_on(asked, line))
    });
    lines
}

/// Whether a grant is one of what is asked about: in Camunda's realm, one on `*` is.
fn is_on(asked: &str, line: &Line) -> bool {
    if line.0 != Realm::Camunda {
        return line.4 == asked;
    }
    let asked = asked.replace("6/", "ProcessDefinition/");
    let all = asked.split_once('/').map(|(of, _)| format!("{of}/*"));
    line.4 == asked || Some(&line.4) == all.as_ref()
}

fn lines_of_subject(model: &Model, ask: &Ask<'_>, subject: &str, role: Option<&str>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut persons: BTreeMap<(Realm, String), Person> = BTreeMap::new();
    for person in model.persons(subject, ask.known, ask.realms) {
        let name = (person.realm, person.subject.clone());
        let known = persons.entry(name).or_insert_with(|| person.clone());
        known.since = known.since.min(person.since);
    }
    for (way, opened) in model.ways() {
        let (realm, [user, permission, resource]) = model.named(&way);
        let Some(person) = persons.get(&(realm, user.clone())) else {
            continue;
        };
        let by = way
            .role
            .map_or(By::Direct, |role| By::Role(model.role(role).1));
        if role.is_some_and(|role| by != By::Role(role.to_owned())) {
            continue;
        }
        let (holder, opened) = (Holder::User(user), opened.max(person.since));
        let effect = Effect::Allow;
        lines.push((
            realm, holder, by, permission, resource, None, effect, opened,
        ));
    }
    for person in persons.into_values() {
        if person.realm != Realm::Camunda || role.is_some() {
            continue;
        }
        let holder = Holder::User(person.subject.clone());
        let groups = model.groups_of(&person.subject);
        for of in held_by_authorizations(model) {
            let ways = match &of.holder {
                writ_domain::Holder::User { user } if of.global || *user == person.subject => {
                    let by = if of.global { By::Everyone } else { By::Direct };
                    vec![(by, 0)]
                }
                writ_domain::Holder::User { .. } => Vec::new(),
                writ_domain::Holder::Group { group } => groups
                    .values()
                    .filter(|(id, _)| id == group)
                    .map(|(id, since)| (By::Group(id.clone()), *since))
                    .collect(),
            };
            for (by, since) in ways {
                lines.push(of.line(holder.clone(), by, since.max(person.since)));
            }
        }
    }
    lines
}

fn lines_of_roles(model: &Model, realms: &[Realm]) -> impl Iterator<Item = Line> {
    let held = model.of_roles().map(|((role, permission), opened)| {
        let ((realm, role), (permission, resource)) = (model.role(role), model.held(permission));
        let (holder, effect) = (Holder::Role(role), Effect::Allow);
        (
            realm,
            holder,
            By::Direct,
            permission,
            resource,
            None,
            effect,
            opened,
        )
    });
    held.filter(|line| realms.contains(&line.0))
}

/// Everything, whoever holds it: of those who are linked, each their own.
fn lines_of_all(model: &Model, realms: &[Realm]) -> Vec<Line> {
    let mut lines: Vec<Line> = lines_of_roles(model, realms).collect();
    for (way, opened) in model.ways() {
        let (realm, [user, permission, resource]) = model.named(&way);
        let by = way
            .role
            .map_or(By::Direct, |role| By::Role(model.role(role).1));
        let (holder, effect) = (Holder::User(user), Effect::Allow);
        lines.push((
            realm, holder, by, permission, resource, None, effect, opened,
        ));
    }
    for of in held_by_authorizations(model) {
        match &of.holder {
            writ_domain::Holder::User { .. } if of.global => {
                lines.push(of.line(Holder::Everyone, By::Direct, 0));
            }
            writ_domain::Holder::User { user } => {
                lines.push(of.line(Holder::User(user.clone()), By::Direct, 0));
            }
            writ_domain::Holder::Group { group } => {
                lines.push(of.line(Holder::Group(group.clone()), By::Direct, 0));
                for (user, since) in model.camunda.members_of(group) {
                    if let Some(user) = model.live_user(user) {
                        let holder = Holder::User(user.to_owned());
                        lines.push(of.line(holder, By::Group(group.clone()), since));
                    }
                }
            }
        }
    }
    lines.retain(|line| realms.contains(&line.0));
    lines
}

/// A permission that an authorization gives or takes.
struct Held {
    holder: writ_domain::Holder,
    global: bool,
    permission: &'static str,
    resource: String,
    id: String,
    effect: Effect,
    since: u64,
}

impl Held {
    fn line(&self, holder: Holder, by: By, since: u64) -> Line {
        (
            Realm::Camunda,
            holder,
            by,
            self.permission.to_owned(),
            self.resource.clone(),
            Some(self.id.clone()),
            self.effect,
            self.since.max(since),
        )
    }
}

fn held_by_authorizations(model: &Model) -> Vec<Held> {
    let mut all = Vec::new();
    for row in model.camunda.rows.values() {
        let (kind, terms) = (row.authorization.kind, &row.authorization.terms);
        let Some(id) = &terms.resource_id else {
            continue;
        };
        let revoke = kind == writ_domain::AuthorizationKind::Revoke;
        let bits = if revoke {
            i32::MAX.unsigned_abs() & !terms.permissions
        } else {
            terms.permissions
        };
        let number = terms.resource_type;
        let of = RESOURCE_TYPES.iter().find(|(_, of)| *of == number);
        let (of, _) = of.unwrap_or_else(|| panic!("{row:?}"));
        // What has everything is said to have that, and no more.
        let everything = BITS
            .iter()
            .filter(|(name, all)| *name == "ALL" && bits == *all);
        let everything: Vec<_> = everything.collect();
        let each = BITS
            .iter()
            .filter(|(name, bit)| *name != "ALL" && bits & bit == *bit);
        let shown = if everything.is_empty() {
            each.collect()
        } else {
            everything
        };
        all.extend(shown.into_iter().map(|(permission, _)| Held {
            holder: terms.holder.clone(),
            global: kind == writ_domain::AuthorizationKind::Global,
            permission,
            resource: format!("{of}/{id}"),
            id: row.authorization.id.clone(),
            effect: if revoke { Effect::Deny } else { Effect::Allow },
            since: row.since,
        }));
    }
    all
}
