//! The functions of `wasi:filesystem`, each in front of wasmtime-wasi's own.
//!
//! A function that may wait for a disk goes to a guest's thread first. One that makes or
//! grows something is charged before it acts. One that was not permitted is noted with the
//! rule.

use std::sync::Arc;

use lucid_core::FileChangeKind;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, File, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, ErrorCode, Filesize, HostDescriptor, HostDirectoryEntryStream,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::FileState;
use super::listing::Listing;
use super::metadata;
use super::place::Place;
use super::streams::{FileReader, FileWriter, WriteAt};
use crate::executor::on_guest_thread;
use crate::stopped::LimitReached;

/// The files of one call.
pub(crate) struct FilesView<'a> {
    pub(super) wasi: WasiFilesystemCtxView<'a>,
    pub(super) files: &'a mut FileState,
}

type Fd = Resource<Descriptor>;

/// Which of two places a refusal is about: the one that cannot be changed, where one cannot.
fn refused<'a>(from: &'a Option<Place>, to: &'a Option<Place>) -> Option<&'a Place> {
    let fixed = |place: &&Place| place.refusal.is_some();
    to.as_ref().filter(fixed).or(from.as_ref())
}

fn over(reached: LimitReached) -> FsError {
    FsError::trap(reached)
}

impl FilesView<'_> {
    fn place(&self, fd: &Fd, path: &str) -> Option<Place> {
        self.files.places.get(fd.rep()).map(|place| place.at(path))
    }

    fn file(&self, fd: &Fd) -> FsResult<File> {
        match self.wasi.table.get(fd)? {
            Descriptor::File(file) => Ok(file.clone()),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// Passes a result on; what was not permitted is noted.
    fn noted<T>(&self, place: Option<&Place>, result: FsResult<T>) -> FsResult<T> {
        let code = result.as_ref().err().and_then(FsError::downcast_ref);
        if matches!(code, Some(ErrorCode::NotPermitted | ErrorCode::ReadOnly))
            && let Some(place) = place
        {
            self.files.effects.denied(place.denial());
        }
        result
    }

    /// As [`Self::noted`], for what changes nothing: only the path can be refused.
    fn noted_reading<T>(&self, place: Option<Place>, result: FsResult<T>) -> FsResult<T> {
        let place = place.map(|place| Place { refusal: None, ..place });
        self.noted(place.as_ref(), result)
    }

    /// What a guest is told of a file.
    fn shown(&self, stat: DescriptorStat) -> DescriptorStat {
        match self.files.fixed {
            Some(now) => metadata::fixed(stat, now),
            None => stat,
        }
    }

    /// By what a guest tells two files apart.
    fn hashed(&self, place: Option<&Place>, hash: MetadataHashValue) -> MetadataHashValue {
        match (self.files.fixed, place) {
            (Some(_), Some(place)) => metadata::hash(&place.path),
            _ => hash,
        }
    }

    /// Charges what is about to be made, where it can be made at all.
    fn making(&self, place: Option<&Place>) -> FsResult<()> {
        match place.is_some_and(|place| place.refusal.is_none()) {
            true => self.files.account.make().map_err(over),
            false => Ok(()),
        }
    }

    fn changed(&self, place: Option<&Place>, change: FileChangeKind) {
        if let Some(place) = place {
            self.files.account.changed(&place.path, change, 0);
        }
    }

    /// Whether an open would make a file that is not there.
    ///
    /// # Errors
    /// Unsupported, for what is no file, folder or link: opening a pipe waits in the kernel
    /// for its other end, where no deadline reaches.
    async fn would_make(
        &mut self,
        fd: &Fd,
        path: &str,
        path_flags: PathFlags,
        flags: OpenFlags,
    ) -> FsResult<bool> {
        let fd = Resource::new_borrow(fd.rep());
        match self.wasi.stat_at(fd, path_flags, path.to_owned()).await {
            Ok(stat) => match stat.type_ {
                DescriptorType::RegularFile
                | DescriptorType::Directory
                | DescriptorType::SymbolicLink => Ok(false),
                _ => Err(ErrorCode::Unsupported.into()),
            },
            Err(_) => Ok(flags.contains(OpenFlags::CREATE)),
        }
    }

    fn writer(&mut self, fd: &Fd, at: WriteAt) -> FsResult<Resource<DynOutputStream>> {
        let file = self.file(fd)?;
        let place = self.place(fd, "");
        if file.perms.write_not_permitted() {
            return self.noted(place.as_ref(), Err(ErrorCode::NotPermitted.into()));
        }
        let path = place.map(|place| place.path).unwrap_or_default();
        let writer = FileWriter::new(file.file, at, path, self.files.account.clone());
        let stream: DynOutputStream = Box::new(writer);
        Ok(self.wasi.table.push(stream)?)
    }
}

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Fd, String)>> {
        let mut opened = Vec::with_capacity(self.files.folders.len());
        for folder in &mut self.files.folders {
            let fd = self.wasi.table.push(Descriptor::Dir(folder.open()?))?;
            let path = folder.mount.guest_path.clone();
            let place = Place { path: path.clone(), refusal: folder.refusal };
            self.files.places.set(fd.rep(), place);
            opened.push((fd, path));
        }
        Ok(opened)
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        self.wasi.convert_error_code(error)
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.wasi.filesystem_error_code(error)
    }
}

