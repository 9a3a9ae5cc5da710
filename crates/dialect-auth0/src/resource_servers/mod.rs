//! `/resource-servers`: APIs and their permissions.

mod create;
mod delete;
mod get;
mod list;
mod settings;
mod update;
mod view;

use crate::endpoint::Mount;

pub(crate) fn mount(to: &mut impl Mount) {
    to.mount(&list::ENDPOINT, list::handle);
    to.mount(&create::ENDPOINT, create::handle);
    to.mount(&get::ENDPOINT, get::handle);
    to.mount(&update::ENDPOINT, update::handle);
    to.mount(&delete::ENDPOINT, delete::handle);
}
