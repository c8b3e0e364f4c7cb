//! Requests against networks that are made up: what is connected to, what is on the wire,
//! and what comes back.

mod framing;
mod lending;
mod lifetime;
mod limits;
mod reach;
mod secrets;
mod spelling;
mod tls;

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Empty};
use lucid_core::{Denial, Limits};
use lucid_policy::Secret;
use lucid_policy::http::HostRule;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::client::HttpClient;
use super::exchange;
use super::network::{Connection, Network};
use super::session::Session;
use crate::effects::EffectLog;
use crate::options::EngineOptions;

/// An address that anybody may be led to.
const PUBLIC: &str = "93.184.216.34";

/// What a server answers to the bytes it has got so far; nothing yet when it needs more.
type Answer = dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync;

/// A network without a wire. Every address has the same server behind it.
struct FakeNetwork {
    /// What each look-up gives in turn, the last again and again.
    names: Mutex<VecDeque<Vec<SocketAddr>>>,
    looked_up: Mutex<Vec<String>>,
    connected: Mutex<Vec<SocketAddr>>,
    /// Addresses where nobody answers.
    dead: Vec<IpAddr>,
    /// Everything that servers were sent, one text for each connection.
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    answer: Arc<Answer>,
    /// Whether a server leaves the connection open when it has answered.
    stays: bool,
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl FakeNetwork {
    /// A network where names lead to one public address, and the server there answers so.
    fn answering(answer: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self {
            names: Mutex::new(VecDeque::from([vec![socket(PUBLIC)]])),
            looked_up: Mutex::default(),
            connected: Mutex::default(),
            dead: Vec::new(),
            seen: Arc::default(),
            answer: Arc::new(answer),
            stays: false,
            tls: None,
        }
    }

    /// The same answer to every request without a body.
    fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::answering(move |seen| seen.ends_with(b"\r\n\r\n").then(|| answer.clone()))
    }

    fn leading_to(self, answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|all| all.iter().map(|address| socket(address)).collect());
        *self.names.lock().unwrap() = answers.collect();
        self
    }

    fn connections(&self) -> Vec<SocketAddr> {
        self.connected.lock().unwrap().clone()
    }

    /// What the server of a connection was sent, as text.
    fn seen(&self, connection: usize) -> String {
        String::from_utf8(self.seen.lock().unwrap()[connection].clone()).unwrap()
    }
}

/// The port is one that nobody asks for: it must not be used.
fn socket(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), 22)
}

#[async_trait]
impl Network for FakeNetwork {
    async fn resolve(&self, host: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        self.looked_up.lock().unwrap().push(host.to_owned());
        let mut names = self.names.lock().unwrap();
        let answer = if names.len() > 1 { names.pop_front() } else { names.front().cloned() };
        answer.ok_or_else(|| io::Error::other("no such name"))
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Box<dyn Connection>> {
        self.connected.lock().unwrap().push(address);
        if self.dead.contains(&address.ip()) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = tokio::io::duplex(16 << 10);
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(Vec::new());
            seen.len() - 1
        };
        let server = Server {
            seen: self.seen.clone(),
            number,
            answer: self.answer.clone(),
            stays: self.stays,
        };
        tokio::spawn(server.run(theirs, self.tls.clone()));
        Ok(Box::new(ours))
    }
}

/// The other end of one connection.
struct Server {
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    number: usize,
    answer: Arc<Answer>,
    stays: bool,
}

impl Server {
    async fn run(self, stream: DuplexStream, tls: Option<tokio_rustls::TlsAcceptor>) {
        match tls {
            None => self.serve(stream).await,
            Some(tls) => {
                if let Ok(stream) = tls.accept(stream).await {
                    self.serve(stream).await;
                }
            }
        }
    }

    async fn serve(self, mut stream: impl Connection) {
        let mut buffer = [0; 4 << 10];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let answer = {
                let mut all = self.seen.lock().unwrap();
                let seen = &mut all[self.number];
                seen.extend_from_slice(&buffer[..count]);
                (self.answer)(seen)
            };
            if let Some(answer) = answer {
                // Who was answered enough may hang up.
                let _ = stream.write_all(&answer).await;
                if !self.stays {
                    let _ = stream.shutdown().await;
                    return;
                }
            }
        }
    }
}

/// What one call could send with.
struct Caller {
    network: Arc<FakeNetwork>,
    session: Arc<Session>,
    effects: EffectLog,
}

impl Caller {
    fn new(network: FakeNetwork, granted: &[&str]) -> Self {
        Self::with(network, granted, &[], &Limits::STANDARD, &[])
    }

    fn with(
        network: FakeNetwork,
        granted: &[&str],
        secrets: &[Secret],
        limits: &Limits,
        roots: &[Vec<u8>],
    ) -> Self {
        let network = Arc::new(network);
        let mut options = EngineOptions::standard();
        options.network = network.clone();
        options.extra_roots = roots.to_vec();
        let client = Arc::new(HttpClient::new(&options).unwrap());
        let rules = granted.iter().map(|text| HostRule::parse(text).unwrap()).collect();
        let effects = EffectLog::default();
        let session = Session::new(rules, secrets.into(), limits, client, effects.clone());
        Self { network, session: Arc::new(session), effects }
    }

    /// Sends a request and reads its whole answer.
    async fn send(&self, request: Request<WasiBody>) -> Result<Answered, Error> {
        self.send_with(request, RequestOptions::default()).await
    }

    async fn send_with(
        &self,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Answered, Error> {
        let target = self.session.admit(&request)?;
        let sent = exchange::send(self.session.clone(), target, request, options).await?;
        let going_on = tokio::spawn(Box::into_pin(sent.1));
        let (head, mut body) = sent.0.into_parts();
        let mut answered =
            Answered { status: head.status, headers: head.headers, body: Vec::new(), error: None };
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => answered.body.extend(frame.into_data().unwrap()),
                Err(error) => answered.error = Some(error),
            }
        }
        going_on.abort();
        Ok(answered)
    }

    async fn get(&self, url: &str) -> Result<Answered, Error> {
        self.send(get(url)).await
    }

    fn denials(&self) -> Vec<Denial> {
        self.effects.take().denied
    }
}

/// An answer as the guest gets it.
#[derive(Debug)]
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    /// What ended the body before its end.
    error: Option<Error>,
}

impl Answered {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

fn get(url: &str) -> Request<WasiBody> {
    Request::get(url).body(empty()).unwrap()
}

fn empty() -> WasiBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that comes in these pieces and then ends.
fn pieces(pieces: &[&'static str]) -> WasiBody {
    Pieces(pieces.iter().map(|piece| Frame::data(Bytes::from(*piece))).collect()).boxed_unsync()
}

struct Pieces(VecDeque<Frame<Bytes>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
