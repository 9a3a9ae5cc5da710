//! Whose rules a noun follows.

use core::fmt;

/// Whose rules a noun follows. What a realm's rules are is in `policy` and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Realm {
    /// Auth0's resource servers, roles and users.
    Auth0,
    /// Camunda 7's users, groups and authorizations.
    Camunda,
    /// Writ's own.
    Native,
    /// Nest Auth's guards, permissions, roles and users.
    NestAuth,
}

impl Realm {
    /// Every realm.
    pub const ALL: [Self; 4] = [Self::Auth0, Self::Camunda, Self::Native, Self::NestAuth];

    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Camunda => "camunda",
            Self::Native => "native",
            Self::NestAuth => "nestauth",
        }
    }

    /// The realm of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|realm| realm.as_str() == name)
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
