//! Camunda's rules, as its specification says them: three levels, two places, grants first.

use std::collections::BTreeMap;

use writ_domain::{Authorization, AuthorizationKind, Fact, Holder, RevokeMode};

use super::{By, Edges, Person, Yes};

/// The permissions that are asked about, with their bits; `ALL` has all there are.
pub(in super::super) const BITS: [(&str, u32); 4] = [
    ("READ", 2),
    ("UPDATE", 4),
    ("DELETE", 16),
    ("ALL", 2_147_483_647),
];

/// The types of resource that anything is on; those that nobody asks about have rows of the rules'
/// own making.
pub(in super::super) const RESOURCE_TYPES: [(&str, i32); 4] = [
    ("User", 1),
    ("ProcessDefinition", 6),
    ("Group", 2),
    ("Authorization", 4),
];

/// The row that decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Authorized {
    pub(in super::super) allows: bool,
    pub(in super::super) id: String,
    pub(in super::super) by: By,
    pub(in super::super) since: u64,
}

impl Authorized {
    pub(in super::super) fn yes(self, person: Person) -> Yes {
        Yes {
            opened: self.since.max(person.since),
            person,
            by: self.by,
            authorization: Some(self.id),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Row {
    pub(in super::super) authorization: Authorization,
    pub(in super::super) since: u64,
}

/// Groups, members and authorizations.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Camunda {
    mode: RevokeMode,
    groups: BTreeMap<u64, String>,
    /// By user and group.
    members: Edges,
    pub(in super::super) rows: BTreeMap<u64, Row>,
    before: Option<(Edges, BTreeMap<u64, Row>)>,
}

impl Camunda {
    /// An entry begins: what it takes and gives again it leaves as it was.
    pub(super) fn begin(&mut self) {
        self.before = Some((self.members.clone(), self.rows.clone()));
    }

    pub(super) fn end(&mut self, at: u64) {
        let (members, rows) = self.before.take().unwrap();
        super::keep_since(&members, &mut self.members);
        for (key, row) in &mut self.rows {
            let was = rows.get(key);
            row.since = was
                .filter(|was| was.authorization == row.authorization)
                .map_or(at, |was| was.since);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is of no group and no authorization is nothing here"
    )]
    pub(super) fn apply(&mut self, fact: &Fact, at: u64) {
        match fact {
            Fact::CamundaConfigured { after, .. } => self.mode = *after,
            Fact::GroupCreated { key, id, .. } => {
                self.groups.insert(key.get(), id.clone());
            }
            Fact::GroupDeleted { group, .. } => {
                self.groups.remove(&group.key.get());
            }
            Fact::GroupMemberAdded { group, user } => {
                self.members.insert((user.key.get(), group.key.get()), at);
            }
            Fact::GroupMemberRemoved { group, user, .. } => {
                self.members.remove(&(user.key.get(), group.key.get()));
            }
            Fact::AuthorizationCreated { key, authorization } => {
                let authorization = authorization.clone();
                let row = Row {
                    authorization,
                    since: at,
                };
                self.rows.insert(key.get(), row);
            }
            Fact::AuthorizationChanged {
                authorization,
                after,
                ..
            } => {
                let row = self.rows.get_mut(&authorization.key.get()).unwrap();
                row.authorization.terms = after.clone();
            }
            Fact::AuthorizationDeleted { authorization, .. } => {
                self.rows.remove(&authorization.key.get());
            }
            _ => {}
        }
    }

    /// The groups of a user that is there, by key, and since when it is a member.
    pub(super) fn groups_of(&self, user: u64) -> BTreeMap<u64, (String, u64)> {
        let own = self.members.iter().filter(|((of, _), _)| *of == user);
        own.filter_map(|((_, group), since)| {
            let id = self.groups.get(group)?;
            Some((*group, (id.clone(), *since)))
        })
        .collect()
    }

    /// Whether a user was never taken out of a group, be they there or not.
    pub(super) fn is_member(&self, user: u64, group: u64) -> bool {
        self.members.contains_key(&(user, group))
    }

    /// The members of a group, by the key of the user, and since when.
    pub(in super::super) fn members_of(&self, id: &str) -> Vec<(u64, u64)> {
        let of = self.members.iter();
        of.filter(|((_, group), _)| self.groups.get(group).is_some_and(|name| name == id))
            .map(|((user, _), since)| (*user, *since))
            .collect()
    }

    /// The row that decides, if any matches.
    pub(super) fn verdict(
        &self,
        user: &str,
        groups: &BTreeMap<u64, (String, u64)>,
        permission: &str,
        resource: &str,
    ) -> Option<Authorized> {
        use AuthorizationKind::{Global, Grant, Revoke};
        let (_, bits) = BITS.iter().find(|(name, _)| *name == permission)?;
        let (named, id) = resource.split_once('/')?;
        let (_, number) = RESOURCE_TYPES.iter().find(|(name, _)| *name == named)?;
        let mut of_user = vec![(Holder::user(user), By::Direct, 0)];
        let of_groups: Vec<(Holder, By, u64)> = groups
            .values()
            .map(|(id, since)| (Holder::group(id), By::Group(id.clone()), *since))
            .collect();
        let of_all = vec![(Holder::user("*"), By::Everyone, 0)];
        let revokes = match self.mode {
            RevokeMode::Always => true,
            RevokeMode::Never => false,
            RevokeMode::Auto => self.rows.values().any(|row| {
                let holders = of_user.iter().chain(&of_groups).chain(&of_all);
                let mut holders = holders.map(|(holder, ..)| holder);
                row.authorization.kind == Revoke
                    && holders.any(|holder| *holder == row.authorization.terms.holder)
            }),
        };
        let ids = if id == "*" { vec!["*"] } else { vec![id, "*"] };
        let levels = [
            (std::mem::take(&mut of_user), Grant, Revoke),
            (of_groups, Grant, Revoke),
            (of_all, Global, Global),
        ];
        for (holders, positive, negative) in levels {
            for id in &ids {
                let find = |kind, gives: bool| {
                    holders.iter().find_map(|(holder, by, member)| {
                        let row = self.rows.values().find(|row| {
                            let Authorization {
                                kind: of, terms, ..
                            } = &row.authorization;
                            *of == kind
                                && terms.holder == *holder
                                && terms.resource_type == *number
                                && terms.resource_id.as_deref() == Some(id)
                                && (terms.permissions & bits == *bits) == gives
                        })?;
                        Some(Authorized {
                            allows: gives,
                            id: row.authorization.id.clone(),
                            by: by.clone(),
                            since: row.since.max(*member),
                        })
                    })
                };
                if let Some(found) = find(positive, true) {
                    return Some(found);
                }
                if let Some(found) = find(negative, false).filter(|_| revokes) {
                    return Some(found);
                }
            }
        }
        None
    }
}
