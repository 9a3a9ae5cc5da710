//! What is asked.

use super::{Words, references, specs, texts};
use crate::{Command, CommandId, JsonText, Settings};

impl Words {
    /// Make an API without a list of permissions.
    pub(crate) fn create_api(self, id: &str, identifier: &str) -> Command {
        Command::CreateApi {
            realm: self.0,
            id: id.to_owned(),
            identifier: identifier.to_owned(),
            name: None,
            settings: Settings::new(),
            permissions: None,
        }
    }

    /// Make an API with a list of permissions.
    pub(crate) fn create_api_with(
        self,
        (id, identifier): (&str, &str),
        permissions: &[(&str, Option<&str>)],
    ) -> Command {
        Command::CreateApi {
            realm: self.0,
            id: id.to_owned(),
            identifier: identifier.to_owned(),
            name: None,
            settings: Settings::new(),
            permissions: Some(specs(permissions)),
        }
    }

    pub(crate) fn update_api(
        self,
        api: &str,
        name: Option<&str>,
        settings: &[(&str, Option<&str>)],
    ) -> Command {
        Command::UpdateApi {
            realm: self.0,
            api: api.to_owned(),
            name: name.map(str::to_owned),
            settings: fields(settings),
        }
    }

    pub(crate) fn replace(self, api: &str, permissions: &[(&str, Option<&str>)]) -> Command {
        Command::ReplaceApiPermissions {
            realm: self.0,
            api: api.to_owned(),
            permissions: specs(permissions),
        }
    }

    pub(crate) fn delete_api(self, api: &str) -> Command {
        let api = api.to_owned();
        Command::DeleteApi { realm: self.0, api }
    }

    pub(crate) fn create_role(self, id: &str, name: &str) -> Command {
        Command::CreateRole {
            realm: self.0,
            id: id.to_owned(),
            name: name.to_owned(),
            description: None,
        }
    }

    pub(crate) fn update_role(
        self,
        role: &str,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Command {
        Command::UpdateRole {
            realm: self.0,
            role: role.to_owned(),
            name: name.map(str::to_owned),
            description: description.map(str::to_owned),
        }
    }

    pub(crate) fn delete_role(self, role: &str) -> Command {
        let role = role.to_owned();
        Command::DeleteRole {
            realm: self.0,
            role,
        }
    }

    /// Give a role permissions, each `(API, name)`.
    pub(crate) fn grant(self, role: &str, permissions: &[(&str, &str)]) -> Command {
        Command::GrantRolePermissions {
            realm: self.0,
            role: role.to_owned(),
            permissions: references(permissions),
        }
    }

    /// Take permissions from a role.
    pub(crate) fn revoke(self, role: &str, permissions: &[(&str, &str)]) -> Command {
        Command::RevokeRolePermissions {
            realm: self.0,
            role: role.to_owned(),
            permissions: references(permissions),
        }
    }

    pub(crate) fn register(self, user: &str, profile: &[(&str, &str)]) -> Command {
        Command::RegisterUser {
            realm: self.0,
            id: user.to_owned(),
            profile: settings(profile),
        }
    }

    pub(crate) fn update_user(self, user: &str, profile: &[(&str, Option<&str>)]) -> Command {
        Command::UpdateUser {
            realm: self.0,
            user: user.to_owned(),
            profile: fields(profile),
        }
    }

    pub(crate) fn delete_user(self, user: &str) -> Command {
        let user = user.to_owned();
        Command::DeleteUser {
            realm: self.0,
            user,
        }
    }

    /// Give a user permissions directly.
    pub(crate) fn grant_user(self, user: &str, permissions: &[(&str, &str)]) -> Command {
        Command::GrantUserPermissions {
            realm: self.0,
            user: user.to_owned(),
            permissions: references(permissions),
        }
    }

    /// Take direct permissions from a user.
    pub(crate) fn revoke_user(self, user: &str, permissions: &[(&str, &str)]) -> Command {
        Command::RevokeUserPermissions {
            realm: self.0,
            user: user.to_owned(),
            permissions: references(permissions),
        }
    }

    /// Give a user roles.
    pub(crate) fn assign(self, user: &str, roles: &[&str]) -> Command {
        Command::AssignUserRoles {
            realm: self.0,
            user: user.to_owned(),
            roles: texts(roles),
        }
    }

    /// Take roles from a user.
    pub(crate) fn unassign(self, user: &str, roles: &[&str]) -> Command {
        Command::UnassignUserRoles {
            realm: self.0,
            user: user.to_owned(),
            roles: texts(roles),
        }
    }

    /// Give a role to users.
    pub(crate) fn assign_users(self, role: &str, users: &[&str]) -> Command {
        Command::AssignRoleUsers {
            realm: self.0,
            role: role.to_owned(),
            users: texts(users),
        }
    }
}

/// Several commands, all or nothing.
pub(crate) fn batch(commands: impl IntoIterator<Item = Command>) -> Command {
    Command::Batch(commands.into_iter().collect())
}

/// Keep a command from having any effect.
pub(crate) fn cancel(command: CommandId) -> Command {
    Command::CancelCommand { command }
}

pub(super) fn settings(settings: &[(&str, &str)]) -> Settings {
    let json = |(name, value): &(&str, &str)| ((*name).to_owned(), JsonText((*value).to_owned()));
    settings.iter().map(json).collect()
}

pub(super) fn json(text: Option<&str>) -> Option<JsonText> {
    text.map(|text| JsonText(text.to_owned()))
}

fn fields(fields: &[(&str, Option<&str>)]) -> Vec<(String, Option<JsonText>)> {
    let field = |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), json(value.as_deref()));
    fields.iter().map(field).collect()
}
