//! Follows redirects to wherever they lead, as a client would.

use hostile_http::Request;

/// `input` is where it begins.
fn redirect(input: &str) -> String {
    let mut told = Vec::new();
    for number in 0.. {
        let first = match Request::get(&format!("{input}/{number}")).send() {
            Ok(first) => first,
            Err(error) => return error,
        };
        let Some(next) = first.field("location") else { break };
        let answer = Request::get(&next).send();
        told.push(answer.map_or_else(|error| error, |answer| answer.text()));
    }
    told.join(" ")
}

hostile_kit::attack!(redirect);
