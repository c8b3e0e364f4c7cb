//! Whether a log is one that a session which was killed may have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::peer::Payments;
use super::rows::{Row, Rows};

/// What a log came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Payments of which nobody knows whether they were made.
    pub(super) unknown: u64,
    /// Requests of a model whose answer nobody saw.
    pub(super) half_written: u64,
}

/// Checks that what was seen of a log is still in it: under its number, byte for byte.
pub(super) fn still_there(seen: &Rows, rows: &Rows) -> Result<(), String> {
    for (number, row) in seen {
        match rows.get(number) {
            Some(there) if there == row => {}
            there => return Err(format!("event {number} was {row:?} and is {there:?}")),
        }
    }
    Ok(())
}

/// Checks that what the peer was asked to do stands in the log: an effect is in the log before
/// it acts.
pub(super) fn intended(payments: &Payments, rows: &Rows) -> Result<(), String> {
    let intents: BTreeSet<u64> = rows.values().filter_map(|row| payment(&row.json())).collect();
    for number in payments.keys() {
        if !intents.contains(&u64::from(*number)) {
            return Err(format!("payment {number} was made, and the log knows nothing of it"));
        }
    }
    Ok(())
}

/// The number of the payment that an event calls for.
fn payment(event: &Value) -> Option<u64> {
    let pays = event["type"] == "agent.tool_use" && event["name"] == "pay";
    event["input"]["number"].as_u64().filter(|_| pays)
}

/// Checks a log that has come to its end.
pub(super) fn whole(rows: &Rows) -> Result<Verdict, String> {
    if rows.is_empty() {
        return Err("there are no events".to_owned());
    }
    if let Some((number, place)) = rows.keys().zip(0..).find(|(number, place)| *number != place) {
        return Err(format!("event {number} is in place {place}"));
    }
    let mut ids = BTreeSet::new();
    if let Some(row) = rows.values().find(|row| !ids.insert(&row.id)) {
        return Err(format!("two events are {}", row.id));
    }
    let events: Vec<Value> = rows.values().map(Row::json).collect();
    let unknown = results(&events)?;
    let half_written = requests(&events)?;
    idle(&events)?;
    Ok(Verdict { unknown, half_written })
}

/// Each call has one result. Gives how many payments ended in one that says that nobody knows.
fn results(events: &[Value]) -> Result<u64, String> {
    let of = |kind: &'static str| events.iter().filter(move |event| event["type"] == kind);
    let id = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
    let calls: BTreeMap<String, &Value> =
        of("agent.tool_use").map(|call| (id(call, "id"), call)).collect();
    let (mut answered, mut unknown) = (BTreeSet::new(), 0);
    for result in of("agent.tool_result") {
        let call = id(result, "tool_use_id");
        let Some(called) = calls.get(&call) else {
            return Err(format!("a result of no call: {result}"));
        };
        if !answered.insert(call) {
            return Err(format!("two results of one call: {called}"));
        }
        if payment(called).is_some() && result["is_error"] == true {
            unknown += 1;
            if !result["content"].to_string().contains("unknown") {
                return Err(format!("a payment failed, and not because of a kill: {result}"));
            }
        }
    }
    match calls.into_iter().find(|(id, _)| !answered.contains(id)) {
        Some((_, call)) => Err(format!("a call without a result: {call}")),
        None => Ok(unknown),
    }
}

/// Each request of a model ends at most once, and what is billed is what those cost that came
/// to an end. Gives how many came to none, or to none that was seen.
fn requests(events: &[Value]) -> Result<u64, String> {
    let mut open = BTreeSet::new();
    let (mut spent, mut billed, mut failed) = ([0, 0], None, 0);
    let tokens = |usage: &Value| {
        ["input_tokens", "output_tokens"].map(|name| usage[name].as_u64().unwrap_or(0))
    };
    for event in events {
        match event["type"].as_str().unwrap_or_default() {
            "span.model_request_start" => drop(open.insert(event["id"].to_string())),
            "span.model_request_end" => {
                if !open.remove(&event["model_request_start_id"].to_string()) {
                    return Err(format!("a request ends twice, or never began: {event}"));
                }
                let used = tokens(&event["model_usage"]);
                spent = [spent[0] + used[0], spent[1] + used[1]];
                failed += u64::from(event["is_error"] == true);
            }
            "session.usage" => billed = Some(tokens(&event["usage"])),
            _ => {}
        }
    }
    match billed {
        Some(billed) if billed == spent => Ok(failed + open.len() as u64),
        billed => Err(format!("{billed:?} tokens are billed, and {spent:?} were spent")),
    }
}

/// The session waits, because its work is done.
fn idle(events: &[Value]) -> Result<(), String> {
    let is_status = |event: &&Value| {
        event["type"].as_str().is_some_and(|kind| kind.starts_with("session.status_"))
    };
    match events.iter().rfind(is_status) {
        Some(last)
            if last["type"] == "session.status_idle"
                && last["stop_reason"]["type"] == "end_turn" =>
        {
            Ok(())
        }
        last => Err(format!("it ended with {last:?}")),
    }
}
