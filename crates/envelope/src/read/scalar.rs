//! Texts and numbers.

use super::{Fault, Read, Tree};

impl Read for String {
    fn read(tree: Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Text(text) => Ok(text),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::List(_) | Tree::Object(_) => {
                Err(Fault::new("must be a string"))
            }
        }
    }
}

/// A whole number, whatever its size.
fn whole(tree: &Tree) -> Option<i128> {
    match tree {
        Tree::Number(number) => *number,
        Tree::Null | Tree::Bool(_) | Tree::Text(_) | Tree::List(_) | Tree::Object(_) => None,
    }
}

impl Read for bool {
    fn read(tree: Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Bool(value) => Ok(value),
            Tree::Null | Tree::Number(_) | Tree::Text(_) | Tree::List(_) | Tree::Object(_) => {
                Err(Fault::new("must be true or false"))
            }
        }
    }
}

impl Read for u64 {
    fn read(tree: Tree) -> Result<Self, Fault> {
        whole(&tree)
            .and_then(|number| Self::try_from(number).ok())
            .ok_or_else(|| Fault::new("must be a whole number from 0 to 18446744073709551615"))
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

impl Read for i32 {
    fn read(tree: Tree) -> Result<Self, Fault> {
        whole(&tree)
            .and_then(|number| Self::try_from(number).ok())
            .ok_or_else(|| Fault::new("must be a whole number from -2147483648 to 2147483647"))
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
