//! How a command ended.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use super::Rejection;
use super::mirror::{Mirror, mirrored};
use crate::read::{Fault, Fields, Read, Tree};

mirrored! {
    /// How a command ended.
    enum Outcome {
        /// It was decided before, at the entry named.
        Duplicate = "duplicate" {
            /// The `tenant_seq` of the entry that holds the outcome.
            of: u64,
        }
        /// The record could not be read as a command. The bytes are kept.
        Invalid = "invalid" {
            /// What was wrong with it.
            problem: String,
        }
    }
    tuples {
        /// The rules said no.
        Rejected = "rejected" {
            /// Why.
            rejection: Rejection
        }
        /// The caller's rights said no.
        Denied = "denied" {
            /// Why.
            denial: Denial
        }
    }
    units {
        /// It had effects: the entry's facts.
        Applied = "applied",
        /// What was asked was already so.
        Unchanged = "unchanged",
        /// It came after its deadline.
        Expired = "expired",
    }
}

mirrored! {
    /// A caller's rights say no.
    enum Denial {
        /// The credential lacks every one of these scopes.
        InsufficientScope {
            /// Any of these would have done.
            required: Vec<String>,
        }
        /// No authorization of the user's gives it a permission (Camunda).
        MissingPermission {
            /// The user.
            user: String,
            /// The permission's name.
            permission: String,
            /// The type of the resource.
            resource_type: i32,
            /// Which; absent where all of them would have been needed.
            #[serde(skip_serializing_if = "Option::is_none")]
            resource_id: Option<String>,
        }
    }
    units {
        /// The request does not show that it comes from the page that its session is of.
        CsrfToken,
    }
}
