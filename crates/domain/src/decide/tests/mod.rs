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
mod links;
mod nestauth;
mod permissions;
mod roles;
mod texts;
mod users;
