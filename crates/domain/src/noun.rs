//! The nouns, their surrogate keys, and the names by which callers know them.
//!
//! **Shape.** A noun has a key that is never reused: made again under the same name, it is
//! another noun and inherits nothing. Edges name keys. A permission lives only while its
//! namespace does; an edge lives only while both its ends do.

use core::fmt;
use std::collections::BTreeMap;

use crate::{Realm, TenantSeq};

/// How many nouns one command can make: keys are `tenant_seq * 2^20 + n`.
pub const NOUNS_PER_COMMAND_MAX: u32 = 1 << 20;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The key of the `n`th noun that the entry at `made_by` made.
            #[must_use]
            pub fn minted(made_by: TenantSeq, n: u32) -> Option<Self> {
                mint(made_by, n).map(Self)
            }

            /// A key read back from where it was stored.
            #[must_use]
            pub fn from_stored(key: u64) -> Self {
                Self(key)
            }

            /// The key as a number below 2^63.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0
            }

            /// The entry that made the noun.
            #[must_use]
            pub fn made_by(self) -> TenantSeq {
                TenantSeq(self.0 >> 20)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

fn mint(made_by: TenantSeq, n: u32) -> Option<u64> {
    let shifted = made_by.0.checked_mul(u64::from(NOUNS_PER_COMMAND_MAX))?;
    let key = shifted.checked_add(u64::from(n))?;
    (n < NOUNS_PER_COMMAND_MAX && i64::try_from(key).is_ok()).then_some(key)
}

key! {
    /// The surrogate key of a [`Namespace`].
    NamespaceKey
}
key! {
    /// The surrogate key of a [`Permission`].
    PermissionKey
}
key! {
    /// The surrogate key of a [`Role`].
    RoleKey
}
key! {
    /// The surrogate key of a [`User`].
    UserKey
}
key! {
    /// The surrogate key of an [`Admin`].
    AdminKey
}
key! {
    /// The surrogate key of a [`LinkedSubject`].
    LinkedSubjectKey
}
key! {
    /// What linked subjects have in common.
    LinkKey
}

key! {
    /// The surrogate key of a [`Group`].
    GroupKey
}
key! {
    /// The surrogate key of an [`Authorization`](crate::Authorization).
    AuthorizationKey
}

/// JSON that the ledger keeps and does not read: the exact text of one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JsonText(pub String);

/// Free settings or profile fields: name to opaque JSON.
pub type Settings = BTreeMap<String, JsonText>;

/// What holds permissions: an API (Auth0's resource server), or a resource of the native realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Whose rules it follows.
    pub realm: Realm,
    /// Its public id, minted at submission.
    pub id: String,
    /// The name that callers chose for it; immutable, unique in its realm.
    pub identifier: String,
    /// A name for people.
    pub name: Option<String>,
    /// Its other settings.
    pub settings: Settings,
    /// Made by the product, and not to be changed.
    pub system: bool,
    /// Whether a list of permissions was ever sent, the empty one included.
    pub declared: bool,
}

/// Something that may be done in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Where it lives.
    pub namespace: NamespaceKey,
    /// Its name, unique in the namespace.
    pub name: String,
    /// What it allows, for people. Absent and empty differ.
    pub description: Option<String>,
    /// Its place in the namespace's list.
    pub ordinal: u32,
    /// Its public id, minted at submission, where its realm gives permissions one.
    pub id: Option<String>,
    /// What it is listed under, for people.
    pub category: Option<String>,
}

/// A set of permissions that users are given together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Whose rules it follows.
    pub realm: Realm,
    /// Its public id, minted at submission.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its guard and its flags, where its realm has guards.
    pub guarded: Option<Guarded>,
    /// The entry that saved it without changing anything else, if one did after its last change.
    pub saved: Option<TenantSeq>,
}

/// What a role has where roles live in guards (Nest Auth).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guarded {
    /// The guard: all of the role's permissions are in that namespace.
    pub guard: String,
    /// Made by the product's host. Changes nothing by itself.
    pub system: bool,
    /// Whether its holders have it.
    pub active: bool,
}

/// Somebody who holds permissions and roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whose rules it follows.
    pub realm: Realm,
    /// Its id as the client gave it.
    pub id: String,
    /// Its profile.
    pub profile: Settings,
}

