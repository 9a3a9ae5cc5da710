//! What a caller of the load may want: a mix of everything that writes.

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::Dice;

use super::clock;
use super::ground::{self, Ground, PERMISSIONS};

/// One thing that is wanted, by one request or by several of the same.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) sender: Sender,
    /// The commands that it may become, by name; none if it must not come to the log.
    pub(crate) kinds: &'static [&'static str],
    /// What it makes, if it is done.
    pub(crate) makes: Option<Noun>,
    /// Whether it makes no sense to ask again.
    pub(crate) once: bool,
}

impl Wish {
    /// That a command has no effect that was not decided yet.
    pub(crate) fn cancel(command: &str) -> Self {
        Self {
            path: format!("/v1/commands/{command}/cancel"),
            once: true,
            ..native(json!({}), &["CancelCommand"])
        }
    }
}

/// Whose credential is sent along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// May do everything.
    Admin,
    /// May speak, and may not write.
    Reader,
    Nobody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noun {
    Api,
    Role,
}

/// One who wants things: of the common ground, and of what it made itself.
#[derive(Debug)]
pub(crate) struct Wisher {
    name: String,
    dice: Dice,
    ground: Arc<Ground>,
    made: u32,
    apis: Vec<String>,
    roles: Vec<String>,
    /// Whether some of its commands have a deadline that may come before they are decided.
    hasty: bool,
}

impl Wisher {
    pub(crate) fn new(name: String, dice: Dice, ground: Arc<Ground>) -> Self {
        Self {
            name,
            dice,
            ground,
            made: 0,
            apis: Vec::new(),
            roles: Vec::new(),
            hasty: false,
        }
    }

    /// The same, with deadlines.
    pub(crate) fn hasty(self) -> Self {
        Self {
            hasty: true,
            ..self
        }
    }

    pub(crate) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Remembers what a wish has made.
    pub(crate) fn has_made(&mut self, noun: Noun, id: String) {
        match noun {
            Noun::Api => self.apis.push(id),
            Noun::Role => self.roles.push(id),
        }
    }

    pub(crate) fn wish(&mut self) -> Wish {
        match self.dice.below(100) {
            0..=9 => self.patch_scopes(),
            10..=25 => self.role_permissions(&Method::POST, &["GrantRolePermissions"]),
            26..=35 => self.role_permissions(&Method::DELETE, &["RevokeRolePermissions"]),
            36..=46 => self.user_permissions(&Method::POST, &["GrantUserPermissions"]),
            47..=53 => self.user_permissions(&Method::DELETE, &["RevokeUserPermissions"]),
            54..=62 => self.user_roles(&Method::POST, &["AssignUserRoles"]),
            63..=68 => self.user_roles(&Method::DELETE, &["UnassignUserRoles"]),
            69..=70 => self.role_users(),
            71..=73 => self.create_role(),
            74..=75 => self.patch_role(),
            76 => self.delete_role(),
            77..=78 => self.create_user(),
            79..=80 => self.patch_user(),
            81 => self.create_api(),
            82 => self.delete_api(),
            83..=91 => self.native(),
            92..=97 => self.native_batch(),
            98 => self.refused(),
            _ => self.malformed(),
        }
    }

    fn patch_scopes(&mut self) -> Wish {
        // Nearly the whole list: what is left out loses its holders.
        let kept: Vec<&str> = PERMISSIONS
            .into_iter()
            .filter(|_| !self.dice.once_in(12))
            .collect();
        let mut body = json!({"scopes": ground::scopes(&kept)});
        let renames = self.dice.once_in(4);
        if renames {
            body["name"] = json!(format!("API of {}", self.new_name()));
        }
        let id = self.dice.pick(&self.ground.apis).id.clone();
        let kinds: &[&str] = if renames {
            &["Batch"]
        } else {
            &["ReplaceApiPermissions"]
        };
        auth0(
            Method::PATCH,
            &format!("/resource-servers/{id}"),
            body,
            kinds,
        )
    }

