//! A server that stands for a provider: it answers with what a script says, byte for byte,
//! and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

/// Sizes of the chunks that an answer comes in: inside of events, words and letters.
const CHUNK_BYTES: [usize; 7] = [1, 97, 3, 250, 2, 31, 1_000];

/// How long is waited for what has to happen at once, so that a test fails and does not hang.
const PATIENCE: Duration = Duration::from_secs(50);

/// A piece of an answer.
enum Part {
    Bytes(Vec<u8>),
    /// Tells the test that all before it was sent.
    Reached(Arc<Notify>),
    /// Waits for the test.
    Wait(Arc<Notify>),
}

/// How an answer ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// As HTTP says it should.
    Whole,
    /// The connection breaks.
    Cut,
    /// Nothing more comes, until the client leaves.
    Stall,
}

/// One answer.
pub(super) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    parts: Vec<Part>,
    end: End,
}

impl Reply {
    /// An error with a JSON body.
    pub(super) fn error(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        let parts = vec![Part::Bytes(body.to_string().into_bytes())];
        Self { status, headers, parts, end: End::Whole }
    }

    /// A stream of events, in odd chunks.
    pub(super) fn stream(body: &str) -> Self {
        let headers = vec![("content-type", "text/event-stream; charset=utf-8".to_owned())];
        Self { status: 200, headers, parts: chunks(body.as_bytes()), end: End::Whole }
    }

    /// The same up to a byte, where the connection breaks.
    pub(super) fn cut(body: &str, at: usize) -> Self {
        let parts = chunks(&body.as_bytes()[..at]);
        Self { parts, end: End::Cut, ..Self::stream("") }
    }

    /// The same up to a byte, and then nothing more; tells when it has come so far.
    pub(super) fn stalled(body: &str, at: usize, reached: &Arc<Notify>) -> Self {
        let mut parts = chunks(&body.as_bytes()[..at]);
        parts.push(Part::Reached(reached.clone()));
        Self { parts, end: End::Stall, ..Self::stream("") }
    }

    /// The whole, but from a byte on only once the test says so.
    pub(super) fn held(body: &str, at: usize, reached: &Arc<Notify>, go: &Arc<Notify>) -> Self {
        let mut parts = chunks(&body.as_bytes()[..at]);
        parts.extend([Part::Reached(reached.clone()), Part::Wait(go.clone())]);
        parts.extend(chunks(&body.as_bytes()[at..]));
        Self { parts, ..Self::stream("") }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

fn chunks(mut bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    for size in CHUNK_BYTES.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (chunk, rest) = bytes.split_at((*size).min(bytes.len()));
        parts.push(Part::Bytes(chunk.to_vec()));
        bytes = rest;
    }
    parts
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The request line, such as `POST /v1/messages HTTP/1.1`.
    pub(super) line: String,
    /// Names in small letters.
    headers: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    seen: Mutex<Vec<Seen>>,
    left: Notify,
}

/// The server; it stops when this is dropped.
pub(super) struct Server {
    pub(super) url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers the first request with the first reply, and so on.
    pub(super) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { replies: Mutex::new(replies.into()), ..Shared::default() });
        let serving = shared.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = serving.clone();
                connections.spawn(async move {
                    // A client may leave whenever it wants.
                    let _ = serve(stream, &shared).await;
                });
            }
        });
        Self { url, shared, task }
    }

    /// Goes on with the script.
    pub(super) fn script(&self, replies: Vec<Reply>) {
        self.shared.replies.lock().unwrap().extend(replies);
    }

    /// The requests so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Waits until a client has left an answer that stalled.
    pub(super) async fn left(&self) {
        soon(&self.shared.left).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits for what has to happen at once.
pub(super) async fn soon(what: &Notify) {
    tokio::time::timeout(PATIENCE, what.notified()).await.expect("it happens at once");
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(request) = read(&mut stream).await? else { return Ok(()) };
    shared.seen.lock().unwrap().push(request);
    let reply = shared.replies.lock().unwrap().pop_front();
    // Nobody asks again after this one.
    let ended = json!({"error": {"type": "invalid_request_error", "message": "the script ends"}});
    let reply = reply.unwrap_or_else(|| Reply::error(400, &ended));
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    for part in reply.parts {
        match part {
            Part::Bytes(bytes) => {
                let size = format!("{:x}\r\n", bytes.len());
                stream.write_all(&[size.as_bytes(), &bytes, b"\r\n"].concat()).await?;
            }
            Part::Reached(reached) => reached.notify_one(),
            Part::Wait(go) => go.notified().await,
        }
    }
    match reply.end {
        End::Whole => stream.write_all(b"0\r\n\r\n").await,
        End::Cut => Ok(()),
        End::Stall => {
            // Nothing comes from a client that waits: this ends when it has left.
            let _ = stream.read(&mut [0]).await;
            shared.left.notify_one();
            Ok(())
        }
    }
}

/// Reads one request; none when none comes.
async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Seen>> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Seen { line, headers, body: serde_json::from_slice(&body)? }))
}
