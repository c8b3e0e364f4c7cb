//! Sends to one place after the other, where the next is what the last said, or the test.

use hostile_http::Request;

/// `input` names URLs.
fn moved(input: &str) -> String {
    let mut told = Vec::new();
    for url in input.split(' ') {
        let mut next = Some(url.to_owned());
        while let Some(url) = next.take() {
            match Request::get(&url).send() {
                Ok(answer) => {
                    next = answer.field("location");
                    told.push(answer.status.to_string());
                }
                Err(error) => told.push(error),
            }
        }
    }
    told.join(" ")
}

hostile_kit::attack!(moved);
