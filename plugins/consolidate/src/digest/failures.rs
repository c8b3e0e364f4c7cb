//! Failures of a session and what was tried after each.

use super::change::{Arguments, between};
use super::{Attempt, Change, Failure, Spot, quote};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A call this many calls later has another purpose.
const DISTANCE_MAX: usize = 30;
/// At most so many calls after a failure count as attempts to mend it.
const ATTEMPTS_MAX: usize = 3;
/// Attempts kept of one kind of failure.
const KEPT_MAX: usize = 6;
/// Kinds of failures kept of one session.
const FAILURES_MAX: usize = 48;

/// One call of a tool, while a session is read.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// The thread that made it; none where the session has no threads.
    pub(super) thread: Option<Rc<str>>,
    pub(super) tool: Rc<str>,
    pub(super) shape: Rc<str>,
    pub(super) arguments: Arguments,
    pub(super) input: Value,
    pub(super) body: Rc<str>,
    pub(super) spot: Spot,
    /// Whether it worked, where its result is there.
    pub(super) worked: Option<bool>,
    /// The template of its error and where it stands, where it may be believed.
    pub(super) error: Option<(Rc<str>, Spot)>,
}

/// The kinds of failures among the calls of each thread, by tool and error. What another thread
/// did meanwhile is no attempt to mend one.
pub(super) fn failures(threads: &[Vec<Made>]) -> Vec<Failure> {
    let mut kinds: BTreeMap<(Rc<str>, Rc<str>), Failure> = BTreeMap::new();
    let all = threads.iter().flat_map(|calls| calls.iter().enumerate().map(move |at| (calls, at)));
    for (calls, (place, call)) in all {
        let Some((error, spot)) = &call.error else { continue };
        let key = (call.tool.clone(), error.clone());
        if kinds.len() >= FAILURES_MAX && !kinds.contains_key(&key) {
            continue;
        }
        let failure = kinds.entry(key).or_insert_with(|| Failure {
            tool: call.tool.clone(),
            error: error.clone(),
            spot: spot.clone(),
            attempts: Vec::new(),
        });
        for attempt in attempts(calls, place) {
            if failure.attempts.len() < KEPT_MAX {
                failure.attempts.push(attempt);
            }
        }
    }
    kinds.into_values().collect()
}

/// What was tried after the call at `place` failed, up to the first that worked.
fn attempts(calls: &[Made], place: usize) -> Vec<Attempt> {
    let failed = &calls[place];
    let mut out = Vec::new();
    let mut tried = 0;
    for next in place + 1..calls.len().min(place + 1 + DISTANCE_MAX) {
        let later = &calls[next];
        let Some(worked) = later.worked.filter(|_| later.tool == failed.tool) else {
            continue;
        };
        let Some(changes) = between(&failed.arguments, &later.arguments) else {
            continue;
        };
        if changes.is_empty() {
            let steps = &calls[place + 1..next];
            let step = steps
                .iter()
                .rev()
                .find(|step| step.tool != failed.tool && step.worked == Some(true));
            let (change, spot) = match step {
                Some(step) => (Change::After(step.shape.clone()), step.spot.clone()),
                None => (Change::Again, later.spot.clone()),
            };
            out.push(Attempt { change, worked, spot });
        }
        for change in changes {
            let spot = spot_of(later, &change);
            out.push(Attempt { change, worked, spot });
        }
        tried += 1;
        if worked || tried == ATTEMPTS_MAX {
            break;
        }
    }
    out
}

/// Where the changed argument stands.
fn spot_of(call: &Made, change: &Change) -> Spot {
    let Change::Set(name, _) = change else { return call.spot.clone() };
    let value = call.input.get(&**name);
    match value.and_then(|value| quote::pair(&call.body, name, value)) {
        Some(quote) => Spot { event_id: call.spot.event_id.clone(), quote: Rc::from(quote) },
        None => call.spot.clone(),
    }
}
