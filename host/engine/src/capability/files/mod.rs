//! Files: the calling agent's view as preopened folders, read-only unless both the view and
//! the plugin may write.
//!
//! wasmtime-wasi does the work and holds the paths inside their folders. What stands before
//! it here moves the call to a thread that may block, counts what files grow by, and notes
//! who changed what: `host` has the functions, `streams` the reading and writing, `account`
//! the counting, `listing` the folders, `metadata` what files tell where time stands still,
//! `place` the names.

mod account;
mod host;
mod listing;
mod metadata;
mod place;
mod quota;
mod streams;

use std::sync::Arc;

use cap_std::ambient_authority;
use lucid_core::{Failure, Limits, Timestamp};
use lucid_policy::manifest::{FileAccess, Kind};
use lucid_policy::{Access, Capabilities};
use wasmtime::component::{HasData, Linker};
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Dir, OpenMode, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};

use crate::call::{GuestTime, Mount};
use crate::effects::EffectLog;
use crate::state::State;
use crate::stopped::LimitReached;
use account::Account;
use host::FilesView;
use place::{Places, Refusal};
pub use quota::FileQuota;

/// Puts the functions in front of wasmtime-wasi's, which are linked already.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    types::add_to_linker::<State, HasFiles>(linker, view)?;
    preopens::add_to_linker::<State, HasFiles>(linker, view)
}

struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FilesView<'a>;
}

fn view(state: &mut State) -> FilesView<'_> {
    FilesView { wasi: state.wasi.filesystem(), files: &mut state.files }
}

/// What one call holds of its files.
pub(crate) struct FileState {
    folders: Vec<Folder>,
    places: Places,
    account: Account,
    effects: EffectLog,
    /// Where time stands still, how old every file is.
    fixed: Option<Timestamp>,
}

/// A folder of the view. It is opened when the guest first asks for its folders: many calls
/// never do.
struct Folder {
    mount: Mount,
    /// Why it cannot be changed, where it cannot.
    refusal: Option<Refusal>,
    opened: Option<Dir>,
}

impl Folder {
    fn open(&mut self) -> Result<Dir, Failure> {
        if let Some(dir) = &self.opened {
            return Ok(dir.clone());
        }
        #[expect(clippy::disallowed_methods, reason = "the host named it, not the guest")]
        let opened =
            cap_std::fs::Dir::open_ambient_dir(&self.mount.host_folder, ambient_authority());
        let file = opened.map_err(|error| {
            let folder = &self.mount.guest_path;
            Failure::failed(format!("folder `{folder}` of the view cannot be opened: {error}"))
                .hint("it has to be there, and this user has to be able to read it")
        })?;
        let (perms, mode) = match self.refusal {
            None => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
            Some(_) => (FsPerms::ReadOnly, OpenMode::READ),
        };
        // Who has it is on a thread that may block.
        let dir = Dir::new(file.into_std_file(), perms, mode, true);
        self.opened = Some(dir.clone());
        Ok(dir)
    }
}

impl FileState {
    /// The limit that was reached, if one was.
    pub(crate) fn reached(&self) -> Option<LimitReached> {
        self.account.reached()
    }

    /// Bytes that files grew by.
    pub(crate) fn bytes(&self) -> u64 {
        self.account.bytes()
    }

    /// Files, folders and links that were made.
    pub(crate) fn made(&self) -> u64 {
        self.account.made()
    }
}

/// Gives a call its folders.
pub(crate) fn grant(
    kind: Kind,
    capabilities: &Capabilities,
    limits: &Limits,
    mounts: Vec<Mount>,
    quota: Option<Arc<FileQuota>>,
    effects: EffectLog,
    time: GuestTime,
) -> FileState {
    let folder = |mount: Mount| {
        let access = capabilities.files?;
        let refusal = refusal(kind, access, &mount);
        Some(Folder { mount, refusal, opened: None })
    };
    let folders = mounts.into_iter().filter_map(folder).collect();
    let account = Account::new(limits, quota, effects.clone());
    let fixed = match time {
        GuestTime::Real => None,
        GuestTime::Fixed { now, .. } => Some(now),
    };
    FileState { folders, places: Places::default(), account, effects, fixed }
}

/// Why nothing may be changed in a folder; none where it may.
fn refusal(kind: Kind, access: FileAccess, mount: &Mount) -> Option<Refusal> {
    match (kind, access, mount.access) {
        (Kind::Grader | Kind::Dream, ..) => Some(Refusal::Kind),
        (_, FileAccess::ReadOnly, _) => Some(Refusal::Grant),
        (_, _, Access::ReadOnly) => Some(Refusal::View),
        (_, FileAccess::ReadWrite, Access::ReadWrite) => None,
    }
}
