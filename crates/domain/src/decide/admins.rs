//! Rules for the admins of Nest Auth's console. Each may do everything there.

use super::Stop;
use super::apis::mint;
use crate::state::{CountKey, Draft};
use crate::{Admin, AdminKey, AdminName, Command, Counted, Fact, Rejection, Settings};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::CreateAdmin {
            id,
            email,
            name,
            password,
            metadata,
            first,
        } => {
            let made = Made {
                id,
                email,
                name: name.as_ref(),
                password,
                metadata,
            };
            create(draft, &made, *first)
        }
        Command::ChangeAdminPassword { admin, password } => {
            let (admin, row) = existing(draft, admin)?;
            if row.password != *password {
                draft.emit(Fact::AdminPasswordChanged {
                    admin,
                    password: password.clone(),
                    token_version: row.token_version.saturating_add(1),
                })?;
            }
            Ok(())
        }
        Command::EndAdminSessions { admin } => {
            let (admin, row) = existing(draft, admin)?;
            draft.emit(Fact::AdminSessionsEnded {
                admin,
                token_version: row.token_version.saturating_add(1),
            })?;
            Ok(())
        }
        Command::DeleteAdmin { admin } => {
            let (admin, row) = existing(draft, admin)?;
            if !draft.exceeds(CountKey::Admins, 1, || Counted::Admins)? {
                return Err(Rejection::LastAdmin.into());
            }
            let name = row.name;
            draft.emit(Fact::AdminDeleted { admin, name })?;
            Ok(())
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

struct Made<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a String>,
    password: &'a str,
    metadata: &'a Settings,
}

fn create(draft: &mut Draft<'_>, made: &Made<'_>, first: bool) -> Result<(), Stop> {
    if first && draft.exceeds(CountKey::Admins, 0, || Counted::Admins)? {
        return Err(Rejection::NotFirstAdmin.into());
    }
    let exists = |email: &str| Rejection::AdminExists {
        email: email.to_owned(),
    };
    if draft.admin(made.id)?.is_some() {
        return Err(exists(made.id).into());
    }
    if draft.admin_addressed(made.email)?.is_some() {
        return Err(exists(made.email).into());
    }
    let key = mint(draft, AdminKey::minted)?;
    draft.emit(Fact::AdminCreated {
        key,
        id: made.id.to_owned(),
        email: made.email.to_owned(),
        name: made.name.cloned(),
        password: made.password.to_owned(),
        metadata: made.metadata.clone(),
    })?;
    Ok(())
}

fn existing(draft: &Draft<'_>, id: &str) -> Result<(AdminName, Admin), Stop> {
    let Some((key, slot)) = draft.admin(id)? else {
        return Err(Rejection::NoSuchAdmin {
            admin: id.to_owned(),
        }
        .into());
    };
    let name = AdminName {
        key,
        id: id.to_owned(),
        email: slot.row.email.clone(),
    };
    Ok((name, slot.row.clone()))
}
