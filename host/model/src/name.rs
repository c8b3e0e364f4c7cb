//! Names of models, and which provider each belongs to.

use std::fmt;

use lucid_core::{Failure, Result};

/// A model's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModelName {
    /// A plugin of kind `model`, by name: `plugin:NAME`.
    Plugin(String),
    /// A model of the Messages API, by its whole name: `claude-…`.
    Anthropic(String),
    /// A model behind chat completions, by the name its server knows: `openai:NAME`.
    OpenAi(String),
}

impl ModelName {
    /// Takes a name apart.
    ///
    /// # Errors
    /// Invalid, when it names no provider, or nothing behind one; the hint says what to write.
    pub fn parse(name: &str) -> Result<Self> {
        let found = if let Some(plugin) = name.strip_prefix("plugin:") {
            is_name(plugin).then(|| Self::Plugin(plugin.to_owned()))
        } else if let Some(model) = name.strip_prefix("openai:") {
            is_name(model).then(|| Self::OpenAi(model.to_owned()))
        } else if let Some(rest) = name.strip_prefix("claude-") {
            is_name(rest).then(|| Self::Anthropic(name.to_owned()))
        } else {
            None
        };
        found.ok_or_else(|| {
            Failure::invalid(format!("no such model: `{}`", shown(name))).hint(hint(name))
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plugin(plugin) => write!(formatter, "plugin:{plugin}"),
            Self::Anthropic(model) => formatter.write_str(model),
            Self::OpenAi(model) => write!(formatter, "openai:{model}"),
        }
    }
}

/// What follows a provider: one word of at most 200 bytes, such as `library/model:7b`.
fn is_name(name: &str) -> bool {
    (1..=200).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A name as an error quotes it: short and without line breaks.
fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(80).collect()
}

fn hint(name: &str) -> String {
    const ALL: &str = "write `claude-…`, `openai:NAME` for an OpenAI-compatible server, or \
                       `plugin:NAME` for a plugin of kind model";
    let looks_like = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    if looks_like(&["gpt-", "o1", "o3", "o4", "chatgpt-", "llama", "qwen", "mistral", "gemma"])
        && is_name(name)
    {
        return format!("for a model of an OpenAI-compatible server write `openai:{name}`");
    }
    if let Some(model) = name.strip_prefix("anthropic:").or(name.strip_prefix("anthropic/"))
        && model.starts_with("claude-")
        && is_name(model)
    {
        return format!("write `{model}` alone");
    }
    ALL.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_provider() {
        let names = [
            ("plugin:echo", ModelName::Plugin("echo".into())),
            ("claude-sonnet-5", ModelName::Anthropic("claude-sonnet-5".into())),
            ("openai:library/qwen3:8b", ModelName::OpenAi("library/qwen3:8b".into())),
        ];
        for (text, name) in names {
            assert_eq!(ModelName::parse(text).as_ref(), Ok(&name));
            assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_what_to_write() {
        let check = |name: &str, hint: &str| {
            let refused = ModelName::parse(name).unwrap_err();
            assert!(!refused.message.contains('\n'), "{refused}");
            let given = refused.hint.unwrap();
            assert!(given.contains(hint), "{name}: {given}");
        };
        for unknown in ["", "echo", "plugin:", "claude-", "openai:", "openai:two words", "x\ny"] {
            check(unknown, "`plugin:NAME`");
        }
        check("gpt-5", "`openai:gpt-5`");
        check("anthropic:claude-opus-5", "`claude-opus-5`");
        check(&"a".repeat(100_000), "`openai:NAME`");
        assert!(ModelName::parse(&"a".repeat(100_000)).unwrap_err().message.len() < 200);
    }
}
