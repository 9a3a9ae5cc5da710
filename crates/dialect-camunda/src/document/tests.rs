//! What is told of is what is served.

use std::collections::BTreeSet;

use axum::http::Method;

use writ_http::document::Operation;

use super::operations;
use crate::routes::Route;

/// One of each route. A new one breaks this match, and so gets its place here.
fn each() -> Vec<(Route, &'static str)> {
    let text = String::new;
    let all = vec![
        Route::Authorizations,
        Route::AuthorizationCount,
        Route::AuthorizationCheck,
        Route::AuthorizationCreate,
        Route::Authorization(text()),
        Route::UserCreate,
        Route::User(text()),
        Route::UserProfile(text()),
        Route::UserCredentials(text()),
        Route::Groups,
        Route::GroupCreate,
        Route::Group(text()),
        Route::Member(text(), text()),
    ];
    let path = |route: &Route| match route {
        Route::Authorizations => "/authorization",
        Route::AuthorizationCount => "/authorization/count",
        Route::AuthorizationCheck => "/authorization/check",
        Route::AuthorizationCreate => "/authorization/create",
        Route::Authorization(_) => "/authorization/{id}",
        Route::UserCreate => "/user/create",
        Route::User(_) => "/user/{id}",
        Route::UserProfile(_) => "/user/{id}/profile",
        Route::UserCredentials(_) => "/user/{id}/credentials",
        Route::Groups => "/group",
        Route::GroupCreate => "/group/create",
        Route::Group(_) => "/group/{id}",
        Route::Member(..) => "/group/{id}/members/{userId}",
    };
    all.into_iter()
        .map(|route| {
            let path = path(&route);
            (route, path)
        })
        .collect()
}

#[test]
fn every_route_is_told_of_and_every_one_told_of_is_served() {
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
    ];
    let mut served = BTreeSet::new();
    for (route, path) in each() {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let found = Route::of(&segments).unwrap();
        assert_eq!(
            core::mem::discriminant(&found),
            core::mem::discriminant(&route)
        );
        for method in methods.iter().filter(|method| route.takes(method)) {
            served.insert((method.to_string(), format!("/engine-rest{path}")));
        }
    }
    served.insert(("GET".to_owned(), "/engine-rest/engine".to_owned()));
    let told: Vec<(String, String)> = operations::all()
        .iter()
        .map(Operation::route)
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(told.len(), served.len());
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), served);
}
