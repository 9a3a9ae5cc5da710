//! Rules for users, groups and memberships.

use super::super::Stop;
use super::super::apis::{differences, mint};
use super::authorizations::{fits, insert, remove_of, remove_on};
use super::rights::{Place, require, require_shown};
use crate::policy::camunda::{
    ADMIN_GROUP, ALL, ANY, ID_CHARS_MAX, NAME_CHARS_MAX, Right, is_valid_id, resource,
    resource_types,
};
use crate::state::Draft;
use crate::{
    AuthorizationKind, AuthorizationTerms, Command, Fact, Group, GroupKey, GroupName, Holder,
    JsonText, Key, NounKind, Realm, Rejection, Settings, User, UserKey, UserName,
};

const REALM: Realm = Realm::Camunda;

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::RegisterUser { id, profile, .. } => create_user(draft, None, id, (profile, None)),
        Command::DeleteUser { user, .. } => delete_user(draft, None, user),
        Command::InstallCamundaAdmin {
            user,
            password_hash,
        } => install_admin(draft, user, password_hash),
        Command::CreateCamundaUser {
            by,
            id,
            profile,
            password_hash,
        } => create_user(draft, by.as_ref(), id, (profile, password_hash.as_ref())),
        Command::UpdateCamundaUser { by, user, profile } => {
            update_user(draft, by.as_ref(), user, profile)
        }
        Command::SetCamundaPassword {
            by,
            user,
            password_hash,
        } => {
            let (user, _) = readable_user(draft, by.as_ref(), user)?;
            require(draft, by.as_ref(), Right::Update, on_user(Some(&user.id)))?;
            set_password(draft, user, password_hash)
        }
        Command::DeleteCamundaUser { by, user } => delete_user(draft, by.as_ref(), user),
        Command::CreateGroup { by, id, name, kind } => {
            create_group(draft, by.as_ref(), id, (name.as_ref(), kind.as_ref()))
        }
        Command::UpdateGroup {
            by,
            group,
            name,
            kind,
        } => update_group(draft, by.as_ref(), group, (name.as_ref(), kind.as_ref())),
        Command::DeleteGroup { by, group } => delete_group(draft, by.as_ref(), group),
        Command::AddGroupMember { by, group, user } => add_member(draft, by.as_ref(), group, user),
        Command::RemoveGroupMember { by, group, user } => {
            remove_member(draft, by.as_ref(), group, user)
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

/// What is wrong with a command whatever the state.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no other command makes a user or group"
)]
pub(super) fn malformed(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::InstallCamundaAdmin { user: id, .. } | Command::CreateCamundaUser { id, .. } => {
            valid_id(NounKind::User, id)
        }
        Command::CreateGroup { id, name, kind, .. } => {
            valid_id(NounKind::Group, id)?;
            fits("id", Some(id), ID_CHARS_MAX)?;
            names_fit(name.as_ref(), kind.as_ref())
        }
        _ => Ok(()),
    }
}

fn valid_id(kind: NounKind, id: &str) -> Result<(), Rejection> {
    if is_valid_id(id) {
        return Ok(());
    }
    let id = id.to_owned();
    Err(Rejection::InvalidId { kind, id })
}

fn names_fit(name: Option<&String>, kind: Option<&String>) -> Result<(), Rejection> {
    fits("name", name.map(String::as_str), NAME_CHARS_MAX)?;
    fits("kind", kind.map(String::as_str), NAME_CHARS_MAX)
}

fn on_user(resource_id: Option<&str>) -> Place<'_> {
    Place {
        resource_type: resource::USER,
        resource_id,
    }
}

fn on_group(resource_id: Option<&str>) -> Place<'_> {
    Place {
        resource_type: resource::GROUP,
        resource_id,
    }
}

fn on_members(group: &str) -> Place<'_> {
    Place {
        resource_type: resource::GROUP_MEMBERSHIP,
        resource_id: Some(group),
    }
}

