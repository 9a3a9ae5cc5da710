//! `POST /authorization/create`; `GET`, `PUT`, `DELETE /authorization/{id}`

use writ_domain::camunda::{Right, resource};
use writ_domain::{Authorization, Command, NounKind, NounRef, Realm, TenantSeq};
use writ_store::reads::CamundaAsked;

use super::view::View;
use crate::answer::Answer;
use crate::failure::{About, Failure};
use crate::json::Fields;
use crate::serve::Ask;
use crate::state::Profile;

/// Ids of more bytes are nobody's, and too long to be put on record.
const LOOKED_FOR_BYTES_MAX: usize = 2_400;

pub(crate) async fn get(ask: &Ask, id: &str) -> Result<Answer, Failure> {
    let found = shown(ask, id, None).await?;
    let noun = NounRef {
        realm: Realm::Camunda,
        kind: NounKind::Authorization,
        id: id.to_owned(),
    };
    let (store, tenant) = (&ask.state.store, &ask.state.tenant);
    let changed_at = store
        .last_changed(tenant, &noun, TenantSeq(u64::MAX))
        .await?;
    Ok(Answer::ok(&View::from(found))?.tagged(changed_at))
}

/// The authorization, if it is there and a list would show it to the caller: now, or as of an
/// entry.
async fn shown(ask: &Ask, id: &str, at: Option<TenantSeq>) -> Result<Authorization, Failure> {
    let (store, tenant) = (&ask.state.store, &ask.state.tenant);
    let found = store.camunda_authorization(tenant, id, at).await?;
    let Some(found) = found else {
        return Err(Failure::no_such_authorization(id));
    };
    let asked = CamundaAsked {
        user: &ask.viewer.user,
        groups: None,
        permission: Right::Read.bits(),
        resource_type: resource::AUTHORIZATION,
        resource_id: Some(id),
    };
    if store.camunda_shows(tenant, asked, at).await? {
        Ok(found)
    } else {
        Err(Failure::no_such_authorization(id))
    }
}

/// What was made is read back, as of its entry: who may not read it is told that it is not there.
pub(crate) async fn create(ask: &Ask) -> Result<Answer, Failure> {
    let profile = ask.state.profile;
    let body = ask.body()?;
    let kind = body.integer("type")?;
    let said = Said::of(body)?;
    if !body.has("type") {
        return Err(Failure::null(profile));
    }
    let command = Command::CreateAuthorization {
        by: ask.by(),
        id: new_id(ask.state.ids.random()),
        // A number, and 0 where it was sent as nothing.
        kind: kind.unwrap_or(0),
        user: said.user,
        group: said.group,
        resource_type: said.resource_type,
        resource_id: said.resource_id,
        permissions: said.permissions,
    };
    let written = ask.submit(command, About::NewAuthorization).await?;
    // SUBTLE: a request that is sent again has minted another id than the one on record.
    let submission = written.entry.submission.as_ref();
    let Some(Command::CreateAuthorization { id, .. }) =
        submission.map(|submission| &submission.command)
    else {
        return Err(Failure::internal(&NotOnRecord));
    };
    let at = Some(written.entry.tenant_seq);
    let made = match profile {
        Profile::Faithful => shown(ask, id, at).await,
        Profile::Clean => {
            let (store, tenant) = (&ask.state.store, &ask.state.tenant);
            let made = store.camunda_authorization(tenant, id, at).await?;
            made.ok_or_else(|| Failure::internal(&NotOnRecord))
        }
    };
    let made = made.map_err(|failure| failure.at(written.revision.clone()))?;
    Ok(Answer::ok(&View::from(made))?.at(written.revision))
}

#[derive(Debug, thiserror::Error)]
#[error("the entry that made an authorization does not say which")]
struct NotOnRecord;

/// Replaces holder and resource id, and what else is said.
pub(crate) async fn put(ask: &Ask, id: &str) -> Result<Answer, Failure> {
    let (said, stumbles) = match ask.body() {
        Ok(body) => (Said::of_put(body)?, None),
        Err(null) => (Said::default(), Some(null)),
    };
    may_be(id)?;
    let command = Command::UpdateAuthorization {
        by: ask.by(),
        authorization: id.to_owned(),
        user: said.user,
        group: said.group,
        resource_type: said.resource_type,
        resource_id: said.resource_id,
        permissions: said.permissions,
    };
    let done = ask.done(command, About::ById).await;
    match (done, stumbles) {
        // The engine looks for the authorization first, and only then stumbles over a body that
        // is not there. To say nothing is to name no holder, which is refused in the same way.
        (Err(refused), Some(mut null)) if refused.status == null.status => {
            null.revision = refused.revision;
            Err(null)
        }
        (done, _) => done,
    }
}

pub(crate) async fn delete(ask: &Ask, id: &str) -> Result<Answer, Failure> {
    may_be(id)?;
    let command = Command::DeleteAuthorization {
        by: ask.by(),
        authorization: id.to_owned(),
    };
    ask.done(command, About::ById).await
}

fn may_be(id: &str) -> Result<(), Failure> {
    if id.len() > LOOKED_FOR_BYTES_MAX {
        return Err(Failure::no_such_authorization(id));
    }
    Ok(())
}

#[derive(Default)]
struct Said {
    user: Option<String>,
    group: Option<String>,
    resource_type: Option<i32>,
    resource_id: Option<String>,
    permissions: Option<Vec<String>>,
}

impl Said {
    /// Of a body that shows a whole authorization.
    fn of_put(body: &Fields) -> Result<Self, Failure> {
        // Not looked at, and read all the same.
        body.integer("type")?;
        for ignored in ["id", "removalTime", "rootProcessInstanceId"] {
            body.text(ignored)?;
        }
        Self::of(body)
    }

    fn of(body: &Fields) -> Result<Self, Failure> {
        Ok(Self {
            user: body.text("userId")?,
            group: body.text("groupId")?,
            resource_type: body.integer("resourceType")?,
            resource_id: body.text("resourceId")?,
            permissions: body.texts("permissions")?,
        })
    }
}

/// A UUID of version 4.
fn new_id(random: u128) -> String {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    let bits = (random & !VERSION & !VARIANT) | (4 << 76) | (0b10 << 62);
    let digits = format!("{bits:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_is_a_uuid_of_version_4() {
        assert_eq!(new_id(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(new_id(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
