//! `{metadata.KEY}` in what a plugin's `environment` says: a value of the session's metadata.
//!
//! Only what the configuration names is filled in, only there, and only with plain text: a
//! value can be no placeholder itself, and nothing else of a session's mission follows from it.

use lucid_api::ApiError;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// What begins a placeholder.
const OPENS: &str = "{metadata.";

/// Placeholders that a run of a mission fills in, and no session of the API has.
const OF_A_RUN: [&str; 3] = ["{task}", "{seed}", "{session_seed}"];

/// Characters of a value at most.
const VALUE_MAX: usize = 256;

/// A part of a text.
enum Part<'a> {
    /// As it is.
    Text(&'a str),
    /// What the metadata have of this key.
    Key(&'a str),
}

/// Checks the placeholders of a text; else says what is wrong with it.
pub(super) fn check(text: &str) -> Result<(), String> {
    if let Some(found) = OF_A_RUN.iter().find(|found| text.contains(**found)) {
        return Err(format!(
            "has `{found}`, which only runs of missions have; take `{{metadata.KEY}}`, which the \
             metadata of each session fill in"
        ));
    }
    parts(text).map(drop)
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once(OPENS) {
        let key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let found = after.split_once('}');
        let found = found.filter(|(name, _)| !name.is_empty() && name.chars().all(key));
        let Some((name, behind)) = found else {
            return Err(format!(
                "has `{OPENS}` without a key and `}}` behind it; a key has letters, digits, `_`, \
                 `-` and `.`"
            ));
        };
        parts.extend([Part::Text(before), Part::Key(name)]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// Fills in what the section of a plugin asks for.
///
/// # Errors
/// Invalid, naming the key, when the metadata do not have it or its value is no plain text.
pub(crate) fn fill(
    plugin: &str,
    section: &mut Table,
    metadata: &BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let Some(Value::Table(environment)) = section.get_mut("environment") else { return Ok(()) };
    for (_, value) in environment.iter_mut() {
        if let Value::String(text) = value {
            *text = filled(plugin, text, metadata)?;
        }
    }
    Ok(())
}

fn filled(
    plugin: &str,
    text: &str,
    metadata: &BTreeMap<String, String>,
) -> Result<String, ApiError> {
    let parts = parts(text).map_err(|why| ApiError::internal(format!("`{plugin}` {why}")))?;
    let mut filled = String::new();
    for part in parts {
        filled.push_str(match part {
            Part::Text(text) => text,
            Part::Key(key) => plain(plugin, key, metadata.get(key))?,
        });
    }
    Ok(filled)
}

/// A value that can be nothing but a value.
fn plain<'a>(plugin: &str, key: &str, value: Option<&'a String>) -> Result<&'a str, ApiError> {
    let wrong = |why: String| {
        let text = format!("metadata: `{key}` {why}, and the plugin `{plugin}` works with it");
        Err(ApiError::invalid(text).code("invalid_metadata"))
    };
    let Some(value) = value else { return wrong("is not there".to_owned()) };
    let marks = |c: char| c.is_control() || matches!(c, '{' | '}');
    if !(1..=VALUE_MAX).contains(&value.chars().count()) || value.contains(marks) {
        let rule = "control characters and braces";
        return wrong(format!("has to have 1 to {VALUE_MAX} characters without {rule}"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, metadata: &[(&str, &str)]) -> Result<String, ApiError> {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let mut section = Table::new();
        let environment = Table::from_iter([("X".to_owned(), text.into())]);
        section.insert("environment".into(), environment.into());
        fill("probe", &mut section, &metadata.iter().map(pair).collect())?;
        Ok(section["environment"]["X"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_is_named_is_filled_in_and_all_else_stays() {
        let metadata = [("site", "12"), ("lucid.x-1_a", "y z"), ("secret", "s")];
        assert_eq!(of("{metadata.site}", &metadata).unwrap(), "12");
        let text = "a {metadata.site}/{metadata.lucid.x-1_a}{b} secret {";
        assert_eq!(of(text, &metadata).unwrap(), "a 12/y z{b} secret {");
        assert_eq!(of("", &[]).unwrap(), "");
    }

    #[test]
    fn what_is_missing_or_not_plain_is_refused_with_its_key() {
        let long = "x".repeat(VALUE_MAX + 1);
        for value in ["", "{seed}", "a}", "a\nb", "a\0", &long] {
            let error = of("{metadata.site}", &[("site", value)]).unwrap_err();
            assert_eq!(error.status, 400, "{value:?}");
            assert!(error.message.contains("`site`"), "{}", error.message);
        }
        assert_eq!(of("{metadata.site}", &[("other", "1")]).unwrap_err().status, 400);
        assert!(of("{metadata.site}", &[("site", &"x".repeat(VALUE_MAX))]).is_ok());
    }

    #[test]
    fn a_placeholder_that_nothing_fills_in_is_found_at_once() {
        for text in ["{metadata.}", "{metadata.a", "{metadata.a b}", "site {task}", "{seed}"] {
            assert!(check(text).is_err(), "{text}");
        }
        for text in ["{metadata.task}", "{metadata}", "{\"a\": 1}", "", "{"] {
            assert!(check(text).is_ok(), "{text}");
        }
    }
}
