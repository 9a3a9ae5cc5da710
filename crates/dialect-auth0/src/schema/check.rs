//! Finding the first problem of a value, in z-schema's order.

use core::fmt;

use super::Node;
use crate::json::Json;

/// What is wrong with a value, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What, in z-schema's words.
    words: String,
    /// Where, from the root.
    path: Vec<Step>,
    /// What belongs there.
    description: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

impl Problem {
    /// The problem of a member at the root.
    pub(crate) fn of_member(name: &str, description: Option<&'static str>, words: String) -> Self {
        Self {
            words,
            path: vec![Step::Member(name.to_owned())],
            description,
        }
    }

    /// The message in Auth0's frame; `of` is `Payload`, `Query` or `Path`.
    pub(crate) fn message(&self, of: &str) -> String {
        let mut message = format!("{of} validation error: '{}'", self.words);
        if !self.path.is_empty() {
            message.push_str(" on property ");
            message.push_str(&Path(&self.path).to_string());
        }
        if let Some(description) = self.description {
            message.push_str(" (");
            message.push_str(description);
            message.push(')');
        }
        message.push('.');
        message
    }
}

struct Path<'a>(&'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if place == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The first problem of a value, if it has one.
pub(crate) fn check(node: &Node, value: &Json) -> Result<(), Problem> {
    let mut path = Vec::new();
    match find(node, value, &mut path) {
        None => Ok(()),
        Some((words, description)) => Err(Problem {
            words,
            path,
            description,
        }),
    }
}

type Found = (String, Option<&'static str>);

/// Leaves `path` at the problem. Recursion is as deep as the schema, not as the value.
fn find(node: &Node, value: &Json, path: &mut Vec<Step>) -> Option<Found> {
    if let Some(words) = own(node, value) {
        return Some((words, node.description));
    }
    if let Some(items) = node.items {
        for (index, item) in value.items().iter().enumerate().rev() {
            path.push(Step::Item(index));
            if let Some(found) = find(items, item, path) {
                return Some(found);
            }
            path.pop();
        }
    }
    for (name, member) in in_key_order(value).into_iter().rev() {
        let Some(property) = node.property(name) else {
            continue;
        };
        path.push(Step::Member(name.to_owned()));
        if let Some(found) = find(property, member, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}

/// An object's members as JavaScript orders them: those named by an index first, by number.
fn in_key_order(value: &Json) -> Vec<(&str, &Json)> {
    let mut members: Vec<(&str, &Json)> = value
        .members()
        .iter()
        .map(|(name, member)| (name.as_str(), member))
        .collect();
    members.sort_by_key(|(name, _)| index(name).map_or(u64::MAX, u64::from));
    members
}

/// The array index that a member's name spells, if it spells one.
fn index(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok()?;
    (number != u32::MAX && number.to_string() == name).then_some(number)
}

/// What is wrong with the value itself, not with what it holds.
fn own(node: &Node, value: &Json) -> Option<String> {
    let kind = value.kind();
    if !node.admits(kind) {
        let wanted: Vec<&str> = node.types.iter().map(|kind| kind.as_str()).collect();
        return Some(format!(
            "Expected type {} but found type {}",
            wanted.join(","),
            kind.as_str()
        ));
    }
    if let Some(texts) = node.one_of
        && !texts.contains(&value.as_str())
    {
        let found = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        return Some(format!("No enum match for: {found}"));
    }
    match value {
        Json::String(text) => of_string(node, text),
        Json::Number(_) => of_number(node, value),
        Json::Array(items) => of_array(node, items.len()),
        Json::Object(_) => of_object(node, value),
        Json::Null | Json::Bool(_) => None,
    }
}

fn of_string(node: &Node, text: &str) -> Option<String> {
    // SUBTLE: z-schema compares code points and prints UTF-16 units.
    let (length, printed) = (text.chars().count(), text.encode_utf16().count());
    if let Some(min) = node.min_length.filter(|min| length < *min) {
        return Some(format!(
            "String is too short ({printed} chars), minimum {min}"
        ));
    }
    if let Some(max) = node.max_length.filter(|max| length > *max) {
        return Some(format!(
            "String is too long ({printed} chars), maximum {max}"
        ));
    }
    if let Some(format) = node.format.filter(|format| !(format.matches)(text)) {
        return Some(format!(
            "Object didn't pass validation for format {}: {text}",
            format.name
        ));
    }
    let pattern = node.pattern.filter(|pattern| !(pattern.matches)(text))?;
    Some(format!(
        "String does not match pattern {}: {text}",
        pattern.text
    ))
}

fn of_number(node: &Node, value: &Json) -> Option<String> {
    let Json::Number(number) = value else {
        return None;
    };
    // A negative integer is no u64 and below every minimum here; a u64 is compared exactly.
    let above = |max: &u64| number.as_u64().is_some_and(|number| number > *max);
    let below = |min: &u64| number.as_u64().is_none_or(|number| number < *min);
    if let Some(min) = node.minimum.filter(below) {
        return Some(format!("Value {number} is less than minimum {min}"));
    }
    let max = node.maximum.filter(above)?;
    Some(format!("Value {number} is greater than maximum {max}"))
}

fn of_array(node: &Node, length: usize) -> Option<String> {
    if let Some(min) = node.min_items.filter(|min| length < *min) {
        return Some(format!("Array is too short ({length}), minimum {min}"));
    }
    let max = node.max_items.filter(|max| length > *max)?;
    Some(format!("Array is too long ({length}), maximum {max}"))
}

fn of_object(node: &Node, value: &Json) -> Option<String> {
    if let Some(missing) = node
        .required
        .iter()
        .rev()
        .find(|name| value.get(name).is_none())
    {
        return Some(format!("Missing required property: {missing}"));
    }
    if !node.closed {
        return None;
    }
    let strangers: Vec<&str> = in_key_order(value)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| node.property(name).is_none())
        .collect();
    (!strangers.is_empty())
        .then(|| format!("Additional properties not allowed: {}", strangers.join(",")))
}
