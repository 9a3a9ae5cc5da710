//! The value of a seal, the one record that is not a command.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain::Partition;

use super::mirror::Mirror;
use super::scalar::Hex32;
use crate::Hash;
use crate::read::{Fault, Fields, Read, Tree};
use crate::restore;

/// The value of a seal's record: the end of what was restored.
///
/// Its key is the name of the partition's reserved tenant: `~` and the partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SealRecord {
    /// The envelope's version.
    #[schemars(extend("const" = 1))]
    v: u64,
    /// What stands before it.
    seal: Seal,
}

/// What stands before a seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Seal {
    /// The partition.
    partition: u16,
    /// How many records.
    records: u64,
    /// The chain hash of the last of them; zeros where there is none.
    chain: Hex32,
}

impl Read for Seal {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let mut fields = tree.object()?;
        let seal = Self {
            partition: fields.take("partition")?,
            records: fields.take("records")?,
            chain: fields.take("chain")?,
        };
        fields.finish()?;
        Ok(seal)
    }
}

impl SealRecord {
    pub(crate) fn of(seal: &restore::Seal) -> Self {
        let restore::Seal {
            partition,
            records,
            chain,
        } = seal;
        Self {
            v: 1,
            seal: Seal {
                partition: partition.0,
                records: *records,
                chain: Mirror::of(&chain.0),
            },
        }
    }

    pub(crate) fn back(self) -> restore::Seal {
        restore::Seal {
            partition: Partition(self.seal.partition),
            records: self.seal.records,
            chain: Hash(self.seal.chain.back()),
        }
    }

    /// Reads what follows the version, which the caller has taken and found to be 1.
    pub(crate) fn from_fields(mut fields: Fields) -> Result<Self, Fault> {
        let record = Self {
            v: 1,
            seal: fields.take("seal")?,
        };
        fields.finish()?;
        Ok(record)
    }
}
