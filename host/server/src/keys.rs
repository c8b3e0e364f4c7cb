//! API keys: made on the command line, shown once, kept as hashes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cap_std::fs::Dir;
use lucid_core::{
    ApiKeyId, Clock as _, EnvironmentId, Failure, Result, Timestamp, WorkspaceId, sha256_hex,
};
use lucid_runtime::{Runtime, SystemClock, SystemEntropy};
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite, Store};
use serde::{Deserialize, Serialize};

use crate::space::open_folder;
use crate::workspaces;
pub use crate::workspaces::Workspace;

/// What an API key begins with.
pub(crate) const PREFIX: &str = "lucid_";

/// What the key of an environment's workers begins with.
pub(crate) const ENVIRONMENT_PREFIX: &str = "sk-lucid-env_";

const KIND: &str = "api_key";
/// The file in the state folder without which no key was ever made.
const MARK: &str = "keys-made";
const SECRET_BYTES: usize = 32;
/// Characters of a key that are kept readable, so that people know which is which.
const SHOWN_CHARACTERS: usize = 8;
/// A key's last use is noted when the one noted is older.
const USE_NOTED_MS: u64 = 60 * 60 * 1_000;

/// A key, without its text: only a hash of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// How its text begins.
    pub prefix: String,
    /// The workspace it opens.
    pub workspace_id: WorkspaceId,
    /// For a worker's key: the environment whose work it may do, and nothing else.
    pub environment_id: Option<EnvironmentId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// About when it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be made.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// The workspace it opens, which is made when it is not there; the default one, when none.
    pub workspace: Option<String>,
    /// The environment, for a worker's key.
    pub environment: Option<String>,
}

/// Makes a key; gives its text as well, which is nowhere kept.
///
/// # Errors
/// Invalid, when there is no such environment or a name is none; failed, when the store fails.
pub async fn create(runtime: &Runtime, state: &Path, new: NewKey) -> Result<(ApiKey, String)> {
    let store = runtime.store.as_ref();
    let default = workspaces::named(store, "default").await?;
    let workspace = match &new.workspace {
        None => default,
        Some(wanted) => match workspaces::find(store, wanted).await? {
            Some(found) => found,
            None => workspaces::named(store, wanted).await?,
        },
    };
    let environment_id = match &new.environment {
        None => None,
        Some(id) => Some(environment(runtime, state, &workspace, id).await?),
    };
    let prefix = if environment_id.is_some() { ENVIRONMENT_PREFIX } else { PREFIX };
    let mut secret = [0; SECRET_BYTES];
    rand::fill(&mut secret).map_err(|_| Failure::failed("there are no random numbers"))?;
    let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(secret));
    let clock = SystemClock::default();
    let key = ApiKey {
        id: ApiKeyId::new(&clock, &SystemEntropy),
        kind: KIND.to_owned(),
        name: new.name,
        prefix: text.chars().take(prefix.len() + SHOWN_CHARACTERS).collect(),
        workspace_id: workspace.id,
        environment_id,
        created_at: clock.now(),
        last_used_at: None,
        revoked_at: None,
    };
    let change = DocumentChange::Create(document(&key, sha256_hex(text.as_bytes()))?);
    // First: whoever sees no mark may be sure that there is no key.
    mark(state)?;
    match store.write_documents(vec![change]).await? {
        DocumentWrite::Done => Ok((key, text)),
        _ => Err(Failure::failed("the key cannot be kept")),
    }
}

/// Says to servers that run that a key may have been made.
fn mark(state: &Path) -> Result<()> {
    let made = open_folder(state)?.create(MARK).map(drop);
    made.map_err(|error| Failure::failed(format!("{MARK} in {}: {error}", state.display())))
}

async fn environment(
    runtime: &Runtime,
    state: &Path,
    workspace: &Workspace,
    id: &str,
) -> Result<EnvironmentId> {
    let found = if workspace.is_default() {
        runtime.store.document(id).await?
    } else {
        let beside = runtime.beside(workspaces::folder(state, &workspace.id))?;
        let found = beside.store.document(id).await?;
        beside.store.close().await?;
        found
    };
    let there = found.is_some_and(|found| found.kind == "environment");
    EnvironmentId::parse(id).filter(|_| there).ok_or_else(|| {
        Failure::invalid(format!("workspace {} has no environment `{id}`", workspace.name))
            .hint("`GET /v1/environments` lists those there are")
    })
}

