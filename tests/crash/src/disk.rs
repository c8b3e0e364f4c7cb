//! What a power cut leaves of what was written.
//!
//! The rules are the hard ones: only what was synced is surely there. Of later writes any
//! may be there and any may not, each sector of 512 bytes by itself; a name is surely there
//! only when its folder was synced; and what a failed sync lost is not written by a later
//! one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Act, Random};

/// What a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// What becomes of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it is lost.
    All,
    /// Nothing is lost: the program was killed, and the machine was not.
    Nothing,
    /// Some writes are lost, others are there.
    Some,
    /// As before, and of some writes only some sectors are there.
    Torn,
}

/// The files of one folder: what is on disk, and what is on its way there.
#[derive(Debug, Default)]
pub struct Disk<'a> {
    files: Vec<File<'a>>,
    /// The names as the program sees them.
    names: BTreeMap<&'a str, usize>,
    synced_names: BTreeMap<&'a str, usize>,
    pending_names: Vec<(&'a str, Option<usize>)>,
}

#[derive(Debug, Default)]
struct File<'a> {
    synced: Vec<u8>,
    pending: Vec<Change<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Change<'a> {
    Write(usize, &'a [u8]),
    Cut(usize),
}

impl<'a> Disk<'a> {
    /// Does one more act.
    pub fn apply(&mut self, act: &'a Act, random: &mut Random) {
        match act {
            Act::Made(name) => {
                self.files.push(File::default());
                self.name(name, Some(self.files.len() - 1));
            }
            Act::Wrote(name, at, data) => self.change(name, Change::Write(*at, data)),
            Act::Cut(name, length) => self.change(name, Change::Cut(*length)),
            Act::Synced(name) => self.sync(name, Loss::Nothing, random),
            Act::SyncFailed(name) => self.sync(name, Loss::Torn, random),
            Act::FolderSynced => {
                let changes = std::mem::take(&mut self.pending_names);
                changes.into_iter().for_each(|change| rename(&mut self.synced_names, change));
            }
            Act::Removed(name) => self.name(name, None),
            Act::Renamed(from, to) => {
                let file = self.names.get(from.as_str()).copied();
                self.name(from, None);
                self.name(to, file);
            }
            Act::Said(_) | Act::Faulty => {}
        }
    }

    fn name(&mut self, name: &'a str, file: Option<usize>) {
        rename(&mut self.names, (name, file));
        self.pending_names.push((name, file));
    }

    /// What is done to a file whose name is gone stays without a trace.
    fn file(&mut self, name: &str) -> Option<&mut File<'a>> {
        self.names.get(name).map(|file| &mut self.files[*file])
    }

    fn change(&mut self, name: &str, change: Change<'a>) {
        if let Some(file) = self.file(name) {
            file.pending.push(change);
        }
    }

    fn sync(&mut self, name: &str, loss: Loss, random: &mut Random) {
        if let Some(file) = self.file(name) {
            file.synced = file.after(loss, random);
            file.pending.clear();
        }
    }

    /// The files that are there after the power was cut now, by name.
    #[must_use]
    pub fn after(&self, loss: Loss, random: &mut Random) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.synced_names.clone();
        for change in &self.pending_names {
            if !is_lost(loss, random) {
                rename(&mut names, *change);
            }
        }
        let mut files = BTreeMap::new();
        for (name, file) in names {
            // Shared memory of running programs; whoever comes first makes it anew.
            if !name.ends_with("-shm") {
                files.insert(name.to_owned(), self.files[file].after(loss, random));
            } else if random.one_in(2) {
                files.insert(name.to_owned(), random.bytes(1 << 15));
            }
        }
        files
    }

    /// Writes files into a folder.
    pub fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

fn rename<'a>(names: &mut BTreeMap<&'a str, usize>, change: (&'a str, Option<usize>)) {
    match change {
        (name, Some(file)) => drop(names.insert(name, file)),
        (name, None) => drop(names.remove(name)),
    }
}

fn is_lost(loss: Loss, random: &mut Random) -> bool {
    match loss {
        Loss::All => true,
        Loss::Nothing => false,
        Loss::Some | Loss::Torn => random.one_in(2),
    }
}

impl File<'_> {
    fn after(&self, loss: Loss, random: &mut Random) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for change in &self.pending {
            let lost = is_lost(loss, random);
            let torn = loss == Loss::Torn && random.one_in(2);
            match *change {
                Change::Cut(_) if lost => {}
                Change::Cut(length) => bytes.resize(length, 0),
                Change::Write(at, data) if torn => put_some(&mut bytes, at, data, random),
                Change::Write(at, data) if lost => {
                    // Its room may have been made, and hold nothing or what was there before.
                    let end = at + data.len();
                    if loss != Loss::All && end > bytes.len() && random.one_in(4) {
                        let zeros = random.one_in(2);
                        let room = end - bytes.len();
                        bytes.extend(if zeros { vec![0; room] } else { random.bytes(room) });
                    }
                }
                Change::Write(at, data) => put(&mut bytes, at, data),
            }
        }
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    let end = at + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(data);
}

/// Writes some of the sectors.
fn put_some(bytes: &mut Vec<u8>, mut at: usize, mut data: &[u8], random: &mut Random) {
    while !data.is_empty() {
        let room = (SECTOR - at % SECTOR).min(data.len());
        let (sector, rest) = data.split_at(room);
        if random.one_in(2) {
            put(bytes, at, sector);
        }
        at += room;
        data = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk<'a>(acts: &'a [Act], random: &mut Random) -> Disk<'a> {
        let mut disk = Disk::default();
        acts.iter().for_each(|act| disk.apply(act, random));
        disk
    }

    #[test]
    fn only_what_was_synced_is_surely_there() {
        let name = || "a".to_owned();
        let acts = [
            Act::Made(name()),
            Act::FolderSynced,
            Act::Wrote(name(), 0, vec![1; 1_024]),
            Act::Synced(name()),
            Act::Wrote(name(), 512, vec![2; 1_024]),
            Act::Made("b".to_owned()),
        ];
        let mut random = Random::new(1);
        let disk = disk(&acts, &mut random);
        let lost = disk.after(Loss::All, &mut random);
        assert_eq!(lost, BTreeMap::from([(name(), vec![1; 1_024])]));
        let kept = disk.after(Loss::Nothing, &mut random);
        assert_eq!(kept[&name()], [vec![1; 512], vec![2; 1_024]].concat());
        assert!(kept.contains_key("b"));
        let torn: Vec<_> =
            (0..100).map(|_| disk.after(Loss::Torn, &mut random)[&name()].clone()).collect();
        assert!(torn.iter().all(|bytes| bytes[..512] == [1; 512]));
        assert!(torn.iter().any(|bytes| bytes.len() >= 1_536 && bytes[512..1_024] == [1; 512]));
    }

    #[test]
    fn what_a_failed_sync_lost_is_not_written_by_the_next() {
        let name = || "a".to_owned();
        let acts = [
            Act::Made(name()),
            Act::FolderSynced,
            Act::Wrote(name(), 0, vec![1; 512]),
            Act::SyncFailed(name()),
            Act::Synced(name()),
        ];
        let is_there = |seed| {
            let mut random = Random::new(seed);
            let disk = disk(&acts, &mut random);
            disk.after(Loss::Nothing, &mut random)[&name()] == vec![1; 512]
        };
        let there = (0..100).filter(|seed| is_there(*seed)).count();
        assert!((10..90).contains(&there), "{there}");
    }
}
