//! Users: made, shown, changed, removed.

use axum::http::StatusCode;
use serde::Serialize;
use writ_domain::{Command, JsonText, Settings, User};

use crate::answer::Answer;
use crate::failure::{About, Failure};
use crate::json::Fields;
use crate::serve::Ask;

const FIELDS: [&str; 3] = ["firstName", "lastName", "email"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        let text = |field: &str| {
            let JsonText(text) = user.profile.get(field)?;
            serde_json::from_str(text).ok()
        };
        Self {
            first_name: text("firstName"),
            last_name: text("lastName"),
            email: text("email"),
            id: user.id.clone(),
        }
    }
}

fn json(text: &str) -> JsonText {
    JsonText(serde_json::Value::from(text).to_string())
}

pub(crate) async fn create_user(ask: &Ask) -> Result<Answer, Failure> {
    let body = ask.body()?;
    let profile = body.object("profile")?;
    let credentials = body.object("credentials")?;
    let id = profile
        .as_ref()
        .map(|profile| profile.text("id"))
        .transpose()?;
    let (Some(profile), Some(id)) = (profile, id.flatten()) else {
        return Err(Failure::invalid(
            StatusCode::BAD_REQUEST,
            "request object must provide profile information with valid id.",
        ));
    };
    let mut fields = Settings::new();
    for field in FIELDS {
        if let Some(text) = profile.text(field)? {
            fields.insert(field.to_owned(), json(&text));
        }
    }
    let password = match &credentials {
        Some(credentials) => credentials.text("password")?,
        None => None,
    };
    let command = Command::CreateCamundaUser {
        by: ask.by(),
        id,
        profile: fields,
        password_hash: match password {
            Some(password) => Some(hashed(ask, &password).await?),
            None => None,
        },
    };
    ask.done(command, About::NewUser).await
}

async fn hashed(ask: &Ask, password: &str) -> Result<String, Failure> {
    let salt = ask.state.ids.random();
    let hash = ask.state.passwords.hash(password, salt).await;
    hash.map_err(|error| Failure::internal(&error))
}

pub(crate) async fn delete_user(ask: &Ask, user: String) -> Result<Answer, Failure> {
    let by = ask.by();
    ask.done(Command::DeleteCamundaUser { by, user }, About::Removal)
        .await
}

pub(crate) async fn profile(ask: &Ask, id: &str) -> Result<Answer, Failure> {
    let (store, tenant) = (&ask.state.store, &ask.state.tenant);
    let found = store.camunda_user(tenant, &ask.viewer, id).await?;
    let user = found.ok_or_else(|| Failure::no_such_user(id))?;
    Answer::ok(&Profile::from(user))
}

/// Sets all of the profile: what is not said is gone.
pub(crate) async fn update_profile(ask: &Ask, user: String) -> Result<Answer, Failure> {
    let body: &Fields = ask.body()?;
    body.text("id")?;
    let mut profile = Vec::new();
    for field in FIELDS {
        profile.push((field.to_owned(), body.text(field)?.map(|text| json(&text))));
    }
    let by = ask.by();
    let command = Command::UpdateCamundaUser { by, user, profile };
    ask.done(command, About::ById).await
}

/// Whoever sets a password must say its own again.
pub(crate) async fn set_password(ask: &Ask, user: String) -> Result<Answer, Failure> {
    let body = ask.body()?;
    let own = body.text("authenticatedUserPassword")?;
    let password = body.text("password")?;
    let viewer = &ask.viewer.user;
    let (store, tenant) = (&ask.state.store, &ask.state.tenant);
    let login = store.camunda_login(tenant, viewer).await?;
    let hash = login.and_then(|login| login.hash);
    let passwords = &ask.state.passwords;
    let own = own.unwrap_or_default();
    if !passwords.verify(viewer, &own, hash.as_deref()).await {
        return Err(Failure::invalid(
            StatusCode::BAD_REQUEST,
            "The given authenticated user password is not valid.",
        ));
    }
    let Some(password) = password else {
        return Err(Failure::null(ask.state.profile));
    };
    let command = Command::SetCamundaPassword {
        by: ask.by(),
        user,
        password_hash: hashed(ask, &password).await?,
    };
    ask.done(command, About::ById).await
}
