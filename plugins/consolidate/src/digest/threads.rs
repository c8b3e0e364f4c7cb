//! The calls of a session, thread by thread.
//!
//! Threads of a session work at the same time, and which of them writes first is chance: the
//! same work must not look like other work for it. So what follows on what is told of each
//! thread alone.

use super::Step;
use super::failures::Made;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The calls of each thread, in their order. The threads are in an order that follows from
/// what they called; ids decide only between those that called the same.
pub(super) fn threads(calls: Vec<Made>) -> Vec<Vec<Made>> {
    let mut own: BTreeMap<Option<Rc<str>>, Vec<Made>> = BTreeMap::new();
    for call in calls {
        own.entry(call.thread.clone()).or_default().push(call);
    }
    let mut threads: Vec<Vec<Made>> = own.into_values().collect();
    threads.sort_by(|a, b| {
        let shapes = |calls: &[Made]| calls.iter().map(|call| call.shape.clone()).collect();
        let (a, b): (Vec<Rc<str>>, Vec<Rc<str>>) = (shapes(a), shapes(b));
        a.cmp(&b)
    });
    threads
}

/// The calls as steps, at most `most`, with a gap between two threads.
pub(super) fn steps(threads: &[Vec<Made>], most: usize) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    for calls in threads {
        if !out.is_empty() {
            out.push(Step::gap());
        }
        let step = |call: &Made| Step { shape: call.shape.clone(), spot: call.spot.clone() };
        out.extend(calls.iter().map(step));
    }
    out.truncate(most);
    out
}
