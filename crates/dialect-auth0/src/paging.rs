//! Both ways in which lists are cut: by page, and after a checkpoint.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_store::reads::Slice;

use crate::failure::Failure;
use crate::json::Json;
use crate::schema::Problem;

const PER_PAGE_DEFAULT: u64 = 50;

/// How many records offset paging reaches where Auth0 bounds it.
const WINDOW: u64 = 1_000;

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) number: u64,
    pub(crate) size: u64,
    /// Whether the list comes in an object with its total.
    pub(crate) totals: bool,
}

impl Page {
    /// The page that a query string asks for.
    pub(crate) fn of(query: &Json) -> Self {
        let number = |name: &str| query.get(name).and_then(Json::as_u64);
        Self {
            number: number("page").unwrap_or(0),
            size: number("per_page").unwrap_or(PER_PAGE_DEFAULT),
            totals: query
                .get("include_totals")
                .and_then(Json::as_bool)
                .unwrap_or(false),
        }
    }

    /// How many records come before it.
    pub(crate) fn start(self) -> u64 {
        self.number.saturating_mul(self.size)
    }

    /// Whether a part of it lies beyond the first 1,000 records.
    pub(crate) fn leaves_window(self) -> bool {
        self.start().saturating_add(self.size) > WINDOW
    }

    pub(crate) fn slice(self) -> Slice {
        Slice {
            offset: self.start(),
            limit: self.size,
            count: self.totals,
        }
    }

    /// The same with a total, whatever was asked.
    pub(crate) fn counted(self) -> Slice {
        Slice {
            count: true,
            ..self.slice()
        }
    }

    /// The list as an array, or as Auth0 wraps it for roles, permissions and users.
    pub(crate) fn list(self, name: &str, items: Vec<Json>, total: Option<u64>) -> Json {
        let Some(total) = total.filter(|_| self.totals) else {
            return Json::Array(items);
        };
        let number = |number: u64| Json::Number(number.into());
        Json::Object(vec![
            (name.to_owned(), Json::Array(items)),
            ("start".to_owned(), number(self.start())),
            ("limit".to_owned(), number(self.size)),
            ("total".to_owned(), number(total)),
        ])
    }

    /// The list as an array, or as Auth0 wraps it for resource servers: numbers first.
    pub(crate) fn list_numbers_first(self, name: &str, items: Vec<Json>, total: u64) -> Json {
        if !self.totals {
            return Json::Array(items);
        }
        let number = |number: u64| Json::Number(number.into());
        Json::Object(vec![
            ("total".to_owned(), number(total)),
            ("start".to_owned(), number(self.start())),
            ("limit".to_owned(), number(self.size)),
            (name.to_owned(), Json::Array(items)),
        ])
    }

    /// The `Link` header of a bare array (RFC 8288), at `path`.
    pub(crate) fn links(self, path: &str, total: u64) -> String {
        let last = total.div_ceil(self.size.max(1)).saturating_sub(1);
        let previous = self.number.checked_sub(1).map(|page| page.min(last));
        let next = Some(self.number.saturating_add(1)).filter(|page| *page <= last);
        [
            ("first", Some(0)),
            ("prev", previous),
            ("next", next),
            ("last", Some(last)),
        ]
        .into_iter()
        .filter_map(|(rel, page)| {
            let page = page?;
            Some(format!(
                "<{path}?page={page}&per_page={}>; rel=\"{rel}\"",
                self.size
            ))
        })
        .collect::<Vec<_>>()
        .join(", ")
    }
}

/// Part of a list after a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) take: u64,
    /// The parts of the checkpoint's place; `None` at the beginning.
    pub(crate) place: Option<Vec<String>>,
}

impl After {
    /// What a query string asks for, whether it says so or not.
    pub(crate) fn of(query: &Json) -> Result<Self, Failure> {
        let take = query
            .get("take")
            .and_then(Json::as_u64)
            .unwrap_or(PER_PAGE_DEFAULT);
        let place = match query.get("from").and_then(Json::as_str) {
            None => None,
            Some(text) => Some(decode(text).ok_or_else(|| not_a_checkpoint(text))?),
        };
        Ok(Self { take, place })
    }

    /// Whether a query string asks for part of a list after a checkpoint. It wins over pages.
    pub(crate) fn is_asked(query: &Json) -> bool {
        query.get("take").is_some() || query.get("from").is_some()
    }

    /// The place's parts, if it has that many; empty texts at the beginning.
    pub(crate) fn parts<const N: usize>(&self) -> Result<Option<[&str; N]>, Failure> {
        let Some(place) = &self.place else {
            return Ok(None);
        };
        let parts: Vec<&str> = place.iter().map(String::as_str).collect();
        parts.try_into().map(Some).map_err(|_parts| self.refused())
    }