/// A set of users that is given rights together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose rules it follows.
    pub realm: Realm,
    /// Its id as the client gave it.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// What kind of group it is, in the client's words.
    pub kind: Option<String>,
}

/// Somebody who may use Nest Auth's admin console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Its public id, minted at submission.
    pub id: String,
    /// Its e-mail address in lower case; unique.
    pub email: String,
    /// A name for people.
    pub name: Option<String>,
    /// What its password is checked against: the text of an argon2id hash.
    pub password: String,
    /// Grows when its sessions end: one that was begun under another version is over.
    pub token_version: u32,
    /// Free fields.
    pub metadata: Settings,
}

/// A subject that is known to be the same person as others.
///
/// Those with one link are that person. Neither the subject nor its realm has to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedSubject {
    /// Which link.
    pub link: LinkKey,
    /// Who.
    pub subject: SubjectRef,
}

/// Somebody, by the id that a realm knows them by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectRef {
    /// The realm.
    pub realm: Realm,
    /// The id.
    pub id: String,
}

impl SubjectRef {
    /// The noun's reference.
    #[must_use]
    pub fn noun(&self) -> NounRef {
        NounRef {
            realm: self.realm,
            kind: NounKind::User,
            id: self.id.clone(),
        }
    }
}

/// What kind of noun a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NounKind {
    /// A [`Namespace`], named by its identifier, or by its id where a caller used that.
    Api,
    /// A [`Role`], named by its id.
    Role,
    /// A [`User`], named by its id.
    User,
    /// A [`Group`], named by its id.
    Group,
    /// An [`Authorization`](crate::Authorization), named by its id.
    Authorization,
    /// A [`Permission`] that has an id, named by it.
    Permission,
    /// An [`Admin`], named by its id.
    Admin,
}

impl NounKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Api,
        Self::Role,
        Self::User,
        Self::Group,
        Self::Authorization,
        Self::Permission,
        Self::Admin,
    ];

    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
            Self::Authorization => "authorization",
            Self::Permission => "permission",
            Self::Admin => "admin",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A noun as callers name it: what history is asked by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NounRef {
    /// Whose noun.
    pub realm: Realm,
    /// What kind.
    pub kind: NounKind,
    /// Its name.
    pub id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_the_entry_that_made_the_noun() {
        let key = RoleKey::minted(TenantSeq(7), 3).unwrap();
        assert_eq!(key.get(), (7 << 20) + 3);
        assert_eq!(key.made_by(), TenantSeq(7));
        assert_eq!(RoleKey::from_stored(key.get()), key);
    }

    #[test]
    fn keys_grow_with_the_entries_and_within_them() {
        let minted = |at, n| UserKey::minted(TenantSeq(at), n).unwrap();
        let last = NOUNS_PER_COMMAND_MAX - 1;
        let keys = [
            minted(0, 0),
            minted(1, 0),
            minted(1, 1),
            minted(1, last),
            minted(2, 0),
        ];
        assert!(keys.is_sorted_by(|one, next| one < next), "{keys:?}");
    }

    #[test]
    fn an_entry_makes_a_limited_number_of_nouns_and_keys_stay_below_2_to_the_63() {
        let last = NOUNS_PER_COMMAND_MAX - 1;
        assert!(PermissionKey::minted(TenantSeq(1), last).is_some());
        assert_eq!(PermissionKey::minted(TenantSeq(1), last + 1), None);
        let end = TenantSeq((1 << 43) - 1);
        let key = NamespaceKey::minted(end, last).unwrap();
        assert_eq!(i64::try_from(key.get()), Ok(i64::MAX));
        assert_eq!(NamespaceKey::minted(TenantSeq(1 << 43), 0), None);
        assert_eq!(NamespaceKey::minted(TenantSeq(u64::MAX), 0), None);
    }

    #[test]
    fn kinds_and_realms_read_back() {
        for kind in NounKind::ALL {
            assert_eq!(NounKind::from_name(kind.as_str()), Some(kind));
        }
        for realm in Realm::ALL {
            assert_eq!(Realm::from_name(realm.as_str()), Some(realm));
        }
        assert_eq!(NounKind::from_name("grant"), None);
        assert_eq!(Realm::from_name("Auth0"), None);
    }
}
