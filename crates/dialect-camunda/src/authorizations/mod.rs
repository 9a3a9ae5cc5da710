//! `/authorization`

mod check;
mod list;
mod one;
mod options;
mod view;

pub(crate) use check::check;
pub(crate) use list::{count, list};
pub(crate) use one::{create, delete, get, put};
pub(crate) use options::{options_of_all, options_of_one};
