//! Every request below the console's path, routed as Express routes: in any case, a slash at the
//! end or not, HEAD as GET.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tokio::sync::Semaphore;
use uuid::Builder;
use writ_domain::{NounKind, NounRef, Realm};
use writ_http::Revision;
use writ_store::entries::{self, Head};
use writ_store::reads::NestAdmin;

use crate::answer::{Answer, Asked, respond};
use crate::failure::Failure;
use crate::guard::{self, Operation};
use crate::limit::Attempts;
use crate::request::{Ask, strictly_unescaped};
use crate::session::Sessions;
use crate::state::{BASE, BODY_BYTES_MAX, NestAuthState};
use crate::validate::uuid;
use crate::{console, permissions, roles};

/// Passwords that are hashed at a time: each takes its own 19 MiB.
const HASHES_MAX: usize = 4;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: NestAuthState,
    pub(crate) sessions: Sessions,
    pub(crate) attempts: Attempts,
    hashes: Semaphore,
}

/// The console's API, for every path that it is asked.
pub fn router(state: NestAuthState) -> Router {
    let shared = Arc::new(Shared::new(state));
    Router::new().fallback(move |request: Request| serve(Arc::clone(&shared), request))
}

/// A router that hands what is below the console's path, in any case, to the console's API.
///
/// Paths are compared before they are routed: a route cannot be of any case.
pub fn merge(router: Router, state: NestAuthState) -> Router {
    let shared = Arc::new(Shared::new(state));
    router.layer(from_fn(move |request: Request, next: Next| {
        let shared = Arc::clone(&shared);
        async move {
            if is_ours(request.uri().path()) {
                serve(shared, request).await
            } else {
                next.run(request).await
            }
        }
    }))
}

fn is_ours(path: &str) -> bool {
    let head = path.get(..BASE.len()).unwrap_or_default();
    let rest = path.get(BASE.len()..).unwrap_or_default();
    head.eq_ignore_ascii_case(BASE) && (rest.is_empty() || rest.starts_with('/'))
}

impl Shared {
    fn new(mut state: NestAuthState) -> Self {
        state.body_limits.max_bytes = state.body_limits.max_bytes.min(BODY_BYTES_MAX);
        Self {
            sessions: Sessions::new(&state.secret_key, state.cookie_secure),
            attempts: Attempts::new(state.login_limit, Arc::clone(&state.clock)),
            hashes: Semaphore::new(HASHES_MAX),
            state,
        }
    }

    /// An id that was never given out: a UUID of version 4.
    pub(crate) fn new_id(&self) -> String {
        let bytes = self.state.ids.random().to_be_bytes();
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// Where the tenant stands.
    pub(crate) async fn head(&self) -> Result<Revision, Failure> {
        let tenant = &self.state.tenant;
        let head = entries::head(&self.state.store, tenant)
            .await?
            .unwrap_or_else(Head::none);
        Ok(Revision {
            tenant: tenant.clone(),
            tenant_seq: head.tenant_seq,
            chain8: head.chain8,
        })
    }

    /// Does what takes long where nothing else waits for it.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let _permit = self
            .hashes
            .acquire()
            .await
            .map_err(|error| Failure::internal(&error))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Failure::internal(&error))
    }
}

async fn serve(shared: Arc<Shared>, request: Request) -> Response {
    let mut asked = Asked {
        method: request.method().clone(),
        headers: request.headers().clone(),
        routed: false,
        profile: shared.state.profile,
    };
    let done = match Ask::read(&shared, request).await {
        Ok(ask) => answer(&shared, &ask, &mut asked.routed).await,
        Err(failure) => Err(failure),
    };
    respond(&asked, done)
}

/// A route, with what its path names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Route {
    Signup,
    Login,
    Logout,
    Me,
    Config,
    Permissions,
    Guards,
    Search,
    Categories,
    NewPermission,
    Permission(String),
    ChangePermission(String),
    DropPermission(String),
    Roles,
    NewRole,
    ChangeRole(String),
    DropRole(String),
}

