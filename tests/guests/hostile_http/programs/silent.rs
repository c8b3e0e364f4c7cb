//! Waits for an answer that does not come, or does not go on.

use hostile_http::Request;

/// `input` is the URL.
fn silent(input: &str) -> String {
    Request::get(input).send().map_or_else(|error| error, |answer| answer.ended)
}

hostile_kit::attack!(silent);
