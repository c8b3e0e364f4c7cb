//! The controller: has the month exported, hands it to the bookkeeper, and passes on what is
//! said about the close.

use serde_json::json;

use crate::talk::{STOPPED, Talk, Turn, from, stop};

/// Who makes the close.
const BOOKKEEPER: &str = "bookkeeper";

/// What the controller says or does next.
pub fn next(talk: &Talk<'_>) -> Turn {
    if let Some(failure) = talk.failure() {
        return failure;
    }
    // The first is the order; what follows is said about the close.
    let mut told = talk.told().filter(|text| from(text, BOOKKEEPER).is_none());
    let Some(order) = told.next() else { return stop("there is no order") };
    let said: Vec<&str> = told.collect();
    if talk.calls("export").next().is_none() {
        return Turn::Call(vec![("export", json!({}))]);
    }
    let asked = said.iter().filter(|text| !is_last(text));
    let messages: Vec<String> =
        std::iter::once(order.to_owned()).chain(asked.map(|text| back(text))).collect();
    let sent = talk.calls("send_to_agent").count();
    if let Some(message) = messages.get(sent) {
        let send = json!({"agent_name": BOOKKEEPER, "message": message});
        return Turn::Call(vec![("send_to_agent", send)]);
    }
    let answers = talk.said_by(BOOKKEEPER);
    let Some(answer) = answers.last().filter(|_| answers.len() >= sent) else {
        return Turn::Say("Waiting for the bookkeeper.".to_owned());
    };
    if answer.starts_with(STOPPED) {
        return Turn::Say(format!("The month is not closed. {answer}"));
    }
    match said.last() {
        Some(text) if is_last(text) => {
            Turn::Say("The close stays as it is; the gaps above are open.".to_owned())
        }
        _ => Turn::Say((*answer).to_owned()),
    }
}

/// Whether nothing is to be done about a text any more.
fn is_last(text: &str) -> bool {
    text.contains("no evaluations are left")
}

fn back(gaps: &str) -> String {
    format!("The close comes back to you.\n\n{gaps}")
}
