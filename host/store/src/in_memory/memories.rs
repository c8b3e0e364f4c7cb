//! Memory stores, memories and their versions.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{
    Memory, MemoryId, MemoryOperation, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId,
    Result, sha256_hex,
};

use super::starting;
use crate::rules;

#[derive(Debug, Default, Clone)]
pub(super) struct Memories {
    stores: BTreeMap<MemoryStoreId, MemoryStore>,
    versions: Vec<MemoryVersion>,
    version_ids: HashSet<MemoryVersionId>,
    heads: Vec<Memory>,
    redacted: HashSet<MemoryVersionId>,
}

impl Memories {
    pub(super) fn create(&mut self, store: &MemoryStore) -> Result<()> {
        if self.stores.contains_key(&store.id) {
            return Err(rules::memory_store_exists(&store.id));
        }
        self.stores.insert(store.id.clone(), store.clone());
        Ok(())
    }

    pub(super) fn store(&self, id: &MemoryStoreId) -> Option<MemoryStore> {
        self.stores.get(id).cloned()
    }

    pub(super) fn starting(&self, start: &str, limit: u32) -> Vec<MemoryStoreId> {
        starting(self.stores.keys(), MemoryStoreId::as_str, start, limit)
    }

    pub(super) fn change(&mut self, store: &MemoryStore) -> Result<()> {
        let now =
            self.stores.get_mut(&store.id).ok_or_else(|| rules::no_memory_store(&store.id))?;
        now.name.clone_from(&store.name);
        now.description.clone_from(&store.description);
        Ok(())
    }

    pub(super) fn delete(&mut self, id: &MemoryStoreId) -> Result<()> {
        self.stores.remove(id).ok_or_else(|| rules::no_memory_store(id))?;
        self.heads.retain(|memory| memory.memory_store_id != *id);
        let (gone, stay) = std::mem::take(&mut self.versions)
            .into_iter()
            .partition(|version| version.memory_store_id == *id);
        let gone: Vec<MemoryVersion> = gone;
        self.versions = stay;
        for version in gone {
            self.version_ids.remove(&version.id);
            self.redacted.remove(&version.id);
        }
        Ok(())
    }

    pub(super) fn stores(&self) -> Vec<MemoryStore> {
        let mut stores: Vec<_> = self.stores.values().cloned().collect();
        stores.sort_by_key(|store| store.created_at);
        stores
    }

    pub(super) fn write(
        &mut self,
        store_id: &MemoryStoreId,
        versions: Vec<MemoryVersion>,
    ) -> Result<()> {
        if !self.stores.contains_key(store_id) {
            return Err(rules::no_memory_store(store_id));
        }
        // A copy, so that a version that does not fit leaves nothing behind.
        let mut heads = self.heads.clone();
        let mut fresh = HashSet::new();
        for version in &versions {
            let content = rules::check_version(store_id, version)?;
            if self.version_ids.contains(&version.id) || !fresh.insert(version.id.clone()) {
                return Err(rules::version_exists(version));
            }
            move_head(&mut heads, version, content)?;
        }
        let count = heads.iter().filter(|memory| memory.memory_store_id == *store_id).count();
        if count > lucid_core::MEMORIES_MAX {
            return Err(rules::too_many_memories(store_id));
        }
        self.heads = heads;
        self.version_ids.extend(fresh);
        self.versions.extend(versions);
        Ok(())
    }

    pub(super) fn list(&self, store_id: &MemoryStoreId) -> Vec<Memory> {
        let heads = self.heads.iter().filter(|memory| memory.memory_store_id == *store_id);
        let mut heads: Vec<_> = heads.cloned().collect();
        heads.sort_by(|one, other| one.path.cmp(&other.path));
        heads
    }

    pub(super) fn memory(&self, id: &MemoryId) -> Option<Memory> {
        self.heads.iter().find(|memory| memory.id == *id).cloned()
    }

    pub(super) fn newest(&self, store_id: &MemoryStoreId) -> Option<MemoryVersionId> {
        let mut newest_first = self.versions.iter().rev();
        newest_first.find(|one| one.memory_store_id == *store_id).map(|one| one.id.clone())
    }

    pub(super) fn version(&self, id: &MemoryVersionId) -> Option<MemoryVersion> {
        self.versions.iter().find(|version| version.id == *id).cloned()
    }

    pub(super) fn redact(&mut self, id: &MemoryVersionId) -> Result<bool> {
        let version = self.versions.iter_mut().find(|version| version.id == *id);
        let version = version.ok_or_else(|| rules::no_version(id))?;
        if self.redacted.contains(id) {
            return Ok(false);
        }
        if self.heads.iter().any(|head| head.memory_version_id == *id) {
            return Err(rules::version_stands(id));
        }
        version.content = None;
        version.path.clear();
        self.redacted.insert(id.clone());
        Ok(true)
    }

    pub(super) fn versions(
        &self,
        store_id: &MemoryStoreId,
        path: Option<&str>,
    ) -> Vec<MemoryVersion> {
        let fits = |version: &&MemoryVersion| {
            version.memory_store_id == *store_id && path.is_none_or(|path| version.path == path)
        };
        self.versions.iter().rev().filter(fits).cloned().collect()
    }
}

fn move_head(
    heads: &mut Vec<Memory>,
    version: &MemoryVersion,
    content: Option<&str>,
) -> Result<()> {
    let content = content.unwrap_or_default().to_owned();
    let store_id = &version.memory_store_id;
    let here = heads.iter().position(|memory| memory.id == version.memory_id);
    let taken = heads
        .iter()
        .position(|memory| memory.memory_store_id == *store_id && memory.path == version.path);
    let mut head = Memory {
        id: version.memory_id.clone(),
        memory_store_id: store_id.clone(),
        memory_version_id: version.id.clone(),
        path: version.path.clone(),
        content_sha256: sha256_hex(content.as_bytes()),
        content,
        created_at: version.created_at,
        updated_at: version.created_at,
    };
    if version.operation == MemoryOperation::Created {
        if here.is_some() {
            return Err(rules::memory_exists(version));
        }
        if taken.is_some() {
            return Err(rules::path_taken(version));
        }
        check_way(heads, version)?;
        heads.push(head);
        return Ok(());
    }
    let here = here.filter(|here| heads[*here].memory_store_id == *store_id);
    let here = here.ok_or_else(|| rules::no_memory(version))?;
    if version.operation == MemoryOperation::Deleted {
        heads.remove(here);
        return Ok(());
    }
    if taken.is_some_and(|taken| taken != here) {
        return Err(rules::path_taken(version));
    }
    if heads[here].path != version.path {
        check_way(heads, version)?;
    }
    head.created_at = heads[here].created_at;
    heads[here] = head;
    Ok(())
}

/// Refuses a path that would be a file and a folder. What stands so already stays.
fn check_way(heads: &[Memory], version: &MemoryVersion) -> Result<()> {
    let path = &version.path;
    let others = heads.iter().filter(|other| {
        other.memory_store_id == version.memory_store_id && other.id != version.memory_id
    });
    let mut others = others.map(|other| &other.path);
    let found = others.find(|other| rules::is_below(path, other) || rules::is_below(other, path));
    found.map_or(Ok(()), |other| Err(rules::path_in_the_way(version, other)))
}
