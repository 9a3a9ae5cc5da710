//! Who may do what, drawn from a seed: loaded into the server, and what its answers must be.
//!
//! ```text
//!   W1: user ──5──► role ──50──► resource        W2: user ──10──► resource
//! ```
//!
//! A resource is a permission of one of a few APIs. Besides, there is ground for writes: APIs that
//! no question is about, one for each connection, so that the oracle holds while they are written.

mod load;
mod zipf;

use writ_tests::Dice;

pub(crate) use self::load::load;
use self::zipf::Zipf;

/// How users come to what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// By roles.
    Roles,
    /// By permissions of their own.
    Direct,
}

#[derive(Debug, Clone, Copy)]
struct Size {
    users: usize,
    roles: usize,
    roles_per_user: usize,
    /// Of a role or, where there are none, of a user.
    resources_each: usize,
    apis: usize,
    resources: usize,
}

#[derive(Debug)]
pub(crate) struct World {
    size: Size,
    /// Each user's roles, sorted.
    assigned: Vec<Vec<usize>>,
    /// Each role's resources, sorted; in a world without roles, each user's.
    granted: Vec<Vec<usize>>,
    /// Each resource's roles, or users.
    holders: Vec<Vec<usize>>,
    /// Each role's users.
    members: Vec<Vec<usize>>,
    popularity: Zipf,
}

/// May this user do that?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) user: usize,
    pub(crate) resource: usize,
    pub(crate) allowed: bool,
}

/// How many connections can write, each on ground of its own.
pub(crate) const WRITERS_MAX: usize = 128;
/// How many can replace the permissions of an API of their own.
pub(crate) const PATCHERS_MAX: usize = 32;
/// Permissions of a writer's API: as many as a batch grants.
pub(crate) const WRITER_PERMISSIONS: usize = 100;
/// Permissions of a patcher's API.
pub(crate) const PATCHER_PERMISSIONS: usize = 20;

/// How often a question is drawn again before another resource is tried.
const PATIENCE: usize = 64;

impl World {
    pub(crate) fn draw(profile: Profile, tiny: bool, seed: u64) -> Self {
        let size = match (profile, tiny) {
            (Profile::Roles, false) => Size {
                users: 10_000,
                roles: 1_000,
                roles_per_user: 5,
                resources_each: 50,
                apis: 20,
                resources: 20_000,
            },
            (Profile::Direct, false) => Size {
                users: 10_000,
                roles: 0,
                roles_per_user: 0,
                resources_each: 10,
                apis: 20,
                resources: 20_000,
            },
            (Profile::Roles, true) => Size {
                users: 40,
                roles: 10,
                roles_per_user: 2,
                resources_each: 8,
                apis: 2,
                resources: 60,
            },
            (Profile::Direct, true) => Size {
                users: 40,
                roles: 0,
                roles_per_user: 0,
                resources_each: 8,
                apis: 2,
                resources: 60,
            },
        };
        let mut dice = Dice::new(seed);
        let holders_count = if size.roles > 0 {
            size.roles
        } else {
            size.users
        };
        let granted: Vec<_> = (0..holders_count)
            .map(|_| dice.distinct(size.resources_each, size.resources))
            .collect();
        let assigned: Vec<_> = (0..size.users)
            .map(|_| dice.distinct(size.roles_per_user, size.roles))
            .collect();
        Self {
            size,
            holders: inverted(&granted, size.resources),
            members: inverted(&assigned, size.roles),
            granted,
            assigned,
            popularity: Zipf::new(size.resources),
        }
    }

