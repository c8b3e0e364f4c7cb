//! A conversation as the body of a chat completions request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lucid_core::{Block, CompletionRequest, Message, Role, ToolOffer};
use serde_json::{Value, json};

use crate::error::ModelErrorKind;
use crate::name::ModelName;
use crate::settings::RemoteSettings;
use crate::wire::Fault;

/// The request's body. `is_openai` decides what the longest answer is called.
pub(super) fn body(
    settings: &RemoteSettings,
    is_openai: bool,
    request: &CompletionRequest,
) -> Result<String, Fault> {
    let model = match &settings.name {
        ModelName::Plugin(name) | ModelName::Anthropic(name) | ModelName::OpenAi(name) => name,
    };
    let longest = if is_openai { "max_completion_tokens" } else { "max_tokens" };
    let mut body = json!({
        "model": model,
        "messages": messages(request)?,
        longest: settings.answer_tokens(request.max_tokens),
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    // A list without tools is refused by some servers.
    if !request.tools.is_empty() {
        let tools: Result<Vec<Value>, Fault> = request.tools.iter().map(tool).collect();
        body["tools"] = Value::Array(tools?);
    }
    Ok(body.to_string())
}

fn tool(offer: &ToolOffer) -> Result<Value, Fault> {
    let parameters: Value = serde_json::from_str(&offer.input_schema).map_err(|error| {
        rejected(format!("the schema of the tool `{}` is not JSON: {error}", offer.name))
    })?;
    Ok(json!({
        "type": "function",
        "function": {
            "name": offer.name,
            "description": offer.description,
            "parameters": parameters,
        },
    }))
}

fn messages(request: &CompletionRequest) -> Result<Vec<Value>, Fault> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if !request.system.is_empty() {
        messages.push(json!({ "role": "system", "content": request.system }));
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(message, &mut messages)?,
            Role::Assistant => messages.push(assistant(message)?),
        }
    }
    Ok(messages)
}

/// A message of the user, and the results of calls, which are messages of their own here.
///
/// Results come first, because nothing may stand between calls and their results. A result
/// is text alone in this format: its images and documents follow in the user's message, each
/// group with the id of its call.
fn user(message: &Message, messages: &mut Vec<Value>) -> Result<(), Fault> {
    let mut parts = Vec::new();
    for block in &message.content {
        if let Block::ToolResult { tool_use_id, text, is_error, attachments } = block {
            let said = if *is_error { format!("The call failed: {text}") } else { text.clone() };
            messages.push(json!({
                "role": "tool",
                "tool_call_id": tool_use_id,
                "content": said,
            }));
            if !attachments.is_empty() {
                parts
                    .push(text_part(&format!("What the call {tool_use_id} gave beside its text:")));
            }
            for attachment in attachments {
                parts.push(part(attachment)?);
            }
        }
    }
    for block in &message.content {
        if !matches!(block, Block::ToolResult { .. }) {
            parts.push(part(block)?);
        }
    }
    if !parts.is_empty() {
        messages.push(json!({ "role": "user", "content": content(parts) }));
    }
    Ok(())
}

/// Parts as a message's content: plain text where it is nothing else, because some servers
/// take nothing else.
fn content(parts: Vec<Value>) -> Value {
    let texts: Option<Vec<&str>> =
        parts.iter().map(|part| part.get("text").and_then(Value::as_str)).collect();
    match texts {
        Some(texts) => Value::String(texts.join("\n\n")),
        None => Value::Array(parts),
    }
}

fn part(block: &Block) -> Result<Value, Fault> {
    match block {
        Block::Text { text } => Ok(text_part(text)),
        Block::Image { media_type, data } => Ok(json!({
            "type": "image_url",
            "image_url": { "url": data_url(media_type, data) },
        })),
        Block::Document { media_type, data, title } => {
            Ok(document(media_type, data, title.as_deref()))
        }
        _ => Err(rejected("a user's message has a block that only a model can write")),
    }
}

