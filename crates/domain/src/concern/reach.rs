//! Whom a fact may concern beyond those that it names.

use crate::Fact;

/// How far a fact reaches beyond the nouns that it names.
///
/// What follows from a removal is derived and told by no fact. So whoever keeps what one user may do
/// MUST hear of every fact that may take something from that user without naming them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Only those that it names.
    Named,
    /// The users of a role, too: what the role holds has changed.
    HoldersOfRole,
    /// Everybody who holds something that rests on it: a noun has ended.
    Everybody,
}

impl Fact {
    /// How far it reaches. No wildcard: a new fact must say so.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::ApiDeleted { .. }
            | Self::PermissionRemoved { .. }
            | Self::RoleDeleted { .. }
            | Self::UserDeleted { .. }
            // What is held under the old name is held no more.
            | Self::PermissionRenamed { .. }
            // What one may do, those may who are the same person.
            | Self::SubjectLinked { .. }
            | Self::SubjectUnlinked { .. }
            // They may be on a group, or on everybody; a group that ends takes its members' rights.
            | Self::CamundaConfigured { .. }
            | Self::GroupDeleted { .. }
            | Self::AuthorizationCreated { .. }
            | Self::AuthorizationChanged { .. }
            | Self::AuthorizationDeleted { .. } => Reach::Everybody,
            Self::RolePermissionGranted { .. }
            | Self::RolePermissionRevoked { .. }
            | Self::RoleActivated { .. }
            | Self::RoleDeactivated { .. } => Reach::HoldersOfRole,
            Self::ApiCreated { .. }
            | Self::ApiRenamed { .. }
            | Self::ApiSettingChanged { .. }
            | Self::ApiPermissionsDeclared { .. }
            | Self::ApiPermissionsReordered { .. }
            | Self::PermissionDefined { .. }
            | Self::PermissionDescribed { .. }
            | Self::RoleCreated { .. }
            | Self::RoleRenamed { .. }
            | Self::RoleDescribed { .. }
            | Self::UserRegistered { .. }
            | Self::UserProfileChanged { .. }
            | Self::UserPermissionGranted { .. }
            | Self::UserPermissionRevoked { .. }
            | Self::UserRoleAssigned { .. }
            | Self::UserRoleUnassigned { .. }
            | Self::PermissionCategorized { .. }
            | Self::RoleSaved { .. }
            | Self::AdminCreated { .. }
            | Self::AdminPasswordChanged { .. }
            | Self::AdminSessionsEnded { .. }
            | Self::AdminDeleted { .. }
            | Self::UserPasswordSet { .. }
            | Self::GroupCreated { .. }
            | Self::GroupRenamed { .. }
            | Self::GroupKindChanged { .. }
            | Self::GroupMemberAdded { .. }
            | Self::GroupMemberRemoved { .. }
            | Self::CommandCancelled { .. } => Reach::Named,
        }
    }
}
