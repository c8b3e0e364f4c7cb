//! What a program did to the files of a folder, in the order it did it.
//!
//! A record is a head of 24 bytes in this machine's order of bytes: kind (`u32`), length of
//! the name (`u32`), place (`u64`), length of the data (`u64`); then the name and the data.

use std::path::Path;

/// One thing that was done. Names are relative to the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A file was made.
    Made(String),
    /// Bytes were written at a place.
    Wrote(String, usize, Vec<u8>),
    /// A file was given a length.
    Cut(String, usize),
    /// What was written to a file before is on disk.
    Synced(String),
    /// A sync of a file failed: what was written before may be on disk or not, and will not
    /// be written again by itself.
    SyncFailed(String),
    /// Names that were made and removed before are on disk.
    FolderSynced,
    /// A name was removed.
    Removed(String),
    /// A name was put in the place of another.
    Renamed(String, String),
    /// The program said something.
    Said(String),
    /// The next act is one that was made to fail.
    Faulty,
}

/// Reads a journal.
#[must_use]
pub fn journal(file: &Path) -> Vec<Act> {
    let bytes = std::fs::read(file).expect("a journal");
    let (mut rest, mut acts) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        acts.push(act(&mut rest));
    }
    acts
}

fn act(rest: &mut &[u8]) -> Act {
    let kind = take::<4>(rest);
    let name_length = u32::from_ne_bytes(take(rest)) as usize;
    let place = usize::try_from(u64::from_ne_bytes(take(rest))).unwrap();
    let data_length = usize::try_from(u64::from_ne_bytes(take(rest))).unwrap();
    let name = text(part(rest, name_length));
    let data = part(rest, data_length);
    match char::from_u32(u32::from_ne_bytes(kind)) {
        Some('C') => Act::Made(name),
        Some('W') => Act::Wrote(name, place, data.to_vec()),
        Some('T') => Act::Cut(name, place),
        Some('S') => Act::Synced(name),
        Some('F') => Act::SyncFailed(name),
        Some('D') => Act::FolderSynced,
        Some('U') => Act::Removed(name),
        Some('R') => Act::Renamed(name, text(data)),
        Some('M') => Act::Said(text(data)),
        Some('!') => Act::Faulty,
        other => panic!("a record of kind {other:?}"),
    }
}

fn part<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (part, after) = rest.split_at(length);
    *rest = after;
    part
}

fn take<const LENGTH: usize>(rest: &mut &[u8]) -> [u8; LENGTH] {
    part(rest, LENGTH).try_into().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
