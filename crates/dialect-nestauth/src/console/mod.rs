//! `/auth/admin`: signing up, in and out.

mod email;

use aws_lc_rs::constant_time;
use secrecy::ExposeSecret as _;
use writ_domain::{Command, JsonText, Rejection, Settings};
use writ_store::reads::NestAdmin;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::js::{Text, Value, quoted};
use crate::limit::Bucket;
use crate::password::{self, NoHash};
use crate::permissions::time;
use crate::request::Ask;
use crate::router::Shared;
use crate::validate;
use crate::write::{NoCommand, Who, submit};

/// `POST /signup`: the first admin alone, whoever has the key.
pub(crate) async fn signup(shared: &Shared, ask: &Ask) -> Result<Answer, Failure> {
    shared.attempts.take(Bucket::Secret, ask)?;
    validate::given(&ask.body, "email")?;
    let email = email(&ask.body)?;
    let password = new_password(&ask.body)?;
    let key = validate::needed(&ask.body, "secretKey")?.stored();
    let name = validate::text(&ask.body, "name")?
        .sent()
        .map(|name| name.stored());
    let secret = shared.state.secret_key.expose_secret();
    let holds = constant_time::verify_slices_are_equal(key.as_bytes(), secret.as_bytes()).is_ok();
    let store = &shared.state.store;
    if !holds {
        // Closed is said first, and to nobody in particular.
        if store.nest_has_admin(&shared.state.tenant).await? {
            return Err(Failure::closed());
        }
        return Err(Failure::wrong_key());
    }
    let metadata = metadata(&ask.body)?;
    let email = email.stored().to_lowercase();
    let command = Command::CreateAdmin {
        id: shared.new_id(),
        email: email.clone(),
        name,
        password: hashed(shared, password).await?,
        metadata,
        first: true,
    };
    let words = |rejection: &Rejection| match rejection {
        Rejection::NotFirstAdmin => Some(Failure::closed()),
        _ => None,
    };
    let who = Who {
        subject: email,
        client: None,
    };
    let written = submit(shared, ask, who, (command, None), words).await?;
    let Command::CreateAdmin { id, .. } = written.command()? else {
        return Err(Failure::internal(&NoCommand));
    };
    let made = store.nest_admin(&shared.state.tenant, id).await?;
    let made = made.ok_or_else(|| Failure::internal(&NoCommand))?;
    let body = format!(
        "{{\"message\":\"Admin user created successfully\",\"admin\":{}}}",
        rendered(&made)
    );
    Ok(Answer::created(body).at(written.revision))
}

/// `POST /login`. A login is no command: the ledger holds who may, not who did.
pub(crate) async fn login(shared: &Shared, ask: &Ask) -> Result<Answer, Failure> {
    shared.attempts.take(Bucket::Login, ask)?;
    let email = email(&ask.body)?.stored().to_lowercase();
    let password = validate::needed(&ask.body, "password")?.stored();
    let store = &shared.state.store;
    let found = if email.contains('\0') {
        None
    } else {
        {
            store
                .nest_admin_by_email(&shared.state.tenant, &email)
                .await?
        }
    };
    let hash = found.as_ref().map(|admin| admin.password.clone());
    let matches = shared
        .apart(move || password::matches(&password, hash.as_deref()))
        .await?;
    let Some(mut admin) = found.filter(|_| matches) else {
        return Err(Failure::unauthorized("Invalid credentials"));
    };
    let now = shared.state.clock.now();
    store
        .note_admin_login(&shared.state.tenant, admin.key, now)
        .await?;
    admin.last_login_at = Some(now);
    let token = shared.sessions.token(&admin, now);
    let body = format!(
        "{{\"message\":\"Signed in successfully\",\"admin\":{}}}",
        rendered(&admin)
    );
    let ids = &shared.state.ids;
    let form_token = (shared.state.csrf)
        .then(|| shared.sessions.guarded([ids.random(), ids.random()]))
        .flatten();
    let cookies = [shared.sessions.begun(&token, now), form_token];
    let answer = Answer::created(body);
    Ok(cookies
        .into_iter()
        .flatten()
        .fold(answer, Answer::with_cookie))
}