/// All keys, newest first, those that were revoked as well.
///
/// # Errors
/// Failed, when the store fails.
pub async fn list(runtime: &Runtime) -> Result<Vec<ApiKey>> {
    let filter = DocumentFilter { newest_first: true, ..all() };
    let found = runtime.store.documents(&filter).await?;
    found.iter().map(read).collect()
}

/// Revokes a key: from now on it opens nothing. It stays in the list.
///
/// # Errors
/// Invalid, when there is no such key; failed, when the store fails.
pub async fn revoke(runtime: &Runtime, id: &ApiKeyId) -> Result<ApiKey> {
    let now = SystemClock::default().now();
    let revoked = change(runtime.store.as_ref(), id, |key| {
        key.revoked_at = key.revoked_at.or(Some(now));
    });
    revoked.await?.ok_or_else(|| {
        Failure::invalid(format!("there is no key `{id}`")).hint("`lucid key list` shows all")
    })
}

/// All workspaces, the default one first.
///
/// # Errors
/// Failed, when the store fails.
pub async fn workspaces(runtime: &Runtime) -> Result<Vec<Workspace>> {
    workspaces::named(runtime.store.as_ref(), "default").await?;
    workspaces::list(runtime.store.as_ref()).await
}

/// The workspace of a name; makes it when it is not there.
///
/// # Errors
/// Invalid, when it is no name; failed, when the store fails.
pub async fn workspace(runtime: &Runtime, name: &str) -> Result<Workspace> {
    workspaces::named(runtime.store.as_ref(), "default").await?;
    workspaces::named(runtime.store.as_ref(), name).await
}

/// The keys of a server.
pub(crate) struct Keys {
    store: Arc<dyn Store>,
    clock: SystemClock,
    /// The state folder, where a mark lies before there is a key: that there is none is asked
    /// at every request, and a mark is looked for in a tenth of the time.
    state: Dir,
    /// Whether a key was ever seen: keys are never forgotten, so that stays.
    any: AtomicBool,
}

impl Keys {
    /// Those in the default workspace's store, whose state folder is given. Ask the store once
    /// with [`Keys::any_now`]: older versions made keys without a mark.
    ///
    /// # Errors
    /// Failed, when the folder cannot be opened.
    pub(crate) fn new(store: Arc<dyn Store>, state: &Path) -> Result<Self> {
        let (clock, any) = (SystemClock::default(), AtomicBool::new(false));
        Ok(Self { store, clock, state: open_folder(state)?, any })
    }

    /// Whether a key was ever made, also by another process just now.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn any(&self) -> Result<bool> {
        if self.any.load(Ordering::Relaxed) {
            return Ok(true);
        }
        if !self.state.exists(MARK) {
            return Ok(false);
        }
        self.any_now().await
    }

    /// The same, but always asks the store.
    ///
    /// # Errors
    /// As [`Keys::any`].
    pub(crate) async fn any_now(&self) -> Result<bool> {
        let filter = DocumentFilter { limit: Some(1), ..all() };
        let any = !self.store.documents(&filter).await?.is_empty();
        self.any.fetch_or(any, Ordering::Relaxed);
        Ok(any)
    }

    /// Whether a key is there and was not revoked.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn is_good(&self, id: &ApiKeyId) -> Result<bool> {
        let found = self.store.document(id.as_str()).await?;
        Ok(found.is_some_and(|found| found.kind == KIND && found.archived_at.is_none()))
    }

    /// The key of a text, unless it was revoked; notes that it was used.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn find(&self, text: &str) -> Result<Option<ApiKey>> {
        let hash = sha256_hex(text.as_bytes());
        let filter = DocumentFilter { key: Some(hash.clone()), limit: Some(1), ..all() };
        let found = self.store.documents(&filter).await?;
        let same = |found: &&Document| {
            let kept = found.key.as_deref().unwrap_or_default();
            verify_slices_are_equal(kept.as_bytes(), hash.as_bytes()).is_ok()
                && found.archived_at.is_none()
        };
        let Some(found) = found.first().filter(same) else { return Ok(None) };
        let key = read(found)?;
        let now = self.clock.now();
        let noted = key.last_used_at.map_or(0, Timestamp::as_millis);
        if now.as_millis().saturating_sub(noted) >= USE_NOTED_MS {
            change(self.store.as_ref(), &key.id, |key| key.last_used_at = Some(now)).await?;
        }
        Ok(Some(key))
    }
}

/// The filter of all keys.
fn all() -> DocumentFilter {
    DocumentFilter { kind: KIND.to_owned(), archived: true, ..Default::default() }
}

