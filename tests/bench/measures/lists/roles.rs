//! A role's permissions, all on one page.

use std::sync::Arc;

use serde::Deserialize;
use writ_tests::Dice;

use super::same;
use crate::drive::Caller;
use crate::measures::ground::{Ground, Subject};
use crate::pgbench::Script;
use crate::report::Pace;
use crate::wire::{Answer, Ask};
use crate::world::{self, World};

pub(super) async fn run(ground: &mut Ground<'_>) {
    let subject = Subject {
        name: "list a role (Auth0)".to_owned(),
        beside: Script::SelectOnly,
        per_call: ground.world.resources_of_role(0).len(),
    };
    for connections in ground.options.connections(&[1, 8]) {
        let caller = |ground: &Ground<'_>, index| Lister {
            dice: ground.dice("list a role", index),
            world: Arc::clone(&ground.world),
            role: 0,
        };
        ground
            .point(&subject, Pace::Closed, connections, caller)
            .await;
    }
}

#[derive(Debug)]
struct Lister {
    dice: Dice,
    world: Arc<World>,
    role: usize,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    resource_server_identifier: String,
    permission_name: String,
}

impl Caller for Lister {
    fn ask(&mut self) -> Ask {
        self.role = self.dice.below(self.world.roles());
        let role = world::role_id(self.role);
        Ask::get(&format!("/api/v2/roles/{role}/permissions?per_page=100"))
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        let shown: Vec<Line> = serde_json::from_slice(&answer.expect(200)?.body)
            .map_err(|error| format!("a list: {error}"))?;
        let resources = self.world.resources_of_role(self.role).iter();
        let expected = resources.map(|one| Line {
            resource_server_identifier: self.world.api_of(*one),
            permission_name: world::permission(*one),
        });
        same(&world::role_id(self.role), shown, expected.collect())
    }
}
