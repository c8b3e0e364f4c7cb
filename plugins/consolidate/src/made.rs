//! Made-up sessions, for the tests: digests, and where they are kept.

use crate::cite::Source;
use crate::digest::{Digest, Field, Origin, Reader, Scalar, Seen, Spot, Step};
use crate::fold::{Corpus, Fold};
use crate::instructions;
use crate::model::{Change, Entry, EntryKind, Operation, RuleKind, Session};
use crate::plan::{Budget, Plan, plan};
use std::rc::Rc;

/// Room for everything.
pub(crate) const ROOM: Budget = Budget { operations_max: 1_000, new_bytes_max: 1_000_000 };

/// Digests in the order of the host's list.
pub(crate) struct Kept(pub(crate) Vec<Digest>);

impl Source for Kept {
    fn digest(&mut self, number: u32) -> Option<Digest> {
        self.0.get(number as usize).cloned()
    }
}

/// A session and its digest.
pub(crate) type Made = (Session, Digest);

/// A session with a known outcome, in a task.
pub(crate) fn session(number: usize, task: usize, succeeded: bool) -> Session {
    Session {
        id: format!("sesn_{number:05}"),
        title: "Land".to_owned(),
        started_at_ms: 1_000 * number as u64,
        labels: [("task".to_owned(), format!("t{task}"))].into(),
        principal: "one".to_owned(),
        succeeded: Some(succeeded),
    }
}

/// A feature with a quote.
pub(crate) fn field(name: &str, value: Scalar) -> Field {
    let spot = Spot { event_id: Rc::from("sevt_1"), quote: Rc::from(format!("\"{name}\"")) };
    Field { name: Rc::from(name), value, spot }
}

/// A call with a quote.
pub(crate) fn step(shape: &str, number: usize) -> Step {
    let spot = Spot {
        event_id: Rc::from(format!("sevt_{number}")),
        quote: Rc::from(format!("\"name\":\"{shape}\"")),
    };
    Step { shape: Rc::from(shape), spot }
}

/// A memory's items.
pub(crate) fn entries(texts: &[(&str, &str)]) -> Vec<Entry> {
    let entry = |(number, (path, text)): (usize, &(&str, &str))| Entry {
        id: format!("entry_{number}"),
        path: (*path).to_owned(),
        index: number as u32,
        headings: Vec::new(),
        kind: EntryKind::Item,
        text: (*text).to_owned(),
        // 2026-05-28.
        updated_at_ms: 1_780_000_000_000,
    };
    texts.iter().enumerate().map(entry).collect()
}

/// Folds digests, each as it comes back from its bytes.
pub(crate) fn folded(sessions: &[Made]) -> (Corpus, Kept) {
    let mut fold = Fold::default();
    let mut kept = Vec::new();
    for (number, (session, digest)) in (0..).zip(sessions) {
        let digest = Digest::read(&digest.clone().bytes()).expect("its own bytes");
        fold.push(number, session.clone(), &digest);
        kept.push(digest);
    }
    (fold.finish(), Kept(kept))
}

/// A whole dream but for the host.
pub(crate) fn planned(
    entries: Vec<Entry>,
    sessions: &[Made],
    text: &str,
    budget: Budget,
    seed: u64,
) -> Plan {
    let (corpus, mut kept) = folded(sessions);
    let wanted = instructions::read(text);
    plan(entries, &corpus, &mut kept, &wanted, budget, seed, &mut |_, _, _| ())
}

/// The additions of a kind: path, text and operation.
pub(crate) fn added(plan: &Plan, wanted: RuleKind) -> Vec<&Operation> {
    let operations = plan.steps.iter().map(|step| &step.operation);
    let of_kind = |operation: &&Operation| match &operation.change {
        Change::Add { kind, .. } => *kind == wanted,
        _ => false,
    };
    operations.filter(of_kind).collect()
}

/// The text of an addition.
pub(crate) fn text(operation: &Operation) -> &str {
    match &operation.change {
        Change::Add { text, .. } => text,
        _ => "",
    }
}

/// Events of a session, written as the host writes them.
#[derive(Default)]
pub(crate) struct Tape {
    reader: Reader,
    thread: Option<&'static str>,
    count: usize,
}

impl Tape {
    fn event(mut self, kind: &str, origin: Origin, body: &serde_json::Value) -> Self {
        let (id, body) = (format!("sevt_{}", self.count), body.to_string());
        let at_ms = 1_767_225_600_000 + self.count as u64;
        let thread = self.thread;
        self.reader.event(&Seen { id: &id, kind, thread, origin, at_ms, body: &body });
        self.count += 1;
        self
    }

    /// What comes next is of this thread.
    pub(crate) fn on(mut self, thread: &'static str) -> Self {
        self.thread = Some(thread);
        self
    }

    /// A person says something.
    pub(crate) fn says(self, text: &str) -> Self {
        let body = serde_json::json!({"content": [{"type": "text", "text": text}]});
        self.event("user.message", Origin::Person, &body)
    }

    /// A call and its result.
    pub(crate) fn calls(self, tool: &str, input: serde_json::Value, result: &str) -> Self {
        self.call(tool, input, result, false, Origin::Tool)
    }

    /// A call that fails.
    pub(crate) fn fails(self, tool: &str, input: serde_json::Value, error: &str) -> Self {
        self.call(tool, input, error, true, Origin::Tool)
    }

    /// A call with a result from anywhere.
    pub(crate) fn call(
        self,
        tool: &str,
        input: serde_json::Value,
        text: &str,
        is_error: bool,
        origin: Origin,
    ) -> Self {
        let id = format!("sevt_{}", self.count);
        let body = serde_json::json!({"name": tool, "input": input});
        let result = serde_json::json!({
            "tool_use_id": id,
            "content": [{"type": "text", "text": text}],
            "is_error": is_error,
        });
        self.event("agent.tool_use", Origin::Agent, &body).event(
            "agent.tool_result",
            origin,
            &result,
        )
    }

    /// What is kept of it.
    pub(crate) fn digest(self) -> Digest {
        self.reader.finish()
    }
}
