//! A peer that counts what it was asked to do.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a connection may be idle: far longer than anybody lets it be.
const IDLE: Duration = Duration::from_secs(20);

/// A server on this machine. It serves one connection after the other, in the order they were
/// made: what was sent by a process that was killed since has come before what the next asks.
pub(super) struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// How often each payment was made.
pub(super) type Payments = BTreeMap<u32, u32>;

#[derive(Default)]
struct Shared {
    accounts: Mutex<BTreeMap<String, Payments>>,
    trap: Mutex<Option<Trap>>,
    stopped: AtomicBool,
}

/// Says when a payment comes.
struct Trap {
    account: String,
    number: u32,
    /// Whether the payment gets its answer.
    answered: bool,
    sprung: Sender<()>,
}

impl Peer {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let serving = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stopped.load(Ordering::Acquire) {
                    return;
                }
                // Who is killed while it is served closes its connection.
                let _ = stream.and_then(|stream| serving.serve(stream));
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// Its host, as a grant names it.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// What an account has paid.
    pub(super) fn payments(&self, account: &str) -> Payments {
        self.shared.accounts.lock().unwrap().get(account).cloned().unwrap_or_default()
    }

    /// Waits for a payment; it gets its answer or not.
    pub(super) fn trap(&self, account: &str, number: u32, answered: bool) -> Receiver<()> {
        let (sprung, hears) = channel();
        let trap = Trap { account: account.to_owned(), number, answered, sprung };
        *self.shared.trap.lock().unwrap() = Some(trap);
        hears
    }

    /// Waits for no payment any more.
    pub(super) fn disarm(&self) {
        *self.shared.trap.lock().unwrap() = None;
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(IDLE))?;
        let Some((method, path)) = request(&mut stream)? else { return Ok(()) };
        let mut parts = path.trim_start_matches('/').split('/');
        let (account, what) = (parts.next().unwrap_or_default(), parts.next());
        let number = parts.next().and_then(|number| number.parse::<u32>().ok());
        match (method.as_str(), what, number) {
            ("GET", Some("list"), None) => self.list(account, &mut stream),
            ("POST", Some("pay"), Some(number)) => self.pay(account, number, &mut stream),
            _ => answer(&mut stream, "404 Not Found", ""),
        }
    }

    fn list(&self, account: &str, stream: &mut TcpStream) -> std::io::Result<()> {
        let accounts = self.accounts.lock().unwrap().get(account).cloned().unwrap_or_default();
        let lines: String = accounts.keys().map(|number| format!("{number}\n")).collect();
        answer(stream, "200 OK", &lines)
    }

    fn pay(&self, account: &str, number: u32, stream: &mut TcpStream) -> std::io::Result<()> {
        let mut accounts = self.accounts.lock().unwrap();
        *accounts.entry(account.to_owned()).or_default().entry(number).or_default() += 1;
        drop(accounts);
        let fits = |trap: &mut Trap| trap.account == account && trap.number == number;
        let trap = self.trap.lock().unwrap().take_if(fits);
        let Some(trap) = trap else { return answer(stream, "200 OK", "paid") };
        if trap.answered {
            answer(stream, "200 OK", "paid")?;
            let _ = trap.sprung.send(());
            return Ok(());
        }
        let _ = trap.sprung.send(());
        until_closed(stream)
    }
}

/// The method and path of a request; none where the other side went away before its end.
fn request(stream: &mut TcpStream) -> std::io::Result<Option<(String, String)>> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split(' ').map(str::to_owned);
    Ok(words.next().zip(words.next()))
}

fn answer(stream: &mut TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    until_closed(stream)
}

/// Waits until the other side has closed too, or was killed.
fn until_closed(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut rest = [0; 1_024];
    while stream.read(&mut rest)? > 0 {}
    Ok(())
}