fn text_part(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// A document: text as text, anything else as a `file` part with a data URL.
///
/// Servers that take files in chat completions take PDF alone, and most local ones take no
/// file at all; they refuse the request and say so.
fn document(media_type: &str, data: &[u8], title: Option<&str>) -> Value {
    let textual = media_type.starts_with("text/") || media_type == "application/json";
    if textual && let Ok(text) = std::str::from_utf8(data) {
        return text_part(&match title {
            Some(title) => format!("Document: {title}\n\n{text}"),
            None => text.to_owned(),
        });
    }
    let mut filename = title.unwrap_or("document").to_owned();
    // The name's end is looked at, too.
    if media_type == "application/pdf" && !filename.to_ascii_lowercase().ends_with(".pdf") {
        filename += ".pdf";
    }
    json!({
        "type": "file",
        "file": { "filename": filename, "file_data": data_url(media_type, data) },
    })
}

fn data_url(media_type: &str, data: &[u8]) -> String {
    format!("data:{media_type};base64,{}", BASE64.encode(data))
}

/// What the model said before: its text and its calls. Reasoning is not sent back.
fn assistant(message: &Message) -> Result<Value, Fault> {
    let mut texts = Vec::new();
    let mut calls = Vec::new();
    for block in &message.content {
        match block {
            Block::Text { text } => texts.push(text.as_str()),
            Block::ToolUse { id, name, input_json } => calls.push(json!({
                "id": id,
                "type": "function",
                "function": { "name": name, "arguments": arguments(input_json) },
            })),
            Block::Thinking { .. } | Block::RedactedThinking { .. } => {}
            _ => return Err(rejected("a model's message has a block that only a user can write")),
        }
    }
    let text = texts.join("\n\n");
    let mut message = json!({ "role": "assistant" });
    message["content"] =
        if text.is_empty() && !calls.is_empty() { Value::Null } else { Value::String(text) };
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    Ok(message)
}

/// The input of an earlier call, as it was, if it is an object. Servers parse it again, and
/// one that cannot refuses the whole conversation: what is no object is put into one.
fn arguments(input_json: &str) -> String {
    match serde_json::from_str::<Value>(input_json) {
        Ok(Value::Object(_)) => input_json.to_owned(),
        _ if input_json.trim().is_empty() => "{}".to_owned(),
        _ => json!({ "not_an_object": input_json }).to_string(),
    }
}

fn rejected(what: impl Into<String>) -> Fault {
    Fault::new(ModelErrorKind::Rejected, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> RemoteSettings {
        RemoteSettings::new(ModelName::OpenAi("m".into()))
    }

    fn request(messages: Vec<Message>) -> CompletionRequest {
        CompletionRequest { system: "Be brief.".into(), messages, tools: vec![], max_tokens: 99 }
    }

    fn body_of(request: &CompletionRequest) -> Value {
        serde_json::from_str(&body(&settings(), false, request).unwrap()).unwrap()
    }

    fn from_user(content: Vec<Block>) -> Message {
        Message { role: Role::User, content }
    }

    fn text(text: &str) -> Block {
        Block::Text { text: text.into() }
    }

    fn image() -> Block {
        Block::Image { media_type: "image/png".into(), data: vec![1, 2, 3] }
    }

    fn result(id: &str, is_error: bool, attachments: Vec<Block>) -> Block {
        let tool_use_id = id.into();
        Block::ToolResult { tool_use_id, text: format!("of {id}"), is_error, attachments }
    }

    /// The messages after the system prompt.
    fn sent(messages: Vec<Message>) -> Value {
        let mut body = body_of(&request(messages));
        let mut messages = body["messages"].take();
        assert_eq!(messages[0], json!({ "role": "system", "content": "Be brief." }));
        messages.as_array_mut().unwrap().remove(0);
        messages
    }

    #[test]
    fn a_request_says_no_more_than_it_has_to() {
        let plain = body_of(&request(vec![from_user(vec![text("Hello")])]));
        let expected = json!({
            "model": "m",
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Hello" },
            ],
            "max_tokens": 99,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        assert_eq!(plain, expected);
        let none = CompletionRequest { system: String::new(), ..request(vec![]) };
        assert_eq!(body_of(&none)["messages"], json!([]));
    }

    #[test]
    fn the_longest_answer_has_two_names() {
        let mut settings = settings();
        settings.max_output_tokens = Some(7);
        for (is_openai, name) in [(true, "max_completion_tokens"), (false, "max_tokens")] {
            let body = body(&settings, is_openai, &request(vec![])).unwrap();
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body[name], 7, "{body}");
            assert_eq!(body.as_object().unwrap().len(), 5, "{body}");
        }
    }

    #[test]
    fn tools_are_functions_and_a_schema_that_is_no_json_is_named() {
        let offer = |schema: &str| ToolOffer {
            name: "read".into(),
            description: "Reads.".into(),
            input_schema: schema.into(),
        };
        let with =
            |schema: &str| CompletionRequest { tools: vec![offer(schema)], ..request(vec![]) };
        let tools = body_of(&with(r#"{"type":"object"}"#))["tools"].take();
        let parameters = json!({ "type": "object" });
        let function = json!({ "name": "read", "description": "Reads.", "parameters": parameters });
        assert_eq!(tools, json!([{ "type": "function", "function": function }]));
        let fault = body(&settings(), false, &with("{")).unwrap_err();
        assert_eq!(fault.kind, ModelErrorKind::Rejected);
        assert!(fault.what.contains("`read`"), "{}", fault.what);
    }

    #[test]
    fn results_follow_their_calls_and_their_images_come_after_all_of_them() {
        let call = |id: &str, input: &str| Block::ToolUse {
            id: id.into(),
            name: "read".into(),
            input_json: input.into(),
        };
        let thinking = Block::Thinking { text: "Hm".into(), signature: Some("s".into()) };
        let hidden = Block::RedactedThinking { data: "x".into() };
        let asked = Message {
            role: Role::Assistant,
            content: vec![
                thinking,
                hidden,
                call("a", "{\"n\":1}"),
                call("b", "[1]"),
                call("c", ""),
            ],
        };
        let results = vec![
            text("And?"),
            result("a", false, vec![image()]),
            result("b", true, vec![]),
            result("c", false, vec![]),
        ];
        let function = |id: &str, arguments: &str| {
            let function = json!({ "name": "read", "arguments": arguments });
            json!({ "id": id, "type": "function", "function": function })
        };
        let calls = json!([
            function("a", "{\"n\":1}"),
            function("b", "{\"not_an_object\":\"[1]\"}"),
            function("c", "{}"),
        ]);
        let url = json!({ "url": "data:image/png;base64,AQID" });
        let expected = json!([
            { "role": "assistant", "content": null, "tool_calls": calls },
            { "role": "tool", "tool_call_id": "a", "content": "of a" },
            { "role": "tool", "tool_call_id": "b", "content": "The call failed: of b" },
            { "role": "tool", "tool_call_id": "c", "content": "of c" },
            { "role": "user", "content": [
                { "type": "text", "text": "What the call a gave beside its text:" },
                { "type": "image_url", "image_url": url },
                { "type": "text", "text": "And?" },
            ]},
        ]);
        assert_eq!(sent(vec![asked, from_user(results)]), expected);
    }

    #[test]
    fn texts_alone_are_one_plain_text() {
        let messages = vec![
            from_user(vec![text("One."), text("Two.")]),
            Message { role: Role::Assistant, content: vec![text("Yes.")] },
        ];
        let expected = json!([
            { "role": "user", "content": "One.\n\nTwo." },
            { "role": "assistant", "content": "Yes." },
        ]);
        assert_eq!(sent(messages), expected);
    }

    #[test]
    fn documents_are_text_where_they_are_text_and_files_where_not() {
        let document = |media_type: &str, data: &[u8], title: Option<&str>| Block::Document {
            media_type: media_type.into(),
            data: data.into(),
            title: title.map(str::to_owned),
        };
        let sent = sent(vec![from_user(vec![
            document("application/pdf", b"%PDF", None),
            document("application/pdf", b"%PDF", Some("Plan.PDF")),
            document("application/pdf", b"%PDF", Some("Plan")),
            document("text/markdown", b"# A", Some("Notes")),
            document("text/plain", b"\xFF", None),
        ])]);
        let file = |name: &str, data: &str| {
            let file = json!({ "filename": name, "file_data": data });
            json!({ "type": "file", "file": file })
        };
        let pdf = "data:application/pdf;base64,JVBERg==";
        let expected = json!([
            file("document.pdf", pdf),
            file("Plan.PDF", pdf),
            file("Plan.pdf", pdf),
            { "type": "text", "text": "Document: Notes\n\n# A" },
            file("document", "data:text/plain;base64,/w=="),
        ]);
        assert_eq!(sent[0]["content"], expected);
    }

    #[test]
    fn what_the_format_cannot_say_is_refused() {
        let cases = [
            Message { role: Role::Assistant, content: vec![image()] },
            from_user(vec![Block::Thinking { text: "Hm".into(), signature: None }]),
            from_user(vec![result("a", false, vec![result("b", false, vec![])])]),
        ];
        for message in cases {
            let fault = body(&settings(), false, &request(vec![message])).unwrap_err();
            assert_eq!(fault.kind, ModelErrorKind::Rejected, "{}", fault.what);
        }
    }
}
