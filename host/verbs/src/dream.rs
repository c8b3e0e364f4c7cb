//! Dreams: which there are, what they are, what they change, and what waits.

pub(crate) mod files;
pub(crate) mod import;
pub(crate) mod inputs;
pub(crate) mod look;
pub(crate) mod review;
pub(crate) mod schedule;
pub(crate) mod start;

use lucid_core::{Dream, DreamId, Failure, Result};
use lucid_runtime::{DiffOf, MemoryDiff, Waiting, WaitsFor};
use serde::{Deserialize, Serialize};

use crate::events::ANSWER_BYTES;
use crate::find::pick;
use crate::stage::Stage;
use crate::verb::Verb;

/// Dreams that one answer has at most.
const DREAMS_MAX: usize = 1_000;

/// Lists dreams in full, newest first: so many as one answer has. Ask again behind the last for
/// more, until there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDreams {
    /// How many at most.
    pub limit: u32,
    /// Start behind this dream.
    #[serde(default)]
    pub after: Option<DreamId>,
}

impl Verb for ListDreams {
    const NAME: &'static str = "list_dreams";
    const CHANGES: bool = false;
    type Answer = Vec<Dream>;

    /// # Errors
    /// Invalid, when there is no such dream to start behind; failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX).min(DREAMS_MAX);
        let all = stage.store().dreams_in_short().await?;
        let start = match &self.after {
            None => 0,
            Some(after) => {
                let place = all.iter().position(|dream| dream.id == *after);
                let no_dream = || Failure::invalid(format!("no such dream: {after}"));
                place.ok_or_else(no_dream)?.saturating_add(1)
            }
        };
        let (mut dreams, mut bytes) = (Vec::new(), 0_usize);
        for short in all.iter().skip(start).take(limit) {
            let Some(dream) = stage.store().dream(&short.id).await? else { continue };
            let text = serde_json::to_string(&dream)
                .map_err(|error| Failure::bug(format!("dream {}: {error}", dream.id)))?;
            bytes = bytes.saturating_add(text.len());
            dreams.push(dream);
            if bytes >= ANSWER_BYTES {
                break;
            }
        }
        Ok(dreams)
    }
}

/// Reads a dream in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadDream {
    /// The dream: an id, the unique start of one, or `latest`.
    pub id: String,
}

impl Verb for ReadDream {
    const NAME: &'static str = "read_dream";
    const CHANGES: bool = false;
    type Answer = Dream;

    /// # Errors
    /// Invalid, when none or several fit.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        find(stage, &self.id).await
    }
}

/// What a dream changes with all that is accepted or waits, memory by memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffDream {
    /// The dream: an id, the unique start of one, or `latest`.
    pub id: String,
}

impl Verb for DiffDream {
    const NAME: &'static str = "diff_dream";
    const CHANGES: bool = false;
    type Answer = Vec<MemoryDiff>;

    /// # Errors
    /// Invalid, when there is no such dream, it did not complete, or what it read was
    /// redacted.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let dream = find(stage, &self.id).await?;
        stage.runtime.dream_diff(&dream.id, DiffOf::AcceptedAndProposed).await
    }
}

/// Lists the dreams that wait for a process, a person or a proof, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWaitingDreams {}

impl Verb for ListWaitingDreams {
    const NAME: &'static str = "list_waiting_dreams";
    const CHANGES: bool = false;
    type Answer = Vec<Waiting>;

    /// # Errors
    /// Failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let mut waiting = stage.runtime.dream_queue().await?;
        // One that waits for its turn here waits for nobody else.
        let dreams = stage.around().dreams();
        waiting
            .retain(|one| matches!(one.why, WaitsFor::Review { .. }) || !dreams.has(&one.dream.id));
        Ok(waiting)
    }
}

/// The dream that is meant, in full.
pub(crate) async fn find(stage: &Stage, wanted: &str) -> Result<Dream> {
    let store = stage.store();
    if let Some(id) = DreamId::parse(wanted)
        && let Some(found) = store.dream(&id).await?
    {
        return Ok(found);
    }
    let fitting = match wanted {
        "latest" => store.newest_dream().await?.into_iter().collect(),
        // A second one says that there are several.
        _ => store.dreams_named(wanted, 2).await?,
    };
    let id = pick(&fitting, DreamId::as_str, wanted, "dream")?;
    store.dream(id).await?.ok_or_else(|| Failure::bug(format!("dream {id} is gone")))
}

#[cfg(test)]
mod tests {
    use lucid_core::Timestamp;
    use lucid_runtime::{Runtime, RuntimeOptions};

    use super::*;
    use crate::dreams::testing::pending;

    #[tokio::test]
    async fn dreams_that_are_more_than_one_answer_has_are_asked_for_again() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let stage = Stage::alone(runtime);
        for name in ["a", "b", "c"] {
            let (dream, job) = pending(name);
            let summary = "s".repeat(ANSWER_BYTES / 2);
            let dream = Dream { summary, ..dream };
            stage.store().create_dream(&dream, &job).await.unwrap();
        }
        let first = ListDreams { limit: u32::MAX, after: None }.perform(&stage).await.unwrap();
        assert_eq!(first.len(), 2);
        let after = Some(first[1].id.clone());
        let rest = ListDreams { limit: u32::MAX, after }.perform(&stage).await.unwrap();
        let after = Some(rest[0].id.clone());
        assert_eq!(rest.len(), 1);
        assert!(first.iter().all(|dream| dream.id != rest[0].id));
        let none = ListDreams { limit: 1, after }.perform(&stage).await.unwrap();
        assert!(none.is_empty());
        let unknown = Some(DreamId::parse("drm_01x").unwrap());
        assert!(ListDreams { limit: 1, after: unknown }.perform(&stage).await.is_err());
    }

    #[tokio::test]
    async fn a_dream_is_meant_by_its_id_the_start_of_it_or_as_the_latest() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let stage = Stage::alone(runtime);
        let meant = async |wanted: &str| find(&stage, wanted).await.map(|dream| dream.id);
        assert_eq!(meant("latest").await.unwrap_err().message, "there is no dream");
        let mut dreams = ["a", "ab", "b"].map(pending);
        // The one whose id comes first was made last.
        dreams[0].0.created_at = Timestamp(6);
        for (dream, job) in &dreams {
            stage.store().create_dream(dream, job).await.unwrap();
        }
        let [a, ab, b] = dreams.map(|(dream, _)| dream.id);
        for (wanted, id) in [("drm_01a", &a), ("drm_01ab", &ab), ("drm_01b", &b), ("latest", &a)] {
            assert_eq!(meant(wanted).await.as_ref(), Ok(id), "{wanted}");
        }
        let several = meant("drm_01").await.unwrap_err();
        assert!(several.message.contains("several dreams start with"), "{several}");
        for wanted in ["drm_01c", "nonsense", "drm_0%"] {
            let none = meant(wanted).await.unwrap_err();
            assert_eq!(none.message, format!("no such dream: `{wanted}`"));
            assert!(none.hint.is_some());
        }
    }
}
