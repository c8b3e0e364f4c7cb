//! Sends one request, in a process whose environment names a proxy for it.

use hostile_http::Request;

/// `input` is the URL.
fn proxy(input: &str) -> String {
    Request::get(input).send().map_or_else(|error| error, |answer| answer.text())
}

hostile_kit::attack!(proxy);
