//! Workspaces: the default one is the state folder itself, every other has a folder and a
//! database of its own inside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lucid_api::ApiError;
use lucid_core::{Clock as _, Failure, Result, Timestamp, WorkspaceId};
use lucid_runtime::{Runtime, SystemClock, SystemEntropy};
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite, Store};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::app::ServerOptions;
use crate::background::Background;
use crate::config::Missions;
use crate::reach::Reach;
use crate::seal::Sealer;
use crate::space::{Ground, Space, open_folder};
use crate::vaults::lends;

/// What documents of workspaces are.
const KIND: &str = "workspace";

/// The name of the default workspace.
const DEFAULT: &str = "default";

/// Characters of a name at most.
const NAME_MAX: usize = 64;

/// A workspace, as the default one's store knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, which no other has.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Workspace {
    /// Whether it is the state folder itself.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.name == DEFAULT
    }
}

/// All workspaces that are open.
pub(crate) struct Spaces {
    /// The default one.
    pub(crate) default: Arc<Space>,
    options: ServerOptions,
    missions: Missions,
    reach: Reach,
    tokens: Arc<Sealer>,
    background: Background,
    others: Mutex<BTreeMap<WorkspaceId, Arc<Space>>>,
}

impl Spaces {
    /// Opens the default workspace.
    ///
    /// # Errors
    /// Invalid, when a mission that clients may name is not there; failed, when the state
    /// folder cannot be used.
    pub(crate) async fn open(
        runtime: Runtime,
        options: &ServerOptions,
        reach: &Reach,
        stopping: CancellationToken,
    ) -> Result<Self> {
        let missions = Missions::read(&options.sections, &options.folder)?;
        let tokens = Arc::new(Sealer::open(&open_folder(&options.state)?)?);
        let id = named(runtime.store.as_ref(), DEFAULT).await?.id;
        let ground = Ground {
            tokens: tokens.clone(),
            reach: reach.clone(),
            missions: missions.clone(),
            options,
        };
        let default = Arc::new(Space::new(id, runtime, &options.state, ground)?);
        default.runtime.lend(lends(&default, reach.clone()));
        let (options, reach, others) = (options.clone(), reach.clone(), Mutex::default());
        let background = Background::new(stopping);
        Ok(Self { default, options, missions, reach, tokens, background, others })
    }

    /// A workspace, opened when it is used for the first time.
    ///
    /// # Errors
    /// Not found; internal, when its folder cannot be used.
    pub(crate) async fn get(&self, id: &WorkspaceId) -> Result<Arc<Space>, ApiError> {
        if *id == self.default.id {
            return Ok(self.default.clone());
        }
        // Held while it opens: a folder is opened once.
        let mut others = self.others.lock().await;
        if let Some(space) = others.get(id) {
            return Ok(space.clone());
        }
        let found = self.default.runtime.store.document(id.as_str()).await?;
        if found.is_none_or(|found| found.kind != KIND) {
            return Err(ApiError::not_found("workspace", id.as_str()));
        }
        let state = folder(&self.options.state, id);
        let runtime = self.default.runtime.beside(state.clone())?;
        let (tokens, reach) = (self.tokens.clone(), self.reach.clone());
        let missions = self.missions.clone();
        let ground = Ground { tokens, reach, missions, options: &self.options };
        let space = Arc::new(Space::new(id.clone(), runtime, &state, ground)?);
        space.runtime.lend(lends(&space, self.reach.clone()));
        self.background.start(&space);
        others.insert(id.clone(), space.clone());
        Ok(space)
    }

    /// Opens every workspace there is, and begins what goes on in it without a request: what
    /// was interrupted goes on.
    ///
    /// # Errors
    /// Failed, when one cannot be opened.
    pub(crate) async fn start(&self) -> Result<()> {
        self.background.start(&self.default);
        for workspace in list(self.default.runtime.store.as_ref()).await? {
            if let Err(error) = self.get(&workspace.id).await {
                let why = error.internal.unwrap_or(error.message);
                self.options.log.error(&format!("workspace {}: {why}", workspace.name));
            }
        }
        Ok(())
    }

