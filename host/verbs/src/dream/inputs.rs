//! The sessions that a dream is asked to read.

use std::collections::HashSet;

use lucid_core::{Failure, Result, SessionId};
use lucid_runtime::SessionChoice;
use serde::{Deserialize, Serialize};

use crate::dream::import::take_in;
use crate::sessions::find;
use crate::stage::Stage;

/// The sessions that a dream is to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DreamSessions {
    /// These: ids, unique starts of ids, or `latest`.
    Named(Vec<String>),
    /// The newest, without those of dreams.
    Last(u32),
    /// Those of a text of JSON lines, which are taken in first.
    Import {
        /// What the text is called in failures.
        name: String,
        /// The text.
        text: String,
    },
}

/// The sessions that are meant.
///
/// # Errors
/// Invalid, when there are no such ones, or more than a dream may read here.
pub(crate) async fn sessions(stage: &Stage, wanted: DreamSessions) -> Result<SessionChoice> {
    let max = stage.around().dreams().sessions_max();
    match wanted {
        DreamSessions::Last(n) => {
            check_count(usize::try_from(n).unwrap_or(usize::MAX), max)?;
            Ok(SessionChoice::Last(n))
        }
        DreamSessions::Import { name, text } => {
            let taken_in = take_in(&stage.runtime, &text, max).await;
            Ok(SessionChoice::These(taken_in.map_err(|failure| failure.about(name))?))
        }
        DreamSessions::Named(wanted) => {
            // Before anything is looked up, though some may be named twice.
            check_count(wanted.len(), max)?;
            Ok(SessionChoice::These(named(stage, &wanted).await?))
        }
    }
}

/// Checks how many sessions a dream is to read.
///
/// # Errors
/// Invalid, when there are more than `max`.
pub(crate) fn check_count(count: usize, max: Option<usize>) -> Result<()> {
    match max.filter(|max| count > *max) {
        None => Ok(()),
        Some(max) => Err(Failure::invalid(format!(
            "{count} sessions are too many for one dream over a server, which reads {max} at most"
        ))
        .hint("ask for several dreams of fewer sessions each, or dream where the folder is")),
    }
}

async fn named(stage: &Stage, wanted: &[String]) -> Result<Vec<SessionId>> {
    let (mut ids, mut seen) = (Vec::new(), HashSet::new());
    for wanted in wanted {
        let id = find(stage, wanted).await?;
        // Twice the same is the same.
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dream_reads_as_many_sessions_as_the_place_lets_it() {
        assert_eq!(check_count(usize::MAX, None), Ok(()));
        assert_eq!(check_count(100, Some(100)), Ok(()));
        let failure = check_count(101, Some(100)).unwrap_err();
        assert!(failure.message.contains("100 at most"), "{failure}");
        assert!(failure.hint.is_some());
    }
}
