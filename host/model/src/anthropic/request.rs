//! A conversation as the body of a Messages request.
//!
//! Marks for the prompt cache, of which a request may have four: behind the tools, behind the
//! system prompt, and behind the last two messages of the user. The last marks what is new;
//! the one before it is where the last request put its own, and finds what that one wrote
//! however many blocks a turn has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lucid_core::{Block, CompletionRequest, Message, Role, ToolOffer};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::ModelErrorKind;
use crate::settings::RemoteSettings;
use crate::wire::Fault;

/// The smallest budget for thinking that the API takes, in tokens.
const THINKING_TOKENS_MIN: u32 = 1_024;
/// Messages of the user that have a mark.
const MESSAGES_MARKED: usize = 2;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Marked<Part<'a>>>,
    messages: Vec<Turn<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Thinking {
    Adaptive,
    Enabled { budget_tokens: u32 },
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Mark>,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: Role,
    content: Vec<Marked<Part<'a>>>,
}

/// Says that the cache is to keep all that comes up to here.
#[derive(Serialize, Clone, Copy)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Mark {
    Ephemeral,
}

#[derive(Serialize)]
struct Marked<T> {
    #[serde(flatten)]
    part: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Mark>,
}

/// A block as the API has it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    Text {
        text: &'a str,
    },
    /// What this model cannot be shown, in words.
    #[serde(rename = "text")]
    Note {
        text: String,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Box<RawValue>,
    },
    ToolResult {
        tool_use_id: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Part<'a>>,
        #[serde(skip_serializing_if = "is_false")]
        is_error: bool,
    },
    Image {
        source: Source<'a>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: String },
    Text { media_type: &'static str, data: &'a str },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The request's body.
///
/// # Errors
/// Rejected, when a tool's schema is no JSON object or there is no message.
pub(super) fn body(
    settings: &RemoteSettings,
    request: &CompletionRequest,
) -> Result<String, Fault> {
    let name = settings.name.to_string();
    let max_tokens = settings.answer_tokens(request.max_tokens);
    let tools: Result<Vec<_>, _> = request.tools.iter().map(tool).collect();
    let mut tools = tools?;
    if let Some(last) = tools.last_mut() {
        last.cache_control = Some(Mark::Ephemeral);
    }
    let mut messages: Vec<Turn<'_>> = request.messages.iter().filter_map(turn).collect();
    if messages.is_empty() {
        return Err(rejected("the conversation has no message"));
    }
    let of_the_user = messages.iter_mut().rev().filter(|turn| turn.role == Role::User);
    for turn in of_the_user.take(MESSAGES_MARKED) {
        if let Some(last) = turn.content.last_mut() {
            last.cache_control = Some(Mark::Ephemeral);
        }
    }
    let system = text(&request.system)
        .map(|part| Marked { part, cache_control: Some(Mark::Ephemeral) })
        .into_iter()
        .collect();
    let thinking = settings.thinking_tokens.and_then(|tokens| thinking(&name, tokens, max_tokens));
    let thinking =
        thinking.filter(|it| matches!(it, Thinking::Adaptive) || may_think(&request.messages));
    let body = Body { model: &name, max_tokens, stream: true, thinking, tools, system, messages };
    serde_json::to_string(&body)
        .map_err(|error| rejected(format!("the conversation cannot be written as JSON: {error}")))
}

fn tool(offer: &ToolOffer) -> Result<Tool<'_>, Fault> {
    let input_schema = object(&offer.input_schema).ok_or_else(|| {
        rejected(format!("the input schema of the tool `{}` is no JSON object", offer.name))
    })?;
    let ToolOffer { name, description, .. } = offer;
    Ok(Tool { name, description, input_schema, cache_control: None })
}

/// One message; none when nothing is left of it.
///
/// Results come first in a message of the user: the API wants them right behind the calls.
fn turn(message: &Message) -> Option<Turn<'_>> {
    let is_result = |block: &&Block| matches!(block, Block::ToolResult { .. });
    let results = message.content.iter().filter(is_result);
    let others = message.content.iter().filter(|block| !is_result(block));
    let blocks = results.chain(others).filter_map(part);
    let content: Vec<_> = blocks.map(|part| Marked { part, cache_control: None }).collect();
    (!content.is_empty()).then_some(Turn { role: message.role, content })
}

/// One block; none for what the API refuses and nobody misses: text of white space alone, and
/// thinking that no provider signed.
fn part(block: &Block) -> Option<Part<'_>> {
    Some(match block {
        Block::Text { text: said } => text(said)?,
        Block::Thinking { text, signature } => {
            Part::Thinking { thinking: text, signature: signature.as_deref()? }
        }
        Block::RedactedThinking { data } => Part::RedactedThinking { data },
        Block::ToolUse { id, name, input_json } => {
            Part::ToolUse { id, name, input: input(input_json) }
        }
        Block::ToolResult { tool_use_id, text: said, is_error, attachments } => Part::ToolResult {
            tool_use_id,
            content: text(said).into_iter().chain(attachments.iter().filter_map(part)).collect(),
            is_error: *is_error,
        },
        Block::Image { media_type, data } => image(media_type, data),
        Block::Document { media_type, data, title } => document(media_type, data, title.as_deref()),
    })
}

