//! Texts and numbers.

use super::{Fault, Read, Tree};

impl Read for String {
    fn read(tree: Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Text(text) => Ok(text),
            Tree::Null | Tree::Bool | Tree::Number(_) | Tree::List(_) | Tree::Object(_) => {
                Err(Fault::new("must be a string"))
            }
        }
    }
}

impl Read for u64 {
    fn read(tree: Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Number(Some(number)) => Ok(number),
            Tree::Number(None)
            | Tree::Null
            | Tree::Bool
            | Tree::Text(_)
            | Tree::List(_)
            | Tree::Object(_) => Err(Fault::new(
                "must be a whole number from 0 to 18446744073709551615",
            )),
        }
    }
}

impl Read for u32 {
    fn read(tree: Tree) -> Result<Self, Fault> {
        u64::read(tree)
            .ok()
            .and_then(|number| Self::try_from(number).ok())
            .ok_or_else(|| Fault::new("must be a whole number from 0 to 4294967295"))
    }
}

impl Read for u16 {
    fn read(tree: Tree) -> Result<Self, Fault> {
        u64::read(tree)
            .ok()
            .and_then(|number| Self::try_from(number).ok())
            .ok_or_else(|| Fault::new("must be a whole number from 0 to 65535"))
    }
}
