//! A world goes into the server by native commands, in batches.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    PATCHER_PERMISSIONS, PATCHERS_MAX, WRITER_PERMISSIONS, WRITERS_MAX, World, api,
    ground_permission, patcher_api_id, permission, role_id, user_id, writer_api,
};
use crate::wire::{Ask, Wire};

/// How it went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loaded {
    pub(crate) requests: usize,
    pub(crate) took: Duration,
}

/// Names in a batch: far below what one command may hold, and its body below the limit.
const NAMES_PER_BATCH: usize = 2_000;
/// Commands in a batch.
const COMMANDS_PER_BATCH: usize = 500;

/// Loads a world by one connection. It panics if the server refuses a part of it.
pub(crate) async fn load(world: &World, wire: &mut Wire) -> Loaded {
    let start = Instant::now();
    let mut batch = Batch::default();
    for (names, command) in commands(world) {
        if !batch.has_room(names) {
            batch.send(wire).await;
        }
        batch.names += names;
        batch.commands.push(command);
    }
    batch.send(wire).await;
    Loaded {
        requests: batch.sent,
        took: start.elapsed(),
    }
}

#[derive(Default)]
struct Batch {
    commands: Vec<Value>,
    names: usize,
    sent: usize,
}

impl Batch {
    fn has_room(&self, names: usize) -> bool {
        self.commands.len() < COMMANDS_PER_BATCH && self.names + names <= NAMES_PER_BATCH
    }

    async fn send(&mut self, wire: &mut Wire) {
        if self.commands.is_empty() {
            return;
        }
        let commands = std::mem::take(&mut self.commands);
        let ask = Ask::post("/v1/commands", json!({ "batch": commands }).to_string());
        let answer = wire.call(&ask).await;
        let applied = answer.and_then(|answer| {
            let body = answer.expect(200)?.json()?;
            let applied = body["outcome"]["type"] == "applied";
            applied.then_some(()).ok_or_else(|| body.to_string())
        });
        applied.unwrap_or_else(|error| panic!("the world was not loaded: {error}"));
        self.names = 0;
        self.sent += 1;
    }
}

/// Every command that makes the world, with how many names it holds.
fn commands(world: &World) -> impl Iterator<Item = (usize, Value)> {
    apis(world).chain(nouns(world)).chain(edges(world))
}

fn apis(world: &World) -> impl Iterator<Item = (usize, Value)> {
    let size = world.size;
    let of_world = (0..size.apis).map(move |number| {
        let resources = (number..size.resources).step_by(size.apis);
        let id = format!("{number:024}");
        create_api(&id, &api(number), resources.map(permission))
    });
    let of_writers = (0..WRITERS_MAX).map(|writer| {
        let id = format!("{writer:023}f");
        let names = (0..WRITER_PERMISSIONS).map(ground_permission);
        create_api(&id, &writer_api(writer), names)
    });
    let of_patchers = (0..PATCHERS_MAX).map(|patcher| {
        let names = (0..PATCHER_PERMISSIONS).map(ground_permission);
        let identifier = format!("https://patcher-{patcher}.example/");
        create_api(&patcher_api_id(patcher), &identifier, names)
    });
    of_world.chain(of_writers).chain(of_patchers)
}

fn create_api(
    id: &str,
    identifier: &str,
    permissions: impl Iterator<Item = String>,
) -> (usize, Value) {
    let permissions: Vec<Value> = permissions
        .map(|name| json!({ "name": name, "description": "" }))
        .collect();
    let names = permissions.len();
    let command = json!({
        "type": "CreateApi", "realm": "auth0", "id": id, "identifier": identifier,
        "name": identifier, "permissions": permissions,
    });
    (names, command)
}

fn nouns(world: &World) -> impl Iterator<Item = (usize, Value)> {
    let roles = (0..world.size.roles).map(|role| {
        let (id, name) = (role_id(role), format!("role {role}"));
        json!({ "type": "CreateRole", "realm": "auth0", "id": id, "name": name })
    });
    let users = (0..world.size.users).map(|user| {
        let profile = json!({ "email": format!("\"user-{user}@world.example\"") });
        json!({ "type": "RegisterUser", "realm": "auth0", "id": user_id(user), "profile": profile })
    });
    roles.chain(users).map(|command| (1, command))
}

fn edges(world: &World) -> impl Iterator<Item = (usize, Value)> {
    let grants = world.granted.iter().enumerate().map(|(holder, resources)| {
        let permissions: Vec<Value> = resources
            .iter()
            .map(|one| json!({ "api": world.api_of(*one), "name": permission(*one) }))
            .collect();
        let command = if world.has_roles() {
            json!({ "type": "GrantRolePermissions", "realm": "auth0", "role": role_id(holder),
                "permissions": permissions })
        } else {
            json!({ "type": "GrantUserPermissions", "realm": "auth0", "user": user_id(holder),
                "permissions": permissions })
        };
        (resources.len(), command)
    });
    let assigned = world.assigned.iter().enumerate();
    let assignments = assigned.filter(|(_, roles)| !roles.is_empty());
    let assignments = assignments.map(|(user, roles)| {
        let names: Vec<String> = roles.iter().map(|role| role_id(*role)).collect();
        let command = json!({ "type": "AssignUserRoles", "realm": "auth0",
            "user": user_id(user), "roles": names });
        (roles.len(), command)
    });
    grants.chain(assignments)
}
