//! The strategy of a dream, loaded anew wherever and whenever the dream runs.

use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_store::StrategySource;
use toml::{Table, Value};

use crate::mission::{BoundPlugin, load_strategy};
use crate::state::Runtime;

impl Runtime {
    /// Whether a strategy can run that no mission names and no model is granted.
    ///
    /// # Errors
    /// Invalid, when it is no strategy; denied, when it asks for what it is not granted.
    pub async fn check_strategy(&self, strategy: &str) -> Result<()> {
        self.strategy(&named(strategy, None)).await.map(drop)
    }

    /// Loads the strategy of a dream.
    ///
    /// # Errors
    /// Invalid or denied, saying what and what to do.
    pub(super) async fn strategy(&self, source: &StrategySource) -> Result<Arc<BoundPlugin>> {
        match source {
            StrategySource::Named { strategy, model } => {
                let folder = Path::new(strategy).parent().unwrap_or(Path::new(""));
                let text = lines(strategy, model.as_deref());
                let loaded = load_strategy(text, folder, &self.loading()).await;
                loaded.map_err(|failure| match failure.message.contains("asks for model") {
                    true => failure.hint(
                        "name one with `--model MODEL`, or with `--mission MISSION` a mission \
                         whose [dream] has this strategy, and a model for it",
                    ),
                    false => failure,
                })
            }
            StrategySource::Mission { folder } => {
                let mission = self.load(folder).await.map_err(not_loaded)?;
                let dream = mission.dream.ok_or_else(|| {
                    Failure::invalid(format!("mission `{}` has no [dream] any more", mission.name))
                        .hint("dream anew with `lucid dream start`")
                })?;
                Ok(dream.strategy)
            }
        }
    }
}

/// Why a dream cannot run whose mission does not load. The dream keeps it for all who may see the
/// dream: where the mission lies, and what is in it, is not for all of them.
fn not_loaded(failure: Failure) -> Failure {
    let message = "the mission of this dream does not load any more";
    let hint = "`lucid dream start --mission MISSION` says why, where the mission lies";
    Failure { kind: failure.kind, message: message.to_owned(), hint: Some(hint.to_owned()) }
}

/// Where the strategy that somebody named is found again, also from another folder.
pub(super) fn named(strategy: &str, model: Option<&str>) -> StrategySource {
    let file = Path::new(strategy);
    let is_file = file.extension().is_some_and(|extension| extension == "wasm");
    let strategy = match std::path::absolute(file) {
        Ok(file) if is_file => file.display().to_string(),
        _ => strategy.to_owned(),
    };
    StrategySource::Named { strategy, model: model.map(str::to_owned) }
}

/// The lines that a mission would have.
fn lines(strategy: &str, model: Option<&str>) -> String {
    let path = Path::new(strategy);
    let mut section = Table::new();
    let name = match (path.extension(), path.file_stem(), path.file_name()) {
        (Some(extension), Some(stem), Some(file)) if extension == "wasm" => {
            section.insert("file".to_owned(), file.to_string_lossy().into_owned().into());
            stem.to_string_lossy().into_owned()
        }
        _ => strategy.to_owned(),
    };
    if let Some(model) = model {
        section.insert("model".to_owned(), model.into());
    }
    let (mut file, mut plugins) = (Table::new(), Table::new());
    plugins.insert(name.clone(), Value::Table(section));
    file.insert("strategy".to_owned(), name.into());
    file.insert("plugins".to_owned(), Value::Table(plugins));
    file.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundled_strategy_and_a_file_become_the_lines_of_a_mission() {
        let parsed = |text: &str| text.parse::<Table>().unwrap();
        let bundled = parsed(&lines("reflect", Some("claude-x")));
        assert_eq!(bundled["strategy"].as_str(), Some("reflect"));
        assert_eq!(bundled["plugins"]["reflect"]["model"].as_str(), Some("claude-x"));
        let own = parsed(&lines("/a/b/mine.wasm", None));
        assert_eq!(own["strategy"].as_str(), Some("mine"));
        assert_eq!(own["plugins"]["mine"]["file"].as_str(), Some("mine.wasm"));
    }

    #[test]
    fn a_file_is_found_from_anywhere_and_a_name_stays_one() {
        let StrategySource::Named { strategy, .. } = named("x/mine.wasm", None) else { panic!() };
        assert!(Path::new(&strategy).is_absolute());
        let StrategySource::Named { strategy, .. } = named("consolidate", None) else { panic!() };
        assert_eq!(strategy, "consolidate");
    }
}