async fn answer(shared: &Shared, ask: &Ask, routed: &mut bool) -> Result<Answer, Failure> {
    let Some(route) = route(&ask.method, &ask.path)? else {
        return Err(Failure::no_route(ask.method.as_str(), &ask.target));
    };
    *routed = true;
    // Taken first: a read may show more than its revision says, and never less.
    let begun = shared.head().await?;
    let done = match &route {
        Route::Signup => console::signup(shared, ask).await,
        Route::Login => console::login(shared, ask).await,
        Route::Config => Ok(console::config()),
        _ => {
            let admin = guard::admin(shared, ask, operation(&route)).await?;
            as_admin(shared, ask, &admin, &route).await
        }
    };
    match done {
        Ok(mut answer) => {
            answer.revision = answer.revision.or(Some(begun));
            Ok(answer)
        }
        Err(mut failure) => {
            failure.revision = failure.revision.or_else(|| Some(Box::new(begun)));
            Err(failure)
        }
    }
}

async fn as_admin(
    shared: &Shared,
    ask: &Ask,
    admin: &NestAdmin,
    route: &Route,
) -> Result<Answer, Failure> {
    match route {
        Route::Logout => console::logout(shared, ask, admin).await,
        Route::Me => Ok(console::me(admin)),
        Route::Permissions => permissions::list(shared, ask).await,
        Route::Guards => permissions::guards(shared).await,
        Route::Search => permissions::search(shared, ask).await,
        Route::Categories => permissions::categories(shared).await,
        Route::NewPermission => permissions::create(shared, ask, admin).await,
        Route::Permission(id) => permissions::get(shared, id).await,
        Route::ChangePermission(id) => permissions::update(shared, ask, (admin, id)).await,
        Route::DropPermission(id) => permissions::delete(shared, ask, (admin, id)).await,
        Route::Roles => roles::list(shared, ask).await,
        Route::NewRole => roles::create(shared, ask, admin).await,
        Route::ChangeRole(id) => roles::update(shared, ask, (admin, id)).await,
        Route::DropRole(id) => roles::delete(shared, ask, (admin, id)).await,
        Route::Signup | Route::Login | Route::Config => {
            Err(Failure::no_route(ask.method.as_str(), &ask.target))
        }
    }
}

/// What a write is, for the record of its refusal.
fn operation(route: &Route) -> Option<Operation> {
    let noun = |kind, id: &str| {
        uuid(id).map(|id| NounRef {
            realm: Realm::NestAuth,
            kind,
            id,
        })
    };
    let (name, target) = match route {
        Route::Logout => ("EndAdminSessions", None),
        Route::NewPermission => ("CreatePermission", None),
        Route::ChangePermission(id) => ("UpdatePermission", noun(NounKind::Permission, id)),
        Route::DropPermission(id) => ("DeletePermission", noun(NounKind::Permission, id)),
        Route::NewRole => ("CreateGuardedRole", None),
        Route::ChangeRole(id) => ("UpdateGuardedRole", noun(NounKind::Role, id)),
        Route::DropRole(id) => ("DeleteRole", noun(NounKind::Role, id)),
        Route::Signup
        | Route::Login
        | Route::Me
        | Route::Config
        | Route::Permissions
        | Route::Guards
        | Route::Search
        | Route::Categories
        | Route::Permission(_)
        | Route::Roles => return None,
    };
    Some(Operation { name, target })
}

