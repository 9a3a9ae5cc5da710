//! A checker notices an answer that is not the oracle's.

use bytes::Bytes;
use serde_json::json;

use super::*;
use crate::world::Profile;

fn checker(per_call: usize) -> Checker {
    Checker {
        dice: Dice::new(5),
        world: Arc::new(World::draw(Profile::Roles, true, 5)),
        per_call,
        asked: Vec::new(),
    }
}

fn answer(status: u16, body: &serde_json::Value) -> Answer {
    Answer {
        status,
        body: Bytes::from(body.to_string()),
    }
}

#[test]
fn one_answer_is_right_or_wrong() {
    let mut checker = checker(1);
    for _ in 0..20 {
        checker.ask();
        let allowed = checker.asked[0].allowed;
        assert_eq!(
            checker.judge(&answer(200, &json!({ "allowed": allowed }))),
            Ok(())
        );
        for wrong in [
            answer(200, &json!({ "allowed": !allowed })),
            answer(503, &json!({ "allowed": allowed })),
            answer(200, &json!({})),
        ] {
            assert!(checker.judge(&wrong).is_err(), "{wrong:?}");
        }
    }
}

#[test]
fn one_wrong_answer_among_many_is_found() {
    let mut checker = checker(50);
    checker.ask();
    let results = |wrong: Option<usize>, take: usize| {
        let told = checker.asked.iter().enumerate().take(take);
        let told = told.map(|(n, one)| json!({ "allowed": one.allowed != (wrong == Some(n)) }));
        answer(200, &json!({ "answers": told.collect::<Vec<_>>() }))
    };
    let (right, wrong, short) = (results(None, 50), results(Some(49), 50), results(None, 49));
    assert_eq!(checker.judge(&right), Ok(()));
    assert!(checker.judge(&wrong).is_err());
    assert!(checker.judge(&short).is_err());
}
