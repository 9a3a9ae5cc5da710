//! From the connection to bytes.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError};
use tokio::time::{Instant, timeout_at};

use super::{BodyError, Limits, Received, media_type};

/// How often over the limit a refused body may be, to be read to its end all the same.
const DRAINED_TIMES_MAX: usize = 4;
/// How long a refused body is read for.
const DRAINED_FOR_MAX: Duration = Duration::from_secs(2);

/// Reads a request's whole body.
///
/// A body that is too large by its `Content-Length` is refused before any of it is kept.
pub async fn read(body: Body, headers: &HeaderMap, limits: &Limits) -> Result<Received, BodyError> {
    let limit = limits.max_bytes;
    media_type::check_encoding(headers)?;
    let mut arriving = Arriving {
        body,
        deadline: Instant::now() + limits.read_timeout,
        limits,
    };
    if let Some(length) = content_length(headers).filter(|length| *length > limit) {
        // A client that asks first has sent nothing yet, and needs no more than the refusal.
        if !headers.contains_key(EXPECT) {
            arriving.drain(length).await;
        }
        return Err(BodyError::TooLarge { limit });
    }
    let bytes = arriving.collect().await?;
    Ok(Received::new(bytes, headers, limits))
}

struct Arriving<'a> {
    body: Body,
    deadline: Instant,
    limits: &'a Limits,
}

impl Arriving<'_> {
    async fn collect(mut self) -> Result<Bytes, BodyError> {
        let limit = self.limits.max_bytes;
        // Most bodies are one chunk, which is then not copied.
        let Some(first) = self.chunk().await? else {
            return Ok(Bytes::new());
        };
        let mut all = BytesMut::new();
        let mut chunk = first;
        loop {
            if all.len() + chunk.len() > limit {
                self.drain(all.len() + chunk.len()).await;
                return Err(BodyError::TooLarge { limit });
            }
            match self.chunk().await? {
                None if all.is_empty() => return Ok(chunk),
                None => {
                    all.extend_from_slice(&chunk);
                    return Ok(all.freeze());
                }
                Some(next) => {
                    all.extend_from_slice(&chunk);
                    chunk = next;
                }
            }
        }
    }

    /// The next bytes; `None` at the end.
    async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let after = self.limits.read_timeout;
            let frame = timeout_at(self.deadline, self.body.frame())
                .await
                .map_err(|_elapsed| BodyError::TimedOut { after })?;
            let Some(frame) = frame else {
                return Ok(None);
            };
            let frame = frame.map_err(|source| self.failed(source))?;
            // Trailers say nothing here.
            if let Ok(bytes) = frame.into_data() {
                return Ok(Some(bytes));
            }
        }
    }

    fn failed(&self, source: axum::Error) -> BodyError {
        // A layer outside may have set a lower limit.
        if is_length_limit(&source) {
            return BodyError::TooLarge {
                limit: self.limits.max_bytes,
            };
        }
        BodyError::Disconnected { source }
    }

    /// Reads a refused body to its end, keeping nothing, unless that is long.
    ///
    /// A connection that is closed while its client still sends is reset, and the client then
    /// sees the reset instead of the refusal.
    async fn drain(&mut self, known: usize) {
        let most = self.limits.max_bytes.saturating_mul(DRAINED_TIMES_MAX);
        if known > most {
            return;
        }
        self.deadline = self.deadline.min(Instant::now() + DRAINED_FOR_MAX);
        let mut seen = 0;
        while seen <= most {
            match self.chunk().await {
                Ok(Some(bytes)) => seen += bytes.len(),
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// The length that the client states. Hyper refuses one that is not a number.
fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
