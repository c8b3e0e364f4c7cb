//! Reads answers whose end two readers would see in two places.

use hostile_http::Request;

/// `input` is the URL, and how many there are.
fn answers(input: &str) -> String {
    let Some((url, count)) = input.split_once(' ') else { return "how many?".to_owned() };
    let count = count.parse::<u32>().unwrap_or(0);
    let told = (0..count).map(|number| match Request::get(&format!("{url}/{number}")).send() {
        Ok(answer) => format!("{} {:?} {}", answer.ended, answer.fields, answer.text()),
        Err(error) => error,
    });
    told.map(|told| told.replace('\n', " ")).collect::<Vec<_>>().join("\n")
}

hostile_kit::attack!(answers);
