//! Blocks of content, as clients send them.
//!
//! What a model gets is in the log itself, so that a session can be read and gone on with
//! later: a file is copied into its block. The block keeps the file's id beside the bytes, and
//! whoever reads the log over the API sees the reference again ([`shown`]).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lucid_core::Content;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::{ApiError, Result};

/// Images that models take.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const PDF: &str = "application/pdf";
const TEXT: &str = "text/plain";

/// Blocks of one event at most.
const BLOCKS_MAX: usize = 1_000;
/// Characters of a document's title or of what is said about it.
const NOTE_CHARACTERS_MAX: usize = 4_096;

/// The key of a source in the log that names the file it was.
const FILE_KEY: &str = "lucid_file_id";
/// The key of a source in the log that says what a client told about a document.
const CONTEXT_KEY: &str = "lucid_context";

/// A block of content, as a client sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ContentBlock {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// An image.
    Image {
        /// Where it is.
        source: Source,
    },
    /// A document.
    Document {
        /// Where it is.
        source: Source,
        /// What is known about it.
        #[serde(default)]
        context: Option<String>,
        /// Its title.
        #[serde(default)]
        title: Option<String>,
    },
    /// What a search found; in results of tools only.
    SearchResult {
        /// Where it was found.
        source: String,
        /// Its title.
        title: String,
        /// What it says.
        content: Vec<SearchText>,
        /// Whether it may be cited.
        citations: Citations,
    },
    /// What a model keeps to itself; never sent.
    Redacted {},
}

/// One text of what a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SearchText {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
}

/// Whether what a search found may be cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citations {
    /// Whether it may.
    pub enabled: bool,
}

/// Where an image or a document is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// In the block, in base 64.
    Base64 {
        /// What it is, such as `image/png`.
        media_type: String,
        /// The bytes.
        data: String,
    },
    /// In the block, as text.
    Text {
        /// `text/plain`.
        media_type: String,
        /// The text.
        data: String,
    },
    /// Somewhere on the web.
    Url {
        /// Where.
        url: String,
    },
    /// A file that was uploaded.
    File {
        /// Its id.
        file_id: String,
    },
}

/// Where blocks are: what may be in them depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A message of a person.
    Message,
    /// The result of a tool.
    ToolResult,
}

/// A file as a block needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBytes {
    /// What it is, such as `application/pdf`.
    pub media_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Files that blocks name, by id.
pub type Files = BTreeMap<String, FileBytes>;

impl ContentBlock {
    /// The file that a block names.
    #[must_use]
    pub fn file_id(&self) -> Option<&str> {
        match self {
            Self::Image { source: Source::File { file_id } }
            | Self::Document { source: Source::File { file_id }, .. } => Some(file_id),
            _ => None,
        }
    }
}

/// Checks blocks, without the files that they name.
///
/// # Errors
/// Invalid, naming the block: it may not be here, it is empty, or no model takes it.
pub fn check(field: &str, blocks: &[ContentBlock], place: Place) -> Result<()> {
    if place == Place::Message && blocks.is_empty() {
        return Err(ApiError::invalid(format!("{field}: no block; say something")));
    }
    if blocks.len() > BLOCKS_MAX {
        return Err(ApiError::invalid(format!("{field}: more than {BLOCKS_MAX} blocks")));
    }
    for (index, block) in blocks.iter().enumerate() {
        check_block(&format!("{field}[{index}]"), block, place)?;
    }
    Ok(())
}

fn check_block(field: &str, block: &ContentBlock, place: Place) -> Result<()> {
    match block {
        ContentBlock::Text { text } if place == Place::Message && text.is_empty() => {
            Err(ApiError::invalid(format!("{field}.text: it is empty")))
        }
        ContentBlock::Text { .. } => Ok(()),
        ContentBlock::Image { source } => check_image(field, source),
        ContentBlock::Document { source, context, title } => {
            for (name, text) in [("context", context), ("title", title)] {
                let text = text.as_deref().unwrap_or_default();
                crate::text(&format!("{field}.{name}"), text, 0..=NOTE_CHARACTERS_MAX)?;
            }
            check_document(field, source)
        }
        ContentBlock::SearchResult { .. } if place == Place::ToolResult => Ok(()),
        ContentBlock::SearchResult { .. } => {
            Err(ApiError::invalid(format!("{field}: a search_result is for results of tools")))
        }
        ContentBlock::Redacted {} => {
            Err(ApiError::invalid(format!("{field}: `redacted` is written by models alone")))
        }
    }
}

fn check_image(field: &str, source: &Source) -> Result<()> {
    match source {
        Source::Base64 { media_type, data } => {
            crate::one_of(&format!("{field}.source.media_type"), media_type, &IMAGES)?;
            decode(field, data).map(drop)
        }
        Source::Text { .. } => {
            Err(ApiError::invalid(format!("{field}.source: an image is no text")))
        }
        Source::Url { .. } => Err(no_url(field)),
        Source::File { file_id } => crate::id(&format!("{field}.file_id"), "file_", file_id),
    }
}

