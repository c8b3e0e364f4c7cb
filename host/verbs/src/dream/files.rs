//! What whoever asks for a dream names of their own machine, which may be another.

use lucid_core::{Failure, Result};

use crate::short::short;

/// Checks that no strategy is a plugin that lies on the machine of whoever asks, where that may
/// be another: `is_here` says that it is this one.
pub(crate) fn check_strategy(is_here: bool, strategy: Option<&str>) -> Result<()> {
    match strategy.filter(|strategy| !is_here && !is_name(strategy)) {
        None => Ok(()),
        Some(file) => Err(Failure::invalid(format!(
            "strategy `{}` cannot dream over a server, which runs no plugin of another machine",
            short(file, 60)
        ))
        .hint("name one that the server has: bundled, or in a folder of `lucid serve --plugins`")),
    }
}

/// Checks that no model is a plugin that lies on the machine of whoever asks.
pub(crate) fn check_model(is_here: bool, model: Option<&str>) -> Result<()> {
    let plugin = model.and_then(|model| model.strip_prefix("plugin:"));
    match plugin.filter(|plugin| !is_here && !is_name(plugin)) {
        None => Ok(()),
        Some(file) => Err(Failure::invalid(format!(
            "model `plugin:{}` cannot answer over a server, which runs no plugin of another \
             machine",
            short(file, 60)
        ))
        .hint("name one that the server has: bundled, or in a folder of `lucid serve --plugins`")),
    }
}

/// Whether something is the name of a plugin, and no file.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !name.is_empty() && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_reads_no_file_that_whoever_asks_names() {
        for name in ["own.wasm", "./own", "../x", "/etc/passwd", "C:\\x", "a.b", ""] {
            let failure = check_strategy(false, Some(name)).unwrap_err();
            assert!(failure.message.contains("over a server"), "{name}: {failure}");
            assert!(failure.hint.is_some(), "{name}");
            assert_eq!(check_strategy(true, Some(name)), Ok(()), "{name}");
        }
        for name in [None, Some("consolidate"), Some("told-dream")] {
            assert_eq!(check_strategy(false, name), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn no_model_is_a_plugin_of_another_machine() {
        for model in ["plugin:../own", "plugin:own.wasm", "plugin:"] {
            assert!(check_model(false, Some(model)).is_err(), "{model}");
            assert_eq!(check_model(true, Some(model)), Ok(()), "{model}");
        }
        for model in [None, Some("plugin:script"), Some("claude-sonnet-5")] {
            assert_eq!(check_model(false, model), Ok(()), "{model:?}");
        }
    }
}
