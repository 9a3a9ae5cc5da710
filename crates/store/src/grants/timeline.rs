//! What Camunda's rules said of a question at every entry, and the last time that they said yes.
//!
//! **Shape.** A [`Timeline`] holds every row that could decide, each with the time that it was
//! there. The answer changes only where one of them begins or ends; so it is asked there, from the
//! newest back, until it is yes. Each look-up is by halves over the times of one place.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;
use writ_domain::check::{self, Authorizations, DecidingRow, Verdict};
use writ_domain::{AuthorizationKind, Holder, RevokeMode, TenantSeq};

use super::Via;
use super::authorized::via;
use super::check::Place;
use super::explain::{EXPLAIN, Life, LinkedLife, life, linked, noun};
use crate::Error;
use crate::ledger::rows::{authorization_kind, bits, holder_of, revoke_mode};

/// An authorization that lets somebody do something, or forbids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    /// That the user is the same person as the one who was asked about.
    pub linked: Option<LinkedLife>,
    /// Its id.
    pub id: String,
    /// What it does.
    pub kind: AuthorizationKind,
    /// Whose it is.
    pub holder: Holder,
    /// Whether it lets somebody do it, or forbids it. A global one may do either.
    pub allows: bool,
    /// On which type of resource.
    pub resource_type: i32,
    /// On which resource of the type, or `*`.
    pub resource_id: String,
    /// From when to when it stood as it says.
    pub authorization: Life,
    /// The membership, if it is a group's.
    pub member: Option<Membership>,
    /// By what it decides.
    pub via: Via,
    /// From the latest beginning of what it rests on, to the entry that took it away: which may have
    /// ended something of it, or made what forbids it.
    pub open: Life,
}

/// A user in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The user.
    pub user: Life,
    /// The group's id.
    pub group: String,
    /// The group.
    pub noun: Life,
    /// That the user is a member.
    pub member: Life,
}

/// What decides now.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) authorized: Vec<Authorized>,
    pub(super) forbidden: Vec<Authorized>,
}

/// Times that do not overlap, by their beginnings.
type Times<T> = BTreeMap<TenantSeq, (Option<TenantSeq>, T)>;

#[derive(Debug)]
struct Rule {
    id: String,
    bits: u32,
}

/// Somebody who is asked about, from when to when.
#[derive(Debug)]
struct Person {
    subject: String,
    linked: Option<LinkedLife>,
    life: Life,
}

/// Every row that could decide, with its time.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    persons: Vec<Person>,
    /// By user and group, by the key of the group.
    members: BTreeMap<String, BTreeMap<u64, Times<Membership>>>,
    rules: BTreeMap<(AuthorizationKind, Holder, String), Times<Rule>>,
    /// When each holder had any revoke; joined where they meet.
    revokes: BTreeMap<Holder, Times<()>>,
    modes: Times<RevokeMode>,
    /// Where anything began or ended.
    bounds: BTreeSet<TenantSeq>,
}

impl Timeline {
    pub(super) fn take(&mut self, part: i32, row: &Row) -> Result<(), Error> {
        let life = life(row, "from_seq", "ended")?;
        self.bounds
            .extend([Some(life.from), life.to].into_iter().flatten());
        match part {
            1 => self.persons.push(Person {
                subject: EXPLAIN.get(row, "subject")?,
                linked: linked(row)?,
                life,
            }),
            2 => self.member(row, life)?,
            3 => {
                let stand = (
                    authorization_kind(row)?,
                    holder_of(row)?,
                    EXPLAIN.get(row, "resource_id")?,
                );
                let rule = Rule {
                    id: EXPLAIN.get(row, "id")?,
                    bits: bits(row)?,
                };
                let times = self.rules.entry(stand).or_default();
                times.insert(life.from, (life.to, rule));
            }
            4 => join(self.revokes.entry(holder_of(row)?).or_default(), life),
            5 => {
                let mode = revoke_mode(&EXPLAIN.get::<String>(row, "revoke_mode")?)?;
                self.modes.insert(life.from, (life.to, mode));
            }
            other => {
                return Err(Error::Inconsistent {
                    what: "part",
                    problem: format!("{other} is none"),
                });
            }
        }
        Ok(())
    }

    fn member(&mut self, row: &Row, member: Life) -> Result<(), Error> {
        let membership = Membership {
            user: noun(row, "user_key", "user_ended")?,
            group: EXPLAIN.get(row, "group_id")?,
            noun: noun(row, "group_key", "group_ended")?,
            member,
        };
        let ends = [member.to, membership.user.to, membership.noun.to];
        let to = ends.into_iter().flatten().min();
        self.bounds.extend(to);
        let of_user = self
            .members
            .entry(EXPLAIN.get(row, "subject")?)
            .or_default();
        // SUBTLE: a membership goes by the keys of both; a user's next noun has others.
        let times = of_user
            .entry(EXPLAIN.number(row, "group_key")?)
            .or_default();
        times.insert(member.from, (to, membership));
        Ok(())
    }

    /// What decided as of an entry, and, if that was no, what decided when it last was yes.
    pub(super) fn told(&self, place: Place<'_>, at: TenantSeq) -> Told {
        let mut told = Told::default();
        for person in &self.persons {
            if is_there(person.life, at) {
                let look = self.look(person, place, at);
                let verdict = look.verdict();
                let allows = verdict.allowed;
                let decides = verdict.row.map(|row| look.authorized(&row, allows, None));
                match (allows, decides) {
                    (true, Some(open)) => {
                        told.authorized.push(open);
                        continue;
                    }
                    (_, Some(forbids)) => told.forbidden.push(forbids),
                    (_, None) => {}
                }
            }
            told.authorized.extend(self.last_yes(person, place, at));
        }
        told
    }

