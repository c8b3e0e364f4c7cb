//! A folder that is being listed: an entry is read when it is asked for. All at once would
//! be memory of the host that no limit of the guest's counts.

use std::fs::File;

use rustix::fs::{Dir, FileType};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorType, DirectoryEntry, ErrorCode};

/// What is left of a listing.
pub(super) struct Listing(Dir);

impl Listing {
    pub(super) fn new(folder: &File) -> std::io::Result<Self> {
        Ok(Self(Dir::read_from(folder)?))
    }

    /// The next entry; none at the end.
    pub(super) fn next(&mut self) -> FsResult<Option<DirectoryEntry>> {
        for entry in &mut self.0 {
            let entry = entry.map_err(std::io::Error::from)?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let name = std::str::from_utf8(name).map_err(|_| ErrorCode::IllegalByteSequence)?;
            let type_ = match entry.file_type() {
                FileType::RegularFile => DescriptorType::RegularFile,
                FileType::Directory => DescriptorType::Directory,
                FileType::Symlink => DescriptorType::SymbolicLink,
                FileType::Fifo => DescriptorType::Fifo,
                FileType::Socket => DescriptorType::Socket,
                FileType::CharacterDevice => DescriptorType::CharacterDevice,
                FileType::BlockDevice => DescriptorType::BlockDevice,
                FileType::Unknown => DescriptorType::Unknown,
            };
            return Ok(Some(DirectoryEntry { type_, name: name.to_owned() }));
        }
        Ok(None)
    }
}
