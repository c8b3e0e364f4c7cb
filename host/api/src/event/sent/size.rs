//! How much the events of one request bring into a log.

use super::{Rubric, SentEvent};
use crate::content::{ContentBlock, SearchText, Source};
use crate::error::{ApiError, Result};

/// Bytes that the events of one request bring into a log at most: what is in them, and the
/// files that they name. As many as a request's body may have.
const BYTES_MAX: u64 = 32 << 20;

/// Checks how much events bring along, before any file is read. A file counts as often as it
/// is named: each time the log has it anew.
///
/// # Errors
/// Too large.
pub fn check_size(events: &[SentEvent], size_of: impl Fn(&str) -> u64) -> Result<()> {
    let blocks = events.iter().flat_map(SentEvent::blocks);
    let inner = blocks.map(inner);
    let named = super::named(events).map(size_of);
    let rubrics = events.iter().map(|event| match event {
        SentEvent::Outcome { rubric: Rubric::Text { content }, .. } => length(content),
        _ => 0,
    });
    let all = inner.chain(named).chain(rubrics).fold(0, u64::saturating_add);
    if all <= BYTES_MAX {
        return Ok(());
    }
    Err(ApiError::too_large(
        "the events bring more than 32 MB along; a file counts as often as it is named. Send \
         less at once, or add large files to the session's resources, where agents read them \
         with their tools",
    ))
}

/// What is in a block itself.
fn inner(block: &ContentBlock) -> u64 {
    match block {
        ContentBlock::Text { text } => length(text),
        ContentBlock::Image { source } | ContentBlock::Document { source, .. } => match source {
            Source::Base64 { data, .. } | Source::Text { data, .. } => length(data),
            Source::Url { .. } | Source::File { .. } => 0,
        },
        ContentBlock::SearchResult { content, .. } => {
            let texts = content.iter().map(|SearchText::Text { text }| length(text));
            texts.fold(0, u64::saturating_add)
        }
        ContentBlock::Redacted {} => 0,
    }
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn events(value: Value) -> Vec<SentEvent> {
        crate::value(value).unwrap()
    }

    fn named(times: usize) -> Value {
        let block = json!({"type": "document", "source": {"type": "file", "file_id": "file_1"}});
        json!(vec![block; times])
    }

    #[test]
    fn a_file_counts_as_often_as_it_is_named_wherever_that_is() {
        let kinds = [
            |content: Value| json!({"type": "user.message", "content": content}),
            |content: Value| {
                let id = "sevt_1";
                json!({"type": "user.tool_result", "tool_use_id": id, "content": content})
            },
            |content: Value| {
                json!({"type": "user.custom_tool_result", "custom_tool_use_id": "sevt_1",
                    "content": content})
            },
        ];
        let size_of = |_: &str| BYTES_MAX / 4;
        for of in kinds {
            assert!(check_size(&events(json!([of(named(4))])), size_of).is_ok());
            let refused = check_size(&events(json!([of(named(5))])), size_of).unwrap_err();
            assert_eq!((refused.status, refused.kind), (413, "request_too_large"));
            let apart = events(json!([of(named(2)), of(named(2)), of(named(1))]));
            assert_eq!(check_size(&apart, size_of).unwrap_err().status, 413);
        }
        let rubric = json!({"type": "user.define_outcome", "description": "d",
            "rubric": {"type": "file", "file_id": "file_1"}});
        assert!(check_size(&events(json!([rubric])), |_| BYTES_MAX + 1).is_err());
    }

    #[test]
    fn what_is_in_events_counts_with_the_files_they_name() {
        let with = |block: Value| {
            let blocks = json!([block, named(1)[0]]);
            events(json!([{"type": "user.message", "content": blocks}]))
        };
        for block in [
            json!({"type": "text", "text": "abcd"}),
            json!({"type": "image", "source": {"type": "base64", "media_type": "image/png",
                "data": "AAAA"}}),
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain",
                "data": "abcd"}}),
        ] {
            assert!(check_size(&with(block.clone()), |_| BYTES_MAX - 4).is_ok(), "{block}");
            assert!(check_size(&with(block.clone()), |_| BYTES_MAX - 3).is_err(), "{block}");
        }
    }
}
