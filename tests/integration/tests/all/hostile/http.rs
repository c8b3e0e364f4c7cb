//! Programs that send and read too much over HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use lucid_core::Limits;
use lucid_engine::{Call, ToolAnswer};
use lucid_tests::{Attack, within_ms};

use super::server::{Server, answer, granted_to, number};
use super::{STANDARD, standard};

const BYTES: u64 = 1 << 20;

/// A call that may send and receive so much.
fn small() -> Call {
    Call::bare(Limits { http_bytes: BYTES, ..STANDARD })
}

/// It was stopped at its limit of bytes, and used no more.
#[track_caller]
fn too_much(attack: &Attack<ToolAnswer>) {
    attack.exceeded("http bodies and headers");
    let bytes = attack.report.usage.http_bytes;
    // The byte that is too much has to come, to be seen.
    assert!((BYTES..=BYTES + 1).contains(&bytes), "{bytes} bytes");
}

/// Writes the same for as long as somebody reads.
fn without_end(stream: &mut TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}

#[test]
pub(super) fn many() {
    let server = Server::answering(|_| answer("200 OK", "", "again"));
    let corpus = granted_to(&server, "hostile_http_many");
    let attack = corpus.attack(&server.origin(), standard());
    attack.exceeded("http requests");
    assert_eq!(attack.report.usage.http_requests, STANDARD.http_requests);
    assert_eq!(server.connections() as u64, STANDARD.http_requests);
}

#[test]
pub(super) fn upload() {
    let server = Server::unreached();
    let corpus = granted_to(&server, "hostile_http_upload");
    let attack = corpus.attack(&server.origin(), small());
    attack.exceeded("http bodies and headers");
    assert!(attack.report.usage.http_bytes <= BYTES, "{:?}", attack.report.usage);
}

#[test]
pub(super) fn download() {
    let heads = [
        "",
        "content-length: 1099511627776\r\n",
        "content-length: 9223372036854775807\r\n",
        "transfer-encoding: chunked\r\n",
    ];
    let server = Server::serving(move |request, stream| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\n{}\r\n", heads[number(request)]);
        let mut chunk = b"1000\r\n".to_vec();
        chunk.resize(6 + 0x1000, b'x');
        chunk.extend(b"\r\n");
        without_end(stream, &chunk);
    });
    let corpus = granted_to(&server, "hostile_http_download");
    for number in 0..heads.len() {
        too_much(&corpus.attack(&format!("{}/{number}", server.origin()), small()));
    }
}

/// Whether nothing comes, or a part of an answer, or a byte now and then: the deadline holds.
#[test]
pub(super) fn silent() {
    let kinds = [
        ("", ""),
        ("HTTP/1.1 200 OK\r\nx-", ""),
        ("HTTP/1.1 200 OK\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1234", ""),
        ("HTTP/1.1 100 Continue\r\n\r\n", ""),
        ("HTTP/1.1 200 ", "x"),
        ("HTTP/1.1 200 OK\r\nx-", "x"),
        ("HTTP/1.1 200 OK\r\n\r\n", "x"),
    ];
    let server = Server::serving(move |request, stream| {
        let (begun, drip) = kinds[number(request)];
        let _ = stream.write_all(begun.as_bytes());
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        while stream.write_all(drip.as_bytes()).is_ok() {
            if matches!(stream.read(&mut [0; 64]), Ok(0)) {
                return;
            }
        }
    });
    let corpus = granted_to(&server, "hostile_http_silent");
    for number in 0..kinds.len() {
        let attack = corpus.attack(&format!("{}/{number}", server.origin()), within_ms(300));
        attack.timed_out();
    }
}