    /// `W1` or `W2`.
    pub(crate) fn name(&self) -> &'static str {
        if self.has_roles() { "W1" } else { "W2" }
    }

    pub(crate) fn has_roles(&self) -> bool {
        self.size.roles > 0
    }

    pub(crate) fn users(&self) -> usize {
        self.size.users
    }

    pub(crate) fn roles(&self) -> usize {
        self.size.roles
    }

    /// How many edges it has.
    pub(crate) fn edges(&self) -> usize {
        let all = self.granted.iter().chain(&self.assigned);
        all.map(Vec::len).sum()
    }

    /// The truth.
    pub(crate) fn allows(&self, user: usize, resource: usize) -> bool {
        let holds = |holder: usize| self.granted[holder].binary_search(&resource).is_ok();
        if self.has_roles() {
            self.assigned[user].iter().any(|role| holds(*role))
        } else {
            holds(user)
        }
    }

    /// The resources of a role, sorted.
    pub(crate) fn resources_of_role(&self, role: usize) -> &[usize] {
        &self.granted[role]
    }

    /// The roles of a user, sorted.
    pub(crate) fn roles_of_user(&self, user: usize) -> &[usize] {
        &self.assigned[user]
    }

    /// A question whose answer is yes as often as no, about a resource by its popularity.
    pub(crate) fn question(&self, dice: &mut Dice) -> Question {
        let allowed = dice.once_in(2);
        loop {
            let resource = self.popularity.draw(dice);
            let user = if allowed {
                self.somebody_who_may(resource, dice)
            } else {
                let mut anybody = (0..PATIENCE).map(|_| dice.below(self.size.users));
                anybody.find(|user| !self.allows(*user, resource))
            };
            if let Some(user) = user {
                return Question {
                    user,
                    resource,
                    allowed,
                };
            }
        }
    }

    fn somebody_who_may(&self, resource: usize, dice: &mut Dice) -> Option<usize> {
        let one_of = |from: &[usize], dice: &mut Dice| (!from.is_empty()).then(|| *dice.pick(from));
        let holder = one_of(&self.holders[resource], dice)?;
        if self.has_roles() {
            one_of(&self.members[holder], dice)
        } else {
            Some(holder)
        }
    }

    /// The identifier of a resource's API. Popular ones are spread over the APIs.
    pub(crate) fn api_of(&self, resource: usize) -> String {
        api(resource % self.size.apis)
    }
}

fn inverted(lists: &[Vec<usize>], len: usize) -> Vec<Vec<usize>> {
    let mut inverted = vec![Vec::new(); len];
    for (from, list) in lists.iter().enumerate() {
        for to in list {
            inverted[*to].push(from);
        }
    }
    inverted
}

fn api(number: usize) -> String {
    format!("https://world-{number}.example/")
}

/// The name of a resource's permission.
pub(crate) fn permission(resource: usize) -> String {
    format!("use:{resource:05}")
}

pub(crate) fn user_id(user: usize) -> String {
    format!("auth0|{user:024}")
}

pub(crate) fn role_id(role: usize) -> String {
    format!("rol_{role:016}")
}

/// The API that a writer has to itself.
pub(crate) fn writer_api(writer: usize) -> String {
    format!("https://writer-{writer}.example/")
}

/// The id of the API whose permissions a patcher replaces.
pub(crate) fn patcher_api_id(patcher: usize) -> String {
    format!("e{patcher:023}")
}

/// The name of a permission of a writer's or patcher's API.
pub(crate) fn ground_permission(number: usize) -> String {
    format!("write:{number:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_has_the_size_that_is_told_of_it() {
        let (w1, w2) = (
            World::draw(Profile::Roles, false, 1),
            World::draw(Profile::Direct, false, 1),
        );
        assert_eq!((w1.name(), w1.edges()), ("W1", 100_000));
        assert_eq!((w2.name(), w2.edges()), ("W2", 100_000));
        assert_eq!(w1.granted.iter().map(Vec::len).sum::<usize>(), 50_000);
    }

    #[test]
    fn questions_are_half_allowed_and_true_to_the_world() {
        for profile in [Profile::Roles, Profile::Direct] {
            for tiny in [true, false] {
                let world = World::draw(profile, tiny, 7);
                let mut dice = Dice::new(8);
                let asked: Vec<_> = (0..2_000).map(|_| world.question(&mut dice)).collect();
                for one in &asked {
                    assert_eq!(world.allows(one.user, one.resource), one.allowed, "{one:?}");
                }
                let allowed = asked.iter().filter(|one| one.allowed).count();
                assert!((800..1_200).contains(&allowed), "{allowed} of 2,000");
            }
        }
    }

    #[test]
    fn a_seed_draws_the_same_world_and_questions_again() {
        let draw = |seed| {
            let world = World::draw(Profile::Roles, true, seed);
            let mut dice = Dice::new(seed);
            let asked: Vec<_> = (0..20).map(|_| world.question(&mut dice)).collect();
            (world.granted, world.assigned, asked)
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
