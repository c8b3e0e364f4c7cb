//! Sends through a network of which the host panics.

use hostile_http::Request;

/// `input` names URLs.
fn sends(input: &str) -> String {
    let told = input.split(' ').map(|url| match Request::get(url).post(&[b"body"]).send() {
        Ok(answer) => answer.ended,
        Err(error) => error,
    });
    told.collect::<Vec<_>>().join(" ")
}

hostile_kit::attack!(sends);
