//! What requests must look like, and the words in which Auth0 says that they do not.
//!
//! **Shape.** A [`Node`] is one schema as a constant; `bodies` and `queries` hold one for every
//! route. [`check`] walks a value and returns the first [`Problem`], whose words are those of the
//! npm library z-schema, which Auth0 uses; [`Problem::message`] puts them in Auth0's frame.
//!
//! **Correctness.** Which of several problems comes first is z-schema's order too: a value's type;
//! then its keywords as Auth0's document orders them, of several missing members the last; then its
//! items or members from the last to the first. `tests.rs` has rows made by z-schema 3.25.1 itself.
//! The one difference is recorded too: of several members that do not belong, Auth0 names all.

pub(crate) mod bodies;
mod check;
mod describe;
mod format;
pub(crate) mod queries;
#[cfg(test)]
mod tests;

use crate::json::Type;

pub(crate) use check::{Problem, check};

/// The schema of one value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// Printed behind the path; Auth0 leaves the final full stop of its document away.
    description: Option<&'static str>,
    types: &'static [Type],
    one_of: Option<&'static [Option<&'static str>]>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    pattern: Option<Pattern>,
    format: Option<Format>,
    minimum: Option<u64>,
    maximum: Option<u64>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    items: Option<&'static Node>,
    required: &'static [&'static str],
    properties: &'static [(&'static str, Node)],
    /// Whether members beyond `properties` are refused.
    closed: bool,
}

/// A regular expression of Auth0's document, and the same as code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    text: &'static str,
    matches: fn(&str) -> bool,
}

/// A named format, and its test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    name: &'static str,
    matches: fn(&str) -> bool,
}

impl Node {
    const ANY: Self = Self {
        description: None,
        types: &[],
        one_of: None,
        min_length: None,
        max_length: None,
        pattern: None,
        format: None,
        minimum: None,
        maximum: None,
        min_items: None,
        max_items: None,
        items: None,
        required: &[],
        properties: &[],
        closed: false,
    };

    const fn of(types: &'static [Type]) -> Self {
        Self { types, ..Self::ANY }
    }

    const fn string() -> Self {
        Self::of(&[Type::String])
    }

    const fn boolean() -> Self {
        Self::of(&[Type::Boolean])
    }

    const fn integer() -> Self {
        Self::of(&[Type::Integer])
    }

    const fn array(items: &'static Self) -> Self {
        Self {
            items: Some(items),
            ..Self::of(&[Type::Array])
        }
    }

    /// An object whose other members are taken as they are.
    const fn open(properties: &'static [(&'static str, Self)]) -> Self {
        Self {
            properties,
            ..Self::of(&[Type::Object])
        }
    }

    /// An object without other members.
    const fn closed(properties: &'static [(&'static str, Self)]) -> Self {
        Self {
            closed: true,
            ..Self::open(properties)
        }
    }

    const fn types(self, types: &'static [Type]) -> Self {
        Self { types, ..self }
    }

    const fn described(self, description: &'static str) -> Self {
        Self {
            description: Some(description),
            ..self
        }
    }

    const fn required(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    const fn one_of(self, texts: &'static [Option<&'static str>]) -> Self {
        Self {
            one_of: Some(texts),
            ..self
        }
    }

    const fn length(self, min: usize, max: usize) -> Self {
        Self {
            min_length: Some(min),
            max_length: Some(max),
            ..self
        }
    }

    const fn min_length(self, min: usize) -> Self {
        Self {
            min_length: Some(min),
            ..self
        }
    }

    const fn max_length(self, max: usize) -> Self {
        Self {
            max_length: Some(max),
            ..self
        }
    }

    const fn pattern(self, pattern: Pattern) -> Self {
        Self {
            pattern: Some(pattern),
            ..self
        }
    }

    const fn format(self, format: Format) -> Self {
        Self {
            format: Some(format),
            ..self
        }
    }

    const fn range(self, minimum: u64, maximum: u64) -> Self {
        Self {
            minimum: Some(minimum),
            maximum: Some(maximum),
            ..self
        }
    }

    const fn minimum(self, minimum: u64) -> Self {
        Self {
            minimum: Some(minimum),
            ..self
        }
    }

    const fn min_items(self, min: usize) -> Self {
        Self {
            min_items: Some(min),
            ..self
        }
    }

    const fn max_items(self, max: usize) -> Self {
        Self {
            max_items: Some(max),
            ..self
        }
    }

    /// The schema of the member of this name.
    pub(crate) fn property(&self, name: &str) -> Option<&Self> {
        self.properties
            .iter()
            .find(|(property, _)| *property == name)
            .map(|(_, node)| node)
    }

    /// Whether a value of this type fits.
    pub(crate) fn admits(&self, kind: Type) -> bool {
        self.types.is_empty()
            || self.types.contains(&kind)
            || (kind == Type::Integer && self.types.contains(&Type::Number))
    }
}
