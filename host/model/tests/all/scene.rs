//! What the tests share: the two wire formats, models that ask a server, and a conversation.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use lucid_core::{Block, Completion, CompletionRequest, Message, Role, ToolOffer};
use lucid_model::{
    HttpRequest, HttpResponse, HttpTransport, Key, ModelError, ModelName, RemoteModel,
    RemoteSettings, Transport,
};

use crate::server::Reply;

/// What stands for a key.
pub(crate) const KEY: &str = "sk-scripted-0123456789";

/// A wire format, with its cassettes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Anthropic,
    OpenAi,
}

pub(crate) const FORMATS: [Format; 2] = [Format::Anthropic, Format::OpenAi];

impl Format {
    fn name(self) -> ModelName {
        match self {
            Self::Anthropic => ModelName::Anthropic("claude-sonnet-4-5".into()),
            Self::OpenAi => ModelName::OpenAi("local-model".into()),
        }
    }

    /// A team of refusals, a cut stream, then a conversation with thinking and tools.
    pub(crate) fn conversation(self) -> &'static str {
        match self {
            Self::Anthropic => include_str!("../cassettes/anthropic_conversation.jsonl"),
            Self::OpenAi => include_str!("../cassettes/openai_conversation.jsonl"),
        }
    }

    /// A conversation with images and documents.
    pub(crate) fn attachments(self) -> &'static str {
        match self {
            Self::Anthropic => include_str!("../cassettes/anthropic_attachments.jsonl"),
            Self::OpenAi => include_str!("../cassettes/openai_attachments.jsonl"),
        }
    }

    /// One question, refused in many ways.
    pub(crate) fn errors(self) -> &'static str {
        match self {
            Self::Anthropic => include_str!("../cassettes/anthropic_errors.jsonl"),
            Self::OpenAi => include_str!("../cassettes/openai_errors.jsonl"),
        }
    }

    /// Settings that lead to a server.
    pub(crate) fn settings(self, url: &str) -> RemoteSettings {
        RemoteSettings {
            base_url: Some(url.to_owned()),
            key: Some(Key::new(KEY)),
            thinking_tokens: Some(1_024),
            ..RemoteSettings::new(self.name())
        }
    }

    /// A model at a server, asked through the real client.
    pub(crate) fn model(self, url: &str) -> RemoteModel {
        model(self.settings(url))
    }

    /// A model that is asked through this, wherever it leads.
    pub(crate) fn model_through(self, transport: Arc<dyn Transport>) -> RemoteModel {
        RemoteModel::new(self.settings("http://127.0.0.1:9"), transport).unwrap()
    }
}

/// A model with these settings, asked through the real client.
pub(crate) fn model(settings: RemoteSettings) -> RemoteModel {
    let transport = HttpTransport::new(&settings).unwrap();
    RemoteModel::new(settings, Arc::new(transport)).unwrap()
}

/// A transport without a network: answers everything with the same.
pub(crate) struct Answering {
    status: u16,
    content_type: &'static str,
    parts: Vec<Bytes>,
}

impl Answering {
    /// A stream of events, in these parts.
    pub(crate) fn stream(parts: Vec<Bytes>) -> Self {
        Self { status: 200, content_type: "text/event-stream", parts }
    }

    /// An error's JSON.
    pub(crate) fn reply(reply: &Reply) -> Self {
        let parts = reply.chunks.iter().map(|(_, chunk)| chunk.clone().into()).collect();
        Self { status: reply.status, content_type: "application/json", parts }
    }
}

#[async_trait]
impl Transport for Answering {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, ModelError> {
        let headers = vec![("content-type".to_owned(), self.content_type.to_owned())];
        let body = stream::iter(self.parts.clone()).map(Ok).boxed();
        Ok(HttpResponse { status: self.status, headers, body })
    }
}

/// Asks once; gives the answer and what was heard on the way.
pub(crate) async fn ask(
    model: &RemoteModel,
    request: &CompletionRequest,
) -> (Result<Completion, ModelError>, String) {
    let heard = Mutex::new(String::new());
    let completion = model.complete(request, &|text| heard.lock().unwrap().push_str(text)).await;
    (completion, heard.into_inner().unwrap())
}

pub(crate) fn text(text: &str) -> Block {
    Block::Text { text: text.into() }
}

pub(crate) fn from_user(content: Vec<Block>) -> Message {
    Message { role: Role::User, content }
}

/// A request with two tools.
pub(crate) fn request(messages: Vec<Message>) -> CompletionRequest {
    let tool = |name: &str, description: &str| ToolOffer {
        name: name.into(),
        description: description.into(),
        input_schema: r#"{"type":"object","properties":{"path":{"type":"string"}}}"#.into(),
    };
    CompletionRequest {
        system: "You compare files.".into(),
        messages,
        tools: vec![tool("read", "Reads a file."), tool("list", "Lists a folder.")],
        max_tokens: 4_096,
    }
}

/// The first question of the conversation.
pub(crate) fn question() -> CompletionRequest {
    request(vec![from_user(vec![text("What do a.txt and b.txt say?")])])
}

/// The conversation goes on: the answer, and results for its calls.
pub(crate) fn with_results(answer: &Completion) -> CompletionRequest {
    let mut results = Vec::new();
    for block in &answer.content {
        if let Block::ToolUse { id, input_json, .. } = block {
            let found = input_json.contains("a.txt");
            let said = if found { "four — 4" } else { "no such file" };
            results.push(Block::ToolResult {
                tool_use_id: id.clone(),
                text: said.into(),
                is_error: !found,
                attachments: vec![],
            });
        }
    }
    let mut request = question();
    request.messages.push(Message { role: Role::Assistant, content: answer.content.clone() });
    request.messages.push(from_user(results));
    request
}

/// Questions about an image and documents, one of them the result of a call.
pub(crate) fn attached() -> CompletionRequest {
    let image =
        || Block::Image { media_type: "image/png".into(), data: vec![0x89, b'P', b'N', b'G'] };
    let document = |media_type: &str, data: &str, title: Option<&str>| Block::Document {
        media_type: media_type.into(),
        data: data.into(),
        title: title.map(str::to_owned),
    };
    let call = Block::ToolUse {
        id: "call_1".into(),
        name: "read".into(),
        input_json: r#"{"path":"plan.png"}"#.into(),
    };
    let result = Block::ToolResult {
        tool_use_id: "call_1".into(),
        text: "an image and a document".into(),
        is_error: false,
        attachments: vec![image(), document("application/pdf", "%PDF-1.7", None)],
    };
    let asked = vec![
        text("Compare these with plan.png."),
        image(),
        document("application/pdf", "%PDF-1.7", Some("Plan")),
        document("text/plain", "four", Some("Notes")),
    ];
    request(vec![
        from_user(asked),
        Message { role: Role::Assistant, content: vec![call] },
        from_user(vec![result]),
    ])
}