fn text(text: &str) -> Option<Part<'_>> {
    (!text.trim().is_empty()).then_some(Part::Text { text })
}

/// An image, or a note where the API has no such images: refusing would end the session, for
/// the image stays in the conversation.
fn image<'a>(media_type: &'a str, data: &[u8]) -> Part<'a> {
    match media_type {
        "image/gif" | "image/jpeg" | "image/png" | "image/webp" => {
            Part::Image { source: Source::Base64 { media_type, data: BASE64.encode(data) } }
        }
        other => not_shown("image", other, data),
    }
}

/// A document: PDF, or text; or a note, as with images.
fn document<'a>(media_type: &'a str, data: &'a [u8], title: Option<&'a str>) -> Part<'a> {
    let textual = media_type.starts_with("text/") || media_type == "application/json";
    let source = match std::str::from_utf8(data) {
        _ if media_type == "application/pdf" => {
            Source::Base64 { media_type, data: BASE64.encode(data) }
        }
        Ok(text) if textual && !text.trim().is_empty() => {
            Source::Text { media_type: "text/plain", data: text }
        }
        _ => return not_shown("document", media_type, data),
    };
    Part::Document { source, title: title.filter(|title| !title.trim().is_empty()) }
}

fn not_shown<'a>(what: &str, media_type: &str, data: &[u8]) -> Part<'a> {
    let bytes = data.len();
    Part::Note { text: format!("[{what} of type {media_type}, {bytes} bytes: cannot be shown]") }
}

/// The input of an earlier call, letter by letter as the model wrote it. What is no object is
/// put into one, so that the model sees what it wrote and the API takes it.
fn input(input_json: &str) -> Box<RawValue> {
    let given = if input_json.trim().is_empty() { "{}" } else { input_json };
    object(given).unwrap_or_else(|| {
        let wrapped = serde_json::json!({ "not_an_object": input_json });
        to_raw_value(&wrapped).unwrap_or_else(|_| RawValue::NULL.to_owned())
    })
}

/// JSON text as it is, if it is an object.
fn object(json: &str) -> Option<Box<RawValue>> {
    let json = json.trim();
    let raw = RawValue::from_string(json.to_owned()).ok()?;
    json.starts_with('{').then_some(raw)
}

/// How the model is let think. Since 4.6 it decides by itself how much, and later models take
/// nothing else; earlier ones need a number, of which something must be left for the answer.
fn thinking(model: &str, tokens: u32, max_tokens: u32) -> Option<Thinking> {
    if version(model).is_none_or(|version| version >= (4, 6)) {
        return Some(Thinking::Adaptive);
    }
    let budget_tokens = tokens.max(THINKING_TOKENS_MIN);
    let budget_tokens =
        if budget_tokens < max_tokens { budget_tokens } else { max_tokens.saturating_div(2) };
    (budget_tokens >= THINKING_TOKENS_MIN).then_some(Thinking::Enabled { budget_tokens })
}

/// Whether a model can be told to think: a turn that goes on has to begin with what it thought
/// then, of which a context that was put in short has nothing left.
fn may_think(messages: &[Message]) -> bool {
    let is_result = |block: &Block| matches!(block, Block::ToolResult { .. });
    let begins =
        |message: &Message| message.role == Role::User && !message.content.iter().any(is_result);
    let first = messages.iter().rposition(begins).map_or(0, |at| at + 1);
    messages.get(first).is_none_or(|answer| {
        let signed = |block: &Block| match block {
            Block::Thinking { signature, .. } => signature.is_some(),
            block => matches!(block, Block::RedactedThinking { .. }),
        };
        answer.content.first().is_some_and(signed)
    })
}

/// The version in a model's name: (4, 5) of `claude-haiku-4-5-20251001` and (3, 7) of
/// `claude-3-7-sonnet-20250219`; eight digits are a day.
fn version(model: &str) -> Option<(u32, u32)> {
    let parts = model.split('-').map(|part| {
        let is_number = !part.is_empty() && part.len() < 8;
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    });
    let mut numbers = parts.skip_while(Option::is_none);
    let major = numbers.next().flatten()?;
    Some((major, numbers.next().flatten().unwrap_or(0)))
}

fn rejected(what: impl Into<String>) -> Fault {
    Fault::new(ModelErrorKind::Rejected, what)
}

#[cfg(test)]
mod tests;
