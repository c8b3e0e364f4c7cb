//! Writes more into the first line of a request than a method and a path.

use hostile_http::{Method, Request};

const METHODS: [&str; 12] = [
    "GET / HTTP/1.1\r\nhost: evil.example\r\n\r\nGET",
    "GET /smuggled",
    "G ET",
    "",
    " ",
    "GET\0",
    "GET\r\n",
    "GET\t",
    "G\u{cb}T",
    "CONNECT",
    "trace",
    "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
];

const PATHS: [&str; 24] = [
    "/ HTTP/1.1\r\nhost: evil.example\r\n\r\nGET /smuggled",
    "/\r\nx: y",
    "/\nx: y",
    "/\rx: y",
    "/ HTTP/1.1",
    "/a b",
    "/\t",
    "/\0",
    "/\u{7f}",
    "/\u{e9}",
    "/\u{010a}",
    "//evil.example/",
    "//",
    "/\\evil.example",
    "\\",
    "*",
    "http://evil.example/",
    "https://evil.example/",
    "evil.example:80",
    "@evil.example/",
    "..",
    "/a?b c",
    "/a?b\r\nc",
    "?\u{e9}",
];

/// Odd, and one line all the same.
const PLAIN: [&str; 6] = [
    "/../../etc/passwd",
    "/%0d%0ax:%20y",
    "?x=1",
    "/a?b=http://evil.example/",
    "/#fragment",
    "/a?b#c",
];

/// `input` is the URL.
fn lines(input: &str) -> String {
    let plain = Request::get(input);
    let mut sent = Vec::new();
    let mut try_it = |what: &str, request: Request| {
        if request.send().is_ok() {
            sent.push(what.to_owned());
        }
    };
    for method in METHODS {
        let method_of = Method::Other(method.to_owned());
        try_it(method, Request { method: method_of, ..plain.clone() });
    }
    for path in PATHS.into_iter().chain(PLAIN) {
        try_it(path, Request { path: path.to_owned(), ..plain.clone() });
    }
    try_it("long", Request { path: format!("/{}", "x".repeat(9_000)), ..plain });
    sent.join("\n")
}

hostile_kit::attack!(lines);
