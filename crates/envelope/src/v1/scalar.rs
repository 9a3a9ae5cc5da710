//! Ids, instants and words.

use chrono::{DateTime, NaiveDateTime, Timelike, Utc};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use writ_domain as domain;

use super::mirror::{Mirror, mirrored};
use crate::Hash;
use crate::read::{Fault, Read, Tree};

mirrored! {
    /// Whose rules a noun follows.
    words Realm {
        /// Auth0's resource servers, roles and users.
        Auth0 = "auth0",
        /// Camunda 7's users, groups and authorizations.
        Camunda = "camunda",
        /// Writ's own.
        Native = "native",
        /// Nest Auth's guards, permissions, roles and users.
        NestAuth = "nestauth",
    }
}

mirrored! {
    /// What kind of noun a name belongs to.
    words NounKind {
        /// An API, named by its identifier.
        Api = "api",
        /// A role, named by its id.
        Role = "role",
        /// A user, named by its id.
        User = "user",
        /// A group, named by its id.
        Group = "group",
        /// An authorization, named by its id.
        Authorization = "authorization",
        /// A permission that has an id, named by it.
        Permission = "permission",
        /// An admin of Nest Auth's console, named by its id.
        Admin = "admin",
    }
}

mirrored! {
    /// Of what there is a limit.
    words Limited {
        /// APIs of a tenant.
        Apis = "apis",
        /// Permissions of an API.
        ApiPermissions = "api_permissions",
        /// Roles of a tenant.
        Roles = "roles",
        /// Permissions of a role.
        RolePermissions = "role_permissions",
        /// Direct permissions of a user.
        UserPermissions = "user_permissions",
        /// Roles of a user.
        UserRoles = "user_roles",
        /// Subjects that are linked with each other.
        LinkedSubjects = "linked_subjects",
        /// Commands in a batch, or names in a command.
        Items = "items",
    }
}

/// The id of a command: a UUID with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(
    inline,
    extend("pattern" = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
)]
pub struct CommandId(#[schemars(with = "uuid::Uuid")] domain::CommandId);

impl Mirror<domain::CommandId> for CommandId {
    fn of(domain: &domain::CommandId) -> Self {
        Self(*domain)
    }

    fn back(self) -> domain::CommandId {
        self.0
    }
}

impl Serialize for CommandId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Read for CommandId {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let text = String::read(tree)?;
        // SUBTLE: the parser takes braces, "urn:uuid:" and no hyphens too; only one form has 36.
        let uuid = if text.len() == 36 {
            uuid::Uuid::try_parse(&text).ok()
        } else {
            None
        };
        uuid.map(|uuid| Self(domain::CommandId::from_bytes(uuid.into_bytes())))
            .ok_or_else(|| Fault::new("must be a UUID with hyphens"))
    }
}

/// The ledger's partition of trust: 1 to 63 of a-z, 0-9 and the hyphen.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(inline, extend("pattern" = "^[a-z0-9-]{1,63}$"))]
pub struct TenantId(#[schemars(with = "String")] domain::TenantId);

impl Mirror<domain::TenantId> for TenantId {
    fn of(domain: &domain::TenantId) -> Self {
        Self(domain.clone())
    }

    fn back(self) -> domain::TenantId {
        self.0
    }
}

impl Serialize for TenantId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl Read for TenantId {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let text = String::read(tree)?;
        match domain::TenantId::try_new(&text) {
            Ok(tenant) => Ok(Self(tenant)),
            Err(_source) => Err(Fault::new("must be 1 to 63 of a-z, 0-9 and the hyphen")),
        }
    }
}

/// An instant: RFC 3339, UTC, six digits after the second, always `Z`.
///
/// What is finer than a microsecond is cut off; what lies outside the years 0000 to 9999 becomes
/// the nearest instant inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(
    inline,
    extend("pattern" = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", "format" = "date-time")
)]
pub struct Time(#[schemars(with = "String")] DateTime<Utc>);

const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";
/// 0000-01-01T00:00:00Z and the last microsecond of 9999.
const TIME_MICROS: (i64, i64) = (-62_167_219_200_000_000, 253_402_300_799_999_999);

impl Mirror<DateTime<Utc>> for Time {
    fn of(domain: &DateTime<Utc>) -> Self {
        let micros = domain
            .timestamp_micros()
            .clamp(TIME_MICROS.0, TIME_MICROS.1);
        Self(DateTime::from_timestamp_micros(micros).unwrap_or_default())
    }

    fn back(self) -> DateTime<Utc> {
        self.0
    }
}

impl core::fmt::Display for Time {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.format(TIME_FORMAT).fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Read for Time {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let text = String::read(tree)?;
        // SUBTLE: the parser takes a second 60 and fewer digits; printing it again does not.
        NaiveDateTime::parse_from_str(&text, TIME_FORMAT)
            .ok()
            .filter(|time| time.nanosecond() < 1_000_000_000)
            .map(|time| Self(time.and_utc()))
            .filter(|time| time.to_string() == text)
            .ok_or_else(|| Fault::new("must be an instant such as 2026-01-31T23:59:59.000000Z"))
    }
}

/// 32 bytes in lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(inline, extend("pattern" = "^[0-9a-f]{64}$"))]
pub struct Hex32(#[schemars(with = "String")] [u8; 32]);

impl Mirror<[u8; 32]> for Hex32 {
    fn of(domain: &[u8; 32]) -> Self {
        Self(*domain)
    }

    fn back(self) -> [u8; 32] {
        self.0
    }
}

impl Serialize for Hex32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Hash(self.0))
    }
}

impl Read for Hex32 {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let text = String::read(tree)?;
        text.parse()
            .map(|hash: Hash| Self(hash.0))
            .map_err(|_source| Fault::new("must be 64 lower-case hexadecimal digits"))
    }
}