fn read(document: &Document) -> Result<ApiKey> {
    serde_json::from_str(&document.body)
        .map_err(|error| Failure::failed(format!("key {}: {error}", document.id)))
}

fn document(key: &ApiKey, hash: String) -> Result<Document> {
    let body = serde_json::to_string(key)
        .map_err(|error| Failure::bug(format!("a key that is not JSON: {error}")))?;
    Ok(Document {
        id: key.id.to_string(),
        kind: KIND.to_owned(),
        parent: None,
        key: Some(hash),
        created_at: key.created_at,
        archived_at: key.revoked_at,
        version: 1,
        revision: 1,
        body,
    })
}

/// Changes a key; none when it is not there.
async fn change(
    store: &dyn Store,
    id: &ApiKeyId,
    how: impl Fn(&mut ApiKey) + Send + Sync,
) -> Result<Option<ApiKey>> {
    loop {
        let found = store.document(id.as_str()).await?.filter(|found| found.kind == KIND);
        let Some(found) = found else { return Ok(None) };
        let mut key = read(&found)?;
        how(&mut key);
        let (before_revision, hash) = (found.revision, found.key.unwrap_or_default());
        let document = document(&key, hash)?;
        let put = DocumentChange::Put { before_revision, document };
        match store.write_documents(vec![put]).await? {
            DocumentWrite::Done => return Ok(Some(key)),
            DocumentWrite::Changed { .. } => {}
            DocumentWrite::Missing { .. } => return Ok(None),
            DocumentWrite::KeyTaken { .. } => {
                return Err(Failure::failed(format!("key {id} cannot be changed")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lucid_runtime::RuntimeOptions;

    use super::*;

    #[tokio::test]
    async fn only_a_hash_of_a_key_is_kept() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let (key, text) = create(&runtime, state.path(), NewKey::default()).await.unwrap();
        let secret = text.strip_prefix(PREFIX).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(secret).unwrap().len(), SECRET_BYTES);
        let kept = runtime.store.document(key.id.as_str()).await.unwrap().unwrap();
        assert_eq!(kept.key.as_deref(), Some(sha256_hex(text.as_bytes()).as_str()));
        assert!(!format!("{kept:?}").contains(&secret[SHOWN_CHARACTERS..]));
        assert_eq!(key.prefix, text[..PREFIX.len() + SHOWN_CHARACTERS]);
    }

    #[tokio::test]
    async fn a_key_that_was_revoked_opens_nothing_and_is_still_there() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let keys = Keys::new(runtime.store.clone(), state.path()).unwrap();
        assert!(!keys.any().await.unwrap());
        let (key, text) = create(&runtime, state.path(), NewKey::default()).await.unwrap();
        assert!(keys.any().await.unwrap());
        let found = keys.find(&text).await.unwrap().unwrap();
        assert_eq!((&found.id, keys.find("lucid_other").await.unwrap()), (&key.id, None));
        assert!(list(&runtime).await.unwrap()[0].last_used_at.is_some());
        let revoked = revoke(&runtime, &key.id).await.unwrap();
        assert!(revoked.revoked_at.is_some());
        assert_eq!(keys.find(&text).await.unwrap(), None);
        assert_eq!(list(&runtime).await.unwrap().len(), 1);
        assert!(keys.any_now().await.unwrap());
        let opened = Keys::new(runtime.store.clone(), state.path()).unwrap();
        assert!(opened.any().await.unwrap());
        let missing = ApiKeyId::parse("apikey_01x").unwrap();
        assert!(revoke(&runtime, &missing).await.is_err());
    }

    #[tokio::test]
    async fn a_workers_key_is_for_an_environment_that_there_is() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        for workspace in [None, Some("team".to_owned())] {
            let environment = Some("env_01x".to_owned());
            let new = NewKey { environment, workspace, ..NewKey::default() };
            let error = create(&runtime, state.path(), new).await.unwrap_err();
            assert!(error.message.contains("no environment"), "{error}");
        }
        assert!(list(&runtime).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_workspace_has_its_name_alone() {
        let state = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(RuntimeOptions::new(state.path().to_owned())).unwrap();
        let team = workspace(&runtime, "team").await.unwrap();
        assert_eq!(workspace(&runtime, "team").await.unwrap(), team);
        for wrong in ["", "a b", "a\u{1b}", &"x".repeat(65)] {
            assert!(workspace(&runtime, wrong).await.is_err(), "{wrong:?}");
        }
        let names: Vec<_> = workspaces(&runtime).await.unwrap();
        let names: Vec<_> = names.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["default", "team"]);
    }
}
