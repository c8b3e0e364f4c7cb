//! Quotes: text of an event's body, byte for byte.

use serde_json::Value;

/// A longer quote is refused by the host, and a shorter one says as much.
const BYTES_MAX: usize = 256;

/// Key and value as they stand in JSON text, whatever the white space between them.
pub(super) fn pair(json: &str, key: &str, value: &Value) -> Option<String> {
    let quoted = serde_json::to_string(key).ok()?;
    for (start, _) in json.match_indices(&quoted) {
        let rest = &json[start + quoted.len()..];
        let Some(rest) = rest.trim_start().strip_prefix(':') else {
            continue;
        };
        let rest = rest.trim_start();
        let mut parsed = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        if matches!(parsed.next(), Some(Ok(here)) if here == *value) {
            let end = json.len() - rest.len() + parsed.byte_offset();
            return json.get(start..end).map(str::to_owned).filter(|text| text.len() <= BYTES_MAX);
        }
    }
    None
}

/// A text as it stands in the strings of a body, which is JSON: its start where it is long.
pub(super) fn text(body: &str, text: &str) -> Option<String> {
    let start = text.trim();
    let start = &start[..start.floor_char_boundary(BYTES_MAX)];
    let escaped = serde_json::to_string(start.trim()).ok()?;
    let inner = escaped.strip_prefix('"')?.strip_suffix('"')?;
    let found = !inner.is_empty() && inner.len() <= 2 * BYTES_MAX && body.contains(inner);
    found.then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pair_is_quoted_with_its_own_white_space() {
        let body = r#"{"a":{"speed" :  2.50},"speed":3}"#;
        assert_eq!(pair(body, "speed", &json!(2.5)).as_deref(), Some(r#""speed" :  2.50"#));
        assert_eq!(pair(body, "speed", &json!(3)).as_deref(), Some(r#""speed":3"#));
        assert_eq!(pair(body, "speed", &json!(4)), None);
    }

    #[test]
    fn a_text_is_quoted_as_it_is_escaped_in_the_body() {
        let body = json!({"content": [{"type": "text", "text": "say \"yes\"\nor no"}]}).to_string();
        assert_eq!(text(&body, "say \"yes\"").as_deref(), Some(r#"say \"yes\""#));
        assert_eq!(text(&body, "perhaps"), None);
        assert_eq!(text(&body, " "), None);
    }
}
