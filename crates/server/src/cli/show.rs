//! Answers as a person reads them. What a program reads is the body itself.

use std::fmt::Write as _;

use serde_json::Value;

use crate::paint::{Ink, Paint};

/// A text of a body; empty where there is none.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

/// Lines without the last line end.
fn finish(mut lines: String) -> String {
    lines.truncate(lines.trim_end().len());
    lines
}

/// Writing to a string does not fail.
macro_rules! line {
    ($to:expr, $($rest:tt)*) => {
        if writeln!($to, $($rest)*).is_err() {
            $to.clear();
        }
    };
}

/// As of which entry an answer is given.
fn point(paint: Paint, body: &Value) -> String {
    let as_of = &body["as_of"];
    let seq = as_of["tenant_seq"].to_string();
    let provisional = if as_of["provisional"] == true {
        ", provisional"
    } else {
        ""
    };
    let time = as_of["time"].as_str().map(|time| format!(" ({time})"));
    let said = format!("as of entry {seq}{}{provisional}", time.unwrap_or_default());
    paint.ink(Ink::Faint, &said).to_string()
}

fn via(value: &Value) -> String {
    let via = match text(&value["via"], "type") {
        "role" => format!("by role {}", text(&value["via"], "role")),
        "group" => format!("by group {}", text(&value["via"], "group")),
        "everyone" => "as everyone".to_owned(),
        other => other.to_owned(),
    };
    if value["linked"].is_object() {
        return format!("{via}, as {}", text(&value["linked"], "subject"));
    }
    via
}

fn entry(paint: Paint, entry: &Value) -> String {
    let actor = entry["actor"]
        .as_str()
        .or(entry["actor"].get("subject").and_then(Value::as_str))
        .unwrap_or_default();
    let mut said = format!("{} {}", text(entry, "position"), text(entry, "time"));
    for part in [actor, text(entry, "kind")] {
        if !part.is_empty() {
            said.push(' ');
            said.push_str(part);
        }
    }
    for name in ["reason", "ticket"] {
        if let Some(value) = entry[name].as_str() {
            said.push_str(", ");
            said.push_str(name);
            said.push_str(": ");
            said.push_str(value);
        }
    }
    paint.ink(Ink::Faint, &said).to_string()
}

pub(super) fn grants(paint: Paint, body: &Value) -> String {
    let mut lines = String::new();
    for grant in list(body, "grants") {
        let subject = &grant["subject"];
        let (effect, by) = match text(grant, "effect") {
            "deny" => (Ink::Bad, format!("denied {}", via(grant))),
            _ => (Ink::Good, via(grant)),
        };
        line!(
            lines,
            "{} {} {} {} {} {} {}",
            paint.ink(Ink::Faint, text(grant, "realm")),
            paint.ink(Ink::Faint, text(subject, "type")),
            paint.ink(Ink::Name, text(subject, "id")),
            paint.ink(effect, text(grant, "permission")),
            paint.ink(Ink::Name, text(grant, "resource")),
            paint.ink(Ink::Faint, &by),
            entry(paint, &grant["opened_by"]),
        );
    }
    if let Some(total) = body["total"].as_u64() {
        let more = if body["total_at_least"] == true {
            " or more"
        } else {
            ""
        };
        line!(lines, "{total}{more} in all, {}", point(paint, body));
    } else {
        line!(lines, "{}", point(paint, body));
    }
    if let Some(next) = body["next"].as_str() {
        line!(lines, "There are more: --cursor {next}");
    }
    finish(lines)
}

pub(super) fn check(paint: Paint, body: &Value) -> String {
    let mut lines = String::new();
    if body["allowed"] == true {
        let (realm, via) = (text(body, "realm"), via(body));
        let yes = paint.ink(Ink::Good, "yes");
        line!(
            lines,
            "{yes}, {via}, in {realm}, since {}",
            entry(paint, &body["opened_by"])
        );
    } else {
        line!(lines, "{}", paint.ink(Ink::Bad, "no"));
    }
    line!(lines, "{}", point(paint, body));
    finish(lines)
}