/// The first user has the rights of the admins' group, which are rows like any other, and no
/// others. Where the user or the group is there already, nothing is to be done.
fn install_admin(draft: &mut Draft<'_>, id: &str, password_hash: &str) -> Result<(), Stop> {
    valid_id(NounKind::User, id)?;
    fits("id", Some(id), ID_CHARS_MAX)?;
    if draft.user(REALM, id)?.is_some() || draft.group(REALM, ADMIN_GROUP)?.is_some() {
        return Ok(());
    }
    let user = UserName {
        key: mint(draft, UserKey::minted)?,
        realm: REALM,
        id: id.to_owned(),
    };
    draft.emit(Fact::UserRegistered {
        key: user.key,
        realm: REALM,
        id: user.id.clone(),
        profile: Settings::new(),
    })?;
    set_password(draft, user.clone(), password_hash)?;
    let group = GroupName {
        key: mint(draft, GroupKey::minted)?,
        realm: REALM,
        id: ADMIN_GROUP.to_owned(),
    };
    draft.emit(Fact::GroupCreated {
        key: group.key,
        realm: REALM,
        id: group.id.clone(),
        name: Some("camunda BPM Administrators".to_owned()),
        kind: Some("SYSTEM".to_owned()),
    })?;
    draft.emit(Fact::GroupMemberAdded { group, user })?;
    let holder = Holder::group(ADMIN_GROUP);
    for known in resource_types() {
        let kind = AuthorizationKind::Grant;
        // One that was given before stays as it is.
        if draft
            .authorization_of(kind, &holder, known.number, ANY)?
            .is_none()
        {
            let terms = AuthorizationTerms {
                holder: holder.clone(),
                resource_type: known.number,
                resource_id: Some(ANY.to_owned()),
                permissions: ALL,
            };
            insert(draft, None, kind, terms)?;
        }
    }
    Ok(())
}

/// A user is made with every right on itself.
fn create_user(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    id: &str,
    (profile, password_hash): (&Settings, Option<&String>),
) -> Result<(), Stop> {
    valid_id(NounKind::User, id)?;
    require(draft, by, Right::Create, on_user(None))?;
    fits("id", Some(id), ID_CHARS_MAX)?;
    if draft.user(REALM, id)?.is_some() {
        let user = id.to_owned();
        return Err(Rejection::UserExists { user }.into());
    }
    let key = mint(draft, UserKey::minted)?;
    draft.emit(Fact::UserRegistered {
        key,
        realm: REALM,
        id: id.to_owned(),
        profile: profile.clone(),
    })?;
    if let Some(hash) = password_hash {
        let (realm, id) = (REALM, id.to_owned());
        set_password(draft, UserName { key, realm, id }, hash)?;
    }
    let terms = AuthorizationTerms {
        holder: Holder::user(id),
        resource_type: resource::USER,
        resource_id: Some(id.to_owned()),
        permissions: ALL,
    };
    insert(draft, None, AuthorizationKind::Grant, terms)
}

fn set_password(draft: &mut Draft<'_>, user: UserName, hash: &str) -> Result<(), Stop> {
    let missing = || Key::user_password(user.realm, &user.id);
    let before = draft.password(user.key, missing)?;
    if before.as_ref().is_some_and(|(before, _)| before == hash) {
        return Ok(());
    }
    draft.emit(Fact::UserPasswordSet {
        user,
        hash: hash.to_owned(),
        before_set_at: before.map(|(_, at)| at),
    })?;
    Ok(())
}

fn update_user(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    id: &str,
    profile: &[(String, Option<JsonText>)],
) -> Result<(), Stop> {
    let (user, row) = readable_user(draft, by, id)?;
    require(draft, by, Right::Update, on_user(Some(id)))?;
    for (field, before, after) in differences(&row.profile, profile)? {
        draft.emit(Fact::UserProfileChanged {
            user: user.clone(),
            field,
            before,
            after,
        })?;
    }
    Ok(())
}

/// Who removes a user must be able to see it. The authorizations on it go with it.
fn delete_user(draft: &mut Draft<'_>, by: Option<&String>, id: &str) -> Result<(), Stop> {
    require(draft, by, Right::Delete, on_user(Some(id)))?;
    require(draft, by, Right::Read, on_user(Some(id)))?;
    let Some((user, row)) = user(draft, id)? else {
        return Ok(());
    };
    remove_on(draft, resource::USER, id)?;
    draft.emit(Fact::UserDeleted {
        user,
        profile: row.profile,
    })?;
    Ok(())
}

/// A group is made with the right to see itself.
fn create_group(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    id: &str,
    (name, kind): (Option<&String>, Option<&String>),
) -> Result<(), Stop> {
    valid_id(NounKind::Group, id)?;
    require(draft, by, Right::Create, on_group(None))?;
    fits("id", Some(id), ID_CHARS_MAX)?;
    names_fit(name, kind)?;
    if draft.group(REALM, id)?.is_some() {
        let group = id.to_owned();
        return Err(Rejection::GroupExists { group }.into());
    }
    let key = mint(draft, GroupKey::minted)?;
    draft.emit(Fact::GroupCreated {
        key,
        realm: REALM,
        id: id.to_owned(),
        name: name.cloned(),
        kind: kind.cloned(),
    })?;
    let terms = AuthorizationTerms {
        holder: Holder::group(id),
        resource_type: resource::GROUP,
        resource_id: Some(id.to_owned()),
        permissions: Right::Read.bits(),
    };
    insert(draft, None, AuthorizationKind::Grant, terms)
}

