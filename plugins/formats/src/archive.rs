//! A ZIP archive, unpacked in memory under limits.
//!
//! Of the readers of ZIP this is a strict one, so that no two programs see two documents in
//! one file: one directory at the very end that names each file once, files that do not
//! overlap, headers that agree with it, deflate or none, no encryption and no Zip64. Nothing
//! is allocated by what the archive merely claims. An archive inside is a file like any other
//! and never opened.

use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::collections::HashMap;
use std::io::Read;

const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: usize = 22;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const ENTRY_BYTES: usize = 46;
const HEADER: [u8; 4] = *b"PK\x03\x04";
const HEADER_BYTES: usize = 30;
const ENCRYPTED: u16 = 1;
/// Up to here a file may unpack to any number of times its size.
const RATIO_FREE_BYTES: usize = 1024 * 1024;

/// An archive whose directory has been read and checked.
pub(crate) struct Archive<'a> {
    entries: HashMap<String, Entry<'a>>,
    limits: &'a Limits,
    bytes_left: usize,
}

struct Entry<'a> {
    packed: &'a [u8],
    deflated: bool,
    bytes: usize,
    crc: u32,
}

/// What the directory says of one file.
struct Record {
    flags: u16,
    method: u16,
    crc: u32,
    packed: usize,
    bytes: usize,
    offset: usize,
    name: String,
    length: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

fn truncated() -> FormatError {
    FormatError::new("the archive is damaged or cut short")
}

impl<'a> Archive<'a> {
    /// Reads and checks the directory; unpacks nothing.
    pub(crate) fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, FormatError> {
        limits.admit(bytes.len())?;
        let end = find_end(bytes)?;
        let field = |at: usize| u16_at(bytes, end + at).ok_or_else(truncated);
        let count = usize::from(field(10)?);
        if field(4)? != 0 || field(6)? != 0 || usize::from(field(8)?) != count {
            return Err(FormatError::new("the archive is one of several parts"));
        }
        let directory = size_at(bytes, end + 16).ok_or_else(truncated)?;
        let length = size_at(bytes, end + 12).ok_or_else(truncated)?;
        if count == 0xffff || u32::try_from(directory) == Ok(u32::MAX) {
            return Err(FormatError::new("the archive is Zip64, which is not read"));
        }
        if count > limits.archive_entries {
            return Err(FormatError::over("the archive", limits.archive_entries, "files"));
        }
        if directory.checked_add(length) != Some(end) {
            return Err(FormatError::new("the archive's directory is not where it should be"));
        }
        let mut archive =
            Self { entries: HashMap::new(), limits, bytes_left: limits.archive_bytes };
        archive.read_directory(bytes, directory, end, count)?;
        Ok(archive)
    }

    fn read_directory(
        &mut self,
        bytes: &'a [u8],
        directory: usize,
        end: usize,
        count: usize,
    ) -> Result<(), FormatError> {
        let mut at = directory;
        let mut claimed = 0usize;
        let mut ranges = Vec::with_capacity(count);
        for _ in 0..count {
            let record = record(bytes, at, end)?;
            at += record.length;
            claimed = claimed.saturating_add(record.bytes);
            self.admit(&record, claimed)?;
            let (start, packed) = contents(bytes, &record, directory)?;
            ranges.push((start, start + packed.len()));
            ranges.push((record.offset, start));
            let deflated = record.method == 8;
            let Record { bytes, crc, name, .. } = record;
            let key = name.to_ascii_lowercase();
            if self.entries.insert(key, Entry { packed, deflated, bytes, crc }).is_some() {
                let name = excerpt(&name);
                return Err(FormatError::new(format!("the archive has `{name}` twice")));
            }
        }
        if at != end {
            return Err(FormatError::new("the archive's directory has more than its files"));
        }
        ranges.sort_unstable();
        if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(FormatError::new("files of the archive overlap"));
        }
        Ok(())
    }

    /// Refuses what unpacks to too much, by what the directory claims: what it really unpacks
    /// to is measured against the claim.
    fn admit(&self, record: &Record, claimed: usize) -> Result<(), FormatError> {
        let name = || excerpt(&record.name);
        if record.flags & ENCRYPTED != 0 {
            return Err(FormatError::new(format!("`{}` in the archive is encrypted", name())));
        }
        if !matches!(record.method, 0 | 8) {
            let method = record.method;
            return Err(FormatError::new(format!(
                "`{}` in the archive is packed by method {method}, which is not read",
                name(),
            )));
        }
        if claimed > self.limits.archive_bytes {
            let limit = self.limits.archive_bytes;
            return Err(FormatError::over("what the archive unpacks to", limit, "bytes"));
        }
        let most = record.packed.saturating_mul(self.limits.ratio);
        if record.bytes > RATIO_FREE_BYTES && record.bytes > most {
            return Err(FormatError::new(format!(
                "`{}` in the archive unpacks to more than {} times its size",
                name(),
                self.limits.ratio,
            )));
        }
        Ok(())
    }

