//! Reads of the current views and, as of a `tenant_seq`, of their history.
//!
//! **Shape.** One statement a read, so one snapshot a read. Names and ids come from the rows;
//! surrogate keys leave the store only as the domain's key types.
//!
//! **Correctness.** Rows of nouns whose container has ended, and edges with a dead end, stay in
//! the tables until they are swept: every statement here joins the containers and both ends, so
//! that swept or not the answer is the same. Tenant and realm are in every statement; a noun of
//! another tenant does not exist.

mod apis;
mod camunda;
mod nestauth;
mod nouns;
mod page;
mod roles;
#[cfg(test)]
mod tests;
mod users;

pub use apis::{Api, ApiPermission};
pub use camunda::{
    CamundaAsked, CamundaFilter, CamundaGroupFilter, CamundaLogin, CamundaOrder, CamundaPage,
    CamundaViewer,
};
pub use nestauth::{NestAdmin, NestFilter, NestPermission, NestRole};
pub use page::{Listed, Slice};
pub use roles::{HeldPermission, Role, RoleUser, RoleUsersAfter};
pub use users::{
    EffectivePermissions, PermissionRoles, RoleAfter, RoleSource, User, UserPermission,
};
