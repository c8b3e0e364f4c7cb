//! The chunks of a streamed chat completion, put together.

use std::ops::ControlFlow;

use lucid_core::{Block, Completion, StopReason, TokenUsage};
use serde_json::Value;

use super::calls::Calls;
use super::fault_inside;
use crate::error::ModelErrorKind;
use crate::sse;
use crate::wire::{Decode, Fault, Said};

/// What ends a stream.
const DONE: &str = "[DONE]";

/// An answer, as far as it has come.
#[derive(Default)]
pub(super) struct Answer {
    text: String,
    thinking: String,
    calls: Calls,
    usage: TokenUsage,
    /// Why the model stopped, in the server's word.
    finish_reason: Option<String>,
    /// Whether the model said that it refuses.
    refused: bool,
    /// Whether the server said that this is all.
    done: bool,
}

impl Decode for Answer {
    fn event(&mut self, event: &sse::Event, said: &Said<'_>) -> Result<ControlFlow<()>, Fault> {
        let data = event.data.trim();
        if data == DONE {
            self.done = true;
            return Ok(ControlFlow::Break(()));
        }
        if data.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let chunk: Value = serde_json::from_str(data).map_err(|error| {
            unavailable(format!("the server sent an event that is not JSON: {error}"))
        })?;
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(fault_inside(&chunk));
        }
        if let Some(id) = chunk.get("id").and_then(Value::as_str) {
            self.calls.belong_to(id);
        }
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            self.usage = usage_of(usage);
        }
        // Only one answer was asked for. The chunk with the usage has none, or `null`.
        if let Some(choice) = chunk.pointer("/choices/0") {
            self.choice(choice, said);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn finish(self: Box<Self>) -> Result<Completion, Fault> {
        if self.finish_reason.is_none() && !self.done {
            return Err(unavailable("the answer broke off before its end"));
        }
        let reason = self.finish_reason.as_deref().unwrap_or_default();
        let refused = self.refused || reason == "content_filter";
        // An answer that was too long ends inside its last call.
        let calls = self.calls.blocks(reason == "length" || refused)?;
        let stop_reason = match reason {
            _ if refused => StopReason::Refusal,
            "length" => StopReason::MaxTokens,
            // Some servers say `stop` for calls too.
            _ if !calls.is_empty() => StopReason::ToolUse,
            _ => StopReason::EndTurn,
        };
        let mut content = Vec::with_capacity(calls.len() + 2);
        if !self.thinking.is_empty() {
            content.push(Block::Thinking { text: self.thinking, signature: None });
        }
        if !self.text.is_empty() {
            content.push(Block::Text { text: self.text });
        }
        content.extend(calls);
        Ok(Completion { content, stop_reason, usage: self.usage })
    }
}

impl Answer {
    fn choice(&mut self, choice: &Value, said: &Said<'_>) {
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str)
            && !reason.is_empty()
        {
            self.finish_reason = Some(reason.to_owned());
        }
        // A server that does not stream what it has sends a whole message.
        let Some(delta) = choice.get("delta").or(choice.get("message")) else {
            return;
        };
        let thinking = text_of(delta, "reasoning_content");
        self.thinking += &if thinking.is_empty() { text_of(delta, "reasoning") } else { thinking };
        self.say(&text_of(delta, "content"), said);
        let refusal = text_of(delta, "refusal");
        if !refusal.is_empty() {
            self.refused = true;
            self.say(&refusal, said);
        }
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.calls.add(call);
        }
    }

    fn say(&mut self, text: &str, said: &Said<'_>) {
        if !text.is_empty() {
            self.text += text;
            said(text);
        }
    }
}

/// A field's text; in some servers it is a list of parts with text.
fn text_of(delta: &Value, field: &str) -> String {
    match delta.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
        }
        _ => String::new(),
    }
}

/// What the answer used. In this format the tokens of a cache are part of the prompt's; in
/// [`TokenUsage`] they are counted apart.
fn usage_of(usage: &Value) -> TokenUsage {
    let count = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let cache_read_tokens = count("/prompt_tokens_details/cached_tokens");
    let cache_write_tokens = count("/prompt_tokens_details/cache_write_tokens");
    let cached = cache_read_tokens.saturating_add(cache_write_tokens);
    TokenUsage {
        input_tokens: count("/prompt_tokens").saturating_sub(cached),
        output_tokens: count("/completion_tokens"),
        cache_read_tokens,
        cache_write_tokens,
    }
}

