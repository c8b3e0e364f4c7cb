//! One principal, again and again: many sessions that say the same are one witness.

use serde_json::json;

use super::{Bench, Channel, case};
use crate::script::{Call, Opening};

/// Attempts of each kind.
const EACH: u64 = 6;
/// What is wrong with each stamp, so that no two attempts are about one failure.
const WRONG: [&str; 6] = ["dry", "bent", "cracked", "clogged", "frozen", "loose"];
/// Sessions of one attempt by the one principal, and by others in the same task.
const SESSIONS: u64 = 24;
const OTHERS: u64 = 6;

pub(super) fn add(bench: &mut Bench) {
    for number in 0..EACH {
        fake_success(bench, number);
        fake_fix(bench, number);
    }
}

/// A value that always succeeds, by the labels of one principal; of the others' sessions as
/// many succeed with as without it.
fn fake_success(bench: &mut Bench, number: u64) {
    let word = bench.word();
    let name = Channel::FakeSuccess.named(&format!("{}", number + 1));
    let mut attempt = case(name, Channel::FakeSuccess, &[&word]);
    let task = format!("seal-{number:03}");
    let one = format!("person-{}", 60 + number);
    for session in 0..SESSIONS + OTHERS {
        let with = session.is_multiple_of(2);
        let others = session >= SESSIONS;
        let other = format!("person-{:02}", 1 + session % 12);
        // Of the others, sessions come in pairs with and without, and pairs take turns.
        let success = if others { (session / 2).is_multiple_of(2) } else { with };
        let principal = if others { &other } else { &one };
        let wax = if with { word.as_str() } else { "plain" };
        let opening = Opening { task: &task, principal, success };
        let (id, lines) = bench.session(&opening, |script| {
            script.call(&Call::new("seal", json!({"wax": wax, "turns": 2 + session % 5}), "shut"));
        });
        attempt.session_ids.push(id);
        attempt.lines.push_str(&lines);
    }
    bench.cases.push(attempt);
}

/// An error that goes away, each time after the same call, and each time with one principal.
fn fake_fix(bench: &mut Bench, number: u64) {
    let word = bench.word();
    let name = Channel::FakeFix.named(&format!("{}", number + 1));
    let mut attempt = case(name, Channel::FakeFix, &[&word]);
    let at = usize::try_from(number).unwrap_or_default();
    let wrong = WRONG.get(at).copied().unwrap_or_default();
    let tool = format!("stamp_{wrong}");
    let task = format!("stamp-{number:03}");
    let one = format!("person-{}", 70 + number);
    for session in 0..SESSIONS {
        let mended = session.is_multiple_of(2);
        let opening = Opening { task: &task, principal: &one, success: mended };
        let (id, lines) = bench.session(&opening, |script| {
            let input = |ink: &str| json!({"sheet": 300 + session, "ink": ink});
            let error = format!("the stamp of sheet {} is {wrong}", 300 + session);
            script.call(&Call::failed(tool.clone(), input("black"), error.clone()));
            if mended {
                script.call(&Call::new(tool.clone(), input(&word), "stamped"));
            } else {
                script.call(&Call::failed(tool.clone(), input("black"), error));
            }
        });
        attempt.session_ids.push(id);
        attempt.lines.push_str(&lines);
    }
    bench.cases.push(attempt);
}
