//! Bytes over TCP, for what no HTTP client would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What came back on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub bytes: Vec<u8>,
    /// The other side ended the connection, by whatever means.
    pub closed: bool,
}

impl Answer {
    /// The status of the first response, if the bytes begin with one.
    pub fn status(&self) -> Option<u16> {
        let line = self.bytes.split(|byte| *byte == b'\r').next()?;
        let line = std::str::from_utf8(line).ok()?;
        line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
    }

    /// The body of the first response, as text.
    pub fn body(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default()
    }

    fn is_whole_response(&self) -> bool {
        let text = String::from_utf8_lossy(&self.bytes).to_ascii_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|value| value.trim().parse::<usize>().ok());
        length.is_some_and(|length| self.body().len() >= length)
    }
}

/// A connection on which nothing has been read yet.
#[derive(Debug)]
pub struct Connection {
    reading: OwnedReadHalf,
    writing: OwnedWriteHalf,
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
        stream.set_nodelay(true).expect("a TCP option");
        let (reading, writing) = stream.into_split();
        Self { reading, writing }
    }

    /// Sends bytes; the other side is expected to take them.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.writing
            .write_all(bytes)
            .await
            .expect("the other side listens");
    }

    /// Sends `head`, then `piece` up to `times`, while listening; stops when an answer comes.
    pub async fn pour(
        self,
        head: Vec<u8>,
        piece: Vec<u8>,
        times: usize,
        limit: Duration,
    ) -> Answer {
        let Self {
            mut reading,
            mut writing,
        } = self;
        let pouring: JoinHandle<OwnedWriteHalf> = tokio::spawn(async move {
            // An error here is the other side's right: it need not read what it refuses.
            if writing.write_all(&head).await.is_ok() {
                for _ in 0..times {
                    if writing.write_all(&piece).await.is_err() {
                        break;
                    }
                }
            }
            writing
        });
        let answer = read_answer(&mut reading, limit).await;
        pouring.abort();
        answer
    }

    /// Reads one response, or until the other side closes.
    pub async fn answer(&mut self, limit: Duration) -> Answer {
        read_answer(&mut self.reading, limit).await
    }

    /// Reads until the other side closes.
    pub async fn end(&mut self, limit: Duration) -> Answer {
        let mut bytes = Vec::new();
        let closed = match timeout(limit, self.reading.read_to_end(&mut bytes)).await {
            // A reset is an end as well.
            Ok(Ok(_) | Err(_)) => true,
            Err(_) => false,
        };
        Answer { bytes, closed }
    }
}

/// Sends bytes on a connection of their own and reads the answer.
pub async fn exchange(address: &str, bytes: &[u8], limit: Duration) -> Answer {
    Connection::open(address)
        .await
        .pour(bytes.to_vec(), Vec::new(), 0, limit)
        .await
}

async fn read_answer(reading: &mut OwnedReadHalf, limit: Duration) -> Answer {
    let mut answer = Answer {
        bytes: Vec::new(),
        closed: false,
    };
    let read = async {
        while !answer.is_whole_response() {
            match reading.read_buf(&mut answer.bytes).await {
                Ok(length) if length > 0 => {}
                Ok(_) | Err(_) => {
                    answer.closed = true;
                    break;
                }
            }
        }
    };
    // Past the limit, what has come so far is the answer.
    match timeout(limit, read).await {
        Ok(()) | Err(_) => answer,
    }
}
