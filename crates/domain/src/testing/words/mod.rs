//! Words for what is asked and for what happened, in a realm.

pub(crate) mod camunda;
mod commands;
mod edges;
mod facts;

use uuid::Uuid;

pub(crate) use commands::{batch, cancel};
pub(crate) use facts::{Happened, cancelled};

use crate::{CommandId, GenericUuid as _, PermissionRef, PermissionSpec, Realm};

/// The words of one realm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words(pub(crate) Realm);

/// Words of Auth0's realm.
pub(crate) fn auth0() -> Words {
    Words(Realm::Auth0)
}

/// Words of the native realm.
pub(crate) fn native() -> Words {
    Words(Realm::Native)
}

/// Says the same in every realm whose callers make namespaces, and roles that may hold anything.
pub(crate) fn each_realm(say: impl Fn(Words)) {
    for realm in [Realm::Auth0, Realm::Native] {
        say(Words(realm));
    }
}

/// The nth command's id.
pub(crate) fn id(n: u64) -> CommandId {
    CommandId::from_untyped_uuid(Uuid::from_u128(n.into()))
}

fn references(permissions: &[(&str, &str)]) -> Vec<PermissionRef> {
    let reference = |(api, name): &(&str, &str)| PermissionRef {
        api: (*api).to_owned(),
        name: (*name).to_owned(),
    };
    permissions.iter().map(reference).collect()
}

fn specs(permissions: &[(&str, Option<&str>)]) -> Vec<PermissionSpec> {
    let spec = |(name, description): &(&str, Option<&str>)| PermissionSpec {
        name: (*name).to_owned(),
        description: description.map(str::to_owned),
    };
    permissions.iter().map(spec).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
