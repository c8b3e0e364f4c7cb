//! Sends one request after the other, without end.

use hostile_http::Request;

/// `input` is the URL.
fn many(input: &str) -> String {
    let mut answered = 0;
    while Request::get(input).send().is_ok_and(|answer| answer.status == 200) {
        answered += 1;
    }
    format!("{answered} answered")
}

hostile_kit::attack!(many);
