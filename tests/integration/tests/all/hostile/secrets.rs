//! Programs that look for secrets. That the canary is nowhere in the report, neither in what
//! was said nor logged nor denied, is asserted for every attack.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use lucid_engine::Call;
use lucid_policy::Secret;
use lucid_policy::http::Origin;
use lucid_tests::{CANARY, engine};

use super::server::{Server, answer, granted, granted_to, number};
use super::standard;

/// A call with a secret for an origin.
fn with_secret(origin: &str) -> Call {
    let origin = Origin::parse(origin).unwrap();
    let secret = Secret::new(origin, "authorization", &format!("Bearer {CANARY}")).unwrap();
    Call { secrets: [secret].into(), ..standard() }
}

/// How often a server was sent the secret on each connection.
fn sent(server: &Server) -> Vec<usize> {
    server.seen().iter().map(|seen| seen.matches(CANARY).count()).collect()
}

/// What a server that echoes says: everywhere, in one piece and in many.
fn echoing(request: &str, stream: &mut TcpStream) {
    let value = format!("Bearer {CANARY}");
    let length = value.len();
    let whole = match number(request) {
        0 => answer("200 OK", "", &format!("you sent {value}, I think")),
        1 => answer("200 OK", "", request),
        2 => answer("200 OK", &format!("x-echo: {value}\r\n"), ""),
        3 => answer("200 OK", &format!("x-echo: a\r\nx-echo: b{CANARY}c\r\n"), ""),
        4 => answer("200 OK", &format!("{CANARY}: a\r\n"), ""),
        5 => answer("200 OK", &format!("content-encoding: gzip\r\nx-echo: {CANARY}\r\n"), &value),
        6 => answer(&format!("401 {value}"), &format!("www-authenticate: {CANARY}\r\n"), &value),
        7 => answer("302 Found", &format!("location: /{CANARY}\r\n"), &value),
        8 => format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n\
             {length:x}\r\n{value}\r\n0\r\nx: {CANARY}\r\n\r\n"
        )
        .into_bytes(),
        9 => answer("200 OK", "", &CANARY.repeat(10_000)),
        // A byte at a time, each in a chunk and a packet of its own.
        _ => {
            stream.set_nodelay(true).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            for byte in value.bytes() {
                let _ = stream.write_all(&[b'1', b'\r', b'\n', byte, b'\r', b'\n']);
                std::thread::sleep(Duration::from_millis(1));
            }
            b"0\r\n\r\n".to_vec()
        }
    };
    let _ = stream.write_all(&whole);
}

const ECHOES: usize = 11;

/// The server is sent the secret once, the guest sees stars.
#[test]
pub(super) fn echo() {
    let server = Server::serving(echoing);
    let corpus = granted_to(&server, "hostile_secrets_echo");
    let attack =
        corpus.attack(&format!("{} {ECHOES}", server.origin()), with_secret(&server.origin()));
    let said = attack.harmless();
    // The one that is packed is an error.
    assert_eq!(said.matches(" got ").count() + 1, ECHOES, "{said}");
    assert!(!said.contains("authorization=") && said.contains("****"), "{said}");
    assert_eq!(sent(&server), [1; ECHOES]);
    // What is packed could not be masked, so it is not asked for.
    assert!(server.seen().iter().all(|seen| seen.contains("accept-encoding: identity")));
}

/// It is not in the guest's memory, wherever the host copies answers to.
#[test]
pub(super) fn scan() {
    let server = Server::serving(echoing);
    let corpus = granted_to(&server, "hostile_secrets_scan");
    // What it may see is found by looking, so what is not found is not there.
    for (looked_for, there) in [(CANARY, false), ("you sent ", true)] {
        let mixed: String = looked_for.bytes().map(|byte| format!("{:02x}", byte ^ 0x5a)).collect();
        let input = format!("{} {mixed}", server.origin());
        let said = corpus.attack(&input, with_secret(&server.origin())).harmless();
        assert_eq!(!said.ends_with(" 0 found"), there, "{said}");
    }
    assert_eq!(sent(&server), [1; 16]);
}

/// A secret stays with scheme, host and port: it goes nowhere that a redirect leads to, and
/// nowhere that is not secured where its origin is.
#[test]
pub(super) fn moved() {
    let other = Server::answering(|_| answer("200 OK", "", "other"));
    let next = format!("location: {}/\r\n", other.origin());
    let first = Server::answering(move |_| answer("302 Found", &next, ""));
    let hosts = [first.host(), other.host()];
    let corpus = granted(engine(), "hostile_secrets_moved", &[&hosts[0], &hosts[1]]);
    let attack = corpus.attack(&first.origin(), with_secret(&first.origin()));
    assert_eq!(attack.harmless(), "302 200");
    assert_eq!((sent(&first), sent(&other)), (vec![1], vec![0]));
    assert!(other.seen().iter().all(|seen| !seen.contains("authorization")));
    let attack = corpus.attack(&other.origin(), with_secret(&format!("https://{}", other.host())));
    assert_eq!(attack.harmless(), "200");
    assert_eq!(sent(&other), [0, 0]);
}

/// What a guest sets in its place is replaced, all of it.
#[test]
pub(super) fn mine() {
    let server = Server::answering(|_| answer("200 OK", "", "sent"));
    let corpus = granted_to(&server, "hostile_secrets_mine");
    let attack = corpus.attack(&server.origin(), with_secret(&server.origin()));
    assert_eq!(attack.harmless(), "sent sent sent sent");
    let expected = format!("authorization: Bearer {CANARY}");
    for seen in server.seen() {
        let fields = seen.lines().filter(|line| line.to_ascii_lowercase().starts_with("auth"));
        assert_eq!(fields.collect::<Vec<_>>(), [&expected]);
        assert!(!seen.contains("guess"), "{seen}");
    }
}

/// Answers that go wrong in the middle of the secret: no error repeats what came.
#[test]
pub(super) fn looks() {
    let kinds = [
        CANARY.to_owned(),
        format!("{CANARY} 200 OK\r\n\r\n"),
        format!("HTTP/1.1 {CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{CANARY}\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{CANARY}\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{CANARY}"),
        format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", CANARY.repeat(10_000)),
        format!("HTTP/1.1 101 {CANARY}\r\nupgrade: {CANARY}\r\n\r\n{CANARY}"),
        format!("HTTP/1.1 200 OK\r\nx: {CANARY}\0\r\n\r\n"),
    ];
    let count = kinds.len();
    let server = Server::answering(move |request| kinds[number(request)].clone().into_bytes());
    let corpus = granted_to(&server, "hostile_secrets_looks");
    let attack =
        corpus.attack(&format!("{} {count}", server.origin()), with_secret(&server.origin()));
    let said = attack.harmless();
    assert!(said.starts_with("[] []\n"), "{said}");
    assert_eq!(sent(&server), vec![1; count]);
    assert!(!attack.report.logs.is_empty() && !attack.report.stdout.is_empty());
    let shown = format!("{:?}", with_secret(&server.origin()).secrets);
    assert!(!shown.contains(CANARY), "{shown}");
}
