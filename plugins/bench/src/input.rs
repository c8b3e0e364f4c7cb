//! The inputs, read by hand: a parser for any JSON and any type is larger than all the rest
//! of this plugin, and its size is in every figure.

use lucid_sdk::tool::ToolError;

/// An input: a flat JSON object whose texts have no escapes.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a>(&'a str);

impl<'a> Input<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, ToolError> {
        let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let plain = inner.filter(|inner| !inner.contains(['{', '[', '\\']));
        plain.map(Self).ok_or_else(|| wrong("the input is not a flat object without escapes"))
    }

    /// What stands behind a key.
    fn value(self, key: &str) -> Option<&'a str> {
        let mut rest = self.0;
        loop {
            let (_, after) = rest.split_once('"')?;
            let (name, after) = after.split_once('"')?;
            let after = after.trim_start().strip_prefix(':')?.trim_start();
            let length = match after.strip_prefix('"') {
                Some(text) => text.find('"')? + 2,
                None => after.find(',').unwrap_or(after.len()),
            };
            let (value, after) = after.split_at(length);
            if name == key {
                return Some(value.trim());
            }
            rest = after;
        }
    }

    pub(crate) fn text(self, key: &str) -> Result<&'a str, ToolError> {
        let value = self.value(key);
        let text = value.and_then(|value| value.strip_prefix('"')?.strip_suffix('"'));
        text.ok_or_else(|| wrong(key))
    }

    pub(crate) fn number<N: std::str::FromStr>(self, key: &str) -> Result<N, ToolError> {
        self.value(key).and_then(|value| value.parse().ok()).ok_or_else(|| wrong(key))
    }
}

/// What is wrong: a field's name, or a sentence.
pub(crate) fn wrong(what: &str) -> ToolError {
    ToolError::InvalidInput(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_wherever_they_stand_and_nothing_else_is() {
        let input = Input::new(r#" {"a" : "x, y:", "n":7 ,"b":""} "#).unwrap();
        assert_eq!((input.text("a"), input.text("b")), (Ok("x, y:"), Ok("")));
        assert_eq!(input.number::<u32>("n"), Ok(7));
        for key in ["c", "x", "n", ""] {
            assert!(input.text(key).is_err(), "{key}");
        }
        assert!(input.number::<u32>("a").is_err());
    }

    #[test]
    fn what_is_no_flat_object_is_invalid_input() {
        for text in ["", "null", "[]", "{", "\"x\"", r#"{"a":"\""}"#, r#"{"a":{}}"#] {
            assert!(matches!(Input::new(text), Err(ToolError::InvalidInput(_))), "{text}");
        }
        for text in ["{}", r#"{"a"}"#, r#"{"a":"}"#, r#"{":}"#] {
            assert!(Input::new(text).unwrap().text("a").is_err(), "{text}");
        }
    }
}