    /// What decided when it last was yes, before `at`.
    fn last_yes(&self, person: &Person, place: Place<'_>, at: TenantSeq) -> Option<Authorized> {
        let end = person.life.to.unwrap_or(at);
        let own = [person.life.to];
        let bounds = self.bounds.range(..=at).copied();
        let mut bounds: BTreeSet<TenantSeq> = bounds.collect();
        bounds.extend(own.into_iter().flatten());
        for bound in bounds.into_iter().rev() {
            let before = TenantSeq(bound.0.checked_sub(1)?);
            if bound > end || before < person.life.from {
                continue;
            }
            let look = self.look(person, place, before);
            let verdict = look.verdict();
            if let Some(row) = verdict.row.filter(|_| verdict.allowed) {
                return Some(look.authorized(&row, true, Some(bound)));
            }
        }
        None
    }

    fn look<'l>(&'l self, person: &'l Person, place: Place<'l>, at: TenantSeq) -> Look<'l> {
        let groups = self.members.get(&person.subject);
        let members = groups
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter_map(|times| Some(there(times, at)?.2))
            .collect();
        Look {
            timeline: self,
            person,
            place,
            at,
            members,
        }
    }
}

/// The rows as they were at one time.
struct Look<'l> {
    timeline: &'l Timeline,
    person: &'l Person,
    place: Place<'l>,
    at: TenantSeq,
    members: Vec<&'l Membership>,
}

impl Look<'_> {
    fn verdict(&self) -> Verdict {
        let groups = self.members.iter().map(|member| member.group.clone());
        let groups: Vec<String> = groups.collect();
        let question = check::Question {
            user: &self.person.subject,
            groups: &groups,
            permission: self.place.bits,
            resource_type: self.place.resource_type,
            resource_id: Some(self.place.resource_id),
        };
        let mode = there(&self.timeline.modes, self.at).map(|(.., mode)| *mode);
        match check::check(self, mode.unwrap_or_default(), &question) {
            Ok(verdict) => verdict,
            Err(never) => match never {},
        }
    }

    /// The row that decided, with what it rests on; `closed` is the entry that took it away.
    fn authorized(&self, row: &DecidingRow, allows: bool, closed: Option<TenantSeq>) -> Authorized {
        let stand = (row.kind, row.holder.clone(), row.resource_id.clone());
        let times = self.timeline.rules.get(&stand);
        let rule = times.and_then(|times| there(times, self.at));
        let (id, authorization) = match rule {
            Some((from, to, rule)) => (rule.id.clone(), Life { from, to }),
            // Not possible: the row was found there.
            None => (
                String::new(),
                Life {
                    from: self.at,
                    to: None,
                },
            ),
        };
        let group = row.holder.group_id();
        let mut members = self.members.iter().copied();
        let member = members.find(|member| Some(member.group.as_str()) == group);
        let begins = [
            Some(authorization.from),
            member.map(|member| member.member.from),
            Some(self.person.life.from),
        ];
        Authorized {
            linked: self.person.linked.clone(),
            id,
            kind: row.kind,
            holder: row.holder.clone(),
            allows,
            resource_type: self.place.resource_type,
            resource_id: row.resource_id.clone(),
            authorization,
            member: member.cloned(),
            via: via(row.kind, &row.holder),
            open: Life {
                from: begins.into_iter().flatten().max().unwrap_or(self.at),
                to: closed,
            },
        }
    }
}

impl Authorizations for Look<'_> {
    type Error = core::convert::Infallible;

    fn bits(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        _resource_type: i32,
        resource_id: &str,
    ) -> Result<Option<u32>, Self::Error> {
        let stand = (kind, holder.clone(), resource_id.to_owned());
        let times = self.timeline.rules.get(&stand);
        let rule = times.and_then(|times| there(times, self.at));
        Ok(rule.map(|(.., rule)| rule.bits))
    }

    fn has_revoke(&self, holder: &Holder) -> Result<bool, Self::Error> {
        let times = self.timeline.revokes.get(holder);
        Ok(times.is_some_and(|times| there(times, self.at).is_some()))
    }
}

fn is_there(life: Life, at: TenantSeq) -> bool {
    life.from <= at && life.to.is_none_or(|to| to > at)
}

/// What was there at a time, with its own.
fn there<T>(times: &Times<T>, at: TenantSeq) -> Option<(TenantSeq, Option<TenantSeq>, &T)> {
    let (from, (to, of)) = times.range(..=at).next_back()?;
    to.is_none_or(|to| to > at).then_some((*from, *to, of))
}

/// Adds a time, and joins those that it meets. They come in no order.
fn join(times: &mut Times<()>, life: Life) {
    let end = |to: Option<TenantSeq>| to.unwrap_or(TenantSeq(u64::MAX));
    let (mut from, mut to) = (life.from, life.to);
    // Those that begin before the end and do not end before the beginning.
    while let Some((start, stop)) = times
        .range(..=end(to))
        .next_back()
        .map(|(start, (stop, ()))| (*start, *stop))
        .filter(|(_, stop)| end(*stop) >= from)
    {
        times.remove(&start);
        from = from.min(start);
        if end(stop) > end(to) {
            to = stop;
        }
    }
    times.insert(from, (to, ()));
}
