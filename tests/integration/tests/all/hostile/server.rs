//! A server on this machine, and a network that leads to it, for programs that send.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use lucid_engine::{Connection, Engine, EngineOptions, Network};
use lucid_tests::{Corpus, component, engine, runtime, with_manifest};

/// Bytes of a connection that are kept to be looked at.
const KEPT_BYTES: usize = 256 << 10;

/// How long a connection may be idle: far longer than any program waits.
const IDLE: Duration = Duration::from_secs(20);

/// A server that keeps what it was sent.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Gives each request an answer, and closes the connection.
    pub(super) fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::serving(move |request, stream| {
            let _ = stream.write_all(&answer(request));
        })
    }

    /// Lets a function serve each connection: it is given the head of the request.
    pub(super) fn serving(serve: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::start(move |stream, number, all| connection(stream, number, all, &serve))
    }

    fn start(
        serve: impl Fn(TcpStream, usize, &Mutex<Vec<Vec<u8>>>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, stopped) = (Arc::<Mutex<Vec<Vec<u8>>>>::default(), Arc::<AtomicBool>::default());
        let (all, stop) = (seen.clone(), stopped.clone());
        let serve = Arc::new(serve);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Acquire) {
                    return;
                }
                let (serve, all) = (serve.clone(), all.clone());
                let number = {
                    let mut all = all.lock().unwrap();
                    all.push(Vec::new());
                    all.len() - 1
                };
                // It ends when the other side has closed.
                std::thread::spawn(move || serve(stream.unwrap(), number, &all));
            }
        });
        Self { address, seen, stopped, thread: Some(thread) }
    }

    /// One that must not hear anything.
    pub(super) fn unreached() -> Self {
        Self::answering(|_| answer("200 OK", "", "you should not be here"))
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its host, as a grant names it.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Its origin.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came in on each connection.
    pub(super) fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Serves the first request of a connection, and keeps whatever else comes on it.
fn connection(
    mut stream: TcpStream,
    number: usize,
    all: &Mutex<Vec<Vec<u8>>>,
    serve: impl Fn(&str, &mut TcpStream),
) {
    stream.set_read_timeout(Some(IDLE)).unwrap();
    let mut head = None;
    let mut buffer = [0; 16 << 10];
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        let complete = {
            let mut all = all.lock().unwrap();
            let seen = &mut all[number];
            let room = KEPT_BYTES.saturating_sub(seen.len()).min(count);
            seen.extend(&buffer[..room]);
            if head.is_some() { None } else { request(seen) }
        };
        if let Some(complete) = complete {
            serve(&complete, &mut stream);
            let _ = stream.shutdown(Shutdown::Write);
            head = Some(complete);
        }
    }
}

/// The head of a request that has come with all of its body.
fn request(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let field = |name: &str| {
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let whole = match (field("content-length"), field("transfer-encoding")) {
        (Some(length), _) => body.len() >= length.parse().unwrap_or(0),
        (None, Some(_)) => chunks_end(body),
        (None, None) => true,
    };
    whole.then(|| head.to_owned())
}

/// Whether the last of the chunks has come.
fn chunks_end(mut body: &str) -> bool {
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(usize::MAX - 2);
        match rest.get(size + 2..) {
            Some(_) if size == 0 => return true,
            Some(next) => body = next,
            None => return false,
        }
    }
    false
}

/// An answer with a body of known length; `fields` end in line breaks.
pub(super) fn answer(status: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// The number at the end of a request's path.
pub(super) fn number(request: &str) -> usize {
    let path = request.split(' ').nth(1).unwrap_or_default();
    path.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The program, with a manifest that asks for these hosts, which are granted.
pub(super) fn granted(engine: &Engine, program: &str, hosts: &[&str]) -> Corpus {
    let manifest = format!(
        "name = \"sender\"\nversion = \"0.1.0\"\nkind = \"tool\"\ndescription = \"d\"\n\
         [capabilities]\nhttp = {hosts:?}\n"
    );
    Corpus::on(engine, &with_manifest(&component(program), &manifest))
}

/// The program, granted one server.
pub(super) fn granted_to(server: &Server, program: &str) -> Corpus {
    granted(engine(), program, &[&server.host()])
}

/// A network in which names lead where the test says, and every address leads to one server.
pub(super) struct Led {
    server: SocketAddr,
    /// What the next names lead to; then the last of it for ever.
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    resolved: Mutex<Vec<String>>,
    connected: Mutex<Vec<SocketAddr>>,
}

impl Led {
    pub(super) fn to(server: &Server, answers: &[&[&str]]) -> Arc<Self> {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            server: server.address,
            answers: Mutex::new(answers.iter().map(|texts| addresses(texts)).collect()),
            resolved: Mutex::default(),
            connected: Mutex::default(),
        })
    }

    /// An engine that sends through it.
    pub(super) fn engine(self: &Arc<Self>) -> Engine {
        engine_on(self.clone())
    }

    /// The names that were looked up.
    pub(super) fn resolved(&self) -> Vec<String> {
        self.resolved.lock().unwrap().clone()
    }

    /// The addresses that were connected to.
    pub(super) fn connected(&self) -> Vec<SocketAddr> {
        self.connected.lock().unwrap().clone()
    }
}

/// An engine that sends through a network.
pub(super) fn engine_on(network: Arc<dyn Network>) -> Engine {
    let _inside = runtime().enter();
    Engine::new(EngineOptions { network, ..EngineOptions::standard() }).unwrap()
}

/// What an asynchronous function of a trait gives.
pub(super) type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Network for Led {
    // As `async_trait` writes it.
    fn resolve<'life0, 'life1, 'async_trait>(
        &'life0 self,
        host: &'life1 str,
        port: u16,
    ) -> Waiting<'async_trait, io::Result<Vec<SocketAddr>>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        self.resolved.lock().unwrap().push(host.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let addresses = next.unwrap_or_default().into_iter();
        let addresses = addresses.map(|address| SocketAddr::new(address, port)).collect();
        Box::pin(async move { Ok(addresses) })
    }

    fn connect<'life0, 'async_trait>(
        &'life0 self,
        address: SocketAddr,
    ) -> Waiting<'async_trait, io::Result<Box<dyn Connection>>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        self.connected.lock().unwrap().push(address);
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect(self.server).await?;
            Ok(Box::new(stream) as Box<dyn Connection>)
        })
    }
}
