//! Sets the header field of a secret itself, in every spelling and more than once.

use hostile_http::Request;

/// `input` is the URL.
fn mine(input: &str) -> String {
    let plain = Request::get(input);
    let mut told = Vec::new();
    for request in [
        plain.clone().with("authorization", "guess"),
        plain.clone().with("Authorization", "guess"),
        plain.clone().with("AUTHORIZATION", "guess").with("authorization", "guess again"),
        plain.with("authorization", ""),
    ] {
        told.push(request.send().map_or_else(|error| error, |answer| answer.text()));
    }
    told.join(" ")
}

hostile_kit::attack!(mine);
