//! Reading JSON strictly: repeated names, unknown names and wrong shapes are faults with a path.
//!
//! Written by hand instead of derived, because what is accepted and the words of each fault are
//! part of history: the problem of a broken record stands in its entry's outcome, and the outcome
//! is hashed. A library's wording, and its kindness to lists that stand in for objects, would
//! change with the library. All that is left to `serde_json` is which texts are JSON.

mod scalar;
mod tree;

use std::collections::BTreeMap;

pub(crate) use tree::Tree;

/// Why a text could not be read, and where.
///
/// Both parts are short and hold no control characters, whatever was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}{problem}", if path.is_empty() { "" } else { ": " })]
pub struct Fault {
    /// The place as a JSON pointer (RFC 6901); empty for the whole text.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

impl Fault {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            problem: problem.into(),
        }
    }

    /// The same fault, seen from the object or list that holds the place.
    pub(crate) fn under(mut self, segment: &str) -> Self {
        let segment = clipped(&segment.replace('~', "~0").replace('/', "~1"));
        self.path.insert_str(0, &segment);
        self.path.insert(0, '/');
        self
    }

    pub(crate) fn under_index(self, index: usize) -> Self {
        self.under(&index.to_string())
    }
}

/// A name that somebody sent, made fit to be shown and kept.
fn clipped(name: &str) -> String {
    // SUBTLE: `escape_debug` would ask Unicode tables that change with the compiler.
    name.chars()
        .take(64)
        .flat_map(char::escape_default)
        .collect()
}

/// What can be read from a [`Tree`].
pub(crate) trait Read: Sized {
    fn read(tree: Tree) -> Result<Self, Fault>;

    /// What an absent field means; `None` if it has to be there.
    fn absent() -> Option<Self> {
        None
    }
}

/// The fields of an object, taken one by one.
#[derive(Debug)]
pub(crate) struct Fields(Vec<(String, Tree)>);

impl Fields {
    /// Refuses a name that stands there twice.
    pub(crate) fn try_new(fields: Vec<(String, Tree)>) -> Result<Self, Fault> {
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        for pair in names.windows(2) {
            if let [first, second] = pair
                && first == second
            {
                return Err(Fault::new("is there twice").under(first));
            }
        }
        Ok(Self(fields))
    }

    pub(crate) fn take<T: Read>(&mut self, name: &str) -> Result<T, Fault> {
        match self.0.iter().position(|(present, _)| present == name) {
            Some(index) => T::read(self.0.swap_remove(index).1),
            None => T::absent().ok_or_else(|| Fault::new("is missing")),
        }
        .map_err(|fault| fault.under(name))
    }

    /// Refuses what was not taken.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        match self.0.iter().map(|(name, _)| name).min() {
            Some(name) => Err(Fault::new("is not a known field").under(name)),
            None => Ok(()),
        }
    }

    /// Every field, in the order sent.
    pub(crate) fn all<T: Read>(self) -> Result<Vec<(String, T)>, Fault> {
        let read = |(name, tree): (String, Tree)| match T::read(tree) {
            Ok(value) => Ok((name, value)),
            Err(fault) => Err(fault.under(&name)),
        };
        self.0.into_iter().map(read).collect()
    }
}

impl<T: Read> Read for Option<T> {
    fn read(tree: Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Null => Ok(None),
            Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::List(_) | Tree::Object(_) => {
                T::read(tree).map(Some)
            }
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let item = |(index, tree)| T::read(tree).map_err(|fault| fault.under_index(index));
        tree.list()?.into_iter().enumerate().map(item).collect()
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(tree: Tree) -> Result<Self, Fault> {
        Ok(tree.object()?.all()?.into_iter().collect())
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Read> Read for Box<T> {
    fn read(tree: Tree) -> Result<Self, Fault> {
        T::read(tree).map(Self::new)
    }
}