fn check_document(field: &str, source: &Source) -> Result<()> {
    let media = format!("{field}.source.media_type");
    match source {
        Source::Base64 { media_type, data } => {
            crate::one_of(&media, media_type, &[PDF, TEXT])?;
            decode(field, data).map(drop)
        }
        Source::Text { media_type, .. } => crate::one_of(&media, media_type, &[TEXT]),
        Source::Url { .. } => Err(no_url(field)),
        Source::File { file_id } => crate::id(&format!("{field}.file_id"), "file_", file_id),
    }
}

/// The server reads nothing from the web for somebody, and not every model does.
fn no_url(field: &str) -> ApiError {
    ApiError::invalid(format!(
        "{field}.source: nothing is read from a URL here; send the bytes, or upload a file"
    ))
    .code("unsupported_source")
}

fn decode(field: &str, data: &str) -> Result<Vec<u8>> {
    let wrong = || ApiError::invalid(format!("{field}.source.data: it is not base 64"));
    STANDARD.decode(data).map_err(|_| wrong())
}

/// Blocks as the log has them. `files` has those that the blocks name.
///
/// # Errors
/// Invalid, when a file is missing, or is none that a model takes.
pub fn to_log(field: &str, blocks: &[ContentBlock], files: &Files) -> Result<Vec<Content>> {
    let place = |index: usize| format!("{field}[{index}]");
    let blocks = blocks.iter().enumerate();
    blocks.map(|(index, block)| one_to_log(&place(index), block, files)).collect()
}

fn one_to_log(field: &str, block: &ContentBlock, files: &Files) -> Result<Content> {
    Ok(match block {
        ContentBlock::Text { text } => Content::Text { text: text.clone() },
        ContentBlock::Image { source } => {
            Content::Image { source: source_to_log(field, source, files, &IMAGES)?.into() }
        }
        ContentBlock::Document { source, context, title } => {
            let mut source = source_to_log(field, source, files, &[PDF])?;
            if let Some(context) = context {
                source.insert(CONTEXT_KEY.into(), context.clone().into());
            }
            Content::Document { source: source.into(), title: title.clone() }
        }
        // A model reads it as text; citing is the models' own affair.
        ContentBlock::SearchResult { source, title, content, .. } => {
            let texts = content.iter().map(|SearchText::Text { text }| text.as_str());
            let texts: Vec<_> =
                [title.as_str(), source.as_str()].into_iter().chain(texts).collect();
            Content::Text { text: texts.join("\n") }
        }
        ContentBlock::Redacted {} => {
            return Err(ApiError::invalid(format!("{field}: `redacted` is written by models")));
        }
    })
}

