//! Authorizations: Camunda's nouns that name holder and resource by text.
//!
//! They hold and revoke whether or not what they name exists: those *on* a removed user or group
//! end with it, those *held by* it stay (design: the one exception).

use core::fmt;

/// What an authorization does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizationKind {
    /// It grants to everybody; what it lacks, it revokes where revokes count.
    Global,
    /// It grants to a user or a group.
    Grant,
    /// It takes from a user or a group.
    Revoke,
}

impl AuthorizationKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Global, Self::Grant, Self::Revoke];

    /// Camunda's number.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Global => 0,
            Self::Grant => 1,
            Self::Revoke => 2,
        }
    }

    /// The kind of this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Whose an authorization is, by the id of a user or group that need not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A user, or everybody: `*`.
    User {
        /// Its id.
        user: String,
    },
    /// A group.
    Group {
        /// Its id.
        group: String,
    },
}

impl Holder {
    /// The user of this id.
    #[must_use]
    pub fn user(user: &str) -> Self {
        let user = user.to_owned();
        Self::User { user }
    }

    /// The group of this id.
    #[must_use]
    pub fn group(group: &str) -> Self {
        let group = group.to_owned();
        Self::Group { group }
    }

    /// The user's id, if it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::User { user } => Some(user),
            Self::Group { .. } => None,
        }
    }

    /// The group's id, if it is one.
    #[must_use]
    pub fn group_id(&self) -> Option<&str> {
        match self {
            Self::User { .. } => None,
            Self::Group { group } => Some(group),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { user } => write!(f, "user {user}"),
            Self::Group { group } => write!(f, "group {group}"),
        }
    }
}

/// What of an authorization can change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizationTerms {
    /// Whose it is.
    pub holder: Holder,
    /// On what type of resource, by Camunda's number; any number may be kept.
    pub resource_type: i32,
    /// On which: an id, or `*` for all. One without an id matches nothing.
    pub resource_id: Option<String>,
    /// Camunda's bits: those that are granted, or, of a revoke, those that are left.
    pub permissions: u32,
}

/// That somebody may, or may not, do something with a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Authorization {
    /// Its public id.
    pub id: String,
    /// What it does; it never changes.
    pub kind: AuthorizationKind,
    /// The rest.
    pub terms: AuthorizationTerms,
}

/// Whether a realm's revokes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RevokeMode {
    /// If the user, one of its groups, or everybody has any revoke at all.
    #[default]
    Auto,
    /// Never.
    Never,
    /// Always.
    Always,
}

impl RevokeMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Never, Self::Always];

    /// The name on the wire, in the store and in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Never => "never",
            Self::Always => "always",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// What of Camunda's rules is set by command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CamundaSettings {
    /// Whether revokes count.
    pub revoke_mode: RevokeMode,
}
