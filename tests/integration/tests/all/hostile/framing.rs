//! Programs that make two messages of one, or read two as one.

use std::io::Write as _;

use lucid_core::Limits;
use lucid_engine::Call;

use super::server::{Server, answer, granted_to, number};
use super::{STANDARD, standard};

/// What came in on one connection, as the strictest of readers takes it.
struct Message {
    line: String,
    /// The header fields, sorted.
    fields: Vec<String>,
    body: String,
    /// What follows the message, which nobody sent.
    rest: String,
}

/// Reads one message from the bytes of a connection.
#[track_caller]
fn message(seen: &str) -> Message {
    let (head, body) = seen.split_once("\r\n\r\n").expect(seen);
    let mut lines = head.split("\r\n").map(str::to_owned);
    let line = lines.next().unwrap();
    let mut fields: Vec<String> = lines.collect();
    fields.sort();
    let printable = |line: &str| !line.contains(char::is_control);
    assert!(printable(&line) && fields.iter().all(|field| printable(field)), "{head:?}");
    let lengths: Vec<&str> =
        fields.iter().filter_map(|field| field.strip_prefix("content-length: ")).collect();
    let chunked = fields.iter().filter(|field| *field == "transfer-encoding: chunked").count();
    assert!(lengths.len() + chunked <= 1, "{head}");
    let (body, rest) = match lengths.first() {
        _ if chunked == 1 => unchunked(body),
        Some(length) => {
            let (body, rest) = body.split_at(body.len().min(length.parse().unwrap()));
            (body.to_owned(), rest.to_owned())
        }
        None => (String::new(), body.to_owned()),
    };
    Message { line, fields, body, rest }
}

/// The chunks of a body put together, and what follows them.
fn unchunked(mut text: &str) -> (String, String) {
    let mut body = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        // Without trailers, the end is an empty line.
        let Some(after) = rest.get(size..).and_then(|rest| rest.strip_prefix("\r\n")) else {
            break;
        };
        body.push_str(&rest[..size]);
        text = after;
        if size == 0 {
            break;
        }
    }
    (body, text.to_owned())
}

fn many() -> Call {
    Call::bare(Limits { http_requests: 100, ..STANDARD })
}

/// The head is the host's, byte for byte, with what the guest may add.
#[test]
pub(super) fn fields() {
    let server = Server::answering(|_| answer("200 OK", "", "sent"));
    let corpus = granted_to(&server, "hostile_framing_fields");
    let attack = corpus.attack(&format!("{}/path?query", server.origin()), standard());
    assert_eq!(attack.harmless(), "[] sent");
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    let sent = message(&seen[0].replace("a\tb", "a b"));
    assert_eq!(sent.line, "GET /path?query HTTP/1.1");
    let host = format!("host: {}", server.host());
    let expected = ["connection: close", &host, "x-good: 1", "x-good: 2", "x-tab: a b"];
    assert_eq!(sent.fields, expected);
    assert_eq!((sent.body.as_str(), sent.rest.as_str()), ("", ""));
}

/// Whatever a guest says about its body, no byte of it becomes a request of its own.
#[test]
pub(super) fn lengths() {
    let server = Server::answering(|_| answer("200 OK", "", "sent"));
    let corpus = granted_to(&server, "hostile_framing_lengths");
    let attack = corpus.attack(&server.origin(), many());
    let said = attack.harmless();
    // Those that said nothing of their length, at least.
    assert!(said.lines().filter(|told| *told == "sent").count() >= 3, "{said}");
    let mut whole = 0;
    for seen in server.seen() {
        let Some((head, _)) = seen.split_once("\r\n\r\n") else { continue };
        assert!(!head.contains("smuggled"), "{head}");
        let sent = message(&seen);
        assert_eq!(sent.rest, "", "{seen}");
        let inner = "GET /smuggled HTTP/1.1\r\nhost: evil.example\r\n\r\n";
        whole += usize::from(sent.body == format!("12345{inner}"));
        whole += usize::from(sent.body == format!("0\r\n\r\n{inner}"));
    }
    // Two in chunks; and one under a length of its own, of which the host lets go as soon as
    // it knows that it is wrong: that may be before anything of it was sent.
    assert!((2..=3).contains(&whole), "{whole}: {:?}", server.seen());
}

