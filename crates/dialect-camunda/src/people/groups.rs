//! Groups and their members.

use serde::Serialize;
use writ_domain::{Command, Group};
use writ_store::reads::{CamundaGroupFilter, CamundaOrder, CamundaPage};

use crate::answer::Answer;
use crate::failure::{About, Failure};
use crate::serve::Ask;

#[derive(Serialize)]
struct View {
    id: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl From<Group> for View {
    fn from(group: Group) -> Self {
        let Group { id, name, kind, .. } = group;
        Self { id, name, kind }
    }
}

pub(crate) async fn groups(ask: &Ask) -> Result<Answer, Failure> {
    let query = &ask.query;
    let Some(window) = query.window()? else {
        return Answer::ok(&Vec::<View>::new());
    };
    let among = query.list("idIn").filter(|ids| !ids.is_empty());
    let ids = match (query.owned("id"), among) {
        (Some(id), Some(mut ids)) => {
            ids.retain(|other| *other == id);
            Some(ids)
        }
        (Some(id), None) => Some(vec![id]),
        (None, ids) => ids,
    };
    let filter = CamundaGroupFilter {
        ids,
        name: query.owned("name"),
        kind: query.owned("type"),
        member: query.owned("member"),
    };
    let page = CamundaPage {
        order: CamundaOrder::Id,
        first: window.first,
        count: window.count,
    };
    let found = found(ask, &filter, page).await?;
    let shown: Vec<View> = found.into_iter().map(View::from).collect();
    Answer::ok(&shown)
}

async fn found(
    ask: &Ask,
    filter: &CamundaGroupFilter,
    page: CamundaPage,
) -> Result<Vec<Group>, Failure> {
    let (store, tenant) = (&ask.state.store, &ask.state.tenant);
    Ok(store
        .camunda_groups(tenant, &ask.viewer, filter, page)
        .await?)
}

pub(crate) async fn group(ask: &Ask, id: String) -> Result<Answer, Failure> {
    let filter = CamundaGroupFilter {
        ids: Some(vec![id.clone()]),
        ..CamundaGroupFilter::default()
    };
    let one = CamundaPage {
        order: CamundaOrder::Id,
        first: 0,
        count: 1,
    };
    match found(ask, &filter, one).await?.into_iter().next() {
        Some(group) => Answer::ok(&View::from(group)),
        None => Err(Failure::no_such_group(&id)),
    }
}

/// A group without an id is refused by the engine before it looks at anything else.
pub(crate) async fn create_group(ask: &Ask) -> Result<Answer, Failure> {
    let body = ask.body()?;
    let (name, kind) = (body.text("name")?, body.text("type")?);
    let Some(id) = body.text("id")? else {
        return Err(Failure::null_group(ask.state.profile));
    };
    let by = ask.by();
    let command = Command::CreateGroup { by, id, name, kind };
    ask.done(command, About::NewGroup).await
}

/// Sets name and kind: what is not said is gone. The id stays.
pub(crate) async fn update_group(ask: &Ask, group: String) -> Result<Answer, Failure> {
    let body = ask.body()?;
    body.text("id")?;
    let command = Command::UpdateGroup {
        by: ask.by(),
        group,
        name: body.text("name")?,
        kind: body.text("type")?,
    };
    ask.done(command, About::ById).await
}

pub(crate) async fn delete_group(ask: &Ask, group: String) -> Result<Answer, Failure> {
    let by = ask.by();
    ask.done(Command::DeleteGroup { by, group }, About::Removal)
        .await
}

pub(crate) async fn add_member(ask: &Ask, group: String, user: String) -> Result<Answer, Failure> {
    let by = ask.by();
    let command = Command::AddGroupMember { by, group, user };
    ask.done(command, About::Membership).await
}

pub(crate) async fn remove_member(
    ask: &Ask,
    group: String,
    user: String,
) -> Result<Answer, Failure> {
    let by = ask.by();
    let command = Command::RemoveGroupMember { by, group, user };
    ask.done(command, About::Membership).await
}
