//! Comparing what callers were told with what is in the ledger.
//!
//! **Correctness.** A wish has at most one entry that says how it ended, its *original*; whatever
//! else was sent for it is a `duplicate` of that, or `expired` and without effect. A definite
//! answer is the original's: same place, same outcome. Without a definite answer there may be an
//! original or not.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::feed::{Entry, Feed};
use super::journal::{Attempt, Ticket, Told};

/// What was compared, for a look at whether it was worth it.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) wishes: usize,
    pub(crate) answered: usize,
    /// Wishes that ended in an entry without anybody being told.
    pub(crate) untold: usize,
    pub(crate) duplicates: usize,
    /// Entries of what came after its deadline.
    pub(crate) expired: usize,
    /// Wishes that were answered more than once.
    pub(crate) repeated: usize,
    /// Cancellations that were answered.
    pub(crate) cancels: usize,
    pub(crate) outcomes: HashMap<String, usize>,
}

struct Check<'a> {
    by_request: HashMap<&'a str, Vec<&'a Entry>>,
    summary: Summary,
    complaints: Vec<String>,
}

/// What was compared, or what is wrong. `others` entries at the beginning are not the load's.
pub(crate) fn check(tickets: &[Ticket], feed: &Feed, others: u64) -> Result<Summary, String> {
    feed.has_no_hole()?;
    let by_request = feed.by_request();
    let mut check = Check {
        by_request,
        summary: Summary::default(),
        complaints: Vec::new(),
    };
    for ticket in tickets {
        check.ticket(ticket);
    }
    check.comes_from_nowhere(tickets, feed, others);
    check.numbers_are_told_once(tickets);
    check.what_was_asked_later_comes_later(tickets);
    check.what_was_answered_before_comes_before(tickets);
    check.only_what_is_applied_has_effects(feed);
    let Check {
        summary,
        complaints,
        ..
    } = check;
    if complaints.is_empty() {
        return Ok(summary);
    }
    let first: Vec<&str> = complaints.iter().take(10).map(String::as_str).collect();
    Err(format!(
        "{} complaints, such as\n{}",
        complaints.len(),
        first.join("\n\n")
    ))
}

impl<'a> Check<'a> {
    fn ticket(&mut self, ticket: &Ticket) {
        self.summary.wishes += 1;
        let entries: Vec<&Entry> = ticket
            .attempts
            .iter()
            .flat_map(|attempt| self.entries_of(attempt).iter().copied())
            .collect();
        let (echoes, originals): (Vec<&Entry>, Vec<&Entry>) = entries
            .iter()
            .copied()
            .partition(|entry| matches!(entry.outcome(), "duplicate" | "expired"));
        if originals.len() > 1 {
            self.complain("decided more than once", ticket, &entries);
        }
        let original = originals.first().copied();
        for echo in echoes.iter().filter(|echo| echo.outcome() == "duplicate") {
            self.summary.duplicates += 1;
            let of = echo.outcome["of"].as_u64();
            if !entries.iter().any(|entry| Some(entry.tenant_seq) == of) {
                self.complain("a duplicate of something else", ticket, &entries);
            }
        }
        self.summary.expired += echoes
            .iter()
            .filter(|echo| echo.outcome() == "expired")
            .count();
        if let Some(original) = original {
            *self
                .summary
                .outcomes
                .entry(original.outcome().to_owned())
                .or_default() += 1;
        }
        let times = ticket.told().count();
        let was_told = times > 0;
        for (attempt, told) in ticket.told() {
            if let Err(why) = agree(ticket, attempt, told, original) {
                self.complain(&why, ticket, &entries);
            }
        }
        self.summary.answered += usize::from(was_told);
        self.summary.repeated += usize::from(times > 1);
        let cancels = ticket.wish.kinds == ["CancelCommand"];
        self.summary.cancels += usize::from(was_told && cancels);
        self.summary.untold += usize::from(!was_told && original.is_some());
        let mut told = ticket.told().map(|(_, told)| told);
        if let Some(first) = told.next()
            && told.any(|other| other != first)
        {
            self.complain("not the same answer again", ticket, &entries);
        }
    }

    fn entries_of(&self, attempt: &Attempt) -> &[&'a Entry] {
        self.by_request
            .get(attempt.request_id.as_str())
            .map_or(&[], Vec::as_slice)
    }

    /// Every entry is somebody's.
    fn comes_from_nowhere(&mut self, tickets: &[Ticket], feed: &Feed, others: u64) {
        let attempts = tickets.iter().flat_map(|ticket| &ticket.attempts);
        let sent: HashSet<&str> = attempts
            .map(|attempt| attempt.request_id.as_str())
            .collect();
        for entry in feed
            .entries
            .iter()
            .filter(|entry| entry.tenant_seq > others)
        {
            if !entry
                .request_id
                .as_deref()
                .is_some_and(|id| sent.contains(id) || id == super::PROBE)
            {
                self.complaints.push(format!("nobody asked for {entry:?}"));
            }
        }
    }

    /// No entry was the answer to two wishes.
    fn numbers_are_told_once(&mut self, tickets: &[Ticket]) {
        let mut seen = HashSet::new();
        for ticket in tickets
            .iter()
            .filter(|ticket| !ticket.wish.kinds.is_empty())
        {
            let numbers: HashSet<u64> = ticket
                .told()
                .filter_map(|(_, told)| Some(told.at.as_ref()?.tenant_seq))
                .collect();
            for number in numbers {
                if !seen.insert(number) {
                    self.complain(&format!("entry {number} was told before"), ticket, &[]);
                }
            }
        }
    }

