//! `/user` and `/group`

mod groups;
mod users;

pub(crate) use groups::{
    add_member, create_group, delete_group, group, groups, remove_member, update_group,
};
pub(crate) use users::{create_user, delete_user, profile, set_password, update_profile};