fn update_group(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    id: &str,
    (name, kind): (Option<&String>, Option<&String>),
) -> Result<(), Stop> {
    let Some((group, row)) = group(draft, id)? else {
        return Err(no_such_group(id));
    };
    require_shown(draft, by, on_group(Some(id)))?;
    require(draft, by, Right::Update, on_group(Some(id)))?;
    names_fit(name, kind)?;
    if row.name.as_ref() != name {
        draft.emit(Fact::GroupRenamed {
            group: group.clone(),
            before: row.name,
            after: name.cloned(),
        })?;
    }
    if row.kind.as_ref() != kind {
        draft.emit(Fact::GroupKindChanged {
            group,
            before: row.kind,
            after: kind.cloned(),
        })?;
    }
    Ok(())
}

/// Who removes a group must be able to see it. The authorizations on it go with it; those on
/// its memberships stay.
fn delete_group(draft: &mut Draft<'_>, by: Option<&String>, id: &str) -> Result<(), Stop> {
    require(draft, by, Right::Delete, on_group(Some(id)))?;
    require(draft, by, Right::Read, on_group(Some(id)))?;
    let Some((group, row)) = group(draft, id)? else {
        return Ok(());
    };
    remove_on(draft, resource::GROUP, id)?;
    draft.emit(Fact::GroupDeleted {
        group,
        name: row.name,
        kind: row.kind,
    })?;
    Ok(())
}

fn add_member(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    group_id: &str,
    user_id: &str,
) -> Result<(), Stop> {
    require(draft, by, Right::Create, on_members(group_id))?;
    require(draft, by, Right::Read, on_user(Some(user_id)))?;
    let Some((user, _)) = user(draft, user_id)? else {
        return Err(no_such_user(user_id));
    };
    require(draft, by, Right::Read, on_group(Some(group_id)))?;
    let Some((group, _)) = group(draft, group_id)? else {
        return Err(no_such_group(group_id));
    };
    let missing = || Key::user_groups(REALM, user_id);
    if draft.membership((user.key, group.key), missing)?.is_some() {
        return Err(Rejection::MemberExists {
            group: group.id,
            user: user.id,
        }
        .into());
    }
    draft.emit(Fact::GroupMemberAdded { group, user })?;
    Ok(())
}

/// Taking out who is not in is no error. The user's own authorizations on the group's memberships
/// go with the membership.
fn remove_member(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    group_id: &str,
    user_id: &str,
) -> Result<(), Stop> {
    require(draft, by, Right::Delete, on_members(group_id))?;
    let (Some((user, _)), Some((group, _))) = (user(draft, user_id)?, group(draft, group_id)?)
    else {
        return Ok(());
    };
    let missing = || Key::user_groups(REALM, user_id);
    let Some(added_at) = draft.membership((user.key, group.key), missing)? else {
        return Ok(());
    };
    let holder = Holder::user(user_id);
    remove_of(draft, &holder, resource::GROUP_MEMBERSHIP, group_id)?;
    draft.emit(Fact::GroupMemberRemoved {
        group,
        user,
        added_at,
    })?;
    Ok(())
}

fn readable_user(
    draft: &Draft<'_>,
    by: Option<&String>,
    id: &str,
) -> Result<(UserName, User), Stop> {
    let found = user(draft, id)?.ok_or_else(|| no_such_user(id))?;
    require_shown(draft, by, on_user(Some(id)))?;
    Ok(found)
}

fn user(draft: &Draft<'_>, id: &str) -> Result<Option<(UserName, User)>, Stop> {
    let found = draft.user(REALM, id)?;
    Ok(found.map(|(key, slot)| {
        let (realm, id) = (REALM, id.to_owned());
        (UserName { key, realm, id }, slot.row.clone())
    }))
}

fn group(draft: &Draft<'_>, id: &str) -> Result<Option<(GroupName, Group)>, Stop> {
    let found = draft.group(REALM, id)?;
    Ok(found.map(|(key, slot)| {
        let (realm, id) = (REALM, id.to_owned());
        (GroupName { key, realm, id }, slot.row.clone())
    }))
}

fn no_such_user(id: &str) -> Stop {
    let user = id.to_owned();
    Rejection::NoSuchUser { user }.into()
}

fn no_such_group(id: &str) -> Stop {
    let group = id.to_owned();
    Rejection::NoSuchGroup { group }.into()
}
