//! What whoever runs the server grants and decides: the file of `--config`.

mod missions;
mod template;

use lucid_core::{Failure, Result, ReviewPolicy};
use serde::Deserialize;
use toml::{Table, Value};

pub(crate) use missions::Missions;
pub(crate) use template::fill;

/// How dreams go that are asked for over the API or by a schedule: the section `[dreams]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DreamSection {
    /// What is in the store that a dream makes.
    pub(crate) policy: DreamPolicy,
    /// Fixes the random choices of strategies; 0 by default.
    pub(crate) seed: u64,
    /// Whether the server runs the schedules of its workspaces, as it does by default; else
    /// `lucid dream scheduler` does.
    pub(crate) schedules: bool,
}

impl Default for DreamSection {
    fn default() -> Self {
        Self { policy: DreamPolicy::default(), seed: 0, schedules: true }
    }
}

/// What is in the store that a dream makes; the store that it reads never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DreamPolicy {
    /// What its class has earned; the rest waits for a person or a proof. The default.
    #[default]
    Auto,
    /// Nothing: every operation waits.
    Review,
    /// All that the host did not refuse: for clients who try the new store out before they
    /// work with it.
    All,
}

impl DreamPolicy {
    /// Checks that whoever asks for a dream does not want more to be decided without a person
    /// than this lets it; less can always be asked for.
    ///
    /// # Errors
    /// Denied, when it is more.
    pub(crate) fn check(self, asked: ReviewPolicy) -> Result<()> {
        if self == Self::Review && asked == ReviewPolicy::Auto {
            return Err(Failure::denied("on this server a person decides about all of a dream")
                .hint("leave `--auto` out, and decide with `lucid dream accept`"));
        }
        Ok(())
    }
}

/// Checks the file as far as that goes without a session, and reads what it says of dreams.
///
/// # Errors
/// Invalid, when it is no such file.
pub(crate) fn read(text: &str) -> Result<DreamSection> {
    let wrong = |why: &str| {
        Failure::invalid(format!("configuration: {why}")).hint(
            "it has `[plugins.NAME]` and `[models.\"NAME\"]` sections, as in a mission, and \
             `[dreams]` with `policy`, `seed` and `schedules`, and `[missions]`",
        )
    };
    let table: Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
    for (name, value) in &table {
        let known = ["plugins", "models", "dreams", "missions"];
        if !known.contains(&name.as_str()) || !value.is_table() {
            return Err(wrong(&format!("nothing is named `{name}`")));
        }
    }
    for (plugin, variable, value) in variables(&table) {
        template::check(value)
            .map_err(|why| wrong(&format!("environment.{variable} of plugin `{plugin}` {why}")))?;
    }
    let Some(dreams) = table.get("dreams") else { return Ok(DreamSection::default()) };
    let dreams = dreams.clone().try_into::<DreamSection>();
    dreams.map_err(|error| wrong(&format!("[dreams]: {}", error.message())))
}

/// The variables of all plugins that are texts: the plugin, the name, the value.
fn variables(table: &Table) -> impl Iterator<Item = (&String, &String, &str)> {
    let plugins = table.get("plugins").and_then(Value::as_table).into_iter().flatten();
    plugins.flat_map(|(plugin, section)| {
        let environment = section.get("environment").and_then(Value::as_table);
        let environment = environment.into_iter().flatten();
        environment.filter_map(move |(name, value)| Some((plugin, name, value.as_str()?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_says_of_dreams_is_the_careful_way() {
        let careful = DreamSection { policy: DreamPolicy::Auto, seed: 0, schedules: true };
        assert_eq!(read("").unwrap(), careful);
        assert_eq!(read("[dreams]\n").unwrap(), careful);
        let said = read("[dreams]\npolicy = \"all\"\nseed = 7\n").unwrap();
        assert_eq!(said, DreamSection { policy: DreamPolicy::All, seed: 7, schedules: true });
        let said = read("[dreams]\npolicy = \"review\"\n").unwrap();
        assert_eq!(said.policy, DreamPolicy::Review);
        let said = read("[dreams]\nschedules = false\n").unwrap();
        assert_eq!(said, DreamSection { schedules: false, ..careful });
    }

    #[test]
    fn nobody_lets_a_dream_decide_more_than_whoever_runs_the_server() {
        for policy in [DreamPolicy::Auto, DreamPolicy::Review, DreamPolicy::All] {
            assert_eq!(policy.check(ReviewPolicy::Review), Ok(()), "{policy:?}");
            let auto = policy.check(ReviewPolicy::Auto);
            assert_eq!(auto.is_ok(), policy != DreamPolicy::Review, "{policy:?}");
        }
        let failure = DreamPolicy::Review.check(ReviewPolicy::Auto).unwrap_err();
        assert_eq!(failure.kind, lucid_core::FailureKind::Denied);
    }

    #[test]
    fn what_is_misspelt_is_refused_and_never_ignored() {
        for wrong in [
            "[dream]\npolicy = \"all\"",
            "[dreams]\npolicy = \"everything\"",
            "[dreams]\npolicies = \"all\"",
            "[dreams]\nseed = -1",
            "dreams = 1",
            "[plugins.a]\nenvironment = { X = \"{metadata.}\" }",
            "[plugins.a]\nenvironment = { X = \"{task}\" }",
        ] {
            let failure = read(wrong).unwrap_err();
            assert_eq!(failure.kind, lucid_core::FailureKind::Invalid, "{wrong}");
            assert!(failure.hint.is_some(), "{wrong}");
        }
        assert!(read("[plugins.a]\nenvironment = { X = \"{metadata.site}\", Y = 1 }").is_ok());
    }
}
