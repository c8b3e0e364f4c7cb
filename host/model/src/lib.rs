//! Where an agent's completions come from.
//!
//! An agent names its model; [`ModelName`] says which provider that is. The one provider of
//! this version are plugins; asking for a model over the network is refused by name, before
//! anything runs.
#![forbid(unsafe_code)]

use lucid_core::{Failure, Result};

/// A model's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelName {
    /// A plugin of kind `model`, by name: `plugin:NAME`.
    Plugin(String),
}

impl ModelName {
    /// Takes a name apart.
    ///
    /// # Errors
    /// Invalid, when no provider of this version has such a model.
    pub fn parse(name: &str) -> Result<Self> {
        if let Some(plugin) = name.strip_prefix("plugin:")
            && !plugin.is_empty()
        {
            return Ok(Self::Plugin(plugin.to_owned()));
        }
        let network = name.starts_with("claude-") || name.starts_with("openai:");
        let why = if network { ": this version has no models over the network" } else { "" };
        Err(Failure::invalid(format!("no such model: `{name}`{why}"))
            .hint("name a plugin of kind model, such as `plugin:echo`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_provider() {
        assert_eq!(ModelName::parse("plugin:echo"), Ok(ModelName::Plugin("echo".into())));
        for unknown in ["echo", "plugin:", "claude-sonnet-5", "openai:x"] {
            let refused = ModelName::parse(unknown).unwrap_err();
            assert!(refused.message.contains(unknown), "{refused}");
        }
    }
}
