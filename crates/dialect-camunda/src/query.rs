//! Query strings, read as the engine reads them: the first value of a name counts.

use crate::failure::Failure;
use crate::json;
use axum::http::StatusCode;

/// The parameters of a request.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn read(raw: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a value holds what the store cannot be asked about.
    pub(crate) fn holds_nul(&self) -> bool {
        self.0.iter().any(|(_, value)| value.contains('\0'))
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// A number that the framework reads: empty is none, and what is no number is not found.
    pub(crate) fn framework_integer(&self, name: &str) -> Result<Option<i32>, Failure> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).or(Err(Failure::bad_query())),
        }
    }

    /// A number that the engine's mapper reads, as JSON.
    pub(crate) fn mapped_integer(&self, name: &str) -> Result<Option<i32>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        json::lone_integer(text).map_err(|_source| {
            let why = format!(": Cannot convert value {text} to java type java.lang.Integer");
            cannot_set(name, text, &why)
        })
    }

    /// A list with commas between. Empty parts at the end do not count, so that there may be none.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let text = self.get(name)?;
        if text.is_empty() {
            return Some(vec![String::new()]);
        }
        let mut parts: Vec<String> = text.split(',').map(str::to_owned).collect();
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        Some(parts)
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let known = words.iter().find(|(word, _)| *word == text);
        match known {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => Err(cannot_set(name, text, "")),
        }
    }
}

fn cannot_set(name: &str, value: &str, why: &str) -> Failure {
    let message = format!("Cannot set query parameter '{name}' to value '{value}'{why}");
    Failure::invalid(StatusCode::BAD_REQUEST, message)
}

/// Which rows of a list: those before `first` are left out. Nothing is before the first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

impl Query {
    /// The window that was asked for; `None` if it holds nothing.
    pub(crate) fn window(&self) -> Result<Option<Window>, Failure> {
        let first = self.framework_integer("firstResult")?.unwrap_or(0);
        let count = self.framework_integer("maxResults")?.unwrap_or(i32::MAX);
        let window = u32::try_from(first)
            .ok()
            .zip(u32::try_from(count).ok())
            .filter(|(_, count)| *count > 0);
        Ok(window.map(|(first, count)| Window { first, count }))
    }
}
