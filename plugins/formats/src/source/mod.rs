//! Whether source code parses.

mod brackets;
mod data;
mod go;
mod python;
mod python_string;
mod rust;

use crate::error::{FormatError, excerpt};
use crate::findings::Findings;
use crate::limits::Limits;
use serde_json::{Value, json};

/// The languages that [`source`] checks, and how thoroughly. Other names for them: `yml`, `rs`,
/// `py`, `golang`.
pub const SUPPORTED_LANGUAGES: [(&str, &str); 7] = [
    ("json", "grammar"),
    ("toml", "grammar"),
    ("yaml", "grammar"),
    ("xml", "grammar"),
    ("rust", "tokens"),
    ("go", "tokens"),
    ("python", "tokens"),
];

/// A mistake: its line, from 1, and what is wrong.
type Mistake = (usize, String);
type Checked = Result<Vec<Mistake>, FormatError>;

/// Says whether source code parses: `{parses, checked, errors: [{line, message}], more_errors}`.
///
/// `checked` is `grammar` where the whole grammar was held against it, and `tokens` where only
/// strings, comments, brackets and, for Python, indentation were: such code may be wrong all
/// the same, but what is called wrong there is.
///
/// # Errors
/// A language that is not one of [`SUPPORTED_LANGUAGES`], or which limit the code is over.
pub fn source(text: &str, language: &str, limits: &Limits) -> Result<Value, FormatError> {
    limits.admit_markup(text.len())?;
    let language = match language {
        "yml" => "yaml",
        "rs" => "rust",
        "py" => "python",
        "golang" => "go",
        language => language,
    };
    let Some((_, checked)) = SUPPORTED_LANGUAGES.iter().find(|(name, _)| *name == language) else {
        let names: Vec<&str> = SUPPORTED_LANGUAGES.iter().map(|(name, _)| *name).collect();
        return Err(FormatError::new(format!(
            "source code in `{}` is unsupported: only {} are checked",
            excerpt(language),
            names.join(", "),
        )));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mistakes = match language {
        "json" => data::json(text),
        "toml" => {
            limits.admit_tree(text.len())?;
            data::toml(text)?
        }
        "yaml" => data::yaml(text),
        "xml" => data::xml(text, limits)?,
        "rust" => rust::check(text),
        "go" => go::check(text),
        _ => python::check(text)?,
    };
    let mut findings = Findings::new(limits.errors);
    for (line, message) in mistakes {
        findings.add(|| json!({"line": line, "message": message}));
    }
    let parses = findings.is_empty();
    let (errors, more) = findings.into_parts();
    Ok(json!({"parses": parses, "checked": checked, "errors": errors, "more_errors": more}))
}
