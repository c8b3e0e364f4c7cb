//! The shared folder of a session, and what of it a call can see.

#![allow(clippy::disallowed_methods, reason = "works on folders that people name, no guest does")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_core::{Failure, MemoryStoreId, Result};
use lucid_engine::{FileQuota, Mount};
use lucid_policy::manifest::FileAccess;
use lucid_policy::{Access, View};

use super::disk;
use super::remember::Remembered;
use crate::copies::InUse;
use crate::grading::OUTPUTS;
use crate::mission::{DiskQuota, InputFile};

/// The roots of a view and their folders on this machine.
const ROOTS: [(&str, &str); 3] =
    [("/workspace", "workspace"), (OUTPUTS, "outputs"), ("/mnt/session/uploads", "uploads")];

/// The largest output that the host itself reads.
const READ_BYTES_MAX: u64 = 8 << 20;

/// A memory store as files, mounted in every agent's view.
#[derive(Debug, Clone)]
pub(crate) struct MemoryMount {
    /// The folder's name under `/mnt/memory`.
    pub(crate) slug: String,
    /// What it is for; agents are told.
    pub(crate) description: String,
    /// Where its files are.
    pub(crate) folder: PathBuf,
    /// Its store.
    pub(crate) store: MemoryStoreId,
    /// Where agents may change it: then the files are this session's own.
    pub(crate) writable: Option<Remembered>,
    /// Keeps the files there as long as somebody sees them.
    pub(crate) _in_use: Option<Arc<InUse>>,
}

/// The folders of one session.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    memory: Vec<MemoryMount>,
    /// What its folders may hold together; none where nothing runs any more.
    quota: Option<Arc<FileQuota>>,
}

impl Workspace {
    /// Makes the folders of a session under a root, before anything of the session runs.
    ///
    /// # Errors
    /// Failed, when the disk refuses.
    pub(crate) fn create(
        root: PathBuf,
        memory: Vec<MemoryMount>,
        views: &[&View],
        files: &[InputFile],
        disk: DiskQuota,
    ) -> Result<Self> {
        let quota = Arc::new(FileQuota::new(disk.bytes, disk.files));
        let workspace = Self { root, memory, quota: Some(quota) };
        for (_, folder) in ROOTS {
            make(&workspace.root.join(folder))?;
        }
        for view in views {
            for (folder, _) in view.folders(FileAccess::ReadOnly) {
                make(&workspace.host_folder(folder)?)?;
            }
        }
        for file in files {
            workspace.copy_in(file)?;
        }
        workspace.measured()
    }

    /// Opens the folders of a session that another process left.
    ///
    /// # Errors
    /// Failed, when they are gone, or the disk refuses.
    pub(crate) fn open(root: PathBuf, memory: Vec<MemoryMount>, disk: DiskQuota) -> Result<Self> {
        let quota = Arc::new(FileQuota::new(disk.bytes, disk.files));
        Self { root, memory, quota: Some(quota) }.measured()
    }

    /// What lies there before anybody writes counts as well.
    fn measured(self) -> Result<Self> {
        let held = disk::measure(&self.own_folders()).map_err(|error| {
            Failure::failed(format!("session folder {}: {error}", self.root.display()))
        })?;
        if let Some(quota) = &self.quota {
            quota.settle(held.bytes, held.files);
        }
        Ok(self)
    }

    /// Puts a copy of a mission's file where agents see it. A copy that may be written,
    /// whatever the file itself allows: the view says who may.
    fn copy_in(&self, file: &InputFile) -> Result<()> {
        let target = self.host_folder(&file.path)?;
        make(target.parent().unwrap_or(&self.root))?;
        let copy = || {
            let mut from = File::open(&file.source)?;
            std::io::copy(&mut from, &mut File::create(&target)?)
        };
        copy().map(drop).map_err(|error| {
            let source = file.source.display();
            Failure::failed(format!("copying {source} to `{}`: {error}", file.path))
        })
    }

    /// Takes the folders of a session that ran before.
    #[must_use]
    pub(crate) fn existing(root: PathBuf) -> Self {
        Self { root, memory: Vec::new(), quota: None }
    }

