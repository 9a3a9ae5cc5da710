//! Version 1 of the wire: what the log, the store and the feed hold.
//!
//! **Frozen** with the first release. From then on a field or kind that is added, renamed or moved
//! is version 2: an older build calls a version 1 record that it does not know broken, for ever,
//! and the order of fields is hashed. A later version gets a module of its own and this one keeps
//! reading what it always read.
//!
//! Names: every field is `snake_case`; absent fields are left out, and where one may be absent,
//! `null` reads as absent; the `type` of a command, fact, rejection or denial is its name in the
//! domain, that of an outcome its `kind`.

mod camunda;
mod command;
mod fact;
mod json;
mod mirror;
mod outcome;
mod record;
mod rejection;
mod scalar;
mod seal;

pub use camunda::{
    Authorization, AuthorizationKind, AuthorizationName, AuthorizationProblem, AuthorizationTerms,
    GroupName, Holder, RevokeMode,
};
pub use command::{
    AddGroupMember, AssignRoleUsers, AssignUserRoles, Batch, CancelCommand, ChangeAdminPassword,
    Command, ConfigureCamunda, ConfigureNestAuth, CreateAdmin, CreateApi, CreateAuthorization,
    CreateCamundaUser, CreateGroup, CreateGuardedRole, CreatePermission, CreateRole, DeleteAdmin,
    DeleteApi, DeleteAuthorization, DeleteCamundaUser, DeleteGroup, DeletePermission, DeleteRole,
    DeleteUser, EndAdminSessions, GrantRolePermissions, GrantUserPermissions, InstallCamundaAdmin,
    LinkSubject, NounRef, PermissionRef, PermissionSpec, RecordDenial, RegisterUser,
    RemoveGroupMember, ReplaceApiPermissions, RevokeRolePermissions, RevokeUserPermissions,
    SetCamundaPassword, SubjectRef, UnassignUserRoles, UnlinkSubject, UpdateApi,
    UpdateAuthorization, UpdateCamundaUser, UpdateGroup, UpdateGuardedRole, UpdatePermission,
    UpdateRole, UpdateUser,
};
pub use fact::Fact;
pub use json::{JsonText, SettingChanges, Settings};
pub use outcome::{Denial, Outcome};
pub use record::{Actor, Expected, Idempotency, Record};
pub use rejection::{Rejection, TextProblem};
pub use scalar::{CommandId, Hex32, Limited, NounKind, Realm, TenantId, Time};
pub use seal::SealRecord;

pub(crate) use mirror::Mirror;
