//! What no record may exceed, whatever it asks. Part of version 1, and frozen with it.
//!
//! Whoever submits MUST check first: a record over a limit is broken, so its command would end as
//! `invalid`, and its caller would look for it in vain. What the texts of a *command* may be is
//! for the domain's policies to say, since a rejection can be recorded. A stamp stands in columns
//! of the entry whatever the outcome, so the store must be able to hold it.

use writ_domain::Stamp;

use crate::Fault;

/// Bytes of a record's value: what every log takes.
pub const RECORD_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a name in a stamp: subject, client, on behalf of, user agent, ticket, request id, key.
///
/// Tenant, subject and idempotency key together fit into one B-tree entry of Postgres.
pub const NAME_BYTES_MAX: usize = 512;

/// Bytes of a stamp's network address.
pub const ADDRESS_BYTES_MAX: usize = 128;

/// Bytes of a stamp's reason.
pub const REASON_BYTES_MAX: usize = 4096;

/// Whether the texts of a stamp are within the limits and without U+0000.
pub fn check(stamp: &Stamp) -> Result<(), Fault> {
    let Stamp {
        command_id: _,
        tenant: _,
        actor,
        reason,
        ticket,
        request_id,
        not_after: _,
        idempotency,
        expected: _,
    } = stamp;
    let key = idempotency
        .as_ref()
        .map(|idempotency| idempotency.key.as_str());
    for (field, text, bytes_max) in [
        ("subject", Some(actor.subject.as_str()), NAME_BYTES_MAX),
        ("client", actor.client.as_deref(), NAME_BYTES_MAX),
        (
            "on_behalf_of",
            actor.on_behalf_of.as_deref(),
            NAME_BYTES_MAX,
        ),
        ("address", actor.address.as_deref(), ADDRESS_BYTES_MAX),
        ("user_agent", actor.user_agent.as_deref(), NAME_BYTES_MAX),
    ] {
        check_text(text, bytes_max).map_err(|fault| fault.under(field).under("actor"))?;
    }
    for (field, text, bytes_max) in [
        ("reason", reason.as_deref(), REASON_BYTES_MAX),
        ("ticket", ticket.as_deref(), NAME_BYTES_MAX),
        ("request_id", request_id.as_deref(), NAME_BYTES_MAX),
    ] {
        check_text(text, bytes_max).map_err(|fault| fault.under(field))?;
    }
    check_text(key, NAME_BYTES_MAX).map_err(|fault| fault.under("key").under("idempotency"))
}

fn check_text(text: Option<&str>, bytes_max: usize) -> Result<(), Fault> {
    let text = text.unwrap_or_default();
    if text.len() > bytes_max {
        return Err(Fault::new(format!("has more than {bytes_max} bytes")));
    }
    if text.contains('\0') {
        return Err(Fault::new("holds U+0000"));
    }
    Ok(())
}