/// A head, a trailer, a chunk's head or a row of interim answers that never ends: an error
/// that the guest sees, or its limit of bytes.
#[test]
pub(super) fn endless() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let kinds = [
        ("HTTP/1.1 200 ".to_owned(), "x"),
        ("HTTP/1.1 200 OK\r\nx: ".to_owned(), "x"),
        ("HTTP/1.1 200 OK\r\n".to_owned(), "x: y\r\n"),
        (String::new(), "HTTP/1.1 100 Continue\r\n\r\n"),
        (String::new(), "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"),
        (String::new(), "\r\n"),
        (format!("{chunked}1;"), "x"),
        (format!("{chunked}0\r\n"), "x: y\r\n"),
        (chunked.to_owned(), "1\r\nx\r\n"),
        (format!("{chunked}0"), "0"),
    ];
    let count = kinds.len();
    let server = Server::serving(move |request, stream| {
        let (begun, more) = &kinds[number(request)];
        let _ = stream.write_all(begun.as_bytes());
        without_end(stream, more.repeat(1_000).as_bytes());
    });
    let corpus = granted_to(&server, "hostile_http_endless");
    for number in 0..count {
        let attack = corpus.attack(&format!("{}/{number}", server.origin()), small());
        let usage = attack.report.usage;
        assert!(usage.http_bytes <= BYTES + 1, "{number}: {usage:?}");
        // Its deadline would be another limit.
        if attack.report.result.is_err() {
            attack.exceeded("http bodies and headers");
        }
    }
}

/// What is packed stays packed: it costs what it is, and not what it would be.
#[test]
pub(super) fn gzip() {
    const UNPACKED: usize = 10 << 20;
    let bomb = packed_zeros(UNPACKED);
    let size = bomb.len();
    assert!(size < UNPACKED / 100, "{size} bytes are no bomb");
    let server = Server::answering(move |request| {
        let coding = ["gzip", "deflate", "br", "zstd", "gzip, gzip"][number(request)];
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {size}\r\n\r\n"
        );
        [head.as_bytes(), &bomb].concat()
    });
    let corpus = granted_to(&server, "hostile_http_gzip");
    for (number, coding) in ["gzip", "deflate", "br", "zstd", "gzip, gzip"].iter().enumerate() {
        let mut call = small();
        call.limits.memory_bytes = 4 << 20;
        let attack = corpus.attack(&format!("{}/{number}", server.origin()), call);
        assert_eq!(attack.harmless(), format!("Some({coding:?}) {size}"));
        assert!(attack.report.usage.http_bytes < 2 * size as u64);
    }
}

/// Zeros as gzip packs them, with a fixed code: one zero, and then again and again the 258
/// bytes that begin one byte before.
fn packed_zeros(count: usize) -> Vec<u8> {
    let mut bits = Vec::new();
    // The last block; of the fixed code; the literal 0.
    bits.extend([1, 1, 0]);
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    for _ in 0..(count - 1) / 258 {
        // The length 258, the distance 1.
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    }
    for _ in 0..(count - 1) % 258 {
        bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    }
    bits.extend([0; 7]);
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(bits.chunks(8).map(|byte| {
        byte.iter().enumerate().fold(0_u8, |value, (place, bit)| value | (bit << place))
    }));
    let crc = (0..count).fold(u32::MAX, |crc, _| {
        (0..8).fold(crc, |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    });
    packed.extend((!crc).to_le_bytes());
    packed.extend(u32::try_from(count).unwrap().to_le_bytes());
    packed
}

/// An answer that changes what the connection is for is none, and no request asks for it.
#[test]
pub(super) fn upgrade() {
    let server = Server::answering(|_| {
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\
          \x81\x05hello"
            .to_vec()
    });
    let corpus = granted_to(&server, "hostile_http_upgrade");
    let attack = corpus.attack(&server.origin(), standard());
    let forbidden = ["field: HeaderError::Forbidden"; 3].join(" ");
    let denied = ["HttpRequestDenied"; 4].join(" ");
    assert_eq!(attack.harmless(), format!("{forbidden} HttpUpgradeFailed {denied}"));
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].to_ascii_lowercase().contains("upgrade"), "{}", seen[0]);
    let denied = &attack.report.effects.denied;
    assert!(denied.iter().all(|denial| denial.rule == "method"), "{denied:?}");
}
