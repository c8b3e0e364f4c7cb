//! Asks for a connection of another kind: a tunnel, a web socket, another protocol.

use hostile_http::{Method, Request};

/// `input` is the URL.
fn upgrade(input: &str) -> String {
    let mut told = Vec::new();
    let plain = Request::get(input);
    let socket = plain.clone().with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    for request in [
        plain.clone().with("upgrade", "websocket"),
        plain.clone().with("connection", "upgrade"),
        plain.clone().with("http2-settings", "AAMAAABkAAQAAP__"),
        socket.with("sec-websocket-version", "13"),
        Request { method: Method::Connect, ..plain.clone() },
        Request { method: Method::Trace, ..plain.clone() },
        Request { method: Method::Other("PRI".to_owned()), ..plain.clone() },
        Request { method: Method::Other("connect".to_owned()), ..plain },
    ] {
        told.push(request.send().map_or_else(|error| error, |answer| answer.status.to_string()));
    }
    told.join(" ")
}

hostile_kit::attack!(upgrade);