impl HostDescriptor for FilesView<'_> {
    async fn advise(
        &mut self,
        fd: Fd,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> FsResult<()> {
        on_guest_thread().await;
        self.wasi.advise(fd, offset, length, advice).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        on_guest_thread().await;
        self.wasi.sync_data(fd).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        self.wasi.get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        on_guest_thread().await;
        self.wasi.get_type(fd).await
    }

    async fn set_size(&mut self, fd: Fd, size: Filesize) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, "");
        let file = self.file(&fd)?;
        if !file.perms.write_not_permitted() {
            let now = file.file.metadata()?.len();
            self.files.account.grow(size.saturating_sub(now)).map_err(over)?;
        }
        let result = self.wasi.set_size(fd, size).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Written);
        Ok(())
    }

    async fn set_times(
        &mut self,
        fd: Fd,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, "");
        let result = self.wasi.set_times(fd, accessed, modified).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Written);
        Ok(())
    }

    async fn read(
        &mut self,
        fd: Fd,
        length: Filesize,
        offset: Filesize,
    ) -> FsResult<(Vec<u8>, bool)> {
        on_guest_thread().await;
        self.wasi.read(fd, length, offset).await
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        on_guest_thread().await;
        let place = self.place(&fd, "");
        let file = self.file(&fd)?;
        let length = bytes.len() as u64;
        if !file.perms.write_not_permitted() {
            let end = offset.saturating_add(length);
            let grows = end.saturating_sub(file.file.metadata()?.len());
            self.files.account.grow(grows).map_err(over)?;
        }
        let result = self.wasi.write(fd, bytes, offset).await;
        let written = self.noted(place.as_ref(), result)?;
        if let Some(place) = &place {
            self.files.account.changed(&place.path, FileChangeKind::Written, written);
        }
        Ok(written)
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<DirectoryEntryStream>> {
        on_guest_thread().await;
        let folder = match self.wasi.table.get(&fd)? {
            Descriptor::Dir(dir) => dir.dir.clone(),
            Descriptor::File(_) => return Err(ErrorCode::NotDirectory.into()),
        };
        let listing = self.wasi.table.push(Listing::new(&folder)?)?;
        // Of another type in the table than wasmtime-wasi's, whose entries are read at once.
        Ok(Resource::new_own(listing.rep()))
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        on_guest_thread().await;
        self.wasi.sync(fd).await
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        self.making(place.as_ref())?;
        let result = self.wasi.create_directory_at(fd, path).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Created);
        Ok(())
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        on_guest_thread().await;
        let stat = self.wasi.stat(fd).await?;
        Ok(self.shown(stat))
    }

    async fn stat_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<DescriptorStat> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let result = self.wasi.stat_at(fd, flags, path).await;
        let stat = self.noted_reading(place, result)?;
        Ok(self.shown(stat))
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let result = self.wasi.set_times_at(fd, flags, path, accessed, modified).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Written);
        Ok(())
    }

    async fn link_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        new_fd: Fd,
        new_path: String,
    ) -> FsResult<()> {
        on_guest_thread().await;
        let (from, to) = (self.place(&fd, &path), self.place(&new_fd, &new_path));
        self.making(to.as_ref())?;
        let result = self.wasi.link_at(fd, flags, path, new_fd, new_path).await;
        self.noted(refused(&from, &to), result)?;
        self.changed(to.as_ref(), FileChangeKind::Created);
        Ok(())
    }

    async fn open_at(
        &mut self,
        fd: Fd,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let makes = self.would_make(&fd, &path, path_flags, open_flags).await?;
        if makes {
            self.making(place.as_ref())?;
        }
        let result = self.wasi.open_at(fd, path_flags, path, open_flags, flags).await;
        let writes = DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY;
        let makes_or_cuts = OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let opened = if flags.intersects(writes) || open_flags.intersects(makes_or_cuts) {
            self.noted(place.as_ref(), result)?
        } else {
            self.noted_reading(place.clone(), result)?
        };
        if makes {
            self.changed(place.as_ref(), FileChangeKind::Created);
        } else if open_flags.contains(OpenFlags::TRUNCATE) {
            self.changed(place.as_ref(), FileChangeKind::Written);
        }
        if let Some(place) = place {
            self.files.places.set(opened.rep(), place);
        }
        Ok(opened)
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        self.files.places.forget(fd.rep());
        HostDescriptor::drop(&mut self.wasi, fd)
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let result = self.wasi.readlink_at(fd, path).await;
        self.noted_reading(place, result)
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let result = self.wasi.remove_directory_at(fd, path).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Removed);
        Ok(())
    }

    async fn rename_at(
        &mut self,
        fd: Fd,
        path: String,
        new_fd: Fd,
        new_path: String,
    ) -> FsResult<()> {
        on_guest_thread().await;
        let from = self.place(&fd, &path);
        let to = self.place(&new_fd, &new_path);
        let result = self.wasi.rename_at(fd, path, new_fd, new_path).await;
        self.noted(refused(&from, &to), result)?;
        self.changed(from.as_ref(), FileChangeKind::Removed);
        self.changed(to.as_ref(), FileChangeKind::Created);
        Ok(())
    }

    async fn symlink_at(&mut self, fd: Fd, target: String, path: String) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        self.making(place.as_ref())?;
        let result = self.wasi.symlink_at(fd, target, path).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Created);
        Ok(())
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let result = self.wasi.unlink_file_at(fd, path).await;
        self.noted(place.as_ref(), result)?;
        self.changed(place.as_ref(), FileChangeKind::Removed);
        Ok(())
    }

    fn read_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        let file = Arc::clone(&self.file(&fd)?.file);
        let stream: DynInputStream = Box::new(FileReader::new(file, offset));
        Ok(self.wasi.table.push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        fd: Fd,
        offset: Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.writer(&fd, WriteAt::Position(offset))
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        self.writer(&fd, WriteAt::End)
    }

    async fn is_same_object(&mut self, one: Fd, other: Fd) -> wasmtime::Result<bool> {
        on_guest_thread().await;
        self.wasi.is_same_object(one, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        on_guest_thread().await;
        let place = self.files.places.get(fd.rep()).cloned();
        let hash = self.wasi.metadata_hash(fd).await?;
        Ok(self.hashed(place.as_ref(), hash))
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        on_guest_thread().await;
        let place = self.place(&fd, &path);
        let result = self.wasi.metadata_hash_at(fd, flags, path).await;
        let hash = self.noted_reading(place.clone(), result)?;
        Ok(self.hashed(place.as_ref(), hash))
    }
}

impl HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        on_guest_thread().await;
        self.wasi.table.get_mut(&Resource::<Listing>::new_borrow(stream.rep()))?.next()
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        self.wasi.table.delete(Resource::<Listing>::new_own(stream.rep()))?;
        Ok(())
    }
}
