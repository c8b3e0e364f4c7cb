//! A tool's examples: calls that are made after each build, from `examples.toml`.

use std::path::Path;

use lucid_core::{Failure, Result};
use serde::Deserialize;

use crate::file;

/// The file in a project's folder.
const FILE: &str = "examples.toml";

/// What `examples.toml` says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// The calls, in their order.
    #[serde(default, rename = "call")]
    pub calls: Vec<ExampleCall>,
}

/// One call, with what it is granted and what its answer has to have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleCall {
    /// The tool.
    pub tool: String,
    /// The input object.
    pub input: toml::Table,
    /// Folders, as `HOST::GUEST[:rw]`, relative to the project's.
    #[serde(default)]
    pub dirs: Vec<String>,
    /// Hosts, as `HOST[:PORT]`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Names of environment variables.
    #[serde(default)]
    pub env: Vec<String>,
    /// Limits, as `NAME=VALUE`.
    #[serde(default)]
    pub limits: Vec<String>,
    /// Texts that the answer has to contain.
    #[serde(default)]
    pub contains: Vec<String>,
    /// Whether the answer has to be an error.
    #[serde(default)]
    pub is_error: bool,
}

impl Examples {
    /// Reads a project's examples; none, where it has no file of them.
    ///
    /// # Errors
    /// Invalid, with the line, when the file has a mistake.
    pub fn of(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(file("read", &path, &error)),
        };
        toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            let message = error.message().replace('\n', " ");
            Failure::invalid(format!("{}:{line}: {message}", path.display()))
                .hint("mend that line; an example has `tool`, `input`, and what it is granted")
        })
    }
}

impl ExampleCall {
    /// The input as JSON text.
    #[must_use]
    pub fn input_json(&self) -> String {
        // A date of TOML has no JSON of its own, and becomes a table with an odd name.
        serde_json::to_string(&self.input).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_read_and_a_mistake_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Examples::of(folder.path()).unwrap().calls.is_empty());
        let write = |text: &str| std::fs::write(folder.path().join(FILE), text).unwrap();
        write("[[call]]\ntool = \"a\"\ninput = { n = 1, list = [true] }\ndirs = [\"x::/y\"]\n");
        let calls = Examples::of(folder.path()).unwrap().calls;
        assert_eq!(calls[0].input_json(), r#"{"list":[true],"n":1}"#);
        assert_eq!(calls[0].dirs, ["x::/y"]);
        write("[[call]]\ntool = \"a\"\ninput = {}\ndir = [\"x::/y\"]\n");
        let failure = Examples::of(folder.path()).unwrap_err();
        assert!(failure.message.contains("examples.toml:4: unknown field `dir`"), "{failure}");
    }
}
