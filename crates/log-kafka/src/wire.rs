//! A record of ours as a record of Kafka, and back.

use core::panic::AssertUnwindSafe;
use std::borrow::Cow;
use std::panic::catch_unwind;

use chrono::{DateTime, Utc};
use rdkafka::message::{
    BorrowedHeaders, BorrowedMessage, Header, Headers, Message, OwnedHeaders, Timestamp,
};
use writ_domain::Offset;
use writ_log::{Logged, Record};

/// What a topic must let through: the largest record, as Kafka writes it.
///
/// 4 MiB of value, 1 KiB of key, and headers that may be four times as long on the way as they
/// count for: 65,536 of one byte each have two lengths apiece, and a byte may need an escape.
pub(crate) const TOPIC_MESSAGE_BYTES: usize = 5 * 1024 * 1024;

/// What the producer lets through. librdkafka counts what Kafka puts around a record separately.
pub(crate) const PRODUCER_MESSAGE_BYTES: usize = TOPIC_MESSAGE_BYTES - 64 * 1024;

/// U+0010, "data link escape".
const ESCAPE: char = '\u{10}';
const ESCAPED_NUL: char = '0';

/// The name of a header that is not text, which no client but a broken one writes.
const UNREADABLE: &str = "\u{fffd}";

/// A record that came from Kafka and that no log of ours can hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the offset is {0}")]
    Offset(i64),
    #[error("the time is {0} ms")]
    Time(i64),
}

/// The headers for the producer; `None` where there are none.
pub(crate) fn headers(record: &Record) -> Option<OwnedHeaders> {
    if record.headers.is_empty() {
        return None;
    }
    let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
    for (name, value) in &record.headers {
        let name = escape(name);
        headers = headers.insert(Header {
            key: &name,
            value: Some(value),
        });
    }
    Some(headers)
}

/// A key, a value or a header's value that is absent is read as an empty one: ours never are.
pub(crate) fn logged(message: &BorrowedMessage<'_>) -> Result<Logged, Unreadable> {
    let offset = message.offset();
    let headers = message.headers().map_or_else(Vec::new, read_headers);
    Ok(Logged {
        offset: Offset(u64::try_from(offset).map_err(|_negative| Unreadable::Offset(offset))?),
        time: time(message.timestamp())?,
        record: Record {
            key: message.key().unwrap_or_default().to_vec(),
            value: message.payload().unwrap_or_default().to_vec(),
            headers,
        },
    })
}

/// The time that Kafka keeps, in milliseconds; the epoch where it keeps none.
pub(crate) fn time(timestamp: Timestamp) -> Result<DateTime<Utc>, Unreadable> {
    let millis = match timestamp {
        Timestamp::LogAppendTime(millis) | Timestamp::CreateTime(millis) => millis,
        Timestamp::NotAvailable => 0,
    };
    DateTime::from_timestamp_millis(millis).ok_or(Unreadable::Time(millis))
}

fn read_headers(headers: &BorrowedHeaders) -> Vec<(String, Vec<u8>)> {
    (0..headers.count())
        .map(|index| {
            // SUBTLE: rdkafka panics where a name is not UTF-8. Brokers do not check, so that any
            // client could otherwise end every projector for ever with a single record.
            let read = catch_unwind(AssertUnwindSafe(|| headers.try_get(index)));
            match read {
                Ok(Some(Header { key, value })) => {
                    (unescape(key), value.unwrap_or_default().to_vec())
                }
                Ok(None) | Err(_) => (UNREADABLE.to_owned(), Vec::new()),
            }
        })
        .collect()
}

/// librdkafka hands names out as C strings, which end at U+0000: it is written as an escape.
fn escape(name: &str) -> Cow<'_, str> {
    if !name.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(name);
    }
    let mut escaped = String::with_capacity(name.len() + 8);
    for character in name.chars() {
        match character {
            '\0' => escaped.extend([ESCAPE, ESCAPED_NUL]),
            ESCAPE => escaped.extend([ESCAPE, ESCAPE]),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// An escape that is none, which we never write, stays as it is.
fn unescape(name: &str) -> String {
    let mut read = String::with_capacity(name.len());
    let mut rest = name.chars();
    while let Some(character) = rest.next() {
        let mut ahead = rest.clone();
        match (character, ahead.next()) {
            (ESCAPE, Some(ESCAPED_NUL)) => {
                read.push('\0');
                rest = ahead;
            }
            (ESCAPE, Some(ESCAPE)) => {
                read.push(ESCAPE);
                rest = ahead;
            }
            (other, _) => read.push(other),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_log::{HEADERS_BYTES_MAX, KEY_BYTES_MAX, VALUE_BYTES_MAX};

    #[test]
    fn names_come_back_as_they_were() {
        for name in [
            "",
            "plain",
            "\0",
            "\u{10}",
            "\u{10}0",
            "a\0\u{10}\u{10}0\0",
            "Größe\0😀",
        ] {
            let escaped = escape(name);
            assert!(!escaped.contains('\0'), "{name:?}");
            assert_eq!(unescape(&escaped), name);
        }
        assert_eq!(escape("writ-command-id"), "writ-command-id");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for foreign in ["\u{10}", "\u{10}x", "a\u{10}"] {
            assert_eq!(unescape(foreign), foreign);
        }
    }

    #[test]
    fn the_largest_record_passes() {
        let headers = 4 * HEADERS_BYTES_MAX;
        let largest = VALUE_BYTES_MAX + KEY_BYTES_MAX + headers;
        assert!(largest + 1024 < PRODUCER_MESSAGE_BYTES);
    }

    #[test]
    fn a_time_beyond_all_calendars_is_said() {
        assert!(time(Timestamp::LogAppendTime(i64::MAX)).is_err());
        let noon = time(Timestamp::LogAppendTime(1_000_001)).unwrap();
        assert_eq!(noon.timestamp_micros(), 1_000_001_000);
    }
}
