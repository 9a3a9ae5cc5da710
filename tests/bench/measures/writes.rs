//! Grants and revocations of role permissions: in pairs, so that the world stays what it is.

use std::sync::Arc;

use serde_json::{Value, json};
use writ_tests::Dice;

use super::ground::{Ground, Subject, rates};
use super::ledger::Mark;
use crate::drive::{Caller, Faults};
use crate::pgbench::Script;
use crate::report::Pace;
use crate::wire::{Answer, Ask};
use crate::world::{self, WRITER_PERMISSIONS, World};

/// One permission at a time, as Auth0's clients do.
pub(crate) async fn singles(ground: &mut Ground<'_>) {
    let subject = Subject {
        name: "grant, revoke (Auth0)".to_owned(),
        beside: Script::SimpleUpdate,
        per_call: 1,
    };
    let mut peak = 0.0;
    let counts = ground.options.connections(&[1, 8, 32, 128]);
    let most = counts.last().copied().unwrap_or(1);
    for connections in counts {
        let reached = one(ground, &subject, Pace::Closed, connections).await;
        if connections <= 32 {
            peak = reached;
        }
    }
    for pace in rates(peak) {
        one(ground, &subject, pace, most).await;
    }
}

async fn one(ground: &mut Ground<'_>, subject: &Subject, pace: Pace, connections: usize) -> f64 {
    compared(ground, async |ground| {
        let caller = |ground: &Ground<'_>, index| Granter::new(ground, index);
        ground.point(subject, pace, connections, caller).await
    })
    .await
}

/// A hundred at a time, by one native command.
pub(crate) async fn hundreds(ground: &mut Ground<'_>) {
    let subject = Subject {
        name: "grant, revoke 100 (native)".to_owned(),
        beside: Script::SimpleUpdate,
        per_call: WRITER_PERMISSIONS,
    };
    for connections in ground.options.connections(&[1, 8]) {
        compared(ground, async |ground| {
            let caller = |ground: &Ground<'_>, index| Batcher::new(ground, index);
            ground
                .point(&subject, Pace::Closed, connections, caller)
                .await
        })
        .await;
    }
}

/// Measures a point of writes, and compares what was answered with the ledger.
pub(super) async fn compared(
    ground: &mut Ground<'_>,
    point: impl AsyncFnOnce(&mut Ground<'_>) -> (f64, u64),
) -> f64 {
    let mark = Mark::set(ground.wires(1).await.remove(0)).await;
    let (per_second, answered) = point(ground).await;
    let mut faults = Faults::default();
    match mark {
        Ok(mark) => faults.append(mark.compare(answered).await),
        Err(error) => faults.add(error),
    }
    if faults.count > 0 {
        ground.report.blame(&faults);
    }
    per_second
}

/// Grants a permission of its own API to any role, and revokes it.
#[derive(Debug)]
pub(super) struct Granter {
    api: String,
    dice: Dice,
    world: Arc<World>,
    /// The role's path and the body, while it is granted.
    granted: Option<(String, String)>,
}

impl Granter {
    pub(super) fn new(ground: &Ground<'_>, index: usize) -> Self {
        Self {
            api: world::writer_api(index),
            dice: ground.dice("grant", index),
            world: Arc::clone(&ground.world),
            granted: None,
        }
    }
}

impl Caller for Granter {
    fn ask(&mut self) -> Ask {
        if let Some((path, body)) = self.granted.take() {
            return Ask::new(hyper::Method::DELETE, &path, body);
        }
        let role = world::role_id(self.dice.below(self.world.roles()));
        let name = world::ground_permission(self.dice.below(WRITER_PERMISSIONS));
        let path = format!("/api/v2/roles/{role}/permissions");
        let body = json!({ "permissions": [
            { "resource_server_identifier": self.api, "permission_name": name },
        ] });
        let body = body.to_string();
        let ask = Ask::post(&path, body.clone());
        self.granted = Some((path, body));
        ask
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        let expected = if self.granted.is_some() { 201 } else { 204 };
        answer.expect(expected).map(drop)
    }

    fn is_done(&self) -> bool {
        self.granted.is_none()
    }
}

/// Grants all permissions of its own API to any role, and revokes them.
#[derive(Debug)]
struct Batcher {
    permissions: Vec<Value>,
    dice: Dice,
    world: Arc<World>,
    granted_to: Option<String>,
}

impl Batcher {
    fn new(ground: &Ground<'_>, index: usize) -> Self {
        let api = world::writer_api(index);
        let permissions = (0..WRITER_PERMISSIONS)
            .map(|number| json!({ "api": api, "name": world::ground_permission(number) }));
        Self {
            permissions: permissions.collect(),
            dice: ground.dice("batch", index),
            world: Arc::clone(&ground.world),
            granted_to: None,
        }
    }
}

impl Caller for Batcher {
    fn ask(&mut self) -> Ask {
        let (kind, role) = if let Some(role) = self.granted_to.take() {
            ("RevokeRolePermissions", role)
        } else {
            let role = world::role_id(self.dice.below(self.world.roles()));
            self.granted_to = Some(role.clone());
            ("GrantRolePermissions", role)
        };
        let body = json!({ "command": {
            "type": kind, "realm": "auth0", "role": role, "permissions": self.permissions,
        } });
        Ask::post("/v1/commands", body.to_string())
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        let body = answer.expect(200)?.json()?;
        let facts = body["facts"].as_array().map_or(0, Vec::len);
        if body["outcome"]["type"] == "applied" && facts == WRITER_PERMISSIONS {
            Ok(())
        } else {
            Err(format!("{} with {facts} facts", body["outcome"]))
        }
    }

    fn is_done(&self) -> bool {
        self.granted_to.is_none()
    }
}
