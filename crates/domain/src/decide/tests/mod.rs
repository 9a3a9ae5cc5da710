//! The rules, in the words of the policies.

mod admission;
mod apis;
mod assignments;
mod batches;
mod camunda;
mod denials;
mod expected;
mod grants;
mod limits;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "any other fact fails the test"
)]
mod links;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "any other fact fails the test"
)]
mod nestauth;
mod permissions;
mod roles;
mod texts;
mod users;
