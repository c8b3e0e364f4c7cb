//! Reads answers whose heads have no end, over and over.

use hostile_http::Request;

/// `input` is the URL.
fn endless(input: &str) -> String {
    let mut told = Vec::new();
    for _ in 0..10 {
        told.push(Request::get(input).send().map_or_else(|error| error, |answer| answer.ended));
    }
    told.join(" ")
}

hostile_kit::attack!(endless);