/// A body ends with its body: what a guest puts behind it is left out.
#[test]
pub(super) fn trailers() {
    let server = Server::answering(|_| answer("200 OK", "", "sent"));
    let corpus = granted_to(&server, "hostile_framing_trailers");
    let attack = corpus.attack(&server.origin(), many());
    attack.harmless();
    for seen in server.seen() {
        let sent = message(&seen);
        assert_eq!((sent.body.as_str(), sent.rest.as_str()), ("body", ""), "{seen}");
        for field in ["x-trailer", "evil", "authorization", "smuggled", "trailer"] {
            assert!(!seen.contains(field), "{seen}");
        }
    }
    assert!(server.connections() >= 1);
}

#[test]
pub(super) fn lines() {
    let server = Server::answering(|_| answer("200 OK", "", "sent"));
    let corpus = granted_to(&server, "hostile_framing_lines");
    let attack = corpus.attack(&server.origin(), many());
    let said = attack.harmless();
    let plain = [
        ("/../../etc/passwd", "GET /../../etc/passwd HTTP/1.1"),
        ("/%0d%0ax:%20y", "GET /%0d%0ax:%20y HTTP/1.1"),
        ("?x=1", "GET /?x=1 HTTP/1.1"),
        ("/a?b=http://evil.example/", "GET /a?b=http://evil.example/ HTTP/1.1"),
        // A fragment is nobody's but the guest's, and not sent.
        ("/#fragment", "GET / HTTP/1.1"),
        ("/a?b#c", "GET /a?b HTTP/1.1"),
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), plain.map(|(path, _)| path));
    let sent: Vec<String> = server.seen().iter().map(|seen| message(seen).line).collect();
    assert_eq!(sent, plain.map(|(_, line)| line));
    let denied = &attack.report.effects.denied;
    for rule in ["method", "path_form", "url_length"] {
        assert!(denied.iter().any(|denial| denial.rule == rule), "no {rule} among {denied:?}");
    }
}

/// Of two answers in a row the second is nobody's, and one that could be read as two is none.
#[test]
pub(super) fn answers() {
    const SECOND: &str = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecond";
    let head = "HTTP/1.1 200 OK\r\n";
    let mut all: Vec<String> = [
        // Where it ends is said twice, or in a way that not all understand.
        "content-length: 5\r\ncontent-length: 6\r\n\r\nfirst",
        "content-length: 5, 6\r\n\r\nfirst",
        "content-length: +5\r\n\r\nfirst",
        "content-length: -5\r\n\r\nfirst",
        "content-length: 0x5\r\n\r\nfirst",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n5\r\nfirst\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5x\r\nfirst\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n-5\r\nfirst\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nffffffffffffffff5\r\nfirst\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5\r\nfirstxx0\r\n\r\n",
        // A head that is none.
        "x: a\r\n folded\r\ncontent-length: 5\r\n\r\nfirst",
        "x: a\0b\r\ncontent-length: 5\r\n\r\nfirst",
        "x\r\ncontent-length: 5\r\n\r\nfirst",
        ": x\r\ncontent-length: 5\r\n\r\nfirst",
    ]
    .map(|rest| format!("{head}{rest}{SECOND}"))
    .into();
    all.extend([
        format!("first{SECOND}"),
        format!("HTTP/1.1 99 X\r\n\r\n{SECOND}"),
        format!("HTTP/1.1 2000 X\r\n\r\n{SECOND}"),
        format!("HTTP/2.0 200 X\r\n\r\n{SECOND}"),
        format!("HTTP/1.1 204 X\r\ncontent-length: 5\r\n\r\n{SECOND}"),
        format!("HTTP/1.1 304 X\r\ncontent-length: 5\r\n\r\n{SECOND}"),
        // As it should be, but for what follows.
        format!("{head}content-length: 5\r\n\r\nfirst{SECOND}"),
        format!("{head}transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n{SECOND}"),
    ]);
    let count = all.len();
    let server = Server::serving(move |request, stream| {
        let _ = stream.write_all(all[number(request)].as_bytes());
    });
    let corpus = granted_to(&server, "hostile_framing_answers");
    let attack = corpus.attack(&format!("{} {count}", server.origin()), many());
    let said = attack.harmless();
    assert_eq!(said.lines().count(), count, "{said}");
    for (number, told) in said.lines().enumerate() {
        assert!(!told.contains("second"), "{number}: {told}");
        assert!(!told.contains("transfer-encoding"), "{number}: {told}");
    }
    assert!(said.lines().rev().take(2).all(|told| told.ends_with(" first")), "{said}");
}
