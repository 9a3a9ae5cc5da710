//! An API's list of permissions, replaced: one of them is taken out, and put back.

use hyper::Method;
use serde_json::{Value, json};

use super::ground::{Ground, Subject};
use super::writes::compared;
use crate::drive::Caller;
use crate::pgbench::Script;
use crate::report::Pace;
use crate::wire::{Answer, Ask};
use crate::world::{self, PATCHER_PERMISSIONS};

pub(crate) async fn run(ground: &mut Ground<'_>) {
    let subject = Subject {
        name: "replace 20 scopes (Auth0)".to_owned(),
        beside: Script::SimpleUpdate,
        per_call: 1,
    };
    for connections in ground.options.connections(&[1, 8, 32]) {
        compared(ground, async |ground| {
            let caller = |_: &Ground<'_>, index| Patcher::new(index);
            ground
                .point(&subject, Pace::Closed, connections, caller)
                .await
        })
        .await;
    }
}

/// Has an API to itself.
#[derive(Debug)]
struct Patcher {
    path: String,
    scopes: Vec<Value>,
    is_whole: bool,
}

impl Patcher {
    fn new(index: usize) -> Self {
        let scopes = (0..PATCHER_PERMISSIONS)
            .map(|number| json!({ "value": world::ground_permission(number), "description": "" }));
        Self {
            path: format!("/api/v2/resource-servers/{}", world::patcher_api_id(index)),
            scopes: scopes.collect(),
            is_whole: true,
        }
    }

    fn expected(&self) -> &[Value] {
        let missing = usize::from(!self.is_whole);
        &self.scopes[missing..]
    }
}

impl Caller for Patcher {
    fn ask(&mut self) -> Ask {
        self.is_whole = !self.is_whole;
        let body = json!({ "scopes": self.expected() });
        Ask::new(Method::PATCH, &self.path, body.to_string())
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        let body = answer.expect(200)?.json()?;
        let values = |scopes: &[Value]| {
            let mut values: Vec<String> =
                scopes.iter().map(|one| one["value"].to_string()).collect();
            values.sort();
            values
        };
        let shown = body["scopes"].as_array().map(|scopes| values(scopes));
        if shown.as_deref() == Some(&values(self.expected())) {
            Ok(())
        } else {
            Err(format!("other scopes: {shown:?}"))
        }
    }

    fn is_done(&self) -> bool {
        self.is_whole
    }
}
