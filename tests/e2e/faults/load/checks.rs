//! The check finds what it is there to find.

use hyper::Method;
use serde_json::{Value, json};

use super::check::check;
use super::feed::{Entry, Feed};
use super::journal::{Answer, At, Attempt, Span, Ticket, Told, moment};
use super::wish::{Sender, Wish};

/// What is done to a sound ledger.
type Harm<'a> = &'a dyn Fn(&mut Vec<Entry>);

/// Entry 1 is not the load's. Entry 2 answers a wish that was sent twice, of which entry 3 is the
/// second sending; entry 4 answers one that was sent once; a third wish was malformed.
fn sound() -> (Vec<Ticket>, Vec<Entry>) {
    let asked = |path: &str, kinds: &'static [&'static str]| Wish {
        method: Method::POST,
        path: path.to_owned(),
        body: Value::Null,
        sender: Sender::Admin,
        kinds,
        makes: None,
        once: false,
    };
    let sent = |request_id: &str, answer: Answer| {
        let (sent, heard) = (moment(), moment());
        Attempt {
            request_id: request_id.to_owned(),
            answer,
            span: Span { sent, heard },
        }
    };
    let told = |status, tenant_seq| {
        let at = At {
            tenant_seq,
            hash: format!("{tenant_seq:016x}"),
            text: tenant_seq.to_string(),
        };
        Answer::Told(Told {
            status,
            at: Some(at),
            body: Value::Null,
        })
    };
    let role = asked("/api/v2/roles", &["CreateRole"]);
    let attempts = vec![sent("c/1", Answer::Broken), sent("c/2", told(200, 2))];
    let twice = Ticket {
        wish: role.clone(),
        key: Some("key".to_owned()),
        attempts,
    };
    let once = Ticket {
        wish: role,
        key: None,
        attempts: vec![sent("c/3", told(409, 4))],
    };
    let malformed = Ticket {
        wish: asked("/api/v2/roles", &[]),
        key: None,
        attempts: vec![sent("c/4", told(400, 4))],
    };
    let exists = json!({"type": "rejected", "rejection": {"type": "RoleExists", "name": "x"}});
    let entries = vec![
        entry(1, None, json!({"type": "applied"})),
        entry(2, Some("c/1"), json!({"type": "applied"})),
        entry(3, Some("c/2"), json!({"type": "duplicate", "of": 2})),
        entry(4, Some("c/3"), exists),
    ];
    (vec![twice, once, malformed], entries)
}

fn entry(number: u64, request_id: Option<&str>, outcome: Value) -> Entry {
    Entry {
        position: format!("0-{number}"),
        tenant_seq: number,
        command_id: None,
        kind: Some("CreateRole".to_owned()),
        request_id: request_id.map(str::to_owned),
        outcome,
        facts: Vec::new(),
        hash: format!("{number:016x}{number:048x}"),
    }
}

#[test]
fn what_is_sound_passes() {
    let (tickets, entries) = sound();
    let summary = check(&tickets, &Feed { entries }, 1).expect("no complaint");
    assert_eq!(
        (summary.wishes, summary.answered, summary.duplicates),
        (3, 3, 1)
    );
    assert_eq!(
        (summary.expired, summary.repeated, summary.cancels),
        (0, 0, 0)
    );
}

#[test]
fn what_is_wrong_with_the_ledger_is_found() {
    let applied = || json!({"type": "applied"});
    let rows: [(&str, Harm<'_>); 13] = [
        ("a hole", &|entries| drop(entries.remove(2))),
        ("out of order", &|entries| {
            entries[3].position = "0-1".to_owned();
        }),
        ("answered, and not there", &|entries| drop(entries.pop())),
        ("decided more than once", &|entries| {
            entries[2].outcome = applied();
        }),
        ("duplicate of something else", &|entries| {
            entries[2].outcome["of"] = json!(1);
        }),
        ("told otherwise", &|entries| entries[3].outcome = applied()),
        ("told otherwise", &|entries| {
            entries[1].outcome = entries[3].outcome.clone();
        }),
        ("not the entry's", &|entries| {
            entries[1].hash = entries[2].hash.clone();
        }),
        ("another command", &|entries| {
            entries[1].kind = Some("DeleteRole".to_owned());
        }),
        ("nobody asked", &|entries| {
            entries.push(entry(5, Some("d/1"), applied()));
        }),
        ("has an effect", &|entries| {
            entries[3].facts = vec![json!({"type": "RoleCreated"})];
        }),
        ("after it was cancelled", &|entries| {
            entries[0].facts = vec![json!({"type": "CommandCancelled", "command": "c"})];
            entries[1].command_id = Some("c".to_owned());
            entries[1].facts = vec![json!({"type": "RoleCreated"})];
        }),
        ("without an entry", &|entries| {
            entries.push(entry(5, Some("c/4"), applied()));
        }),
    ];
    for (complaint, harm) in rows {
        let (tickets, mut entries) = sound();
        harm(&mut entries);
        let found = check(&tickets, &Feed { entries }, 1).expect_err(complaint);
        assert!(found.contains(complaint), "{complaint}: {found}");
    }
}

#[test]
fn what_callers_were_told_must_be_one_story() {
    let (mut tickets, entries) = sound();
    let again = Told {
        status: 201,
        ..told(&tickets[0]).clone()
    };
    let attempt = Attempt {
        request_id: "c/5".to_owned(),
        answer: Answer::Told(again),
        span: tickets[0].attempts[1].span,
    };
    tickets[0].attempts.push(attempt);
    let found = check(&tickets, &Feed { entries }, 1).expect_err("two answers");
    assert!(found.contains("not the same answer again"), "{found}");

    let (mut tickets, entries) = sound();
    tickets[0].attempts[0].span = tickets[2].attempts[0].span;
    let found = check(&tickets, &Feed { entries }, 1).expect_err("another order");
    assert!(found.contains("sent after entry 4 was answered"), "{found}");

    let (mut tickets, entries) = sound();
    tickets.swap(0, 1);
    let found = check(&tickets, &Feed { entries }, 1).expect_err("another order");
    assert!(found.contains("asked later, and not later"), "{found}");
}

fn told(ticket: &Ticket) -> &Told {
    ticket.told().next().expect("an answer").1
}
