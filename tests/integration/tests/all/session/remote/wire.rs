//! Answers and requests in the two wire formats, written and read here without the crate
//! that is tested.

use serde_json::{Value, json};

use super::server::Reply;

/// A provider's wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Anthropic,
    OpenAi,
}

pub(super) const FORMATS: [Format; 2] = [Format::Anthropic, Format::OpenAi];

/// What a model says.
#[derive(Default)]
pub(super) struct Answer {
    /// What it thinks, and the signature under it.
    pub(super) thinks: Option<(&'static str, &'static str)>,
    /// What stands for thinking that nobody may read; only one format has it.
    pub(super) redacted: Option<&'static str>,
    pub(super) text: &'static str,
    pub(super) calls: Vec<(&'static str, Value)>,
    /// Tokens read, those from a cache, and tokens written.
    pub(super) tokens: (u64, u64, u64),
}

impl Format {
    /// A model of this format, as an agent names it.
    pub(super) fn model(self) -> &'static str {
        match self {
            Self::Anthropic => "claude-sonnet-4-5",
            Self::OpenAi => "openai:local-model",
        }
    }

    /// The variable that has its key.
    pub(super) fn variable(self) -> &'static str {
        match self {
            Self::Anthropic => "ANTHROPIC_API_KEY",
            Self::OpenAi => "OPENAI_API_KEY",
        }
    }

    /// A mission of one agent with files, on a model at this server.
    pub(super) fn mission(self, url: &str, settings: &str) -> String {
        let (model, variable) = (self.model(), self.variable());
        format!(
            r#"
name = "remote"
lead = "lead"
message = "What do the files say?"

[plugins.files]
files = "read-write"

[models."{model}"]
base_url = "{url}"
key = {{ env = "{variable}" }}
{settings}

[agents.lead]
model = "{model}"
system = "You compare files."
tools = ["files"]
view = {{ "/workspace" = "rw" }}
"#
        )
    }

    /// The stream of an answer.
    pub(super) fn stream(self, answer: &Answer) -> String {
        match self {
            Self::Anthropic => messages(answer),
            Self::OpenAi => chat_completions(answer),
        }
    }

    /// A whole answer.
    pub(super) fn says(self, answer: &Answer) -> Reply {
        Reply::stream(&self.stream(answer))
    }

    /// An error, with the type that each format has for it.
    pub(super) fn refuses(self, status: u16, kinds: [&str; 2], message: &str) -> Reply {
        let error = match self {
            Self::Anthropic => json!({
                "type": "error",
                "error": {"type": kinds[0], "message": message},
                "request_id": "req_1",
            }),
            Self::OpenAi => json!({
                "error": {"message": message, "type": "error", "param": null, "code": kinds[1]},
            }),
        };
        Reply::error(status, &error)
    }

    pub(super) fn overloaded(self) -> Reply {
        let status = if self == Self::Anthropic { 529 } else { 503 };
        self.refuses(status, ["overloaded_error", "engine_overloaded"], "Overloaded")
    }

    pub(super) fn rate_limited(self, after_s: &str) -> Reply {
        let kinds = ["rate_limit_error", "rate_limit_exceeded"];
        self.refuses(429, kinds, "Too many requests").with("retry-after", after_s)
    }

    /// The conversation is longer than the window, in the words of each.
    pub(super) fn too_long(self) -> Reply {
        match self {
            Self::Anthropic => {
                let kinds = ["invalid_request_error", ""];
                self.refuses(400, kinds, "prompt is too long: 9 tokens > 8 maximum")
            }
            Self::OpenAi => self.refuses(413, ["", "too_large"], "Payload too large"),
        }
    }

    /// Checks that in a request every answer's calls have their results, and nothing else
    /// has, right behind it and in its order.
    pub(super) fn assert_paired(self, body: &Value) {
        let mut turns: Vec<(Vec<&Value>, Vec<&Value>)> = vec![(Vec::new(), Vec::new())];
        for message in body["messages"].as_array().unwrap() {
            let blocks = message["content"].as_array().into_iter().flatten();
            let ids = |kind: &'static str, field: &'static str| {
                let of_kind = blocks.clone().filter(move |block| block["type"] == kind);
                of_kind.map(move |block| &block[field]).collect::<Vec<_>>()
            };
            match (self, message["role"].as_str().unwrap()) {
                (Self::Anthropic, "assistant") => turns.push((ids("tool_use", "id"), vec![])),
                (Self::Anthropic, _) => {
                    turns.last_mut().unwrap().1.extend(ids("tool_result", "tool_use_id"));
                }
                (Self::OpenAi, "assistant") => {
                    let calls = message["tool_calls"].as_array().into_iter().flatten();
                    turns.push((calls.map(|call| &call["id"]).collect(), vec![]));
                }
                (Self::OpenAi, "tool") => {
                    turns.last_mut().unwrap().1.push(&message["tool_call_id"]);
                }
                (Self::OpenAi, _) => turns.push((Vec::new(), Vec::new())),
            }
        }
        for (calls, results) in turns {
            assert_eq!(calls, results, "{self:?}: {body:#}");
        }
    }

    /// The text of a request's messages, in order, without what the system says.
    pub(super) fn texts(self, body: &Value) -> Vec<String> {
        let mut texts = Vec::new();
        for message in body["messages"].as_array().unwrap() {
            match &message["content"] {
                Value::String(text) if message["role"] != "system" => texts.push(text.clone()),
                Value::Array(blocks) => {
                    let found = blocks.iter().filter_map(|block| block["text"].as_str());
                    texts.extend(found.map(str::to_owned));
                }
                _ => {}
            }
        }
        texts
    }
}

