//! `/users/{id}/roles`

mod assign;
mod list;
mod unassign;

use crate::endpoint::Mount;

pub(super) fn mount(to: &mut impl Mount) {
    to.mount(&assign::ENDPOINT, assign::handle);
    to.mount(&list::ENDPOINT, list::handle);
    to.mount(&unassign::ENDPOINT, unassign::handle);
}
