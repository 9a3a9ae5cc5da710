//! One kept HTTP/1.1 connection: as little as will do, since its CPU is taken from the server's.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A connection of one caller.
#[derive(Debug)]
pub(crate) struct Wire {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    token: HeaderValue,
}

/// Where a server is, and who asks it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `host:port`.
    pub(crate) address: String,
    pub(crate) token: String,
}

/// A request, without what all requests of a caller share.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: Uri,
    pub(crate) body: Bytes,
    pub(crate) request_id: Option<HeaderValue>,
}

impl Ask {
    pub(crate) fn new(method: Method, path: &str, body: impl Into<Bytes>) -> Self {
        Self {
            method,
            path: path.parse().expect("a path is a URI"),
            body: body.into(),
            request_id: None,
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path, Bytes::new())
    }

    pub(crate) fn post(path: &str, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, path, body)
    }

    /// Under an id, by which its entry can be found.
    pub(crate) fn identified(self, id: &str) -> Self {
        let request_id = HeaderValue::from_str(id).expect("an id is a header value");
        Self {
            request_id: Some(request_id),
            ..self
        }
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answer {
    /// What is wrong with it, if it has not this status.
    pub(crate) fn expect(&self, status: u16) -> Result<&Self, String> {
        if self.status == status {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body);
        Err(format!("{} instead of {status}: {body}", self.status))
    }

    pub(crate) fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("not JSON: {error}"))
    }
}

impl Wire {
    pub(crate) async fn open(target: &Target) -> Self {
        let address = &target.address;
        let stream = TcpStream::connect(address)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
        stream.set_nodelay(true).expect("a TCP connection");
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
        // Ends with the sender; what goes wrong is told to whoever sends.
        tokio::spawn(connection);
        Self {
            sender,
            host: HeaderValue::from_str(address).expect("an address is a header value"),
            token: HeaderValue::from_str(&format!("Bearer {}", target.token))
                .expect("a token is a header value"),
        }
    }

    /// Several, of the same caller.
    pub(crate) async fn open_many(target: &Target, count: usize) -> Vec<Self> {
        let mut wires = Vec::with_capacity(count);
        for _ in 0..count {
            wires.push(Self::open(target).await);
        }
        wires
    }

    /// Asks, and reads the answer.
    pub(crate) async fn call(&mut self, ask: &Ask) -> Result<Answer, String> {
        let (head, body) = self.begin(ask).await?.into_parts();
        let body = body.collect().await.map_err(|error| told(&error))?;
        Ok(Answer {
            status: head.status.as_u16(),
            body: body.to_bytes(),
        })
    }

    /// Asks; the answer is read by the caller as it comes.
    pub(crate) async fn begin(&mut self, ask: &Ask) -> Result<Response<Incoming>, String> {
        self.sender.ready().await.map_err(|error| told(&error))?;
        let mut request = Request::new(Full::new(ask.body.clone()));
        *request.method_mut() = ask.method.clone();
        *request.uri_mut() = ask.path.clone();
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(AUTHORIZATION, self.token.clone());
        if !ask.body.is_empty() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Some(id) = &ask.request_id {
            headers.insert(REQUEST_ID, id.clone());
        }
        self.sender
            .send_request(request)
            .await
            .map_err(|error| told(&error))
    }
}

fn told(error: &hyper::Error) -> String {
    format!("no answer: {error:?}")
}