    /// A caller asks for the next thing when it was answered; so the numbers of its answers rise.
    fn what_was_asked_later_comes_later(&mut self, tickets: &[Ticket]) {
        let mut last: HashMap<&str, u64> = HashMap::new();
        for ticket in tickets
            .iter()
            .filter(|ticket| !ticket.wish.kinds.is_empty())
        {
            let Some((attempt, told)) = ticket.told().next() else {
                continue;
            };
            let Some(at) = &told.at else { continue };
            let (caller, _) = attempt.request_id.split_once('/').expect("caller/number");
            if last
                .insert(caller, at.tenant_seq)
                .is_some_and(|last| last >= at.tenant_seq)
            {
                self.complain("asked later, and not later in the ledger", ticket, &[]);
            }
        }
    }

    /// Whoever sends after somebody was answered comes after what that was about. That holds for all
    /// entries, also for those whose senders were told nothing.
    fn what_was_answered_before_comes_before(&mut self, tickets: &[Ticket]) {
        let written = |ticket: &&Ticket| !ticket.wish.kinds.is_empty();
        let mut heard: Vec<(u64, u64)> = tickets
            .iter()
            .filter(written)
            .flat_map(Ticket::told)
            .filter_map(|(attempt, told)| Some((attempt.span.heard, told.at.as_ref()?.tenant_seq)))
            .collect();
        heard.sort_unstable();
        // The newest entry that anybody knows at each of these moments.
        let mut newest = 0;
        for (_, seq) in &mut heard {
            newest = newest.max(*seq);
            *seq = newest;
        }
        for ticket in tickets {
            for attempt in &ticket.attempts {
                let before = heard.partition_point(|(moment, _)| *moment < attempt.span.sent);
                let Some((_, known)) = before.checked_sub(1).map(|last| heard[last]) else {
                    continue;
                };
                let entries = self.entries_of(attempt).to_vec();
                if entries.iter().any(|entry| entry.tenant_seq <= known) {
                    let what = format!("sent after entry {known} was answered, and before it");
                    self.complain(&what, ticket, &entries);
                }
            }
        }
    }

    /// What expired, was refused or repeated does nothing; nor does what was cancelled before.
    fn only_what_is_applied_has_effects(&mut self, feed: &Feed) {
        let mut cancelled = HashSet::new();
        for entry in &feed.entries {
            if entry.facts.is_empty() {
                continue;
            }
            if entry.outcome() != "applied" {
                self.complaints.push(format!("has an effect: {entry:?}"));
            }
            if entry
                .command_id
                .as_ref()
                .is_some_and(|id| cancelled.contains(id.as_str()))
            {
                self.complaints
                    .push(format!("done after it was cancelled: {entry:?}"));
            }
            let cancels = entry
                .facts
                .iter()
                .filter_map(|fact| fact["command"].as_str());
            cancelled.extend(cancels);
        }
    }

    fn complain(&mut self, what: &str, ticket: &Ticket, entries: &[&Entry]) {
        self.complaints
            .push(format!("{what}:\n  {ticket:?}\n  {entries:?}"));
    }
}

/// Whether an answer is what the entry says.
fn agree(
    ticket: &Ticket,
    attempt: &Attempt,
    told: &Told,
    original: Option<&Entry>,
) -> Result<(), String> {
    if ticket.wish.kinds.is_empty() {
        return match (told.status, original) {
            (400 | 401, None) => Ok(()),
            _ => Err("neither 400 nor 401 without an entry".to_owned()),
        };
    }
    let Some(entry) = original else {
        return Err("answered, and not there".to_owned());
    };
    if ticket.key.is_none() && entry.request_id.as_ref() != Some(&attempt.request_id) {
        return Err("another request's entry".to_owned());
    }
    if !ticket
        .wish
        .kinds
        .contains(&entry.kind.as_deref().unwrap_or_default())
    {
        return Err("the entry of another command".to_owned());
    }
    let Some(at) = &told.at else {
        return Err("answered without a revision".to_owned());
    };
    if at.tenant_seq != entry.tenant_seq || !entry.hash.starts_with(&at.hash) {
        return Err("the revision is not the entry's".to_owned());
    }
    if ticket.wish.path.starts_with("/v1/") {
        agree_in_native_words(&told.body, entry)
    } else {
        agree_in_auth0s_words(told, entry)
    }
}

fn agree_in_native_words(body: &Value, entry: &Entry) -> Result<(), String> {
    let is = |name: &str, value: Value| body[name] == value;
    let same = is("outcome", entry.outcome.clone())
        && is("position", entry.position.clone().into())
        && is("tenant_seq", entry.tenant_seq.into())
        && is("command_id", entry.command_id.clone().into())
        && (body["facts"].is_null() || is("facts", entry.facts.clone().into()));
    if same {
        Ok(())
    } else {
        Err("told otherwise than it is".to_owned())
    }
}

fn agree_in_auth0s_words(told: &Told, entry: &Entry) -> Result<(), String> {
    let mut rejection = &entry.outcome["rejection"];
    while rejection["type"] == "InBatch" {
        rejection = &rejection["rejection"];
    }
    let why = rejection["type"].as_str().unwrap_or_default();
    let scope = told.body["errorCode"] == "insufficient_scope";
    let same = match (told.status, entry.outcome()) {
        (200..=204, "applied" | "unchanged") => true,
        (403, "denied") => scope,
        (403, "rejected") => !scope && why == "TooMany",
        (404, "rejected") => why.starts_with("NoSuch"),
        (409, "rejected") => why.ends_with("Exists"),
        (400, "rejected") => why == "TooMany",
        _ => false,
    };
    if same {
        Ok(())
    } else {
        Err("told otherwise than it is".to_owned())
    }
}
