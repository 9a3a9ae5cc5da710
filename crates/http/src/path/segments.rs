//! The extractor.

use axum::extract::{FromRequestParts, MatchedPath, OriginalUri};
use axum::http::request::Parts;

use super::{PathError, decode, raw_segments};

/// The path parameters of the route, decoded, in the route's order.
///
/// To answer a bad path in a dialect's own way, extract `Result<Segments, PathError>`. A wildcard
/// (`{*rest}`) is not a segment and is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    parameters: Vec<(String, String)>,
}

impl Segments {
    /// Reads the parameters that `pattern` (`/roles/{id}/permissions`) names from `raw_path`.
    pub fn read(pattern: &str, raw_path: &str) -> Result<Self, PathError> {
        let parameters = raw_segments(pattern)
            .zip(raw_segments(raw_path))
            .filter_map(|(pattern, segment)| parameter(pattern, segment))
            .map(|(name, raw)| {
                let name = name.to_owned();
                if raw.is_empty() {
                    return Err(PathError::Empty { name });
                }
                Ok((name, decode(raw)?))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { parameters })
    }

    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Result<&str, PathError> {
        self.parameters
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| PathError::NoParameter { name: name.into() })
    }

    /// Name and value of each parameter.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Segments {
    type Rejection = PathError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PathError> {
        // No route matched in a fallback: there are no parameters then.
        let Some(pattern) = parts.extensions.get::<MatchedPath>() else {
            return Ok(Self {
                parameters: Vec::new(),
            });
        };
        // SUBTLE: `parts.uri` has lost its prefix in a nested router; the pattern has not.
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        Self::read(pattern.as_str(), uri.path())
    }
}

/// Name and raw value, if this segment of the pattern is a parameter, with or without a prefix.
fn parameter<'a, 'b>(pattern: &'a str, segment: &'b str) -> Option<(&'a str, &'b str)> {
    let (prefix, braced) = pattern.split_once('{')?;
    let name = braced.strip_suffix('}')?;
    if name.starts_with('*') || name.starts_with('{') {
        return None;
    }
    Some((name, segment.strip_prefix(prefix)?))
}
