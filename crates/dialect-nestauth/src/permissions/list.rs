//! What shows several permissions.

use axum::http::StatusCode;
use writ_store::reads::NestFilter;

use super::rendered;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::js::{by_units, is_blank, quoted};
use crate::query::Limit;
use crate::request::Ask;
use crate::router::Shared;

/// `GET /`: `%` and `_` are deleted from what is looked for; a backslash escapes.
pub(crate) async fn list(shared: &Shared, ask: &Ask) -> Result<Answer, Failure> {
    let search = ask.query.get("search");
    let pattern = search.map(|term| format!("%{}%", term.replace(['%', '_'], "")));
    let limit = ask.query.get("limit");
    let limit = Limit::of_list(limit.as_deref());
    shown(shared, ask, pattern, limit).await
}

/// `GET /search`: nothing is deleted, blanks at the ends are.
pub(crate) async fn search(shared: &Shared, ask: &Ask) -> Result<Answer, Failure> {
    let term = ask.query.get("q").unwrap_or_default();
    let term = term.trim_matches(is_blank);
    if term.is_empty() {
        return Ok(Answer::ok("{\"data\":[]}".to_owned()));
    }
    let limit = ask.query.get("limit");
    let limit = Limit::of_search(limit.as_deref());
    shown(shared, ask, Some(format!("%{term}%")), limit).await
}

async fn shown(
    shared: &Shared,
    ask: &Ask,
    pattern: Option<String>,
    limit: Limit,
) -> Result<Answer, Failure> {
    let stumbled = |what: &str| {
        let message = format!("{what} cannot be read");
        Failure::stumbled(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", message)
    };
    let limit = match limit {
        Limit::None => None,
        Limit::At(limit) => Some(limit),
        Limit::Broken => return Err(stumbled("limit")),
    };
    // Only the list knows categories.
    let searching = ask
        .path
        .to_lowercase()
        .trim_end_matches('/')
        .ends_with("/search");
    let category = ask.query.get("category").filter(|_| !searching);
    let guard = ask.query.get("guard");
    for (name, text) in [
        ("search", &pattern),
        ("category", &category),
        ("guard", &guard),
    ] {
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(stumbled(name));
        }
    }
    let filter = NestFilter {
        pattern: pattern.as_deref(),
        category: category.as_deref(),
        guard: guard.as_deref(),
        limit,
    };
    let found = shared
        .state
        .store
        .nest_permissions(&shared.state.tenant, filter)
        .await?;
    let items: Vec<String> = found.iter().map(rendered).collect();
    Ok(Answer::ok(format!("{{\"data\":[{}]}}", items.join(","))))
}

/// `GET /guards`: those that hold a permission, not those that are configured.
pub(crate) async fn guards(shared: &Shared) -> Result<Answer, Failure> {
    let store = &shared.state.store;
    Ok(texts(store.nest_guards_used(&shared.state.tenant).await?))
}

/// `GET /categories`.
pub(crate) async fn categories(shared: &Shared) -> Result<Answer, Failure> {
    let store = &shared.state.store;
    Ok(texts(store.nest_categories(&shared.state.tenant).await?))
}

fn texts(mut texts: Vec<String>) -> Answer {
    texts.sort_by(|one, other| by_units(one, other));
    let items: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    Answer::ok(format!("{{\"data\":[{}]}}", items.join(",")))
}
