//! Deciding about what a dream proposed.

use std::collections::{BTreeSet, HashSet};

use lucid_core::{Dream, Failure, Result};
use lucid_runtime::Chosen;
use serde::{Deserialize, Serialize};

use crate::dream::find;
use crate::short::short;
use crate::stage::Stage;
use crate::verb::Verb;

/// Operations that may be named, each as often as it is. No dream has more.
const NAMED_MAX: u32 = 100_000;

/// Decides about operations of a dream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideDream {
    /// The dream: an id, the unique start of one, or `latest`.
    pub id: String,
    /// What is done with them.
    pub decision: DreamDecision,
    /// Which.
    pub operations: DreamOperations,
}

/// What is done with operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DreamDecision {
    /// They are taken into the output store.
    Accept,
    /// They are refused.
    Reject,
    /// They are taken out of the output store again.
    Undo,
}

/// Operations of a dream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DreamOperations {
    /// All of which it can be decided so.
    All,
    /// These: `dop_3`, `3`, or `3-7`.
    Named(Vec<String>),
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DreamDecided {
    /// The dream as it is now.
    pub dream: Dream,
    /// Operations that stand elsewhere than before.
    pub changed: u32,
}

impl Verb for DecideDream {
    const NAME: &'static str = "decide_dream";
    const CHANGES: bool = true;
    type Answer = DreamDecided;

    /// # Errors
    /// Invalid, when there is no such dream or operation, the dream did not complete, or an
    /// operation cannot be decided about so; denied, when it needs a proof that there is not.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let before = find(stage, &self.id).await?;
        let chosen = match &self.operations {
            DreamOperations::All => Chosen::All,
            DreamOperations::Named(words) => {
                let there = before.operations.iter().map(|one| one.id.as_str()).collect();
                Chosen::These(chosen(&there, words)?)
            }
        };
        let (runtime, id) = (&stage.runtime, &before.id);
        let dream = match self.decision {
            DreamDecision::Accept => runtime.accept_dream(id, &chosen).await?,
            DreamDecision::Reject => runtime.reject_dream(id, &chosen).await?,
            DreamDecision::Undo => runtime.undo_dream(id, &chosen).await?,
        };
        let was = |id: &str| before.operations.iter().find(|one| one.id == id).map(|one| one.state);
        let changed = dream.operations.iter().filter(|one| was(&one.id) != Some(one.state)).count();
        Ok(DreamDecided { changed: u32::try_from(changed).unwrap_or(u32::MAX), dream })
    }
}

/// The operations that are meant: `dop_3`, `3`, or `3-7`.
fn chosen(there: &BTreeSet<&str>, wanted: &[String]) -> Result<Vec<String>> {
    let (mut ids, mut seen, mut left) = (Vec::new(), HashSet::new(), NAMED_MAX);
    for word in wanted {
        let named = named(word)?;
        // The same few words again and again are much work as well.
        let count = u32::try_from(named.len()).unwrap_or(u32::MAX);
        left = left.checked_sub(count).ok_or_else(|| {
            Failure::invalid(format!("more than {NAMED_MAX} operations are named"))
                .hint("name each once, or all with `--all`")
        })?;
        for id in named {
            if !there.contains(id.as_str()) {
                return Err(Failure::invalid(format!("no such operation: `{}`", short(&id, 40)))
                    .hint("`lucid dream show ID` lists them"));
            }
            if seen.insert(id.clone()) {
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

fn named(word: &str) -> Result<Vec<String>> {
    let number = |text: &str| text.strip_prefix("dop_").unwrap_or(text).parse::<u32>().ok();
    let wrong = || {
        Failure::invalid(format!("no operation: `{}`", short(word, 40)))
            .hint("name one as `dop_3` or `3`, or several as `3-7`")
    };
    let (first, last) = match word.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None => (number(word), number(word)),
    };
    let (first, last) = first.zip(last).ok_or_else(wrong)?;
    // A slip of the finger asks for a billion.
    if first > last || last - first > NAMED_MAX {
        return Err(wrong());
    }
    Ok((first..=last).map(|number| format!("dop_{number}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_names_operations_without_end() {
        let there = ["dop_1", "dop_2"].into();
        let words = |count: usize| vec!["1-2".to_owned(); count];
        let half = NAMED_MAX as usize / 2;
        assert_eq!(chosen(&there, &words(half)).unwrap(), ["dop_1", "dop_2"]);
        let failure = chosen(&there, &words(half + 1)).unwrap_err();
        assert!(failure.message.contains("more than"), "{failure}");
        assert!(failure.hint.is_some());
    }

    #[test]
    fn operations_are_named_by_id_by_number_or_as_a_range() {
        let ids = |word: &str| named(word).unwrap();
        assert_eq!(ids("dop_3"), ["dop_3"]);
        assert_eq!(ids("3"), ["dop_3"]);
        assert_eq!(ids("3-5"), ["dop_3", "dop_4", "dop_5"]);
        assert_eq!(ids("dop_3-dop_4"), ["dop_3", "dop_4"]);
        for wrong in ["", "x", "-3", "3-", "5-3", "1-4000000000", "dop_", "3-4-5"] {
            let failure = named(wrong).unwrap_err();
            assert!(failure.hint.is_some(), "{wrong}");
        }
    }
}
