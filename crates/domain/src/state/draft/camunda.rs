//! What a decision may ask of a draft about groups, memberships and authorizations.

use std::collections::BTreeSet;

use super::{Draft, Found, Known, Missing};
use crate::state::{GroupMember, Kind as _, Lookup, Password};
use crate::{
    Authorization, AuthorizationKey, AuthorizationKind, CamundaSettings, Counted, Group, GroupKey,
    Holder, Key, Realm, TenantSeq, User, UserKey,
};

impl Draft<'_> {
    /// How Camunda's rules are to be read.
    pub(crate) fn camunda_settings(&self) -> Result<CamundaSettings, Missing> {
        let known = self.known::<CamundaSettings>(());
        let slot = known.or_missing(|| Key::CamundaSettings)?;
        Ok(slot.map(|slot| slot.row).unwrap_or_default())
    }

    /// The group of this id.
    pub(crate) fn group(&self, realm: Realm, group: &str) -> Result<Found<'_, Group>, Missing> {
        let lookup = Lookup::GroupId(realm, group.to_owned());
        self.find(&lookup, GroupKey::from_stored, || Key::group(realm, group))
    }

    /// The password of a user that is there, and the entry that set it.
    pub(crate) fn password(
        &self,
        user: UserKey,
        missing: impl Fn() -> Key,
    ) -> Result<Option<(String, TenantSeq)>, Missing> {
        match self.known::<Password>(user) {
            Known::Unknown if self.fresh::<User>(user) => Ok(None),
            known @ (Known::Unknown | Known::Absent | Known::There(_)) => {
                let slot = known.or_missing(missing)?;
                Ok(slot.map(|slot| (slot.row.hash.clone(), slot.changed)))
            }
        }
    }

    /// The entry that made the user a member of the group, if it is one. Both are there.
    pub(crate) fn membership(
        &self,
        key: (UserKey, GroupKey),
        missing: impl Fn() -> Key,
    ) -> Result<Option<TenantSeq>, Missing> {
        match self.known::<GroupMember>(key) {
            Known::There(slot) => Ok(Some(slot.changed)),
            Known::Absent => Ok(None),
            Known::Unknown if self.knows_all_groups(key.0) || self.fresh::<Group>(key.1) => {
                Ok(None)
            }
            Known::Unknown => Err(Missing(missing())),
        }
    }

    fn knows_all_groups(&self, user: UserKey) -> bool {
        self.base.complete || self.base.full_members.contains(&user) || self.fresh::<User>(user)
    }

    /// The ids of the groups that the user of this id is a member of, in the order in which the
    /// groups were made.
    pub(crate) fn groups_of(&self, realm: Realm, user: &str) -> Result<Vec<String>, Missing> {
        let Some((user_key, _)) = self.user(realm, user)? else {
            return Ok(Vec::new());
        };
        let missing = || Key::user_groups(realm, user);
        if !self.knows_all_groups(user_key) {
            return Err(Missing(missing()));
        }
        let first = (user_key, GroupKey::from_stored(0));
        let mut members: BTreeSet<(UserKey, GroupKey)> = BTreeSet::new();
        for table in [
            GroupMember::table(&self.base.tables),
            GroupMember::table(&self.top),
        ] {
            let here = table.range(first..).map(|(key, _)| *key);
            members.extend(here.take_while(|(key, _)| *key == user_key));
        }
        let mut groups = Vec::new();
        for key in members {
            if self.present::<GroupMember>(key).is_none() {
                continue;
            }
            if let Some(slot) = self.known::<Group>(key.1).or_missing(missing)? {
                groups.push(slot.row.id.clone());
            }
        }
        Ok(groups)
    }

    /// The authorization of this id.
    pub(crate) fn authorization(
        &self,
        authorization: &str,
    ) -> Result<Found<'_, Authorization>, Missing> {
        let lookup = Lookup::AuthorizationId(authorization.to_owned());
        let missing = || Key::authorization(authorization);
        self.find(&lookup, AuthorizationKey::from_stored, missing)
    }

    /// The authorization of this kind and holder on this resource.
    pub(crate) fn authorization_of(
        &self,
        kind: AuthorizationKind,
        holder: &Holder,
        resource_type: i32,
        resource_id: &str,
    ) -> Result<Found<'_, Authorization>, Missing> {
        let id = resource_id.to_owned();
        let lookup = Lookup::AuthorizationOf(kind, holder.clone(), resource_type, id);
        let missing = || Key::authorizations_of(holder, resource_type, resource_id);
        self.find(&lookup, AuthorizationKey::from_stored, missing)
    }

    /// Every authorization on this resource, in the order in which they were made.
    pub(crate) fn authorizations_on(
        &self,
        resource_type: i32,
        resource_id: &str,
    ) -> Result<Vec<(AuthorizationKey, Authorization)>, Missing> {
        let missing = || Key::authorizations_on(resource_type, resource_id);
        let place = (resource_type, resource_id.to_owned());
        if !self.base.complete && !self.base.full_resources.contains(&place) {
            return Err(Missing(missing()));
        }
        let first = Lookup::AuthorizationOn(resource_type, resource_id.to_owned(), 0);
        let here = |lookup: &&Lookup| {
            matches!(lookup, Lookup::AuthorizationOn(number, id, _)
                if *number == resource_type && id == resource_id)
        };
        let mut lookups: BTreeSet<&Lookup> = BTreeSet::new();
        for known in [&self.base.lookups, &self.lookups] {
            let from = known.range(&first..).map(|(lookup, _)| lookup);
            lookups.extend(from.take_while(here));
        }
        let mut found = Vec::new();
        for lookup in lookups {
            let row = self.find::<Authorization>(lookup, AuthorizationKey::from_stored, missing)?;
            if let Some((key, slot)) = row {
                found.push((key, slot.row.clone()));
            }
        }
        Ok(found)
    }

    /// Whether the holder has any revoking authorization.
    pub(crate) fn has_revoke(&self, holder: &Holder) -> Result<bool, Missing> {
        let count = match self.base.revokes.get(holder) {
            Some(count) => *count,
            None if self.base.complete => 0,
            None => return Err(Missing(Key::Count(Counted::Revokes(holder.clone())))),
        };
        let tally = self.revokes.get(holder).copied().unwrap_or(0);
        Ok(count.saturating_add_signed(tally) > 0)
    }

    /// Whether this is known: one of Camunda's keys.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "State::knows, which calls this, names every key"
    )]
    pub(crate) fn knows_camunda(&self, key: &Key) -> bool {
        match key {
            Key::CamundaSettings => self.camunda_settings().is_ok(),
            Key::Group { realm, group } => self.group(*realm, group).is_ok(),
            Key::UserPassword { realm, user } => match self.user(*realm, user) {
                Ok(Some((user, _))) => self.password(user, || key.clone()).is_ok(),
                Ok(None) => true,
                Err(_) => false,
            },
            Key::UserGroups { realm, user } => self.groups_of(*realm, user).is_ok(),
            Key::Authorization { authorization } => self.authorization(authorization).is_ok(),
            Key::AuthorizationsOf {
                holder,
                resource_type,
                resource_id,
            } => AuthorizationKind::ALL.into_iter().all(|kind| {
                self.authorization_of(kind, holder, *resource_type, resource_id)
                    .is_ok()
            }),
            Key::AuthorizationsOn {
                resource_type,
                resource_id,
            } => self.authorizations_on(*resource_type, resource_id).is_ok(),
            _ => false,
        }
    }
}
