//! Commands as callers write them: the same shape as in a record, with two things left to us.

use serde_json::Value;
use writ_domain::{Command, NounKind};

use crate::read::{Fault, Read, Tree};
use crate::v1::{self, Mirror};

/// Reads a command that a caller wrote, one of a batch included.
///
/// An absent `realm` is `native`, or the one realm that has such a thing; an absent `id` of a new
/// noun is asked of `ids`. `RecordDenial` is refused: it is the ledger's own testimony, and nobody
/// may put words into its mouth.
pub fn command_from_json(
    bytes: &[u8],
    ids: &mut dyn FnMut(NounKind) -> String,
) -> Result<Command, Fault> {
    from_tree(Tree::parse(bytes)?, ids)
}

/// Reads a command that a caller wrote as part of a larger JSON value.
///
/// Repeated names are gone from a [`Value`]: prefer [`command_from_json`] where bytes are at hand.
pub fn command_from_value(
    value: &Value,
    ids: &mut dyn FnMut(NounKind) -> String,
) -> Result<Command, Fault> {
    from_tree(Tree::from(value), ids)
}

fn from_tree(mut tree: Tree, ids: &mut dyn FnMut(NounKind) -> String) -> Result<Command, Fault> {
    complete(&mut tree, ids)?;
    v1::Command::read(tree).map(Mirror::back)
}

/// Fills in what callers may leave to us. What is wrong otherwise is found when it is read.
fn complete(tree: &mut Tree, ids: &mut dyn FnMut(NounKind) -> String) -> Result<(), Fault> {
    let Tree::Object(fields) = tree else {
        return Ok(());
    };
    let kind = fields
        .iter()
        .find(|(name, _)| name == "type")
        .map(|(_, kind)| kind);
    let Some(Tree::Text(kind)) = kind else {
        return Ok(());
    };
    let made = match kind.as_str() {
        "RecordDenial" => {
            return Err(Fault::new("is for the ledger alone to submit").under("type"));
        }
        "Batch" => return complete_batch(fields, ids),
        "CreateAuthorization" => {
            fill(fields, "id", || ids(NounKind::Authorization));
            return Ok(());
        }
        // These have no realm, or one of their own.
        "CancelCommand"
        | "ConfigureCamunda"
        | "InstallCamundaAdmin"
        | "CreateCamundaUser"
        | "UpdateCamundaUser"
        | "SetCamundaPassword"
        | "DeleteCamundaUser"
        | "CreateGroup"
        | "UpdateGroup"
        | "DeleteGroup"
        | "AddGroupMember"
        | "RemoveGroupMember"
        | "UpdateAuthorization"
        | "DeleteAuthorization"
        | "ConfigureNestAuth"
        | "ChangeAdminPassword"
        | "EndAdminSessions"
        | "DeleteAdmin"
        | "LinkSubject"
        | "UnlinkSubject" => return Ok(()),
        "CreateAdmin" => {
            fill(fields, "id", || ids(NounKind::Admin));
            return Ok(());
        }
        "CreateApi" => Some(NounKind::Api),
        "CreateRole" => Some(NounKind::Role),
        "RegisterUser" => Some(NounKind::User),
        // A role in a guard has an id as permissions there have.
        "CreatePermission" | "CreateGuardedRole" => Some(NounKind::Permission),
        _ => None,
    };
    let realm = match kind.as_str() {
        "CreatePermission" | "UpdatePermission" | "DeletePermission" | "CreateGuardedRole"
        | "UpdateGuardedRole" => "nestauth",
        _ => "native",
    };
    fill(fields, "realm", || realm.to_owned());
    if let Some(made) = made {
        fill(fields, "id", || ids(made));
    }
    Ok(())
}

/// Adds a field that is not there.
fn fill(fields: &mut Vec<(String, Tree)>, name: &str, value: impl FnOnce() -> String) {
    if !fields.iter().any(|(present, _)| present == name) {
        fields.push((name.to_owned(), Tree::Text(value())));
    }
}

fn complete_batch(
    fields: &mut [(String, Tree)],
    ids: &mut dyn FnMut(NounKind) -> String,
) -> Result<(), Fault> {
    for (name, value) in fields {
        let Tree::List(commands) = value else {
            continue;
        };
        if name != "commands" {
            continue;
        }
        for (index, command) in commands.iter_mut().enumerate() {
            complete(command, ids).map_err(|fault| fault.under_index(index).under("commands"))?;
        }
    }
    Ok(())
}