fn source_to_log(
    field: &str,
    source: &Source,
    files: &Files,
    types: &[&str],
) -> Result<Map<String, Value>> {
    let object = |value: Value| match value {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    match source {
        Source::Base64 { media_type, data } => {
            Ok(object(json!({"type": "base64", "media_type": media_type, "data": data})))
        }
        Source::Text { media_type, data } => {
            Ok(object(json!({"type": "text", "media_type": media_type, "data": data})))
        }
        Source::Url { .. } => Err(no_url(field)),
        Source::File { file_id } => {
            let file = files.get(file_id).ok_or_else(|| ApiError::not_found("file", file_id))?;
            let media_type = file.media_type.split(';').next().unwrap_or_default().trim();
            let as_text = media_type.starts_with("text/") && types.contains(&PDF);
            let text = std::str::from_utf8(&file.bytes).ok().filter(|_| as_text);
            if let Some(text) = text {
                let kept = json!({"type": "text", "media_type": TEXT, "data": text,
                    FILE_KEY: file_id});
                return Ok(object(kept));
            }
            if !types.contains(&media_type) {
                return Err(ApiError::invalid(format!(
                    "{field}.file_id: the file is `{media_type}`, which no model takes here"
                ))
                .code("unsupported_source"));
            }
            let data = STANDARD.encode(&file.bytes);
            Ok(object(json!({"type": "base64", "media_type": media_type, "data": data,
                FILE_KEY: file_id})))
        }
    }
}

/// Blocks of the log as the API shows them; a block of a type that is not in `types` is left
/// out, and a text alone is one block.
#[must_use]
pub fn shown(content: Option<&Value>, types: &[&str]) -> Value {
    let blocks = match content {
        Some(Value::String(text)) => vec![json!({"type": "text", "text": text})],
        Some(Value::Array(blocks)) => blocks.clone(),
        _ => Vec::new(),
    };
    let blocks = blocks.into_iter().filter_map(|block| {
        let kind = block.get("type").and_then(Value::as_str)?.to_owned();
        types.contains(&kind.as_str()).then(|| shown_block(&kind, block)).flatten()
    });
    Value::Array(blocks.collect())
}

fn shown_block(kind: &str, mut block: Value) -> Option<Value> {
    match kind {
        "text" => {
            let text = block.get("text").and_then(Value::as_str)?;
            Some(json!({"type": "text", "text": text}))
        }
        "image" => Some(json!({"type": "image", "source": shown_source(&mut block)?})),
        "document" => {
            let field = |name: &str| block.get(name).cloned().unwrap_or_default();
            let (title, context) = (field("title"), field("context"));
            let kept = block.pointer(&format!("/source/{CONTEXT_KEY}")).cloned();
            let source = shown_source(&mut block)?;
            let context = kept.unwrap_or(context);
            Some(json!({"type": "document", "source": source, "context": context, "title": title}))
        }
        _ => Some(block),
    }
}

fn shown_source(block: &mut Value) -> Option<Value> {
    let mut source = block.get_mut("source")?.take();
    let object = source.as_object_mut()?;
    object.remove(CONTEXT_KEY);
    match object.remove(FILE_KEY) {
        Some(file_id) => Some(json!({"type": "file", "file_id": file_id})),
        None => Some(source),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [&str; 5] = ["text", "image", "document", "search_result", "redacted"];

    fn blocks(text: &str) -> Result<Vec<ContentBlock>> {
        crate::body(text.as_bytes())
    }

    fn files() -> Files {
        let file = |media_type: &str, bytes: &[u8]| FileBytes {
            media_type: media_type.into(),
            bytes: bytes.to_vec(),
        };
        Files::from([
            ("file_1".into(), file("text/csv; charset=utf-8", b"a,b")),
            ("file_2".into(), file("image/png", &[1, 2])),
            ("file_3".into(), file("application/zip", &[1, 2])),
        ])
    }

    #[test]
    fn what_is_sent_is_shown_again_and_a_model_can_read_it() {
        let sent = r#"[{"type":"text","text":"look"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQI="}},
            {"type":"image","source":{"type":"file","file_id":"file_2"}},
            {"type":"document","source":{"type":"file","file_id":"file_1"},
                "context":"of May","title":"table"},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"},
                "context":null,"title":null}]"#;
        let read = blocks(sent).unwrap();
        check("content", &read, Place::Message).unwrap();
        let log = to_log("content", &read, &files()).unwrap();
        let Content::Document { source, .. } = &log[3] else { panic!("{log:?}") };
        assert_eq!(source["data"], "a,b");
        let back = shown(Some(&serde_json::to_value(&log).unwrap()), &ALL);
        assert_eq!(back, serde_json::from_str::<Value>(sent).unwrap());
    }

    #[test]
    fn a_search_result_is_for_results_of_tools_and_becomes_text() {
        let sent = r#"[{"type":"search_result","source":"u","title":"t","citations":
            {"enabled":true},"content":[{"type":"text","text":"c"}]}]"#;
        let read = blocks(sent).unwrap();
        assert!(check("content", &read, Place::Message).is_err());
        check("content", &read, Place::ToolResult).unwrap();
        let log = to_log("content", &read, &Files::new()).unwrap();
        assert_eq!(log, Content::text("t\nu\nc"));
    }

    #[test]
    fn what_no_model_takes_is_refused_with_its_place() {
        let image = |source: &str| format!(r#"[{{"type":"image","source":{source}}}]"#);
        for (sent, part) in [
            (r#"[{"type":"redacted"}]"#.to_owned(), "written by models"),
            ("[]".to_owned(), "no block"),
            (r#"[{"type":"text","text":""}]"#.to_owned(), "[0].text"),
            (image(r#"{"type":"url","url":"https://a.b/c.png"}"#), "URL"),
            (image(r#"{"type":"base64","media_type":"image/bmp","data":""}"#), "media_type"),
            (image(r#"{"type":"base64","media_type":"image/png","data":"*"}"#), "base 64"),
            (image(r#"{"type":"file","file_id":"../x"}"#), "file_id"),
        ] {
            let refused = check("content", &blocks(&sent).unwrap(), Place::Message).unwrap_err();
            assert_eq!(refused.status, 400);
            assert!(refused.message.contains(part), "{refused}");
        }
        for (file, status) in [("file_9", 404), ("file_3", 400)] {
            let sent = image(&format!(r#"{{"type":"file","file_id":"{file}"}}"#));
            let refused = to_log("c", &blocks(&sent).unwrap(), &files()).unwrap_err();
            assert_eq!(refused.status, status);
        }
        assert!(blocks(r#"[{"type":"text","text":"a","cache":1}]"#).is_err());
    }

    proptest! {
        #[test]
        fn no_content_of_a_log_breaks_what_is_shown(text in ".{0,60}", number in 0_u8..6) {
            let odd = json!([{"type": "image"}, {"type": "document", "source": text},
                {"type": "text", "text": number}, text, {"type": text}]);
            let shown = shown(Some(&odd), &ALL);
            prop_assert!(shown.as_array().is_some_and(Vec::is_empty));
        }
    }
}
