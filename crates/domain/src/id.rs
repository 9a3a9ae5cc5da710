//! Identifiers. Each is its own type: a function cannot be called with two of them swapped.

use core::fmt;
use std::sync::Arc;

use newtype_uuid::{TypedUuid, TypedUuidKind, TypedUuidTag};

/// Marker of [`CommandId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {}

impl TypedUuidKind for CommandKind {
    fn tag() -> TypedUuidTag {
        const TAG: TypedUuidTag = TypedUuidTag::new("command");
        TAG
    }
}

/// The id of a command, a UUID v7 minted where it was submitted.
pub type CommandId = TypedUuid<CommandKind>;

/// The ledger's partition of trust: 1 to 63 of `[a-z0-9-]`, or a reserved name that begins with `~`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);

impl TenantId {
    /// A tenant's name.
    pub fn try_new(name: &str) -> Result<Self, InvalidTenant> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > 63 || !name.bytes().all(legal) {
            return Err(InvalidTenant);
        }
        Ok(Self(name.into()))
    }

    /// The tenant that owns a partition's broken records. No credential can name it.
    #[must_use]
    pub fn reserved(partition: crate::Partition) -> Self {
        Self(format!("~{partition}").into())
    }

    /// A name read back from the store, reserved ones included.
    pub fn from_stored(name: &str) -> Result<Self, InvalidTenant> {
        match name.strip_prefix('~') {
            Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self(name.into()))
            }
            Some(_) => Err(InvalidTenant),
            None => Self::try_new(name),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text cannot name a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant is named by 1 to 63 of a-z, 0-9 and the hyphen")]
pub struct InvalidTenant;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_named_by_up_to_63_small_letters_digits_and_hyphens() {
        let longest = "x".repeat(63);
        for good in ["a", "default", "a-1", "0", longest.as_str()] {
            assert_eq!(TenantId::try_new(good).unwrap().as_str(), good);
            assert_eq!(TenantId::from_stored(good).unwrap().to_string(), good);
        }
        let too_long = "x".repeat(64);
        for bad in ["", "A", "a_b", "a b", "ü", "~0", "a\0", too_long.as_str()] {
            assert_eq!(TenantId::try_new(bad), Err(InvalidTenant), "{bad}");
        }
    }

    #[test]
    fn only_the_store_names_a_reserved_tenant() {
        let reserved = TenantId::reserved(crate::Partition(12));
        assert_eq!(reserved.as_str(), "~12");
        assert_eq!(TenantId::from_stored("~12"), Ok(reserved));
        for bad in ["~", "~a", "~1a", "~-1", "~+1"] {
            assert_eq!(TenantId::from_stored(bad), Err(InvalidTenant), "{bad}");
        }
    }
}
