//! What one user may do, by all ways, on one page.

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
        name: "list a user (native)".to_owned(),
        beside: Script::SelectOnly,
        per_call: expected(&ground.world, 0).len(),
    };
    for connections in ground.options.connections(&[1, 8]) {
        let caller = |ground: &Ground<'_>, index| Lister {
            dice: ground.dice("list a user", index),
            world: Arc::clone(&ground.world),
            user: 0,
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
    user: usize,
}

#[derive(Deserialize)]
struct Page {
    grants: Vec<Grant>,
    more: bool,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    resource: String,
    permission: String,
    via: Via,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Via {
    role: Option<String>,
}

fn ask(user: usize) -> Ask {
    let subject = world::user_id(user).replace('|', "%7C");
    Ask::get(&format!(
        "/v1/grants?subject={subject}&realm=auth0&limit=1000"
    ))
}

/// A grant that is there by several roles is told once for each.
fn expected(world: &World, user: usize) -> Vec<Grant> {
    let roles = world.roles_of_user(user).iter();
    let grants = roles.flat_map(|role| {
        let resources = world.resources_of_role(*role).iter();
        resources.map(|one| Grant {
            resource: world.api_of(*one),
            permission: world::permission(*one),
            via: Via {
                role: Some(world::role_id(*role)),
            },
        })
    });
    grants.collect()
}

impl Caller for Lister {
    fn ask(&mut self) -> Ask {
        self.user = self.dice.below(self.world.users());
        ask(self.user)
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        let page: Page = serde_json::from_slice(&answer.expect(200)?.body)
            .map_err(|error| format!("a list: {error}"))?;
        let user = world::user_id(self.user);
        if page.more {
            return Err(format!("{user}: the page was cut"));
        }
        same(&user, page.grants, expected(&self.world, self.user))
    }
}
