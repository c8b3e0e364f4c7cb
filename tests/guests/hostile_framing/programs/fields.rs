//! Sets header fields that are the host's, and ones that hold more than one field.

use hostile_http::{Fields, Request};

const NAMES: [&str; 34] = [
    "host",
    "Host",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "Transfer-Encoding",
    "transfer-encoding",
    "transfer_encoding",
    "content_length",
    "upgrade",
    "http2-settings",
    "proxy-authorization",
    "proxy-connection",
    "Proxy-Anything",
    "expect",
    "",
    " ",
    "x y",
    "x:",
    "x: y\r\nhost",
    "x\r\nhost",
    "x\nhost",
    "x\0",
    "\u{ff48}ost",
    "h\u{f6}st",
    ":authority",
    ":path",
    "host\t",
    "host ",
    "\"host\"",
    "(host)",
    "x/y",
    "x\u{7f}",
];

const VALUES: [&[u8]; 8] = [
    b"a\r\nhost: evil.example",
    b"a\nhost: evil.example",
    b"a\rhost: evil.example",
    b"a\r\n host: evil.example",
    b"a\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    b"a\0b",
    b"\x7f",
    b"\x01",
];

/// `input` is the URL.
fn fields(input: &str) -> String {
    let mut taken = Vec::new();
    for name in NAMES {
        let fields = Fields::new();
        let value = b"evil.example".to_vec();
        let ways = [
            fields.append(name, &value).is_ok(),
            fields.set(name, &[value.clone(), value.clone()]).is_ok(),
            Fields::from_list(&[(name.to_owned(), value)]).is_ok(),
        ];
        if ways.contains(&true) {
            taken.push(name.to_owned());
        }
    }
    for value in VALUES {
        let fields = Fields::new();
        let ways = [
            fields.append("x-value", value).is_ok(),
            fields.set("x-value", &[value.to_vec()]).is_ok(),
            Fields::from_list(&[("x-value".to_owned(), value.to_vec())]).is_ok(),
        ];
        if ways.contains(&true) {
            taken.push(String::from_utf8_lossy(value).into_owned());
        }
    }
    let request = Request::get(input).with("X-Good", "1").with("x-tab", "a\tb").with("x-good", "2");
    let sent = request.send().map_or_else(|error| error, |answer| answer.text());
    format!("{taken:?} {sent}")
}

hostile_kit::attack!(fields);
