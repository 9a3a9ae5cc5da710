//! Texts that the ledger cannot keep: refused before anything is decided (no poison).
//!
//! Limits are in bytes and generous: they keep index entries under Postgres's limit and records
//! under the log's. Dialects have tighter limits of their own.

use std::collections::BTreeMap;

use crate::{
    Command, JsonText, Limited, PermissionRef, PermissionSpec, Rejection, SubjectRef, Submission,
    TextProblem,
};

/// Names that stand in an index: ids, identifiers, names.
const NAME_BYTES_MAX: u32 = 2_400;
/// Names of permissions and roles.
const SHORT_NAME_BYTES_MAX: u32 = 1_200;
/// Descriptions, reasons.
const TEXT_BYTES_MAX: u32 = 8_192;
/// One setting or profile field.
const JSON_BYTES_MAX: u32 = 262_144;
/// All settings of an API, or all profile fields of a user, with their names.
const FIELDS_BYTES_MAX: u32 = 1_048_576;
/// Subject, key and the like.
const STAMP_BYTES_MAX: u32 = 1_024;
/// Commands in a batch.
const BATCH_MAX: usize = 1_000;

/// Rejects a submission that holds a text which cannot be kept, or too many names.
pub(crate) fn check(submission: &Submission) -> Result<(), Rejection> {
    let stamp = &submission.stamp;
    name("actor.subject", &stamp.actor.subject, STAMP_BYTES_MAX)?;
    let optional = [
        ("actor.client", &stamp.actor.client, STAMP_BYTES_MAX),
        (
            "actor.on_behalf_of",
            &stamp.actor.on_behalf_of,
            STAMP_BYTES_MAX,
        ),
        ("actor.address", &stamp.actor.address, STAMP_BYTES_MAX),
        ("actor.user_agent", &stamp.actor.user_agent, TEXT_BYTES_MAX),
        ("reason", &stamp.reason, TEXT_BYTES_MAX),
        ("ticket", &stamp.ticket, STAMP_BYTES_MAX),
        ("request_id", &stamp.request_id, STAMP_BYTES_MAX),
    ];
    for (field, value, limit) in optional {
        if let Some(value) = value {
            text(field, value, limit)?;
        }
    }
    if let Some(idempotency) = &stamp.idempotency {
        name("idempotency_key", &idempotency.key, STAMP_BYTES_MAX)?;
    }
    whole(&submission.command)
}

/// Refuses a command, or one of a batch, for a text that cannot be kept or for too many names.
pub(super) fn whole(asked: &Command) -> Result<(), Rejection> {
    if let Command::Batch(commands) = asked {
        if commands.len() > BATCH_MAX {
            return Err(too_many(BATCH_MAX));
        }
        return commands.iter().try_for_each(command);
    }
    command(asked)
}

