//! The same request from several hands at the same time: one effect.

use tokio::task::JoinSet;
use writ_tests::{Client, Response, Server};

use super::{Ask, Setting, assert_same, outcomes_after};
use crate::ledger;

const HANDS: usize = 8;

async fn send_at_once(client: &Client, ask: &Ask, key: &str) -> Vec<Response> {
    let mut hands = JoinSet::new();
    for _ in 0..HANDS {
        let request = ask.request(client, key);
        hands.spawn(request.send());
    }
    hands.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_at_the_same_time_has_one_effect() {
    let server = Server::start().await;
    let client = server.client();
    let setting = Setting::make(&client).await;
    for (number, ask) in setting.asks().into_iter().enumerate() {
        let before = ledger::head(&client).await;
        let answers = send_at_once(&client, &ask, &format!("at-once-{number}")).await;
        let (first, others) = answers.split_first().expect("answers");
        assert_eq!(first.status, ask.status, "{}: {}", ask.what, first.text());
        for other in others {
            assert_same(ask.what, first, other);
        }
        let mut outcomes = outcomes_after(&client, before).await;
        outcomes.sort();
        let mut expected = vec!["applied"];
        expected.resize(HANDS, "duplicate");
        assert_eq!(outcomes, expected, "{}", ask.what);
    }
}