    /// The refusal of a checkpoint that is none of this list.
    pub(crate) fn refused(&self) -> Failure {
        not_a_checkpoint(&encode(self.place.as_deref().unwrap_or_default()))
    }

    /// One more than asked for, by which the end is seen.
    pub(crate) fn limit(&self) -> u64 {
        self.take.saturating_add(1)
    }

    /// The items, and `next` unless these are the last.
    pub(crate) fn list<T>(
        &self,
        name: &str,
        mut items: Vec<T>,
        show: impl Fn(&T) -> Json,
        place: impl Fn(&T) -> Vec<String>,
    ) -> Json {
        let take = usize::try_from(self.take).unwrap_or(usize::MAX);
        let more = items.len() > take;
        items.truncate(take);
        let shown = items.iter().map(show).collect();
        let mut members = vec![(name.to_owned(), Json::Array(shown))];
        if let Some(last) = items.last().filter(|_| more) {
            members.push(("next".to_owned(), Json::text(encode(&place(last)))));
        }
        Json::Object(members)
    }
}

fn encode(place: &[String]) -> String {
    let place = Json::Array(place.iter().map(Json::text).collect());
    URL_SAFE_NO_PAD.encode(place.to_string())
}

fn decode(text: &str) -> Option<Vec<String>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let Json::Array(parts) = Json::parse(&bytes).ok()? else {
        return None;
    };
    let whole = |part: Json| {
        part.as_str()
            .filter(|part| !part.contains('\0'))
            .map(str::to_owned)
    };
    parts.into_iter().map(whole).collect()
}

fn not_a_checkpoint(text: &str) -> Failure {
    Failure::query(&Problem::of_member(
        "from",
        Some("Optional Id from which to start selection"),
        format!("Object didn't pass validation for format checkpoint: {text}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64, size: u64) -> Page {
        Page {
            number,
            size,
            totals: true,
        }
    }

    #[test]
    fn the_window_ends_after_a_thousand_records() {
        for (number, size, leaves) in [
            (0, 100, false),
            (9, 100, false),
            (10, 100, true),
            (19, 50, false),
            (20, 50, true),
        ] {
            assert_eq!(
                page(number, size).leaves_window(),
                leaves,
                "{number} of {size}"
            );
        }
        assert!(page(u64::MAX, 100).leaves_window());
    }

    #[test]
    fn links_lead_to_first_previous_next_and_last() {
        let link = |number| page(number, 2).links("/l", 5);
        assert_eq!(
            link(1),
            "</l?page=0&per_page=2>; rel=\"first\", </l?page=0&per_page=2>; rel=\"prev\", \
             </l?page=2&per_page=2>; rel=\"next\", </l?page=2&per_page=2>; rel=\"last\""
        );
        assert!(!link(0).contains("prev"));
        assert!(!link(2).contains("next"));
        assert!(link(9).contains("</l?page=2&per_page=2>; rel=\"prev\""));
        assert_eq!(
            page(0, 50).links("/l", 0),
            "</l?page=0&per_page=50>; rel=\"first\", </l?page=0&per_page=50>; rel=\"last\""
        );
    }

    #[test]
    fn a_checkpoint_leads_on_until_the_end() {
        let after = After {
            take: 2,
            place: None,
        };
        let list = |items: Vec<&str>| {
            after.list(
                "l",
                items,
                |item| Json::text(*item),
                |item| vec![(*item).to_owned()],
            )
        };
        let first = list(vec!["a", "b", "c"]);
        assert_eq!(first.get("l").unwrap().to_string(), r#"["a","b"]"#);
        let next = first.get("next").unwrap().as_str().unwrap().to_owned();
        let query = Json::Object(vec![("from".to_owned(), Json::text(next))]);
        let after = After::of(&query).unwrap();
        assert_eq!(after.parts::<1>().unwrap(), Some(["b"]));
        assert!(after.parts::<2>().is_err());
        assert_eq!(list(vec!["a", "b"]).get("next"), None);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for text in ["!", "AAAA", "WzFd", "WyJcdTAwMDAiXQ"] {
            let query = Json::Object(vec![("from".to_owned(), Json::text(text))]);
            let failure = After::of(&query).unwrap_err();
            assert_eq!(
                failure.envelope().get("message").unwrap().as_str().unwrap(),
                format!(
                    "Query validation error: 'Object didn't pass validation for format \
                     checkpoint: {text}' on property from (Optional Id from which to start \
                     selection)."
                )
            );
        }
    }
}