/// A text in two parts.
fn halves(text: &str) -> [String; 2] {
    let middle = text.chars().count() / 2;
    [text.chars().take(middle).collect(), text.chars().skip(middle).collect()]
}

/// A stream of the Messages API.
fn messages(answer: &Answer) -> String {
    let (read, cached, written) = answer.tokens;
    let mut blocks: Vec<(Value, Vec<Value>)> = Vec::new();
    if let Some((text, signature)) = answer.thinks {
        let [one, two] = halves(text);
        blocks.push((
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            vec![
                json!({"type": "thinking_delta", "thinking": one}),
                json!({"type": "thinking_delta", "thinking": two}),
                json!({"type": "signature_delta", "signature": signature}),
            ],
        ));
    }
    if let Some(data) = answer.redacted {
        blocks.push((json!({"type": "redacted_thinking", "data": data}), vec![]));
    }
    if !answer.text.is_empty() {
        let deltas = halves(answer.text).map(|half| json!({"type": "text_delta", "text": half}));
        blocks.push((json!({"type": "text", "text": ""}), deltas.into()));
    }
    for (number, (name, input)) in answer.calls.iter().enumerate() {
        let id = format!("toolu_provider_{number}");
        let deltas = halves(&input.to_string())
            .map(|half| json!({"type": "input_json_delta", "partial_json": half}));
        let start = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
        blocks.push((start, deltas.into()));
    }
    let mut events = vec![
        json!({"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": {
                "input_tokens": read, "cache_read_input_tokens": cached,
                "cache_creation_input_tokens": 0, "output_tokens": 1,
            },
        }}),
        json!({"type": "ping"}),
    ];
    for (index, (start, deltas)) in blocks.into_iter().enumerate() {
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        for delta in deltas {
            events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    let why = if answer.calls.is_empty() { "end_turn" } else { "tool_use" };
    events.push(json!({
        "type": "message_delta",
        "delta": {"stop_reason": why, "stop_sequence": null},
        "usage": {"output_tokens": written},
    }));
    events.push(json!({"type": "message_stop"}));
    let line = |event: &Value| {
        let name = event["type"].as_str().unwrap();
        format!("event: {name}\ndata: {event}\n\n")
    };
    events.iter().map(line).collect()
}

/// A stream of chat completions; the pieces of its calls are mixed.
fn chat_completions(answer: &Answer) -> String {
    let (read, cached, written) = answer.tokens;
    let chunk = |choices: Value, usage: Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_763_700_000,
            "model": "local-model", "choices": choices, "usage": usage,
        })
    };
    let delta = |delta: Value, why: Value| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": why}]), Value::Null)
    };
    let mut chunks = vec![delta(json!({"role": "assistant", "content": null}), Value::Null)];
    for half in answer.thinks.map(|(text, _)| halves(text)).into_iter().flatten() {
        chunks.push(delta(json!({"reasoning_content": half}), Value::Null));
    }
    for half in halves(answer.text) {
        chunks.push(delta(json!({"content": half}), Value::Null));
    }
    for (number, (name, _)) in answer.calls.iter().enumerate() {
        let id = format!("call_provider_{number}");
        let function = json!({"name": name, "arguments": ""});
        let call = json!({"index": number, "id": id, "type": "function", "function": function});
        chunks.push(delta(json!({"tool_calls": [call]}), Value::Null));
    }
    for half in 0..2 {
        for (number, (_, input)) in answer.calls.iter().enumerate() {
            let function = json!({"arguments": halves(&input.to_string())[half]});
            let call = json!({"index": number, "function": function});
            chunks.push(delta(json!({"tool_calls": [call]}), Value::Null));
        }
    }
    let why = if answer.calls.is_empty() { "stop" } else { "tool_calls" };
    chunks.push(delta(json!({}), json!(why)));
    let usage = json!({
        "prompt_tokens": read + cached, "completion_tokens": written,
        "total_tokens": read + cached + written,
        "prompt_tokens_details": {"cached_tokens": cached},
    });
    chunks.push(chunk(json!([]), usage));
    let mut stream: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    stream.push_str("data: [DONE]\n\n");
    stream
}
