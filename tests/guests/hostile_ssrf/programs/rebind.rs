//! Sends to the same names again and again, while what they lead to changes.

use hostile_http::Request;

/// `input` names hosts.
fn rebind(input: &str) -> String {
    let told = input.split(' ').map(|host| match Request::get(&format!("http://{host}/")).send() {
        Ok(answer) => answer.text(),
        Err(error) => error,
    });
    told.collect::<Vec<_>>().join(" ")
}

hostile_kit::attack!(rebind);