#[expect(clippy::too_many_lines, reason = "flat: an arm a command")]
fn command(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::CreateApi {
            id,
            identifier,
            name: title,
            settings,
            permissions,
            ..
        } => {
            name("id", id, NAME_BYTES_MAX)?;
            name("identifier", identifier, NAME_BYTES_MAX)?;
            optional("name", title.as_ref())?;
            fields(settings)?;
            specs(permissions.as_deref().unwrap_or_default())
        }
        Command::UpdateApi {
            api,
            name: title,
            settings,
            ..
        } => {
            name("api", api, NAME_BYTES_MAX)?;
            optional("name", title.as_ref())?;
            changed_fields(settings)
        }
        Command::ReplaceApiPermissions {
            api, permissions, ..
        } => {
            name("api", api, NAME_BYTES_MAX)?;
            specs(permissions)
        }
        Command::DeleteApi { api, .. } => name("api", api, NAME_BYTES_MAX),
        Command::ConfigureNestAuth { .. }
        | Command::CreatePermission { .. }
        | Command::UpdatePermission { .. }
        | Command::DeletePermission { .. }
        | Command::CreateGuardedRole { .. }
        | Command::UpdateGuardedRole { .. } => guards(command),
        Command::CreateRole {
            id,
            name: title,
            description,
            ..
        } => {
            name("id", id, NAME_BYTES_MAX)?;
            name("name", title, SHORT_NAME_BYTES_MAX)?;
            optional("description", description.as_ref())
        }
        Command::UpdateRole {
            role,
            name: title,
            description,
            ..
        } => {
            name("role", role, NAME_BYTES_MAX)?;
            if let Some(title) = title {
                name("name", title, SHORT_NAME_BYTES_MAX)?;
            }
            optional("description", description.as_ref())
        }
        Command::DeleteRole { role, .. } => name("role", role, NAME_BYTES_MAX),
        Command::GrantRolePermissions {
            role, permissions, ..
        }
        | Command::RevokeRolePermissions {
            role, permissions, ..
        } => {
            name("role", role, NAME_BYTES_MAX)?;
            refs(permissions)
        }
        Command::RegisterUser { id, profile, .. } => {
            name("id", id, NAME_BYTES_MAX)?;
            fields(profile)
        }
        Command::UpdateUser { user, profile, .. } => {
            name("user", user, NAME_BYTES_MAX)?;
            changed_fields(profile)
        }
        Command::DeleteUser { user, .. } => name("user", user, NAME_BYTES_MAX),
        Command::GrantUserPermissions {
            user, permissions, ..
        }
        | Command::RevokeUserPermissions {
            user, permissions, ..
        } => {
            name("user", user, NAME_BYTES_MAX)?;
            refs(permissions)
        }
        Command::AssignUserRoles { user, roles, .. }
        | Command::UnassignUserRoles { user, roles, .. } => {
            name("user", user, NAME_BYTES_MAX)?;
            names("roles", roles)
        }
        Command::AssignRoleUsers { role, users, .. } => {
            name("role", role, NAME_BYTES_MAX)?;
            names("users", users)
        }
        Command::ConfigureCamunda { .. }
        | Command::InstallCamundaAdmin { .. }
        | Command::CreateCamundaUser { .. }
        | Command::UpdateCamundaUser { .. }
        | Command::SetCamundaPassword { .. }
        | Command::DeleteCamundaUser { .. }
        | Command::CreateGroup { .. }
        | Command::UpdateGroup { .. }
        | Command::DeleteGroup { .. }
        | Command::AddGroupMember { .. }
        | Command::RemoveGroupMember { .. }
        | Command::CreateAuthorization { .. }
        | Command::UpdateAuthorization { .. }
        | Command::DeleteAuthorization { .. } => of_camunda(command),
        Command::CreateAdmin {
            id,
            email,
            name: title,
            password,
            metadata,
            ..
        } => {
            name("id", id, NAME_BYTES_MAX)?;
            name("email", email, NAME_BYTES_MAX)?;
            optional("name", title.as_ref())?;
            name("password", password, STAMP_BYTES_MAX)?;
            fields(metadata)
        }
        Command::ChangeAdminPassword { admin, password } => {
            name("admin", admin, NAME_BYTES_MAX)?;
            name("password", password, STAMP_BYTES_MAX)
        }
        Command::EndAdminSessions { admin } | Command::DeleteAdmin { admin } => {
            name("admin", admin, NAME_BYTES_MAX)
        }
        Command::LinkSubject { subject, with } => {
            subject_name("subject", subject)?;
            subject_name("with", with)
        }
        Command::UnlinkSubject { subject } => subject_name("subject", subject),
        // A batch in a batch is rejected for that.
        Command::Batch(_) | Command::CancelCommand { .. } => Ok(()),
        Command::RecordDenial {
            operation, target, ..
        } => {
            name("operation", operation, STAMP_BYTES_MAX)?;
            target
                .as_ref()
                .map_or(Ok(()), |noun| text("target", &noun.id, NAME_BYTES_MAX))
        }
    }
}

