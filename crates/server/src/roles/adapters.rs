//! What the ledger's crates are given by this process: ids and randomness.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use writ_command::CommandIds;
use writ_dialect_auth0::IdSource;
use writ_domain::{CommandId, GenericUuid as _};

use crate::ids;

/// Ids from this process's clock and randomness.
#[derive(Debug)]
pub(super) struct Ids;

impl CommandIds for Ids {
    fn command_id(&self) -> CommandId {
        CommandId::from_untyped_uuid(ids::uuid_v7())
    }
}

impl writ_dialect_camunda::IdSource for Ids {
    fn random(&self) -> u128 {
        IdSource::random(self)
    }
}

impl writ_dialect_nestauth::IdSource for Ids {
    fn random(&self) -> u128 {
        IdSource::random(self)
    }
}

impl IdSource for Ids {
    #[expect(
        clippy::expect_used,
        reason = "a system without randomness could not have started"
    )]
    fn random(&self) -> u128 {
        let mut bytes = [0; 16];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the system gives randomness");
        u128::from_be_bytes(bytes)
    }
}
