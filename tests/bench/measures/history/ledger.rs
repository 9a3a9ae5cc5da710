//! A ledger of a given length, in which one user has so many entries, evenly spread.
//!
//! **Shape.** Users and two writes go in over HTTP. The rest is appended to the log as another
//! process would append it: those two records again, under other names and command ids. The server
//! decides them, one by one, as it decides whatever stands in its log.

use std::time::Duration;

use serde_json::{Value, json};

use super::Size;
use crate::measures::ledger::end;
use crate::options::{Log, Options};
use crate::stack::Stack;
use crate::wire::{Ask, Wire};

const ROLE: &str = "rol_0";
/// Users, the one who is asked about and the one of the first records included.
const USERS: usize = 1_000;
/// Registered by one command.
const USERS_PER_BATCH: usize = 500;
/// Slower than any entry is decided.
const DECIDED_IN: Duration = Duration::from_millis(5);

/// A server with such a ledger.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) stack: Stack,
    pub(super) entries: u64,
    /// The entries of the user but the first, which registered it; the newest comes first.
    pub(super) expected: Vec<u64>,
}

impl Ledger {
    /// Makes it. It panics where the server refuses a part of it.
    pub(super) async fn make(entries: u64, size: Size, options: &Options) -> Self {
        let stack = Stack::start(Log::Postgres, options).await;
        let mut wire = Wire::open(&stack.target()).await;
        register(&mut wire).await;
        let registered = end(&mut wire).await.expect("the end of the ledger") - 1;
        for kind in ["AssignUserRoles", "UnassignUserRoles"] {
            let user = user_id(0);
            let command = json!({ "type": kind, "realm": "auth0", "user": user, "roles": [ROLE] });
            submit(&mut wire, &json!({ "command": command })).await;
        }
        let (first, every) = (registered + 3, entries / size.of_subject);
        assert!(
            first < every,
            "{first} entries come before the first change"
        );
        append(&stack, first, entries, every).await;
        decided(&stack, entries).await;
        stack.analyze().await;
        let changes = (1..=size.of_subject).rev().map(|change| change * every);
        Self {
            stack,
            entries,
            expected: changes.collect(),
        }
    }
}

pub(super) fn user_id(number: usize) -> String {
    format!("auth0|user-{number:04}")
}

async fn register(wire: &mut Wire) {
    let role = json!({ "type": "CreateRole", "realm": "auth0", "id": ROLE, "name": "role" });
    submit(wire, &json!({ "command": role })).await;
    let users: Vec<usize> = (0..USERS).collect();
    for users in users.chunks(USERS_PER_BATCH) {
        let commands = users.iter().map(|user| {
            let id = user_id(*user);
            json!({ "type": "RegisterUser", "realm": "auth0", "id": id, "profile": {} })
        });
        submit(wire, &json!({ "batch": commands.collect::<Vec<_>>() })).await;
    }
}

async fn submit(wire: &mut Wire, body: &Value) {
    let ask = Ask::post("/v1/commands", body.to_string());
    let answer = wire.call(&ask).await.and_then(|answer| {
        let body = answer.expect(200)?.json()?;
        let is_applied = body["outcome"]["type"] == "applied";
        is_applied.then_some(()).ok_or_else(|| body.to_string())
    });
    answer.unwrap_or_else(|error| panic!("the ledger was not made: {error}"));
}

async fn append(stack: &Stack, first: u64, last: u64, every: u64) {
    let bigint = |number: u64| i64::try_from(number).expect("63 bits");
    let users = i64::try_from(USERS).expect("63 bits");
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 after  */ &bigint(first),
        /* $2 up to  */ &bigint(last),
        /* $3 every  */ &bigint(every),
        /* $4 tenant */ &"default".as_bytes(),
        /* $5 users  */ &users,
    ];
    let client = stack.connect().await;
    let appended = client.query(include_str!("fill.sql"), parameters).await;
    assert_eq!(appended.expect("the log is filled").len(), 1);
}

/// Waits until the ledger has come to an entry.
async fn decided(stack: &Stack, entry: u64) {
    let client = stack.connect().await;
    let head = "SELECT tenant_seq FROM tenant_head WHERE tenant = 'default'";
    let limit =
        Duration::from_mins(1) + DECIDED_IN.saturating_mul(entry.try_into().unwrap_or(u32::MAX));
    let what = format!("entry {entry} of a ledger that is filled");
    writ_tests::until(&what, limit, || async {
        let row = client.query_one(head, &[]).await.expect("the head");
        let reached: i64 = row.get(0);
        u64::try_from(reached)
            .is_ok_and(|reached| reached >= entry)
            .then_some(())
    })
    .await;
}
