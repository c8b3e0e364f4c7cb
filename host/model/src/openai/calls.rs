//! The calls of an answer, out of the pieces that servers send.
//!
//! As documented, the first piece of a call has an index, an id and a name, and the others
//! the index alone. Servers differ: some send no index, or 0 for each call; some no id; some
//! repeat id and name with each piece; some send a call whole, its input as an object.

use lucid_core::Block;
use serde_json::Value;

use crate::error::ModelErrorKind;
use crate::wire::Fault;

/// One call, as far as it has come.
#[derive(Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Call {
    /// Whether its input is all there.
    fn is_whole(&self) -> bool {
        serde_json::from_str::<Value>(&self.arguments).is_ok_and(|input| input.is_object())
    }
}

/// The calls of one answer, in the order in which they began.
#[derive(Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// The answer's own id, for calls that came without one.
    answer: String,
}

impl Calls {
    /// Says which answer the calls are of; the first one counts.
    pub(super) fn belong_to(&mut self, answer: &str) {
        if self.answer.is_empty() {
            answer.clone_into(&mut self.answer);
        }
    }

    /// Takes a piece of a call.
    pub(super) fn add(&mut self, piece: &Value) {
        let text = |pointer: &str| piece.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let (id, name) = (text("/id"), text("/function/name"));
        let index = piece.get("index").and_then(Value::as_u64);
        let call = self.of(index, id, name);
        if call.id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        match piece.pointer("/function/arguments") {
            Some(Value::String(part)) => call.arguments += part,
            Some(object @ Value::Object(_)) => call.arguments = object.to_string(),
            _ => {}
        }
    }

    /// The call a piece belongs to, or a new one.
    fn of(&mut self, index: Option<u64>, id: &str, name: &str) -> &mut Call {
        let known = (!id.is_empty()).then(|| self.calls.iter().position(|call| call.id == id));
        let open = match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index),
            None => self.calls.len().checked_sub(1),
        };
        let open = open.filter(|at| {
            let Some(call) = self.calls.get(*at) else { return false };
            let other_id = !id.is_empty() && !call.id.is_empty();
            // A second name: another call, unless the server repeats the name of an open one.
            let begins = !name.is_empty() && !call.name.is_empty();
            !other_id && !(begins && (call.is_whole() || call.name != name))
        });
        let at = known.flatten().or(open).unwrap_or_else(|| {
            self.calls.push(Call { index, ..Call::default() });
            self.calls.len() - 1
        });
        &mut self.calls[at]
    }

    /// The calls, each with an id of its own. `cut_short` leaves out what is not whole: the
    /// answer ended inside of it.
    ///
    /// # Errors
    /// Unavailable, for a call that names no tool: there is nothing to call and nothing to
    /// tell the model about.
    pub(super) fn blocks(self, cut_short: bool) -> Result<Vec<Block>, Fault> {
        let Self { calls, answer } = self;
        let mut blocks = Vec::with_capacity(calls.len());
        let mut ids: Vec<String> = Vec::with_capacity(calls.len());
        for (number, call) in calls.into_iter().enumerate() {
            if cut_short && !call.is_whole() {
                continue;
            }
            if call.name.is_empty() {
                let what = "the model made a call that names no tool";
                return Err(Fault::new(ModelErrorKind::Unavailable, what));
            }
            let mut id = call.id;
            if id.is_empty() || ids.contains(&id) {
                id = format!("call_{answer}_{number}");
            }
            while ids.contains(&id) {
                id.push('_');
            }
            ids.push(id.clone());
            let empty = call.arguments.trim().is_empty();
            let input_json = if empty { "{}".to_owned() } else { call.arguments };
            blocks.push(Block::ToolUse { id, name: call.name, input_json });
        }
        Ok(blocks)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn ids(blocks: &[Block]) -> Vec<&str> {
        let calls = blocks.iter().map(|block| match block {
            Block::ToolUse { id, .. } => id.as_str(),
            other => panic!("no call: {other:?}"),
        });
        calls.collect()
    }

    /// A piece with anything in it, or left out.
    fn piece() -> impl Strategy<Value = Value> {
        let index = prop_oneof![Just(Value::Null), (0_u64..3).prop_map(Value::from)];
        let id = prop::option::of(prop_oneof!["[ab]", Just(String::new())]);
        let name = prop::option::of(prop_oneof!["[fg]", Just(String::new())]);
        let arguments = prop::option::of(prop_oneof![
            Just(json!("{}")),
            Just(json!({ "a": 1 })),
            "[{}\":1]{0,4}".prop_map(Value::from),
        ]);
        (index, id, name, arguments).prop_map(|(index, id, name, arguments)| {
            let function = json!({ "name": name, "arguments": arguments });
            json!({ "index": index, "id": id, "function": function })
        })
    }

    proptest! {
        #[test]
        fn pieces_as_documented_give_their_calls_however_they_are_mixed(
            inputs in prop::collection::vec("[a-z ]{0,8}", 1..4),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        ) {
            let inputs: Vec<String> =
                inputs.iter().map(|text| json!({ "text": text }).to_string()).collect();
            let mut calls = Calls::default();
            for at in 0..inputs.len() {
                let function = json!({ "name": "read", "arguments": "" });
                calls.add(&json!({ "index": at, "id": format!("id{at}"), "function": function }));
            }
            // One letter of one call at a time, then what is left.
            let mut rest: Vec<std::str::Chars<'_>> = inputs.iter().map(|it| it.chars()).collect();
            let order = order.iter().map(|at| at.index(inputs.len())).chain(0..inputs.len());
            let drawn: Vec<usize> = order.collect();
            let (mixed, last) = drawn.split_at(drawn.len() - inputs.len());
            for at in mixed {
                let letter: String = rest[*at].next().into_iter().collect();
                calls.add(&json!({ "index": at, "function": { "arguments": letter } }));
            }
            for at in last {
                let letters = rest[*at].as_str();
                calls.add(&json!({ "index": at, "function": { "arguments": letters } }));
            }
            let blocks = calls.blocks(false).unwrap();
            prop_assert_eq!(blocks.len(), inputs.len());
            for ((at, block), input) in blocks.into_iter().enumerate().zip(inputs) {
                let (id, name) = (format!("id{at}"), "read".to_owned());
                prop_assert_eq!(block, Block::ToolUse { id, name, input_json: input });
            }
        }

        #[test]
        fn whatever_is_sent_no_two_calls_have_one_id(
            pieces in prop::collection::vec(piece(), 0..12),
            cut_short: bool,
        ) {
            let mut calls = Calls::default();
            pieces.iter().for_each(|piece| calls.add(piece));
            if let Ok(blocks) = calls.blocks(cut_short) {
                let ids = ids(&blocks);
                prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
                prop_assert!(ids.iter().all(|id| !id.is_empty()));
            }
        }
    }
}
