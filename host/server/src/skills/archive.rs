//! Archives of skills: one zip file for each version.

use std::io::{self, Cursor, ErrorKind, Read as _, Write as _};

use cap_std::fs::{Dir, OpenOptions};
use lucid_api::ApiError;
use lucid_api::skill::{SKILL_BYTES_MAX, SKILL_FILES_MAX, SkillFile};
use lucid_core::SkillVersionId;
use tokio::task::spawn_blocking;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::files::PARTIAL;
use crate::space::Space;

/// The folder of the archives, in the folder of files.
pub(crate) const FOLDER: &str = "skills";

/// Writes the files of a version as an archive, on disk when this returns.
pub(super) async fn keep(
    space: &Space,
    id: &SkillVersionId,
    files: Vec<SkillFile>,
) -> Result<(), ApiError> {
    let name = name(id);
    let kept = in_folder(space, move |folder| {
        let bytes = pack(&files).map_err(io::Error::other)?;
        let partial = format!("{name}{PARTIAL}");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let mut file = folder.open_with(&partial, &options)?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // What is left of it would only take room.
            let _ = folder.remove_file(&partial);
            return Err(error);
        }
        folder.rename(&partial, folder, &name)?;
        // The name has to survive a power failure like the bytes; not every system can say so.
        let _ = folder.try_clone()?.into_std_file().sync_all();
        Ok(())
    });
    kept.await.map_err(|error| failed(id, &error))
}

/// The archive of a version.
pub(super) async fn bytes(space: &Space, id: &SkillVersionId) -> Result<Vec<u8>, ApiError> {
    let name = name(id);
    let read = in_folder(space, move |folder| folder.read(&name));
    read.await.map_err(|error| failed(id, &error))
}

/// Removes the archive of a version, if it is there.
pub(super) async fn remove(space: &Space, id: &SkillVersionId) -> Result<(), ApiError> {
    let name = name(id);
    match in_folder(space, move |folder| folder.remove_file(&name)).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(id, &error)),
        _ => Ok(()),
    }
}

fn name(id: &SkillVersionId) -> String {
    format!("{id}.zip")
}

async fn in_folder<T: Send + 'static>(
    space: &Space,
    act: impl FnOnce(&Dir) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let files = space.files.try_clone()?;
    let acted = spawn_blocking(move || {
        files.create_dir_all(FOLDER)?;
        act(&files.open_dir(FOLDER)?)
    });
    acted.await.map_err(io::Error::other)?
}

fn failed(id: &SkillVersionId, error: &io::Error) -> ApiError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ApiError::unavailable("the server's disk is full; make room and send the skill again")
        }
        _ => ApiError::internal(format!("skill version {id}: {error}")),
    }
}

/// Packs files; the same files give the same bytes. What begins as a script can be run.
fn pack(files: &[SkillFile]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for SkillFile { path, bytes } in files {
        let mode = if bytes.starts_with(b"#!") { 0o755 } else { 0o644 };
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(mode);
        archive.start_file(path.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Unpacks an archive that somebody uploaded: its plain files, as many and as large as a
/// skill's may be, whatever it says of itself.
///
/// # Errors
/// Invalid, when it is none or has links in it; too large.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<SkillFile>, ApiError> {
    let wrong = |_| ApiError::invalid("files: not a zip archive, or a kind that is not read");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    // Folders have entries of their own, so there may be more of these than files.
    if archive.len() > SKILL_FILES_MAX.saturating_mul(2) {
        return Err(ApiError::invalid("files: too many in the archive"));
    }
    let (mut files, mut left) = (Vec::new(), SKILL_BYTES_MAX);
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(wrong)?;
        if file.is_dir() {
            continue;
        }
        if file.is_symlink() {
            return Err(ApiError::invalid("files: a link is in the archive; put the file there"));
        }
        let (path, mut bytes) = (file.name().map_err(wrong)?.into_owned(), Vec::new());
        let most = u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1);
        let read = file.take(most).read_to_end(&mut bytes);
        read.map_err(|_| ApiError::invalid("files: the archive is broken"))?;
        left = left.checked_sub(bytes.len()).ok_or_else(|| {
            let most = SKILL_BYTES_MAX >> 20;
            ApiError::too_large(format!("files: more than {most} MB together"))
        })?;
        files.push(SkillFile { path, bytes });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, bytes: &[u8]) -> SkillFile {
        SkillFile { path: path.to_owned(), bytes: bytes.to_vec() }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_scripts_can_be_run() {
        let files = vec![file("a/SKILL.md", b"text"), file("a/run.sh", b"#!/bin/sh\n")];
        let packed = pack(&files).unwrap();
        assert_eq!(pack(&files).unwrap(), packed);
        assert_eq!(unpack(&packed).unwrap(), files);
        let mut archive = ZipArchive::new(Cursor::new(packed)).unwrap();
        let mode = |archive: &mut ZipArchive<_>, at| {
            archive.by_index(at).unwrap().unix_mode().map(|mode| mode & 0o777)
        };
        assert_eq!(mode(&mut archive, 0), Some(0o644));
        assert_eq!(mode(&mut archive, 1), Some(0o755));
    }

    #[test]
    fn an_archive_that_grows_too_large_is_refused_by_what_comes_out_of_it() {
        let large = pack(&[file("a/x", &vec![0; SKILL_BYTES_MAX + 1])]).unwrap();
        assert!(large.len() < 1 << 20);
        assert_eq!(unpack(&large).unwrap_err().status, 413);
        let fits = pack(&[file("a/x", &vec![0; SKILL_BYTES_MAX])]).unwrap();
        assert!(unpack(&fits).is_ok());
        let both = [file("a/x", &vec![0; SKILL_BYTES_MAX]), file("a/y", b"x")];
        assert_eq!(unpack(&pack(&both).unwrap()).unwrap_err().status, 413);
    }

    #[test]
    fn what_is_no_archive_or_has_links_is_refused() {
        for wrong in [&b""[..], b"PK\x05\x06", b"not a zip"] {
            assert_eq!(unpack(wrong).unwrap_err().status, 400);
        }
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.add_symlink("a/x", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        let linked = archive.finish().unwrap().into_inner();
        assert_eq!(unpack(&linked).unwrap_err().status, 400);
        let whole = pack(&[file("a/x", &[7; 4_096])]).unwrap();
        for end in 0..whole.len() {
            assert!(unpack(&whole[..end]).is_err(), "cut at {end}");
        }
    }
}
