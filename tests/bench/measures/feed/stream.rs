//! Server-sent events, as far as the feed uses them.

use std::time::Instant;

use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use super::subscriber::{Change, Delivery};
use crate::wire::{Ask, Wire};

const PATH: &str = "/v1/changes/stream";

/// Delivers what comes after an entry, until the stream ends.
pub(super) async fn read(
    mut wire: Wire,
    after: u64,
    deliver: &mpsc::Sender<Delivery>,
) -> Result<(), String> {
    let answer = wire
        .begin(&Ask::get(&format!("{PATH}?after={after}")))
        .await?;
    let status = answer.status();
    if status != 200 {
        return Err(format!("{status} instead of a stream"));
    }
    let mut body = answer.into_body();
    let mut events = Events::default();
    while let Some(frame) = body.frame().await {
        let at = Instant::now();
        let frame = frame.map_err(|error| format!("the stream broke: {error}"))?;
        let Some(bytes) = frame.data_ref() else {
            continue;
        };
        for event in events.push(bytes)? {
            if deliver.send(event.at(at)).await.is_err() {
                return Ok(());
            }
        }
    }
    Err("the stream ended".to_owned())
}

/// Bytes on the way to becoming events.
#[derive(Debug, Default)]
struct Events(Vec<u8>);

impl Events {
    /// The changes that these bytes complete.
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<Change>, String> {
        self.0.extend_from_slice(bytes);
        let mut changes = Vec::new();
        let mut begin = 0;
        while let Some(length) = self.0[begin..].windows(2).position(|two| two == b"\n\n") {
            changes.extend(change(&self.0[begin..begin + length])?);
            begin += length + 2;
        }
        self.0.drain(..begin);
        Ok(changes)
    }
}

/// The change that an event is about, if it is about one: checkpoints and comments are not. A
/// reader that keeps up is not cut off.
fn change(event: &[u8]) -> Result<Option<Change>, String> {
    let text = str::from_utf8(event).map_err(|error| format!("an event: {error}"))?;
    let mut data = String::new();
    let mut kind = "";
    for line in text.lines() {
        match line.split_once(':') {
            Some(("event", value)) => kind = value.trim(),
            Some(("data", value)) => data += value,
            Some(_) | None => {}
        }
    }
    match kind {
        "change" => serde_json::from_str(&data)
            .map(Some)
            .map_err(|error| format!("{data}: {error}")),
        "" | "checkpoint" => Ok(None),
        other => Err(format!("cut off by the event {other}: {data}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = b"retry: 500\n\n: hello\n\nid: 7\nevent: change\ndata: {\"tenant_seq\":7,\"request_id\":\"r\"}\n\n\
            event: checkpoint\ndata: {\"tenant_seq\":7}\n\nevent: change\ndata: {\"tenant_seq\":8,\"request_id\":null}\n\n";
        for cut in 0..text.len() {
            let mut events = Events::default();
            let mut changes = events.push(&text[..cut]).unwrap();
            changes.extend(events.push(&text[cut..]).unwrap());
            let found: Vec<_> = changes
                .iter()
                .map(|change| (change.tenant_seq, change.request_id.as_deref()))
                .collect();
            assert_eq!(found, [(7, Some("r")), (8, None)], "cut at {cut}");
        }
    }

    #[test]
    fn being_cut_off_is_told() {
        let said = Events::default().push(b"id: 7\nevent: lagged\ndata: {}\n\n");
        assert_eq!(said.unwrap_err(), "cut off by the event lagged:  {}");
    }
}