    fn role_permissions(&mut self, method: &Method, kinds: &'static [&'static str]) -> Wish {
        let role = self.role();
        let body = json!({"permissions": self.permissions()});
        auth0(
            method.clone(),
            &format!("/roles/{role}/permissions"),
            body,
            kinds,
        )
    }

    fn user_permissions(&mut self, method: &Method, kinds: &'static [&'static str]) -> Wish {
        let user = in_path(&self.user());
        let body = json!({"permissions": self.permissions()});
        auth0(
            method.clone(),
            &format!("/users/{user}/permissions"),
            body,
            kinds,
        )
    }

    fn user_roles(&mut self, method: &Method, kinds: &'static [&'static str]) -> Wish {
        let user = in_path(&self.user());
        let ground = Arc::clone(&self.ground);
        let body = json!({"roles": self.dice.some(&ground.roles, 2)});
        auth0(method.clone(), &format!("/users/{user}/roles"), body, kinds)
    }

    fn role_users(&mut self) -> Wish {
        let role = self.role();
        let ground = Arc::clone(&self.ground);
        let body = json!({"users": self.dice.some(&ground.users, 3)});
        auth0(
            Method::POST,
            &format!("/roles/{role}/users"),
            body,
            &["AssignRoleUsers"],
        )
    }

    fn create_role(&mut self) -> Wish {
        // Now and then a name that is taken.
        let name = if self.dice.once_in(8) {
            "role 0".to_owned()
        } else {
            self.new_name()
        };
        let body = json!({"name": name});
        let wish = auth0(Method::POST, "/roles", body, &["CreateRole"]);
        Wish {
            makes: Some(Noun::Role),
            ..wish
        }
    }

    fn patch_role(&mut self) -> Wish {
        let role = self.role();
        let body = json!({"description": format!("Said by {}", self.new_name())});
        auth0(
            Method::PATCH,
            &format!("/roles/{role}"),
            body,
            &["UpdateRole"],
        )
    }

    fn delete_role(&mut self) -> Wish {
        // Forgotten only if another one is asked for: a second deletion is a wish as well.
        let role = match self.roles.len() {
            0 => "rol_0000000000000000".to_owned(),
            many => self.roles.swap_remove(self.dice.below(many)),
        };
        auth0(
            Method::DELETE,
            &format!("/roles/{role}"),
            Value::Null,
            &["DeleteRole"],
        )
    }

    fn create_user(&mut self) -> Wish {
        let name = if self.dice.once_in(8) {
            "u0".to_owned()
        } else {
            self.new_name()
        };
        let body = ground::user(&name);
        auth0(Method::POST, "/users", body, &["RegisterUser"])
    }

    fn patch_user(&mut self) -> Wish {
        let user = in_path(&self.user());
        let body = json!({"user_metadata": {"note": self.new_name()}});
        auth0(
            Method::PATCH,
            &format!("/users/{user}"),
            body,
            &["UpdateUser"],
        )
    }

    fn create_api(&mut self) -> Wish {
        let identifier = format!("https://{}.load.example/", self.new_name());
        let kept = self.dice.some(&PERMISSIONS, 4);
        let body = json!({"identifier": identifier, "scopes": ground::scopes(&kept)});
        let wish = auth0(Method::POST, "/resource-servers", body, &["CreateApi"]);
        Wish {
            makes: Some(Noun::Api),
            ..wish
        }
    }

    fn delete_api(&mut self) -> Wish {
        let api = match self.apis.len() {
            0 => "000000000000000000000000".to_owned(),
            many => self.apis.swap_remove(self.dice.below(many)),
        };
        let path = format!("/resource-servers/{api}");
        auth0(Method::DELETE, &path, Value::Null, &["DeleteApi"])
    }

    /// One native command, on Auth0's nouns or on a realm of its own.
    fn native(&mut self) -> Wish {
        let (kinds, command): (&[&str], Value) = match self.dice.below(5) {
            0 => (
                &["CreateRole"],
                json!({"type": "CreateRole", "name": self.new_name()}),
            ),
            1 => (
                &["GrantRolePermissions"],
                self.role_command("GrantRolePermissions"),
            ),
            2 => (
                &["RevokeRolePermissions"],
                self.role_command("RevokeRolePermissions"),
            ),
            3 => (
                &["DeleteRole"],
                json!({"type": "DeleteRole", "role": "nobody made it"}),
            ),
            _ => (
                &["RegisterUser"],
                json!({"type": "RegisterUser", "id": self.new_name(), "profile": {}}),
            ),
        };
        let wish = native(json!({"command": command}), kinds);
        if !self.hasty || self.dice.once_in(2) {
            return wish;
        }
        // Now and then it is over before it is sent.
        let seconds = u64::try_from(self.dice.below(5)).expect("few");
        let body = json!({"command": command, "not_after": clock::in_seconds(seconds)});
        Wish {
            body,
            once: true,
            ..wish
        }
    }

    /// Several at once; in one of three the last one fails, and so nothing happens.
    fn native_batch(&mut self) -> Wish {
        let id = self.new_name();
        let mut batch = vec![
            json!({"type": "CreateRole", "realm": "native", "id": id, "name": self.new_name()}),
            self.role_command("RevokeRolePermissions"),
            json!({"type": "UpdateRole", "role": id, "description": "made and described at once"}),
        ];
        if self.dice.once_in(3) {
            batch.push(json!({"type": "UpdateRole", "role": "nobody made it", "name": "x"}));
        }
        native(json!({"batch": batch}), &["Batch"])
    }

    fn role_command(&mut self, kind: &str) -> Value {
        let (api, name) = self.permission();
        json!({
            "type": kind,
            "realm": "auth0",
            "role": self.role(),
            "permissions": [{"api": api, "name": name}],
        })
    }

    /// Somebody who may speak asks for what it may not have. Rare: beyond a rate refusals share an
    /// entry, and the checks here are for those that have one of their own.
    fn refused(&mut self) -> Wish {
        if !self.dice.once_in(4) {
            return self.role_users();
        }
        let wish = self.create_role();
        Wish {
            sender: Sender::Reader,
            kinds: &["RecordDenial"],
            makes: None,
            ..wish
        }
    }

    /// What must not come to the log: no caller, or no sense.
    fn malformed(&mut self) -> Wish {
        let wish = self.create_role();
        let wish = Wish {
            kinds: &[],
            makes: None,
            ..wish
        };
        if self.dice.once_in(2) {
            Wish {
                sender: Sender::Nobody,
                ..wish
            }
        } else {
            Wish {
                body: json!({"name": 5}),
                ..wish
            }
        }
    }

    fn new_name(&mut self) -> String {
        self.made += 1;
        format!("{}-{}", self.name, self.made)
    }

    /// One of the ground's, sometimes one of its own.
    fn role(&mut self) -> String {
        if !self.roles.is_empty() && self.dice.once_in(6) {
            return self.dice.pick(&self.roles).clone();
        }
        self.dice.pick(&self.ground.roles).clone()
    }

    fn user(&mut self) -> String {
        self.dice.pick(&self.ground.users).clone()
    }

    fn permission(&mut self) -> (String, &'static str) {
        let api = self.dice.pick(&self.ground.apis).identifier.clone();
        (api, self.dice.pick::<&str>(&PERMISSIONS))
    }

    fn permissions(&mut self) -> Vec<Value> {
        let (api, _) = self.permission();
        let named = |name| json!({"resource_server_identifier": api, "permission_name": name});
        self.dice
            .some(&PERMISSIONS, 3)
            .into_iter()
            .map(named)
            .collect()
    }
}

fn auth0(method: Method, path: &str, body: Value, kinds: &'static [&'static str]) -> Wish {
    let path = format!("/api/v2{path}");
    Wish {
        method,
        path,
        body,
        sender: Sender::Admin,
        kinds,
        makes: None,
        once: false,
    }
}

fn native(body: Value, kinds: &'static [&'static str]) -> Wish {
    let path = "/v1/commands".to_owned();
    Wish {
        method: Method::POST,
        path,
        body,
        sender: Sender::Admin,
        kinds,
        makes: None,
        once: false,
    }
}

fn in_path(id: &str) -> String {
    id.replace('|', "%7C")
}
