//! `/users`: as much of users as rights rest on.

mod create;
mod delete;
mod effective;
mod get;
mod list;
mod permissions;
mod profile;
mod roles;
#[cfg(test)]
mod tests;
mod update;

use crate::endpoint::Mount;

pub(crate) fn mount(to: &mut impl Mount) {
    to.mount(&list::ENDPOINT, list::handle);
    to.mount(&create::ENDPOINT, create::handle);
    to.mount(&get::ENDPOINT, get::handle);
    to.mount(&update::ENDPOINT, update::handle);
    to.mount(&delete::ENDPOINT, delete::handle);
    permissions::mount(to);
    roles::mount(to);
    effective::mount(to);
}