pub(super) fn explain(paint: Paint, body: &Value) -> String {
    let mut lines = String::new();
    if body["allowed"] == true {
        line!(lines, "{}", paint.ink(Ink::Good, "yes"));
        ways(paint, body, &mut lines);
    } else if body["lost"].is_object() {
        let lost = &body["lost"];
        let no = paint.ink(Ink::Bad, "no");
        line!(
            lines,
            "{no}, taken away by {}",
            entry(paint, &lost["closed_by"])
        );
        ways(paint, lost, &mut lines);
    } else {
        line!(lines, "{}, and it never was", paint.ink(Ink::Bad, "no"));
    }
    for way in list(body, "forbidden") {
        let (realm, via) = (text(way, "realm"), via(way));
        let forbidden = paint.ink(Ink::Bad, "forbidden");
        line!(lines, "{forbidden} {via} in {realm}");
        steps(paint, way, &mut lines);
    }
    for absent in list(body, "absent") {
        let absent = absent.as_str().unwrap_or_default();
        if body["lost"].is_object() {
            line!(lines, "The {absent} is there no longer.");
        } else {
            line!(lines, "There is no such {absent}.");
        }
    }
    if body["more"] == true {
        line!(lines, "There are more ways.");
    }
    line!(lines, "{}", point(paint, body));
    finish(lines)
}

fn ways(paint: Paint, of: &Value, lines: &mut String) {
    for way in list(of, "ways") {
        let (realm, via) = (text(way, "realm"), via(way));
        line!(lines, "  {} in {realm}", paint.ink(Ink::Name, &via));
        steps(paint, way, lines);
    }
}

fn steps(paint: Paint, way: &Value, lines: &mut String) {
    const NAMES: [&str; 7] = [
        "realm",
        "user",
        "role",
        "group",
        "permission",
        "resource",
        "authorization",
    ];
    for step in list(way, "steps") {
        let names: Vec<&str> = NAMES
            .into_iter()
            .filter_map(|name| step[name].as_str())
            .collect();
        let (kind, names) = (text(step, "kind").replace('_', " "), names.join(" "));
        let opened = entry(paint, &step["opened_by"]);
        let names = paint.ink(Ink::Name, &names).to_string();
        line!(lines, "    {kind} {names}, since {opened}");
        if step["closed_by"].is_object() {
            let until = paint.ink(Ink::Bad, "until").to_string();
            line!(lines, "      {until} {}", entry(paint, &step["closed_by"]));
        }
    }
}

pub(super) fn history(paint: Paint, body: &Value) -> String {
    let mut lines = String::new();
    for change in list(body, "entries") {
        line!(lines, "{}", self::change(paint, change));
    }
    if let Some(next) = body["next"].as_str() {
        line!(lines, "There may be more: --cursor {next}");
    }
    if lines.is_empty() {
        lines.push_str("Nothing.");
    }
    finish(lines)
}

/// An entry as the feed tells it, in one line and one for each fact.
pub(super) fn change(paint: Paint, change: &Value) -> String {
    let outcome = text(&change["outcome"], "type");
    let ink = match outcome {
        "applied" | "unchanged" => Ink::Good,
        _ => Ink::Bad,
    };
    let mut lines = format!(
        "{} {} {} {} {}",
        paint.ink(Ink::Faint, text(change, "position")),
        paint.ink(Ink::Faint, text(change, "time")),
        paint.ink(Ink::Name, text(&change["actor"], "subject")),
        paint.ink(Ink::Name, text(change, "kind")),
        paint.ink(ink, outcome),
    );
    for name in ["reason", "ticket"] {
        if let Some(value) = change[name].as_str() {
            let said = format!(", {name}: {value}");
            lines.push_str(&paint.ink(Ink::Faint, &said).to_string());
        }
    }
    for fact in list(change, "facts") {
        lines.push_str("\n    ");
        lines.push_str(&paint.ink(Ink::Faint, &fact.to_string()).to_string());
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_no_names_who_took_it_away() {
        let by = json!({
            "position": "0-9", "time": "2026-01-01T00:00:00Z", "kind": "DeleteRole",
            "actor": {"subject": "eve"}, "reason": "left",
        });
        let body = json!({
            "allowed": false, "as_of": {"tenant_seq": 9, "provisional": true},
            "lost": {"closed_by": by, "ways": [{
                "realm": "auth0", "via": {"type": "role", "role": "r"},
                "steps": [{"kind": "role", "role": "r", "opened_by": by, "closed_by": by}],
            }]},
            "absent": ["permission"],
        });
        let told = "0-9 2026-01-01T00:00:00Z eve DeleteRole, reason: left";
        assert_eq!(
            explain(Paint::off(), &body),
            format!(
                "no, taken away by {told}\n  by role r in auth0\n    role r, since {told}\n      \
                 until {told}\nThe permission is there no longer.\nas of entry 9, provisional"
            )
        );
    }

    #[test]
    fn a_no_that_never_was_a_yes_names_what_is_not_there() {
        let body = json!({
            "allowed": false, "as_of": {"tenant_seq": 9}, "absent": ["subject", "resource"],
        });
        assert_eq!(
            explain(Paint::off(), &body),
            "no, and it never was\nThere is no such subject.\nThere is no such resource.\n\
             as of entry 9"
        );
    }
}