    /// What its folders may hold together, for a call.
    pub(crate) fn quota(&self) -> Option<Arc<FileQuota>> {
        self.quota.clone()
    }

    /// Measures what its folders hold, where a call changed that; only right while no call
    /// runs. What cannot be measured stays as it was charged, which is never less.
    ///
    /// # Errors
    /// A bug, when the measuring panics.
    pub(crate) async fn settle(&self) -> Result<()> {
        let Some(quota) = self.quota.as_ref().filter(|quota| quota.is_dirty()) else {
            return Ok(());
        };
        let folders = self.own_folders();
        let measured = tokio::task::spawn_blocking(move || disk::measure(&folders)).await;
        let measured =
            measured.map_err(|error| Failure::bug(format!("measuring a session: {error}")))?;
        if let Ok(held) = measured {
            quota.settle(held.bytes, held.files);
        }
        Ok(())
    }

    /// The folders that are this session's alone. Memory that no call can change is not among
    /// them: it is written once for all sessions of a run.
    fn own_folders(&self) -> Vec<PathBuf> {
        let memory = self.memory.iter().filter(|memory| memory.writable.is_some());
        let memory = memory.map(|memory| memory.folder.clone());
        ROOTS.iter().map(|(_, folder)| self.root.join(folder)).chain(memory).collect()
    }

    /// What a call for an agent with this view can see.
    ///
    /// # Errors
    /// A bug, when the view was never checked.
    pub(crate) fn mounts(&self, view: &View) -> Result<Vec<Mount>> {
        let mut mounts = Vec::new();
        for (folder, access) in view.folders(FileAccess::ReadWrite) {
            let host_folder = self.host_folder(folder)?;
            mounts.push(Mount { host_folder, guest_path: folder.to_owned(), access });
        }
        // A copy of a text that has to be forgotten is taken away also where somebody sees it.
        let memory = self.memory.iter().filter(|memory| memory.folder.is_dir());
        mounts.extend(memory.map(|memory| Mount {
            host_folder: memory.folder.clone(),
            guest_path: format!("/mnt/memory/{}", memory.slug),
            access: match memory.writable {
                Some(_) => Access::ReadWrite,
                None => Access::ReadOnly,
            },
        }));
        Ok(mounts)
    }

    /// Whether something was not said of this session before; from now on it was.
    pub(crate) fn is_news(&self, name: &str) -> bool {
        let told = self.root.join("told");
        std::fs::create_dir_all(&told).is_ok() && File::create_new(told.join(name)).is_ok()
    }

    /// Where the outputs are on this machine.
    #[must_use]
    pub fn outputs_folder(&self) -> PathBuf {
        self.root.join("outputs")
    }

    /// The memory mounts, for the agents' system prompts.
    pub(crate) fn memory(&self) -> &[MemoryMount] {
        &self.memory
    }

    /// Reads an output. Guests made it and maybe named it, so it is opened through a handle
    /// on the outputs folder, which no path and no link leaves.
    ///
    /// # Errors
    /// Failed, when there is no such file, or it is too large or not UTF-8.
    pub fn read_output(&self, path: &str) -> Result<String> {
        let read = || -> std::io::Result<String> {
            let outputs = Dir::open_ambient_dir(self.root.join("outputs"), ambient_authority())?;
            let size = outputs.metadata(path)?.len();
            if size > READ_BYTES_MAX {
                return Err(std::io::Error::other(format!("{size} bytes are too many")));
            }
            outputs.read_to_string(path)
        };
        read().map_err(|error| Failure::failed(format!("output `{path}`: {error}")))
    }

    fn host_folder(&self, guest: &str) -> Result<PathBuf> {
        for (root, folder) in ROOTS {
            if let Some(rest) = guest.strip_prefix(root) {
                // Views are checked when a mission is loaded: plain segments only, and in no
                // folder that a guest may write.
                return Ok(self.root.join(folder).join(rest.trim_start_matches('/')));
            }
        }
        Err(Failure::bug(format!("`{guest}` is no folder of a session")))
    }
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::failed(format!("folder {}: {error}", folder.display())))
}
