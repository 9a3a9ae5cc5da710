//! May this user do that? Each answer is compared with the oracle's.

mod contract;

use std::sync::Arc;

use writ_tests::Dice;

use super::ground::{Ground, Subject, rates};
use crate::drive::Caller;
use crate::pgbench::Script;
use crate::report::Pace;
use crate::wire::{Answer, Ask};
use crate::world::{Question, World};

/// How many questions the largest request holds.
const MANY: usize = 1_000;

/// A thousand questions in each request.
pub(crate) async fn thousands(ground: &mut Ground<'_>) {
    for connections in ground.options.connections(&[1, 8]) {
        point(ground, Pace::Closed, connections, MANY).await;
    }
}

/// One question in each request.
pub(crate) async fn singles(ground: &mut Ground<'_>) {
    let mut peak = 0.0;
    for connections in ground.options.connections(&[1, 8, 32]) {
        let reached = point(ground, Pace::Closed, connections, 1).await;
        if connections <= 8 {
            peak = reached;
        }
    }
    for pace in rates(peak) {
        point(ground, pace, 32, 1).await;
    }
}

async fn point(ground: &mut Ground<'_>, pace: Pace, connections: usize, per_call: usize) -> f64 {
    let subject = Subject {
        name: match per_call {
            1 => "check".to_owned(),
            many => format!("check of {many}"),
        },
        beside: Script::SelectOnly,
        per_call,
    };
    let caller = |ground: &Ground<'_>, index| Checker {
        dice: ground.dice(&format!("check {connections} {per_call}"), index),
        world: Arc::clone(&ground.world),
        per_call,
        asked: Vec::new(),
    };
    ground.point(&subject, pace, connections, caller).await.0
}

#[derive(Debug)]
struct Checker {
    dice: Dice,
    world: Arc<World>,
    per_call: usize,
    asked: Vec<Question>,
}

impl Caller for Checker {
    fn ask(&mut self) -> Ask {
        let draws = 0..self.per_call;
        self.asked = draws.map(|_| self.world.question(&mut self.dice)).collect();
        match self.asked[..] {
            [one] => contract::ask_one(&self.world, one),
            _ => contract::ask_many(&self.world, &self.asked),
        }
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        let told = match self.asked[..] {
            [_] => vec![contract::read_one(answer)?],
            _ => contract::read_many(answer)?,
        };
        if told.len() != self.asked.len() {
            return Err(format!("{} answers to {}", told.len(), self.asked.len()));
        }
        match self
            .asked
            .iter()
            .zip(told)
            .find(|(one, told)| one.allowed != *told)
        {
            None => Ok(()),
            Some((question, told)) => Err(format!("answered {told} to {question:?}")),
        }
    }
}

#[cfg(test)]
mod tests;