/// The route of a request, if there is one.
fn route(method: &Method, path: &str) -> Result<Option<Route>, Failure> {
    let rest = path.get(BASE.len()..).unwrap_or_default();
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let Some(rest) = rest.strip_prefix('/') else {
        return Ok(None);
    };
    let segments: Vec<&str> = rest.split('/').collect();
    // Express decodes each before it looks for a route.
    if let Some(broken) = segments
        .iter()
        .find(|one| strictly_unescaped(one).is_none())
    {
        let message = format!("Failed to decode param '{broken}'");
        return Err(Failure::worded(StatusCode::BAD_REQUEST, message).or_code("MALFORMED_PATH"));
    }
    let lower: Vec<String> = segments.iter().map(|one| one.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    let fixed = match (method, lower.as_slice()) {
        ("POST", ["signup"]) => Some(Route::Signup),
        ("POST", ["login"]) => Some(Route::Login),
        ("POST", ["logout"]) => Some(Route::Logout),
        ("GET", ["me"]) => Some(Route::Me),
        ("GET", ["config"]) => Some(Route::Config),
        ("GET", ["api", "permissions"]) => Some(Route::Permissions),
        ("GET", ["api", "permissions", "guards"]) => Some(Route::Guards),
        ("GET", ["api", "permissions", "search"]) => Some(Route::Search),
        ("GET", ["api", "permissions", "categories"]) => Some(Route::Categories),
        ("POST", ["api", "permissions"]) => Some(Route::NewPermission),
        ("GET", ["api", "roles"]) => Some(Route::Roles),
        ("POST", ["api", "roles"]) => Some(Route::NewRole),
        _ => None,
    };
    if fixed.is_some() {
        return Ok(fixed);
    }
    let ([_, _, id], [_, kind, _]) = (segments.as_slice(), lower.as_slice()) else {
        return Ok(None);
    };
    let named: fn(String) -> Route = match (method, lower.first().copied(), *kind) {
        ("GET", Some("api"), "permissions") => Route::Permission,
        ("PATCH", Some("api"), "permissions") => Route::ChangePermission,
        ("DELETE", Some("api"), "permissions") => Route::DropPermission,
        ("PATCH", Some("api"), "roles") => Route::ChangeRole,
        ("DELETE", Some("api"), "roles") => Route::DropRole,
        _ => return Ok(None),
    };
    let id = strictly_unescaped(id).filter(|id| !id.is_empty());
    Ok(id.map(named))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::document;

    /// Where each route is. A new one breaks this match, and so gets its place in the list.
    fn place(route: &Route) -> (&'static str, &'static str) {
        match route {
            Route::Signup => ("POST", "/auth/admin/signup"),
            Route::Login => ("POST", "/auth/admin/login"),
            Route::Logout => ("POST", "/auth/admin/logout"),
            Route::Me => ("GET", "/auth/admin/me"),
            Route::Config => ("GET", "/auth/admin/config"),
            Route::Permissions => ("GET", "/auth/admin/api/permissions"),
            Route::Guards => ("GET", "/auth/admin/api/permissions/guards"),
            Route::Search => ("GET", "/auth/admin/api/permissions/search"),
            Route::Categories => ("GET", "/auth/admin/api/permissions/categories"),
            Route::NewPermission => ("POST", "/auth/admin/api/permissions"),
            Route::Permission(_) => ("GET", "/auth/admin/api/permissions/{id}"),
            Route::ChangePermission(_) => ("PATCH", "/auth/admin/api/permissions/{id}"),
            Route::DropPermission(_) => ("DELETE", "/auth/admin/api/permissions/{id}"),
            Route::Roles => ("GET", "/auth/admin/api/roles"),
            Route::NewRole => ("POST", "/auth/admin/api/roles"),
            Route::ChangeRole(_) => ("PATCH", "/auth/admin/api/roles/{id}"),
            Route::DropRole(_) => ("DELETE", "/auth/admin/api/roles/{id}"),
        }
    }

    #[test]
    fn every_route_is_told_of_and_every_one_told_of_is_served() {
        let id = || "{id}".to_owned();
        let all = [
            Route::Signup,
            Route::Login,
            Route::Logout,
            Route::Me,
            Route::Config,
            Route::Permissions,
            Route::Guards,
            Route::Search,
            Route::Categories,
            Route::NewPermission,
            Route::Permission(id()),
            Route::ChangePermission(id()),
            Route::DropPermission(id()),
            Route::Roles,
            Route::NewRole,
            Route::ChangeRole(id()),
            Route::DropRole(id()),
        ];
        let mut served: BTreeMap<(&str, &str), Route> = all
            .into_iter()
            .map(|route| (place(&route), route))
            .collect();
        for told in document::operations() {
            let (method, path) = told.route();
            let found = route(&method.parse().unwrap(), path).unwrap();
            assert_eq!(found, served.remove(&(method, path)), "{method} {path}");
            assert!(found.is_some(), "{method} {path}");
        }
        assert_eq!(served, BTreeMap::new(), "not told of");
    }
}
