//! `POST /v1/check`, as it is on the wire.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::wire::{Answer, Ask};
use crate::world::{self, Question, World};

const PATH: &str = "/v1/check";

#[derive(Deserialize)]
struct One {
    allowed: bool,
}

#[derive(Deserialize)]
struct Many {
    answers: Vec<One>,
}

pub(super) fn ask_one(world: &World, question: Question) -> Ask {
    Ask::post(PATH, body(world, question).to_string())
}

pub(super) fn ask_many(world: &World, questions: &[Question]) -> Ask {
    let checks: Vec<Value> = questions.iter().map(|one| body(world, *one)).collect();
    Ask::post(PATH, json!({ "checks": checks }).to_string())
}

fn body(world: &World, question: Question) -> Value {
    json!({
        "subject": world::user_id(question.user),
        "permission": world::permission(question.resource),
        "resource": world.api_of(question.resource),
        "realm": "auth0",
    })
}

pub(super) fn read_one(answer: &Answer) -> Result<bool, String> {
    let one: One = serde_json::from_slice(&answer.expect(200)?.body)
        .map_err(|error| format!("an answer: {error}"))?;
    Ok(one.allowed)
}

pub(super) fn read_many(answer: &Answer) -> Result<Vec<bool>, String> {
    let many: Many = serde_json::from_slice(&answer.expect(200)?.body)
        .map_err(|error| format!("answers: {error}"))?;
    Ok(many.answers.into_iter().map(|one| one.allowed).collect())
}
