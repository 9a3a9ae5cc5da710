//! `/users/{id}/permissions`

mod add;
mod list;
mod remove;

use crate::endpoint::Mount;

pub(super) fn mount(to: &mut impl Mount) {
    to.mount(&list::ENDPOINT, list::handle);
    to.mount(&add::ENDPOINT, add::handle);
    to.mount(&remove::ENDPOINT, remove::handle);
}
