//! A server that answers with what a script says, over HTTP/1.1 and byte for byte.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As HTTP says it should.
    Whole,
    /// The connection breaks.
    Cut,
    /// Nothing more comes, and the connection stays.
    Stall,
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Each with the milliseconds before it.
    pub(crate) chunks: Vec<(u64, Vec<u8>)>,
    pub(crate) end: End,
}

impl Reply {
    /// A whole answer in one chunk.
    pub(crate) fn new(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            chunks: vec![(0, body.as_bytes().to_vec())],
            end: End::Whole,
        }
    }
}

/// One exchange of a cassette: what has to be asked, and what is answered.
///
/// Read here without the crate's own types, so that the form of the files is held by a second
/// reader.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) reply: Reply,
}

/// The exchanges of a cassette.
pub(crate) fn exchanges(cassette: &str) -> Vec<Exchange> {
    let mut lines = cassette.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(lines.next().unwrap()["cassette"], 1);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines
        .map(|line| {
            let (request, response) = (&line["request"], &line["response"]);
            let url = request["url"].as_str().unwrap();
            let authority = url.split_once("://").unwrap().1;
            let chunk = |chunk: &Value| {
                let bytes = match chunk["base64"].as_str() {
                    Some(base64) => BASE64.decode(base64).unwrap(),
                    None => text(&chunk["text"]).into_bytes(),
                };
                (chunk["ms"].as_u64().unwrap(), bytes)
            };
            let header = |pair: &Value| (text(&pair[0]), text(&pair[1]));
            let reply = Reply {
                status: response["status"].as_u64().unwrap().try_into().unwrap(),
                headers: response["headers"].as_array().unwrap().iter().map(header).collect(),
                chunks: response["chunks"].as_array().unwrap().iter().map(chunk).collect(),
                end: if response["cut"] == true { End::Cut } else { End::Whole },
            };
            let path = authority[authority.find('/').unwrap()..].to_owned();
            Exchange { path, body: request["body"].clone(), reply }
        })
        .collect()
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The request line, such as `POST /v1/messages HTTP/1.1`.
    pub(crate) line: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The server; it stops when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers the first request with the first reply, and so on.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let replies = Arc::new(Mutex::new(VecDeque::from(replies)));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let all_seen = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (replies, seen) = (Arc::clone(&replies), Arc::clone(&all_seen));
                connections.spawn(async move {
                    // A client may leave whenever it wants.
                    let _ = serve(stream, &replies, &seen).await;
                });
            }
        });
        Self { url, seen, task }
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    replies: &Mutex<VecDeque<Reply>>,
    seen: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(request) = read(&mut stream).await? else {
        return Ok(());
    };
    let reply = {
        seen.lock().unwrap().push(request);
        replies.lock().unwrap().pop_front()
    };
    let reply = reply.unwrap_or_else(|| Reply::new(500, "text/plain", "the script has ended"));
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    for (ms, chunk) in &reply.chunks {
        if *ms > 0 {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
        if !chunk.is_empty() {
            let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
            stream.write_all(&framed).await?;
        }
    }
    match reply.end {
        End::Whole => stream.write_all(b"0\r\n\r\n").await,
        End::Cut => Ok(()),
        End::Stall => stream.read(&mut [0]).await.map(|_| ()),
    }
}

/// Reads one request; `None` when none comes.
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
    let line = lines.next().unwrap().to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
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
    Ok(Some(Seen { line, headers, body: String::from_utf8(body).unwrap() }))
}