/// Texts of Camunda's realm. Ids may be empty: an empty one names somebody, too.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "command, above, names every command"
)]
#[expect(clippy::too_many_lines, reason = "flat: an arm a command")]
fn of_camunda(command: &Command) -> Result<(), Rejection> {
    let id = |field: &str, value: &String| text(field, value, NAME_BYTES_MAX);
    let maybe = |field: &str, value: &Option<String>| {
        value
            .as_ref()
            .map_or(Ok(()), |value| text(field, value, NAME_BYTES_MAX))
    };
    match command {
        Command::InstallCamundaAdmin {
            user,
            password_hash,
        } => {
            id("user", user)?;
            name("password_hash", password_hash, NAME_BYTES_MAX)
        }
        Command::CreateCamundaUser {
            by,
            id: user,
            profile,
            password_hash,
        } => {
            maybe("by", by)?;
            id("id", user)?;
            maybe("password_hash", password_hash)?;
            fields(profile)
        }
        Command::UpdateCamundaUser { by, user, profile } => {
            maybe("by", by)?;
            id("user", user)?;
            changed_fields(profile)
        }
        Command::SetCamundaPassword {
            by,
            user,
            password_hash,
        } => {
            maybe("by", by)?;
            id("user", user)?;
            name("password_hash", password_hash, NAME_BYTES_MAX)
        }
        Command::DeleteCamundaUser { by, user } => {
            maybe("by", by)?;
            id("user", user)
        }
        Command::CreateGroup {
            by,
            id: group,
            name,
            kind,
        }
        | Command::UpdateGroup {
            by,
            group,
            name,
            kind,
        } => {
            maybe("by", by)?;
            id("group", group)?;
            maybe("name", name)?;
            maybe("kind", kind)
        }
        Command::DeleteGroup { by, group } => {
            maybe("by", by)?;
            id("group", group)
        }
        Command::AddGroupMember { by, group, user }
        | Command::RemoveGroupMember { by, group, user } => {
            maybe("by", by)?;
            id("group", group)?;
            id("user", user)
        }
        Command::CreateAuthorization {
            by,
            id: authorization,
            user,
            group,
            resource_id,
            permissions,
            ..
        }
        | Command::UpdateAuthorization {
            by,
            authorization,
            user,
            group,
            resource_id,
            permissions,
            ..
        } => {
            maybe("by", by)?;
            id("authorization", authorization)?;
            maybe("user", user)?;
            maybe("group", group)?;
            maybe("resource_id", resource_id)?;
            let permissions = permissions.as_deref().unwrap_or_default();
            count(permissions.len())?;
            permissions
                .iter()
                .try_for_each(|permission| text("permissions", permission, NAME_BYTES_MAX))
        }
        Command::DeleteAuthorization { by, authorization } => {
            maybe("by", by)?;
            id("authorization", authorization)
        }
        _ => Ok(()),
    }
}

/// Nest Auth's own: names are up to 255 characters there, of up to seven bytes each with what
/// only changes how one looks; a permission's name may be empty.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "command, above, names every command"
)]
fn guards(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::ConfigureNestAuth { guards } => names("guards", guards),
        Command::CreatePermission {
            id,
            api,
            name: title,
            description,
            category,
            ..
        } => {
            name("id", id, NAME_BYTES_MAX)?;
            name("api", api, NAME_BYTES_MAX)?;
            text("name", title, NAME_BYTES_MAX)?;
            long("description", description.as_ref())?;
            long("category", category.as_ref())
        }
        Command::UpdatePermission {
            permission,
            name: title,
            description,
            category,
            ..
        } => {
            name("permission", permission, NAME_BYTES_MAX)?;
            if let Some(title) = title {
                text("name", title, NAME_BYTES_MAX)?;
            }
            long("description", description.as_ref())?;
            long("category", category.as_ref())
        }
        Command::DeletePermission { permission, .. } => {
            name("permission", permission, NAME_BYTES_MAX)
        }
        Command::CreateGuardedRole {
            id,
            name: title,
            guard,
            permissions,
            ..
        } => {
            name("id", id, NAME_BYTES_MAX)?;
            name("name", title, NAME_BYTES_MAX)?;
            name("guard", guard, NAME_BYTES_MAX)?;
            names("permissions", permissions)
        }
        Command::UpdateGuardedRole {
            role,
            name: title,
            permissions,
            ..
        } => {
            name("role", role, NAME_BYTES_MAX)?;
            if let Some(title) = title {
                name("name", title, NAME_BYTES_MAX)?;
            }
            names("permissions", permissions.as_deref().unwrap_or_default())
        }
        _ => Ok(()),
    }
}

/// A text for people that the product does not limit, but for its bodies.
fn long(field: &str, value: Option<&String>) -> Result<(), Rejection> {
    value.map_or(Ok(()), |value| text(field, value, JSON_BYTES_MAX))
}

fn subject_name(field: &str, subject: &SubjectRef) -> Result<(), Rejection> {
    name(field, &subject.id, NAME_BYTES_MAX)
}

fn name(field: &str, value: &str, limit_bytes: u32) -> Result<(), Rejection> {
    if value.is_empty() {
        return Err(bad(field, TextProblem::Empty));
    }
    text(field, value, limit_bytes)
}

fn text(field: &str, value: &str, limit_bytes: u32) -> Result<(), Rejection> {
    if u32::try_from(value.len()).is_ok_and(|bytes| bytes <= limit_bytes) {
        if value.contains('\0') {
            Err(bad(field, TextProblem::HoldsNul))
        } else {
            Ok(())
        }
    } else {
        Err(bad(field, TextProblem::TooLong { limit_bytes }))
    }
}