    /// All that are open.
    pub(crate) async fn all(&self) -> Vec<Arc<Space>> {
        let others = self.others.lock().await;
        std::iter::once(&self.default).chain(others.values()).cloned().collect()
    }

    /// How many sessions are worked on now.
    pub(crate) async fn working(&self) -> usize {
        self.all().await.iter().map(|space| space.live.count()).sum()
    }

    /// Stops the work of all sessions, gives them back, and waits until nothing else goes on
    /// without a request.
    pub(crate) async fn stop(&self) {
        let all = self.all().await;
        let stopped = all.iter().map(async |space| {
            tokio::join!(space.live.stop(), space.dreams.stop(), space.runs.stop());
        });
        futures::future::join_all(stopped).await;
        self.background.ended().await;
    }

    /// Closes all stores.
    pub(crate) async fn close(&self) {
        for space in self.all().await {
            if let Err(failure) = space.runtime.store.close().await {
                self.options.log.error(&format!("workspace {}: {failure}", space.id));
            }
        }
    }
}

/// The folder of a workspace that is not the default one.
pub(crate) fn folder(state: &Path, id: &WorkspaceId) -> PathBuf {
    state.join("workspaces").join(id.as_str())
}

/// The workspace of a name; makes it when it is not there.
///
/// # Errors
/// Invalid, when it is no name; failed, when the store fails.
pub(crate) async fn named(store: &dyn Store, name: &str) -> Result<Workspace> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    if name.is_empty() || name.chars().count() > NAME_MAX || !name.chars().all(plain) {
        let why = format!("a workspace's name has 1 to {NAME_MAX} characters and no spaces");
        return Err(Failure::invalid(why));
    }
    if let Some(found) = find(store, name).await? {
        return Ok(found);
    }
    let clock = SystemClock::default();
    let id = WorkspaceId::new(&clock, &SystemEntropy);
    let (kind, name, created_at) = (KIND.to_owned(), name.to_owned(), clock.now());
    let workspace = Workspace { id, kind, name, created_at };
    let change = DocumentChange::Create(document(&workspace)?);
    match store.write_documents(vec![change]).await? {
        DocumentWrite::Done => Ok(workspace),
        // Somebody else made it at the same moment.
        _ => find(store, &workspace.name)
            .await?
            .ok_or_else(|| Failure::failed(format!("workspace {} cannot be made", workspace.name))),
    }
}

fn document(workspace: &Workspace) -> Result<Document> {
    let body = serde_json::to_string(workspace)
        .map_err(|error| Failure::bug(format!("a workspace that is not JSON: {error}")))?;
    Ok(Document {
        id: workspace.id.to_string(),
        kind: KIND.to_owned(),
        parent: None,
        key: Some(workspace.name.clone()),
        created_at: workspace.created_at,
        archived_at: None,
        version: 1,
        revision: 1,
        body,
    })
}

/// The workspace of a name or an id.
pub(crate) async fn find(store: &dyn Store, wanted: &str) -> Result<Option<Workspace>> {
    let all = list(store).await?;
    Ok(all.into_iter().find(|found| found.name == wanted || found.id.as_str() == wanted))
}

/// All workspaces, the default one first.
pub(crate) async fn list(store: &dyn Store) -> Result<Vec<Workspace>> {
    let filter = DocumentFilter { kind: KIND.to_owned(), ..Default::default() };
    let read = |document: Document| {
        serde_json::from_str(&document.body)
            .map_err(|error| Failure::failed(format!("workspace {}: {error}", document.id)))
    };
    let found = store.documents(&filter).await?.into_iter().map(read);
    let mut all = found.collect::<Result<Vec<Workspace>>>()?;
    // By name, the default one first: two that are made in one moment have no other order.
    all.sort_by(|one, other| {
        let key = |one: &Workspace| (one.name != DEFAULT, one.name.clone());
        key(one).cmp(&key(other))
    });
    Ok(all)
}
