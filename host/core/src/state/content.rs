//! Content of events as blocks of a conversation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::{Block, Content};

/// How a message from another agent reads.
#[must_use]
pub fn letter(from: &str, text: &str) -> String {
    format!("Message from agent \"{from}\":\n\n{text}")
}

/// Content as a model reads it. What is not in the event itself, such as a file by its id,
/// is left out.
pub(super) fn blocks(content: &[Content]) -> Vec<Block> {
    content.iter().filter_map(block).collect()
}

fn block(content: &Content) -> Option<Block> {
    match content {
        Content::Text { text } => Some(Block::Text { text: text.clone() }),
        Content::Image { source } => {
            let (media_type, data) = decoded(source)?;
            Some(Block::Image { media_type, data })
        }
        Content::Document { source, title } => {
            let (media_type, data) = decoded(source)?;
            Some(Block::Document { media_type, data, title: title.clone() })
        }
        Content::Other => None,
    }
}

fn decoded(source: &Value) -> Option<(String, Vec<u8>)> {
    let field = |name: &str| source.get(name).and_then(Value::as_str);
    let data = field("data")?;
    let bytes = match field("type")? {
        "base64" => STANDARD.decode(data).ok()?,
        "text" => data.as_bytes().to_vec(),
        _ => return None,
    };
    Some((field("media_type").unwrap_or("text/plain").to_owned(), bytes))
}

impl Content {
    /// An image, as the API writes it.
    #[must_use]
    pub fn image(media_type: &str, data: &[u8]) -> Self {
        Self::Image { source: encoded(media_type, data) }
    }

    /// A document, as the API writes it.
    #[must_use]
    pub fn document(media_type: &str, data: &[u8], title: Option<String>) -> Self {
        Self::Document { source: encoded(media_type, data), title }
    }
}

fn encoded(media_type: &str, data: &[u8]) -> Value {
    serde_json::json!({
        "type": "base64", "media_type": media_type, "data": STANDARD.encode(data),
    })
}
