//! Calls of kind `tool`.

use lucid_core::{Annotations, ToolContent, ToolSpec};

use super::wrong_kind;
use crate::bindings::tool::exports::lucid::plugin::tools as wit;
use crate::call::{Call, Report};
use crate::plugin::{Entry, Plugin};
use crate::run::run;

/// What a tool said: a result, or why there is none. Both are for the agent to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolAnswer {
    /// The result's blocks; in an error, one text that says why.
    pub content: Vec<ToolContent>,
    /// Whether it is an error.
    pub is_error: bool,
}

impl Plugin {
    /// Lists the tools of a tool plugin.
    pub async fn list_tools(&self, call: Call) -> Report<Vec<ToolSpec>> {
        let plugin = self.clone();
        let listed = run(self, call, 0, list_size, move |store| {
            Box::pin(async move {
                let Entry::Tool(entry) = plugin.entry() else { return Err(wrong_kind(&plugin)) };
                let tools = entry.instantiate_async(&mut *store).await?;
                tools.lucid_plugin_tools().call_list_tools(&mut *store).await
            })
        });
        listed.await.and_then(|tools| Ok(tools.into_iter().map(spec_from_wit).collect()))
    }

    /// Calls one tool with the JSON object the model wrote.
    pub async fn call_tool(&self, call: Call, name: &str, input: &str) -> Report<ToolAnswer> {
        let plugin = self.clone();
        let (name, input) = (name.to_owned(), input.to_owned());
        let bytes = name.len() + input.len();
        let called = run(self, call, bytes, answer_size, move |store| {
            Box::pin(async move {
                let Entry::Tool(entry) = plugin.entry() else { return Err(wrong_kind(&plugin)) };
                let tools = entry.instantiate_async(&mut *store).await?;
                let tools = tools.lucid_plugin_tools();
                tools.call_call_tool(&mut *store, &name, &input).await
            })
        });
        called.await.and_then(|answer| Ok(answer_from_wit(answer)))
    }
}

#[expect(clippy::ptr_arg, reason = "its type is that of the result it measures")]
fn list_size(tools: &Vec<wit::Tool>) -> usize {
    tools.iter().map(|tool| tool.description.len() + tool.input_schema.len()).sum()
}

type Answer = Result<Vec<wit::Content>, wit::ToolError>;

fn answer_size(answer: &Answer) -> usize {
    let block = |content: &wit::Content| match content {
        wit::Content::Text(text) | wit::Content::Json(text) => text.len(),
        wit::Content::Image(image) => image.data.len(),
        wit::Content::File(file) => file.path.len(),
    };
    match answer {
        Ok(content) => content.iter().map(block).sum(),
        Err(error) => error_text(error).len(),
    }
}

fn answer_from_wit(answer: Answer) -> ToolAnswer {
    let block = |content| match content {
        wit::Content::Text(text) => ToolContent::Text(text),
        wit::Content::Json(json) => ToolContent::Json(json),
        wit::Content::Image(image) => ToolContent::Image(image.media_type, image.data),
        wit::Content::File(file) => ToolContent::File(file.path, file.media_type),
    };
    match answer {
        Ok(content) => {
            ToolAnswer { content: content.into_iter().map(block).collect(), is_error: false }
        }
        Err(error) => {
            ToolAnswer { content: vec![ToolContent::Text(error_text(&error))], is_error: true }
        }
    }
}

fn error_text(error: &wit::ToolError) -> String {
    match error {
        wit::ToolError::UnknownTool(name) => format!("unknown tool: {name}"),
        wit::ToolError::InvalidInput(message) => format!("invalid input: {message}"),
        wit::ToolError::NotFound(message) => format!("not found: {message}"),
        wit::ToolError::Denied(message) => format!("denied: {message}"),
        wit::ToolError::Failed(message) => format!("failed: {message}"),
    }
}

fn spec_from_wit(tool: wit::Tool) -> ToolSpec {
    let has = |flag| tool.annotations.contains(flag);
    let annotations = Annotations {
        read_only: has(wit::Annotations::READ_ONLY),
        destructive: has(wit::Annotations::DESTRUCTIVE),
        idempotent: has(wit::Annotations::IDEMPOTENT),
        open_world: has(wit::Annotations::OPEN_WORLD),
    };
    ToolSpec {
        name: tool.name,
        title: tool.title,
        description: tool.description,
        input_schema: tool.input_schema,
        output_schema: tool.output_schema,
        annotations,
    }
}
