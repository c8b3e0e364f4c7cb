//! Taking the text out of a version of a memory for good.

use lucid_core::{Failure, MemoryVersion, MemoryVersionId, Result};
use lucid_runtime::Forgotten;
use serde::{Deserialize, Serialize};

use crate::find::pick;
use crate::memory::newest_first;
use crate::stage::Stage;
use crate::verb::Verb;

/// Finds a version of a memory, in whatever store it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindMemoryVersion {
    /// Its id, or the unique start of one.
    pub version: String,
}

impl Verb for FindMemoryVersion {
    const NAME: &'static str = "find_memory_version";
    const CHANGES: bool = false;
    type Answer = MemoryVersion;

    /// # Errors
    /// Invalid, when none or several fit.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { version: wanted } = self;
        // With its whole id it is found without all versions of all stores.
        if let Some(id) = MemoryVersionId::parse(&wanted)
            && let Some(version) = stage.store().memory_version(&id).await?
        {
            return Ok(version);
        }
        if wanted == "latest" {
            // Of several stores there is no newest one that anybody could mean.
            return Err(Failure::invalid("which version is not said")
                .hint("`lucid memory versions STORE` lists them"));
        }
        let mut fitting = Vec::new();
        for store in newest_first(stage).await? {
            // Without their texts, which may be all that there ever was.
            let versions = stage.store().memory_versions_in_short(&store.id).await?;
            let ids = versions.into_iter().map(|version| version.id);
            fitting.extend(ids.filter(|id| id.as_str().starts_with(&wanted)));
        }
        let id = pick(&fitting, MemoryVersionId::as_str, &wanted, "memory version")
            .map_err(|failure| failure.hint("`lucid memory versions STORE` lists them"))?;
        let found = stage.store().memory_version(id).await?;
        found.ok_or_else(|| Failure::invalid(format!("memory version {id} was deleted just now")))
    }
}

/// Clears the text and the path of a version, and frees all dreams of it that read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactMemoryVersion {
    /// Its whole id.
    pub id: MemoryVersionId,
}

impl Verb for RedactMemoryVersion {
    const NAME: &'static str = "redact_memory_version";
    const CHANGES: bool = true;
    type Answer = Forgotten;

    /// # Errors
    /// Invalid, when there is no such version, or it is what its memory is now.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        stage.runtime.redact_memory_version(&self.id).await
    }
}
