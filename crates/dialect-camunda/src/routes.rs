//! Which paths there are, and which methods they take.

use axum::http::Method;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/authorization`
    Authorizations,
    /// `/authorization/count`
    AuthorizationCount,
    /// `/authorization/check`
    AuthorizationCheck,
    /// `/authorization/create`
    AuthorizationCreate,
    /// `/authorization/{id}`
    Authorization(String),
    /// `/user/create`
    UserCreate,
    /// `/user/{id}`
    User(String),
    /// `/user/{id}/profile`
    UserProfile(String),
    /// `/user/{id}/credentials`
    UserCredentials(String),
    /// `/group`
    Groups,
    /// `/group/create`
    GroupCreate,
    /// `/group/{id}`
    Group(String),
    /// `/group/{id}/members/{userId}`
    Member(String, String),
}

impl Route {
    /// The route of a path below the engine.
    pub(crate) fn of(segments: &[&str]) -> Option<Self> {
        let route = match *segments {
            ["authorization"] => Self::Authorizations,
            ["authorization", "count"] => Self::AuthorizationCount,
            ["authorization", "check"] => Self::AuthorizationCheck,
            ["authorization", "create"] => Self::AuthorizationCreate,
            ["authorization", id] => Self::Authorization(id.to_owned()),
            ["user", "create"] => Self::UserCreate,
            ["user", id] => Self::User(id.to_owned()),
            ["user", id, "profile"] => Self::UserProfile(id.to_owned()),
            ["user", id, "credentials"] => Self::UserCredentials(id.to_owned()),
            ["group"] => Self::Groups,
            ["group", "create"] => Self::GroupCreate,
            ["group", id] => Self::Group(id.to_owned()),
            ["group", id, "members", user] => Self::Member(id.to_owned(), user.to_owned()),
            _ => return None,
        };
        Some(route)
    }

    /// Whether the route takes the method. HEAD is a GET.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        let methods: &[Method] = match self {
            Self::Authorizations => &[Method::GET, Method::OPTIONS],
            Self::AuthorizationCount | Self::AuthorizationCheck | Self::Groups => &[Method::GET],
            Self::AuthorizationCreate | Self::UserCreate | Self::GroupCreate => &[Method::POST],
            Self::Authorization(_) => &[Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS],
            Self::User(_) => &[Method::DELETE],
            Self::UserProfile(_) => &[Method::GET, Method::PUT],
            Self::UserCredentials(_) => &[Method::PUT],
            Self::Group(_) => &[Method::GET, Method::PUT, Method::DELETE],
            Self::Member(..) => &[Method::PUT, Method::DELETE],
        };
        methods.contains(method)
    }

    /// Whether the method has a body that is read here.
    pub(crate) fn has_body(&self, method: &Method) -> bool {
        match self {
            Self::Member(..) => false,
            Self::Authorizations
            | Self::AuthorizationCount
            | Self::AuthorizationCheck
            | Self::AuthorizationCreate
            | Self::Authorization(_)
            | Self::UserCreate
            | Self::User(_)
            | Self::UserProfile(_)
            | Self::UserCredentials(_)
            | Self::Groups
            | Self::GroupCreate
            | Self::Group(_) => method == Method::POST || method == Method::PUT,
        }
    }
}