fn unavailable(what: impl Into<String>) -> Fault {
    Fault::new(ModelErrorKind::Unavailable, what)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    /// Reads events; gives the answer and what was said on the way.
    fn read(data: &[String]) -> (Result<Completion, Fault>, String) {
        let mut answer = Box::<Answer>::default();
        let heard = Mutex::new(String::new());
        let said = |text: &str| heard.lock().unwrap().push_str(text);
        for data in data {
            let event = sse::Event { name: String::new(), data: data.clone() };
            match answer.event(&event, &said) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(fault) => return (Err(fault), heard.into_inner().unwrap()),
            }
        }
        (answer.finish(), heard.into_inner().unwrap())
    }

    fn delta(delta: &Value) -> String {
        json!({ "id": "chat-7", "choices": [{ "index": 0, "delta": delta }] }).to_string()
    }

    fn end(reason: &str) -> String {
        json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }).to_string()
    }

    /// The calls that these pieces are, when the server says `tool_calls` and `[DONE]`.
    fn calls(pieces: &[Value]) -> Vec<(String, String, String)> {
        let mut events: Vec<String> =
            pieces.iter().map(|piece| delta(&json!({ "tool_calls": [piece] }))).collect();
        events.extend([end("tool_calls"), DONE.to_owned()]);
        let completion = read(&events).0.unwrap();
        assert_eq!(completion.stop_reason, StopReason::ToolUse);
        let call = |block| match block {
            Block::ToolUse { id, name, input_json } => (id, name, input_json),
            other => panic!("no call: {other:?}"),
        };
        completion.content.into_iter().map(call).collect()
    }

    fn call(id: &str, name: &str, input: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), input.to_owned())
    }

    #[test]
    fn reasoning_text_and_usage_are_told_apart() {
        for field in ["reasoning_content", "reasoning"] {
            let usage = json!({ "choices": [], "usage": {
                "prompt_tokens": 100, "completion_tokens": 7,
                "prompt_tokens_details": { "cached_tokens": 60, "cache_write_tokens": 30 },
            }});
            let (completion, heard) = read(&[
                delta(&json!({ "role": "assistant", "content": "" })),
                delta(&json!({ field: "Hm" })),
                delta(&json!({ field: ".", "content": null })),
                delta(&json!({ "content": "It is " })),
                delta(&json!({ "content": "four." })),
                end("stop"),
                usage.to_string(),
                DONE.to_owned(),
            ]);
            let completion = completion.unwrap();
            let thinking = Block::Thinking { text: "Hm.".into(), signature: None };
            assert_eq!(completion.content, [thinking, Block::Text { text: "It is four.".into() }]);
            assert_eq!(completion.stop_reason, StopReason::EndTurn);
            assert_eq!(heard, "It is four.", "reasoning is not said");
            let TokenUsage { input_tokens, output_tokens, .. } = completion.usage;
            assert_eq!((input_tokens, output_tokens), (10, 7), "a cache's tokens count apart");
            assert_eq!(completion.usage.read(), 100);
        }
    }

    #[test]
    fn pieces_of_parallel_calls_may_be_interleaved() {
        let found = calls(&[
            json!({ "index": 0, "id": "a", "function": { "name": "read", "arguments": "" } }),
            json!({ "index": 1, "id": "b", "function": { "name": "glob", "arguments": "{\"p" } }),
            json!({ "index": 0, "function": { "arguments": "{\"x\":" } }),
            json!({ "index": 1, "function": { "arguments": "\":2}" } }),
            json!({ "index": 0, "function": { "arguments": "1}" } }),
        ]);
        assert_eq!(found, [call("a", "read", "{\"x\":1}"), call("b", "glob", "{\"p\":2}")]);
    }

    #[test]
    fn whole_calls_with_the_same_index_or_none_are_still_several() {
        let function =
            |number: u64| json!({ "name": "read", "arguments": format!("{{\"n\":{number}}}") });
        let expected =
            |ids: [&str; 2]| [call(ids[0], "read", "{\"n\":1}"), call(ids[1], "read", "{\"n\":2}")];
        for index in [json!(0), Value::Null] {
            let found = calls(&[
                json!({ "index": index, "id": "a", "function": function(1) }),
                json!({ "index": index, "id": "b", "function": function(2) }),
            ]);
            assert_eq!(found, expected(["a", "b"]), "index {index}");
            let found = calls(&[
                json!({ "index": index, "function": function(1) }),
                json!({ "index": index, "id": "", "function": function(2) }),
            ]);
            assert_eq!(found, expected(["call_chat-7_0", "call_chat-7_1"]), "index {index}");
        }
    }

    #[test]
    fn an_id_or_a_name_that_is_repeated_begins_no_new_call() {
        let found = calls(&[
            json!({ "index": 0, "id": "a", "function": { "name": "read", "arguments": "{\"x" } }),
            json!({ "index": 0, "id": "a", "function": { "name": "read", "arguments": "\":1}" } }),
            json!({ "index": 0, "id": "a", "function": { "name": "", "arguments": "" } }),
        ]);
        assert_eq!(found, [call("a", "read", "{\"x\":1}")]);
        let found = calls(&[
            json!({ "index": 0, "function": { "name": "read", "arguments": "{\"x" } }),
            json!({ "index": 0, "function": { "name": "read", "arguments": "\":1}" } }),
            json!({ "index": 1, "function": { "name": "read", "arguments": {"x": 2} } }),
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].2, "{\"x\":1}");
        assert_eq!(found[1].2, "{\"x\":2}", "an input may be an object");
    }

    #[test]
    fn a_call_without_input_has_an_empty_object() {
        let found = calls(&[json!({ "index": 0, "id": "a", "function": { "name": "list" } })]);
        assert_eq!(found, [call("a", "list", "{}")]);
    }

    #[test]
    fn two_calls_never_have_one_id() {
        let piece = |index: u64| json!({ "index": index, "function": { "name": "list" } });
        let mut again = piece(1);
        again["id"] = json!("call_chat-7_0");
        let found = calls(&[piece(0), again]);
        assert_eq!(found[0].0, "call_chat-7_0");
        assert_ne!(found[0].0, found[1].0);
    }

    #[test]
    fn the_reason_why_it_ended_is_known_or_follows_from_the_calls() {
        let one = json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } });
        let check = |calls: bool, reason: Option<&str>, expected| {
            let mut events = vec![delta(&json!({ "content": "x" }))];
            events.extend(calls.then(|| delta(&json!({ "tool_calls": [one] }))));
            events.extend(reason.map(end));
            events.push(DONE.to_owned());
            assert_eq!(read(&events).0.unwrap().stop_reason, expected, "{calls} {reason:?}");
        };
        check(false, Some("stop"), StopReason::EndTurn);
        check(true, Some("tool_calls"), StopReason::ToolUse);
        check(true, Some("stop"), StopReason::ToolUse);
        check(false, Some("tool_calls"), StopReason::EndTurn);
        check(false, Some("length"), StopReason::MaxTokens);
        check(false, Some("content_filter"), StopReason::Refusal);
        check(false, Some("eos_token"), StopReason::EndTurn);
        check(false, None, StopReason::EndTurn);
        check(true, None, StopReason::ToolUse);
    }

    #[test]
    fn a_refusal_is_said_and_is_one() {
        let (completion, heard) =
            read(&[delta(&json!({ "refusal": "I will not." })), end("stop"), DONE.to_owned()]);
        let completion = completion.unwrap();
        assert_eq!(completion.stop_reason, StopReason::Refusal);
        assert_eq!(completion.content, [Block::Text { text: "I will not.".into() }]);
        assert_eq!(heard, "I will not.");
    }

    #[test]
    fn a_call_that_the_longest_answer_cut_off_is_left_out() {
        let whole =
            json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } });
        let half = json!({ "index": 1, "id": "b", "function": { "name": "f", "arguments": "{" } });
        let events = [delta(&json!({ "tool_calls": [whole, half] })), end("length")];
        let completion = read(&events).0.unwrap();
        assert_eq!(completion.stop_reason, StopReason::MaxTokens);
        assert_eq!(completion.content.len(), 1, "{completion:?}");
    }

    #[test]
    fn input_that_is_no_json_is_left_to_who_reads_it() {
        let found = calls(&[
            json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{oops" } }),
        ]);
        assert_eq!(found, [call("a", "f", "{oops")]);
    }

    #[test]
    fn a_stream_without_its_end_was_cut() {
        let text = delta(&json!({ "content": "It is f" }));
        for events in [vec![], vec![text.clone()]] {
            let (completion, _) = read(&events);
            assert_eq!(completion.unwrap_err().kind, ModelErrorKind::Unavailable);
        }
        assert!(read(&[text.clone(), DONE.to_owned()]).0.is_ok(), "`[DONE]` is an end");
        assert!(read(&[text, end("stop")]).0.is_ok(), "a reason is an end");
    }

    #[test]
    fn an_error_inside_the_stream_is_an_error_of_its_kind() {
        use ModelErrorKind::{Overloaded, RateLimited, Rejected, TooLong, Unavailable};
        let check = |error: Value, kind| {
            let text = delta(&json!({ "content": "It is" }));
            let error = json!({ "error": error, "choices": null }).to_string();
            let fault = read(&[text, error, DONE.to_owned()]).0.unwrap_err();
            assert_eq!(fault.kind, kind, "{}", fault.what);
            assert!(fault.what.contains("too bad"), "{}", fault.what);
        };
        check(json!({ "message": "too bad", "type": "server_error", "code": null }), Unavailable);
        check(json!({ "message": "too bad", "code": "rate_limit_exceeded" }), RateLimited);
        check(json!({ "message": "too bad", "code": 503 }), Overloaded);
        check(json!({ "message": "too bad", "type": "overloaded_error" }), Overloaded);
        check(json!({ "message": "too bad", "type": "BadRequestError", "code": 400 }), Rejected);
        check(json!({ "message": "context size too bad", "code": 400 }), TooLong);
        check(json!({ "message": "too bad", "code": "context_length_exceeded" }), TooLong);
        check(json!("too bad"), Unavailable);
    }

    #[test]
    fn what_is_no_json_or_names_no_tool_is_an_error_and_not_a_panic() {
        let cases = [
            "{\"choices\":".to_owned(),
            delta(&json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{}" } }] })),
        ];
        for bad in cases {
            let fault = read(&[bad, end("stop"), DONE.to_owned()]).0.unwrap_err();
            assert_eq!(fault.kind, ModelErrorKind::Unavailable);
        }
        // Strange, but nothing that would be wrong to pass over.
        for odd in ["null", "[]", "7", r#"{"choices":null}"#, r#"{"choices":[null]}"#, ""] {
            assert!(read(&[odd.to_owned(), end("stop")]).0.is_ok(), "{odd}");
        }
    }
}
