//! The shape of the workspace: which crate may know which, and what lies where.
//!
//! The picture of the arrows is in `crates/README.md`; it is written down again here, as data, so
//! that an arrow which is not in it fails a test instead of a review.

mod arrows;
mod layout;
mod promises;
mod purity;