/// The text of a JSON value. An escaped U+0000 is one as soon as somebody reads the value.
fn json(field: &str, value: &JsonText) -> Result<(), Rejection> {
    text(field, &value.0, JSON_BYTES_MAX)?;
    let mut rest = value.0.as_str();
    while let Some(at) = rest.find('\\') {
        let escape = rest.get(at + 1..).unwrap_or_default();
        if escape.starts_with("u0000") {
            return Err(bad(field, TextProblem::HoldsNul));
        }
        // What is escaped here is one character: an escaped backslash escapes nothing.
        let mut after = escape.chars();
        after.next();
        rest = after.as_str();
    }
    Ok(())
}

fn optional(field: &str, value: Option<&String>) -> Result<(), Rejection> {
    value.map_or(Ok(()), |value| text(field, value, TEXT_BYTES_MAX))
}

fn fields(fields: &BTreeMap<String, JsonText>) -> Result<(), Rejection> {
    count(fields.len())?;
    for (field, value) in fields {
        name("field", field, SHORT_NAME_BYTES_MAX)?;
        json(field, value)?;
    }
    fit(
        0,
        fields
            .iter()
            .map(|(field, value)| size(field, Some(value)))
            .sum(),
    )
}

/// What a field takes; nothing if it is not set.
pub(super) fn size(field: &str, value: Option<&JsonText>) -> usize {
    value.map_or(0, |value| field.len().saturating_add(value.0.len()))
}

/// Refuses fields that would take more than they may, unless they take less than before.
pub(super) fn fit(before: usize, after: usize) -> Result<(), Rejection> {
    let limit_bytes = FIELDS_BYTES_MAX;
    let fits = u32::try_from(after).is_ok_and(|after| after <= limit_bytes);
    if fits || after <= before {
        Ok(())
    } else {
        Err(bad("fields", TextProblem::TooLong { limit_bytes }))
    }
}

fn changed_fields(fields: &[(String, Option<JsonText>)]) -> Result<(), Rejection> {
    count(fields.len())?;
    for (field, value) in fields {
        name("field", field, SHORT_NAME_BYTES_MAX)?;
        value.as_ref().map_or(Ok(()), |value| json(field, value))?;
    }
    Ok(())
}

fn specs(permissions: &[PermissionSpec]) -> Result<(), Rejection> {
    count(permissions.len())?;
    for permission in permissions {
        name("permissions.name", &permission.name, SHORT_NAME_BYTES_MAX)?;
        optional("permissions.description", permission.description.as_ref())?;
    }
    Ok(())
}

fn refs(permissions: &[PermissionRef]) -> Result<(), Rejection> {
    count(permissions.len())?;
    for permission in permissions {
        name("permissions.api", &permission.api, NAME_BYTES_MAX)?;
        name("permissions.name", &permission.name, SHORT_NAME_BYTES_MAX)?;
    }
    Ok(())
}

fn names(field: &str, names: &[String]) -> Result<(), Rejection> {
    count(names.len())?;
    names
        .iter()
        .try_for_each(|value| name(field, value, NAME_BYTES_MAX))
}

fn count(names: usize) -> Result<(), Rejection> {
    // The same in every realm: it bounds what one command can make the projector load.
    let limit = crate::policy::of(crate::Realm::Native).limit(Limited::Items);
    if u32::try_from(names).is_ok_and(|names| names <= limit) {
        Ok(())
    } else {
        Err(Rejection::TooMany {
            what: Limited::Items,
            limit,
        })
    }
}

fn too_many(limit: usize) -> Rejection {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    Rejection::TooMany {
        what: Limited::Items,
        limit,
    }
}

pub(super) fn bad(field: &str, problem: TextProblem) -> Rejection {
    Rejection::BadText {
        field: field.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_holds_u_0000_is_refused_however_it_is_written() {
        let holds = |text: &str| json("field", &JsonText(text.to_owned())).is_err();
        for bad in [
            r#""a\u0000b""#,
            r#"{"\u0000":1}"#,
            r#""\\\u0000""#,
            "\"\0\"",
            r#""\é\u0000""#,
        ] {
            assert!(holds(bad), "{bad}");
        }
        for good in [r#""a\\u0000b""#, r#""\u0001""#, "\"\"", r#""\"u0000""#, "1"] {
            assert!(!holds(good), "{good}");
        }
    }
}
