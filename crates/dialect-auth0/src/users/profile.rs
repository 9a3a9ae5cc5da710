//! A user's profile: what of a body it is, and how Auth0 shows it.
//!
//! Each member of `user_metadata` and `app_metadata` is a field of its own, named
//! `user_metadata.color`: merging one level deep is then setting fields, and needs no look at what
//! is there. A field named `user_metadata` alone says that the object was ever there, since that
//! one stays as `{}` once it is emptied.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use writ_domain::{JsonText, Settings};
use writ_store::reads::User;

use crate::json::Json;

/// The one connection that there is.
pub(super) const CONNECTION: &str = "Username-Password-Authentication";

/// How ids of its users begin.
const PREFIX: &str = "auth0|";

const USER_METADATA: &str = "user_metadata";
const APP_METADATA: &str = "app_metadata";

/// Members of a body that ask for something else than a profile. A password is not kept: it has
/// no place in the log, and nobody logs in here.
const NOT_PROFILE: [&str; 6] = [
    "client_id",
    "connection",
    "password",
    "user_id",
    "verify_email",
    "verify_phone_number",
];

/// The id of a new user: the one that the body gives, else a minted one.
pub(super) fn id(body: &Json, minted: impl FnOnce() -> String) -> String {
    let given = text(body, "user_id").filter(|id| !id.is_empty());
    let suffix = given.map_or_else(minted, str::to_owned);
    if suffix.starts_with(PREFIX) {
        suffix
    } else {
        format!("{PREFIX}{suffix}")
    }
}

/// The profile of a new user.
pub(super) fn of_new(body: &Json) -> Settings {
    let mut profile = Settings::new();
    let mut set = |name: &str, value: &Json| {
        profile.insert(name.to_owned(), JsonText(value.to_string()));
    };
    set("email_verified", &Json::Bool(false));
    let named = ["email", "username", "phone_number"]
        .into_iter()
        .find_map(|name| text(body, name));
    if let Some(name) = named {
        set("name", &Json::text(name));
        set(
            "nickname",
            &Json::text(name.split('@').next().unwrap_or(name)),
        );
    }
    for (name, value) in changes(body, &Settings::new()) {
        match value {
            Some(value) => profile.insert(name, value),
            None => profile.remove(&name),
        };
    }
    profile
}

fn text<'a>(body: &'a Json, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Json::as_str)
}

/// Whether a body empties an object of metadata.
pub(super) fn empties(body: &Json) -> bool {
    let empty = |value: &Json| matches!(value, Json::Object(members) if members.is_empty());
    [USER_METADATA, APP_METADATA]
        .into_iter()
        .filter_map(|name| body.get(name))
        .any(empty)
}

/// The fields that a body sets (`Some`) or takes away, from a profile as it is now.
pub(super) fn changes(body: &Json, now: &Settings) -> Vec<(String, Option<JsonText>)> {
    let mut changes = Vec::new();
    for (name, value) in body.members() {
        match name.as_str() {
            USER_METADATA => {
                changes.push((name.clone(), Some(JsonText("{}".to_owned()))));
                changes.extend(metadata_changes(name, value, now));
            }
            APP_METADATA => changes.extend(metadata_changes(name, value, now)),
            other if NOT_PROFILE.contains(&other) => {}
            _ => changes.push((name.clone(), text_of(value))),
        }
    }
    changes
}

/// `null` takes away.
fn text_of(value: &Json) -> Option<JsonText> {
    (*value != Json::Null).then(|| JsonText(value.to_string()))
}

fn metadata_changes(name: &str, value: &Json, now: &Settings) -> Vec<(String, Option<JsonText>)> {
    let prefix = format!("{name}.");
    if value.members().is_empty() {
        let there = now.keys().filter(|field| field.starts_with(&prefix));
        return there.map(|field| (field.clone(), None)).collect();
    }
    let members = value.members().iter();
    members
        .map(|(member, value)| (format!("{prefix}{member}"), text_of(value)))
        .collect()
}

/// A user as Auth0 shows it: members by name.
pub(super) fn show(user: &User) -> Json {
    let mut members: Vec<(String, Json)> = Vec::new();
    let mut objects: BTreeSet<&str> = BTreeSet::new();
    for (field, value) in &user.profile {
        let value = Json::parse(value.0.as_bytes()).unwrap_or(Json::Null);
        let Some((object, member)) = part_of_metadata(field) else {
            members.push((field.clone(), value));
            continue;
        };
        if objects.insert(object) {
            members.push((object.to_owned(), Json::Object(Vec::new())));
        }
        if let Some(member) = member {
            add(&mut members, object, (member.to_owned(), value));
        }
    }
    let time = |at: DateTime<Utc>| Json::text(at.to_rfc3339_opts(SecondsFormat::Millis, true));
    for (name, at) in [
        ("created_at", user.created_at),
        ("updated_at", user.updated_at),
    ] {
        members.extend(at.map(|at| (name.to_owned(), time(at))));
    }
    members.push(("identities".to_owned(), identities(&user.id)));
    members.push(("user_id".to_owned(), Json::text(&user.id)));
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    Json::Object(members)
}

/// The object of metadata that a field belongs to, and the member that it is.
fn part_of_metadata(field: &str) -> Option<(&'static str, Option<&str>)> {
    [USER_METADATA, APP_METADATA]
        .into_iter()
        .find_map(|object| {
            let rest = field.strip_prefix(object)?;
            if rest.is_empty() {
                return Some((object, None));
            }
            rest.strip_prefix('.').map(|member| (object, Some(member)))
        })
}

fn add(members: &mut [(String, Json)], object: &str, member: (String, Json)) {
    let object = members.iter_mut().find(|(name, _)| name == object);
    if let Some((_, Json::Object(inner))) = object {
        inner.push(member);
    }
}

fn identities(id: &str) -> Json {
    let (provider, suffix) = id.split_once('|').unwrap_or(("auth0", id));
    Json::Array(vec![Json::Object(vec![
        ("connection".to_owned(), Json::text(CONNECTION)),
        ("user_id".to_owned(), Json::text(suffix)),
        ("provider".to_owned(), Json::text(provider)),
        ("isSocial".to_owned(), Json::Bool(false)),
    ])])
}
