//! `{placeholders}` in a mission's texts.

use std::collections::BTreeMap;

use lucid_core::{Failure, Result};

/// What placeholders stand for, by name: `task`, `seed`, `session_seed`.
pub(crate) type Variables = BTreeMap<String, String>;

/// The names a mission can use.
pub(crate) const NAMES: [&str; 3] = ["task", "seed", "session_seed"];

/// Fills in `{name}` wherever it names a variable; other braces stay as they are.
#[must_use]
pub(crate) fn fill(text: &str, variables: &Variables) -> String {
    let mut filled = text.to_owned();
    for (name, value) in variables {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

/// Checks that every `{word}` in a text is a placeholder there is.
pub(crate) fn check(text: &str, what: &str) -> Result<()> {
    for (start, _) in text.match_indices('{') {
        let rest = &text[start + 1..];
        let Some(end) = rest.find('}') else { continue };
        let word = &rest[..end];
        let is_word =
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_word && !NAMES.contains(&word) {
            let known = NAMES.map(|name| format!("{{{name}}}")).join(", ");
            return Err(Failure::invalid(format!(
                "{what} has an unknown placeholder `{{{word}}}`"
            ))
            .hint(format!("placeholders are {known}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        let variables = Variables::from([("task".into(), "12".into())]);
        assert_eq!(fill("site {task}, {x}, {}", &variables), "site 12, {x}, {}");
    }

    #[test]
    fn a_placeholder_nobody_fills_is_a_mistake() {
        assert!(check("site {task} {session_seed}", "message").is_ok());
        assert!(check("site {sit}", "message").unwrap_err().message.contains("{sit}"));
        assert!(check("json: {\"a\": 1}", "message").is_ok());
    }
}
