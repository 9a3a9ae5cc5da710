//! `/roles/{id}/users`

mod assign;
mod list;

use crate::endpoint::Mount;

pub(super) fn mount(to: &mut impl Mount) {
    to.mount(&assign::ENDPOINT, assign::handle);
    to.mount(&list::ENDPOINT, list::handle);
}