    /// The files below a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let below = |name: &&String| name.starts_with(folder);
        let mut names: Vec<String> = self.entries.keys().filter(below).cloned().collect();
        names.sort();
        names
    }

    /// Unpacks a file, or `None` if there is none of that name (in any case).
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, FormatError> {
        let Some(entry) = self.entries.get(&name.to_ascii_lowercase()) else { return Ok(None) };
        if entry.bytes > self.limits.entry_bytes {
            let what = format!("`{}` in the archive", excerpt(name));
            return Err(FormatError::over(&what, self.limits.entry_bytes, "bytes"));
        }
        // The same file may be read more than once, so what is read counts again.
        let Some(left) = self.bytes_left.checked_sub(entry.bytes) else {
            let limit = self.limits.archive_bytes;
            return Err(FormatError::over("what the archive unpacks to", limit, "bytes"));
        };
        self.bytes_left = left;
        let damaged = || FormatError::new(format!("`{}` in the archive is damaged", excerpt(name)));
        let most = u64::try_from(entry.bytes).unwrap_or(u64::MAX).saturating_add(1);
        // Its size is below the limit, so the claim may be believed this far.
        let mut unpacked = Vec::with_capacity(entry.bytes + 1);
        let read = if entry.deflated {
            DeflateDecoder::new(entry.packed).take(most).read_to_end(&mut unpacked)
        } else {
            entry.packed.take(most).read_to_end(&mut unpacked)
        };
        let mut crc = Crc::new();
        crc.update(&unpacked);
        if read.is_err() || unpacked.len() != entry.bytes || crc.sum() != entry.crc {
            return Err(damaged());
        }
        Ok(Some(unpacked))
    }
}

/// Where the end record is: the last thing in the archive but its comment.
fn find_end(bytes: &[u8]) -> Result<usize, FormatError> {
    if !bytes.starts_with(b"PK") {
        return Err(FormatError::new("this is not an office file: it is no ZIP archive"));
    }
    let last = bytes.len().checked_sub(END_BYTES).ok_or_else(truncated)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let is_end = |at: &usize| {
        let signed = bytes.get(*at..).is_some_and(|rest| rest.starts_with(&END));
        let comment = u16_at(bytes, at + END_BYTES - 2).map(usize::from);
        signed && comment.is_some_and(|comment| at + END_BYTES + comment == bytes.len())
    };
    (first..=last).rev().find(is_end).ok_or_else(truncated)
}

/// One record of the directory.
fn record(bytes: &[u8], at: usize, end: usize) -> Result<Record, FormatError> {
    let read = || -> Option<Record> {
        let fixed = bytes.get(at..at.checked_add(ENTRY_BYTES)?)?;
        if !fixed.starts_with(&ENTRY) {
            return None;
        }
        let names = usize::from(u16_at(fixed, 28)?);
        let extra = usize::from(u16_at(fixed, 30)?);
        let comment = usize::from(u16_at(fixed, 32)?);
        let length = ENTRY_BYTES + names + extra + comment;
        let name = bytes.get(at + ENTRY_BYTES..at + ENTRY_BYTES + names)?;
        if at + length > end {
            return None;
        }
        Some(Record {
            flags: u16_at(fixed, 8)?,
            method: u16_at(fixed, 10)?,
            crc: u32_at(fixed, 16)?,
            packed: size_at(fixed, 20)?,
            bytes: size_at(fixed, 24)?,
            offset: size_at(fixed, 42)?,
            name: std::str::from_utf8(name).ok()?.to_owned(),
            length,
        })
    };
    let record = read().ok_or_else(truncated)?;
    check_name(&record.name)?;
    Ok(record)
}

/// Refuses a name that would lead out of a folder, or that programs read in different ways.
fn check_name(name: &str) -> Result<(), FormatError> {
    let part = |part: &str| matches!(part, "." | "..");
    let bad = name.is_empty()
        || name.starts_with('/')
        || name.contains(['\\', ':'])
        || name.contains(char::is_control)
        || name.split('/').any(part);
    if bad {
        let name = excerpt(name);
        return Err(FormatError::new(format!("the archive has a file of the bad name `{name}`")));
    }
    Ok(())
}

/// Where a file's packed bytes start, and the bytes. Its own header must agree with the
/// directory.
fn contents<'a>(
    bytes: &'a [u8],
    record: &Record,
    directory: usize,
) -> Result<(usize, &'a [u8]), FormatError> {
    let read = || -> Option<(usize, &'a [u8])> {
        let at = record.offset;
        let fixed = bytes.get(at..at.checked_add(HEADER_BYTES)?)?;
        let names = usize::from(u16_at(fixed, 26)?);
        let extra = usize::from(u16_at(fixed, 28)?);
        let name = bytes.get(at + HEADER_BYTES..at + HEADER_BYTES + names)?;
        let agrees = fixed.starts_with(&HEADER)
            && name == record.name.as_bytes()
            && u16_at(fixed, 8)? == record.method;
        let start = at + HEADER_BYTES + names + extra;
        let end = start.checked_add(record.packed)?;
        (agrees && end <= directory).then_some(())?;
        Some((start, bytes.get(start..end)?))
    };
    read().ok_or_else(truncated)
}