/// `POST /logout`: every session of the admin ends.
pub(crate) async fn logout(
    shared: &Shared,
    ask: &Ask,
    admin: &NestAdmin,
) -> Result<Answer, Failure> {
    let command = Command::EndAdminSessions {
        admin: admin.id.clone(),
    };
    let written = submit(shared, ask, Who::from(admin), (command, None), |_| None).await?;
    let answer = Answer::created(r#"{"message":"Signed out"}"#.to_owned()).at(written.revision);
    Ok(match shared.sessions.ended(shared.state.clock.now()) {
        Some(cookie) => answer.with_cookie(cookie),
        None => answer,
    })
}

/// `GET /me`.
pub(crate) fn me(admin: &NestAdmin) -> Answer {
    Answer::ok(rendered(admin))
}

/// `GET /config`: what the console's page asks before anybody signs in.
pub(crate) fn config() -> Answer {
    Answer::ok(r#"{"allowAdminManagement":true}"#.to_owned())
}

/// An admin, without what nobody needs to see.
fn rendered(admin: &NestAdmin) -> String {
    let maybe = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
    let metadata: Vec<String> = admin
        .metadata
        .iter()
        .map(|(name, JsonText(value))| format!("{}:{value}", quoted(name)))
        .collect();
    // Signing in saves the admin, in the product.
    let updated = admin
        .last_login_at
        .map_or(admin.changed_at, |at| at.max(admin.changed_at));
    format!(
        "{{\"id\":{},\"email\":{},\"name\":{},\"metadata\":{{{}}},\"lastLoginAt\":{},\
         \"createdAt\":\"{}\",\"updatedAt\":\"{}\"}}",
        quoted(&admin.id),
        quoted(&admin.email),
        maybe(admin.name.as_deref().map(quoted)),
        metadata.join(","),
        maybe(admin.last_login_at.map(|at| format!("\"{}\"", time(at)))),
        time(admin.created_at),
        time(updated),
    )
}

fn email(body: &Value) -> Result<Text, Failure> {
    match validate::sent(body, "email") {
        Some(Value::Text(text)) if email::is_email(text) => Ok(text.clone()),
        _ => Err(Failure::invalid("email must be an email")),
    }
}

/// A password that may be chosen: of those letters alone, and of each kind one.
fn new_password(body: &Value) -> Result<String, Failure> {
    let text = match validate::sent(body, "password") {
        Some(Value::Text(text)) => text.stored(),
        _ => String::new(),
    };
    let special = |c: char| "@$!%*?&".contains(c);
    let kinds: [&dyn Fn(char) -> bool; 4] = [
        &|c| c.is_ascii_lowercase(),
        &|c| c.is_ascii_uppercase(),
        &|c| c.is_ascii_digit(),
        &special,
    ];
    let fits = kinds.iter().all(|kind| text.chars().any(kind))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || special(c));
    if !fits {
        return Err(Failure::invalid(
            "Password must contain uppercase, lowercase, number, and special character",
        ));
    }
    if text.len() < 8 {
        return Err(Failure::invalid(
            "password must be longer than or equal to 8 characters",
        ));
    }
    Ok(text)
}

/// The product checks no metadata, and takes what is falsy for none. Ours is always an object.
fn metadata(body: &Value) -> Result<Settings, Failure> {
    match validate::sent(body, "metadata") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(Settings::new()),
        Some(Value::Text(text)) if text.is_empty() => Ok(Settings::new()),
        Some(number @ Value::Number(_)) if number.text() == "0" => Ok(Settings::new()),
        Some(Value::Object(fields)) => Ok(fields
            .iter()
            .map(|(name, value)| (name.stored(), JsonText(value.text())))
            .collect()),
        Some(_) => Err(Failure::invalid("metadata must be an object")),
    }
}

async fn hashed(shared: &Shared, password: String) -> Result<String, Failure> {
    let salt = shared.state.ids.random();
    let hashed = shared
        .apart(move || password::hash(&password, salt))
        .await?;
    hashed.map_err(|error: NoHash| Failure::internal(&error))
}
