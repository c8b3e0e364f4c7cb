//! Reaching for files that are not its own, and writing where it may not.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use lucid_sdk::tool::{Json, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct File {
    path: String,
}

pub(crate) fn read(input: File) -> Result<String, ToolError> {
    fs::read_to_string(&input.path).map_err(|error| ToolError::Failed(error.to_string()))
}

/// The standard library refuses some paths by itself; this leaves it to the host.
pub(crate) fn read_below(input: File) -> Result<String, ToolError> {
    raw::read(&input.path).map_err(ToolError::Failed)
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Link {
    target: String,
    /// The link's name in the first folder.
    name: String,
    /// Whether it is a hard link.
    hard: bool,
}

pub(crate) fn link(input: Link) -> Result<String, ToolError> {
    raw::link(&input.target, &input.name, input.hard)
        .and_then(|()| raw::read(&input.name))
        .map_err(ToolError::Failed)
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Change {
    /// The folder.
    folder: String,
    /// A file in it.
    file: String,
}

/// Tells of each way whether it worked.
pub(crate) fn change(input: Change) -> Result<Json<Vec<(String, bool)>>, ToolError> {
    let folder = Path::new(&input.folder);
    let (file, new) = (folder.join(&input.file), folder.join("new"));
    let append = || OpenOptions::new().append(true).open(&file)?.write_all(b"more");
    let shorten = || OpenOptions::new().write(true).open(&file)?.set_len(0);
    let raw = |done: Result<(), String>| done.map_err(std::io::Error::other);
    let ways: [(&str, std::io::Result<()>); 11] = [
        ("create", fs::write(&new, "new")),
        ("create folder", fs::create_dir(folder.join("new-folder"))),
        ("append", append()),
        ("shorten", shorten()),
        ("touch", raw(raw::touch(&input.file))),
        ("link", raw(raw::link(&input.file, "soft", false))),
        ("link hard", raw(raw::link(&input.file, "hard", true))),
        ("rename", fs::rename(&file, folder.join("renamed"))),
        ("overwrite", fs::write(&file, "other")),
        ("remove", fs::remove_file(&file)),
        ("remove folder", fs::remove_dir(folder.join("inner"))),
    ];
    let told = ways.into_iter().map(|(way, done)| (way.to_owned(), done.is_ok())).collect();
    Ok(Json(told))
}

#[cfg(target_os = "wasi")]
mod raw {
    //! The host's functions, without the standard library's checks before them.

    use wasip2::filesystem::preopens::get_directories;
    use wasip2::filesystem::types::{
        Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
    };

    fn first() -> Result<Descriptor, String> {
        let folder = get_directories().into_iter().next();
        folder.map(|(folder, _)| folder).ok_or_else(|| "no folder".to_owned())
    }

    fn told(error: ErrorCode) -> String {
        error.to_string()
    }

    pub(super) fn read(path: &str) -> Result<String, String> {
        let follow = PathFlags::SYMLINK_FOLLOW;
        let file = first()?.open_at(follow, path, OpenFlags::empty(), DescriptorFlags::READ);
        let (bytes, _) = file.map_err(told)?.read(1 << 16, 0).map_err(told)?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }

    pub(super) fn link(target: &str, name: &str, hard: bool) -> Result<(), String> {
        let folder = first()?;
        let linked = match hard {
            true => folder.link_at(PathFlags::empty(), target, &folder, name),
            false => folder.symlink_at(target, name),
        };
        linked.map_err(told)
    }

    pub(super) fn touch(path: &str) -> Result<(), String> {
        let (now, keep) = (NewTimestamp::Now, NewTimestamp::NoChange);
        first()?.set_times_at(PathFlags::empty(), path, keep, now).map_err(told)
    }
}

#[cfg(not(target_os = "wasi"))]
mod raw {
    //! Outside a component there is no host.

    pub(super) fn read(_path: &str) -> Result<String, String> {
        Err("no host".to_owned())
    }

    pub(super) fn link(_target: &str, _name: &str, _hard: bool) -> Result<(), String> {
        Err("no host".to_owned())
    }

    pub(super) fn touch(_path: &str) -> Result<(), String> {
        Err("no host".to_owned())
    }
}
