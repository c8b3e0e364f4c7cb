//! What the programs that attack files share: the functions of WASI, without the checks that
//! the standard library makes before it calls them.

pub use hostile_kit::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};

use hostile_kit::wasi::filesystem::preopens::get_directories;

/// What WASI answers.
pub type Done<T = ()> = Result<T, ErrorCode>;

/// A link at the end of a path is followed.
pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
/// A link at the end of a path is not followed.
pub const STAY: PathFlags = PathFlags::empty();
/// Nothing is made, cut or asked for.
pub const PLAIN: OpenFlags = OpenFlags::empty();
/// To read.
pub const READ: DescriptorFlags = DescriptorFlags::READ;
/// To write.
pub const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
/// To read and to write.
pub const BOTH: DescriptorFlags = READ.union(WRITE);

/// The folders that the program was given, in their order.
#[must_use]
pub fn folders() -> Vec<Descriptor> {
    get_directories().into_iter().map(|(folder, _)| folder).collect()
}

/// The first of them.
#[must_use]
pub fn first() -> Descriptor {
    folders().remove(0)
}

/// Opens what is there, to read it; links are followed.
///
/// # Errors
/// WASI's own, as everywhere here.
pub fn open(folder: &Descriptor, path: &str) -> Done<Descriptor> {
    folder.open_at(FOLLOW, path, PLAIN, READ)
}

/// Opens a folder.
///
/// # Errors
/// WASI's own.
pub fn enter(folder: &Descriptor, path: &str) -> Done<Descriptor> {
    folder.open_at(FOLLOW, path, OpenFlags::DIRECTORY, READ)
}

/// Opens a file to write to it, and makes it where there is none.
///
/// # Errors
/// WASI's own.
pub fn make(folder: &Descriptor, path: &str) -> Done<Descriptor> {
    folder.open_at(FOLLOW, path, OpenFlags::CREATE, BOTH)
}

/// The beginning of a file, as text.
///
/// # Errors
/// WASI's own.
pub fn read(folder: &Descriptor, path: &str) -> Done<String> {
    let (bytes, _) = open(folder, path)?.read(1 << 12, 0)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes a text to the beginning of a file.
///
/// # Errors
/// WASI's own.
pub fn write(folder: &Descriptor, path: &str, text: &str) -> Done {
    make(folder, path)?.write(text.as_bytes(), 0).map(drop)
}

/// How it went, in a word.
#[must_use]
pub fn word<T>(done: &Done<T>) -> &'static str {
    match done {
        Ok(_) => "done",
        Err(code) => code.name(),
    }
}

/// Every function that takes a path, tried with this one: those that did something. It needs
/// a `file.txt` in the folder.
///
/// To look at a link itself is no harm, so that is not counted.
#[must_use]
pub fn worked(folder: &Descriptor, path: &str) -> Vec<&'static str> {
    let opens = |flags, how, access| folder.open_at(flags, path, how, access).is_ok();
    let seen = folder.stat_at(STAY, path);
    let seen = seen.is_ok_and(|stat| stat.type_ != DescriptorType::SymbolicLink);
    let now = NewTimestamp::Now;
    let anew = OpenFlags::CREATE.union(OpenFlags::EXCLUSIVE);
    let ways = [
        ("stat, no link", seen),
        ("stat", folder.stat_at(FOLLOW, path).is_ok()),
        ("hash", folder.metadata_hash_at(FOLLOW, path).is_ok()),
        ("open", opens(FOLLOW, PLAIN, READ)),
        ("open, no link", opens(STAY, PLAIN, READ)),
        ("open for nothing", opens(FOLLOW, PLAIN, DescriptorFlags::empty())),
        ("open folder", opens(FOLLOW, OpenFlags::DIRECTORY, READ)),
        ("open folder, no link", opens(STAY, OpenFlags::DIRECTORY, READ)),
        ("open to write", opens(FOLLOW, PLAIN, BOTH)),
        ("cut", opens(FOLLOW, OpenFlags::TRUNCATE, WRITE)),
        ("create", opens(FOLLOW, OpenFlags::CREATE, WRITE)),
        ("create, no link", opens(STAY, OpenFlags::CREATE, WRITE)),
        ("create anew", opens(FOLLOW, anew, WRITE)),
        ("touch", folder.set_times_at(FOLLOW, path, now, now).is_ok()),
        ("readlink", folder.readlink_at(path).is_ok()),
        ("create folder", folder.create_directory_at(path).is_ok()),
        ("remove folder", folder.remove_directory_at(path).is_ok()),
        ("rename to", folder.rename_at("file.txt", folder, path).is_ok()),
        ("link to", folder.link_at(STAY, "file.txt", folder, path).is_ok()),
        ("symlink to", folder.symlink_at("file.txt", path).is_ok()),
        ("rename", folder.rename_at(path, folder, "taken").is_ok()),
        ("link", folder.link_at(STAY, path, folder, "linked").is_ok()),
        ("link, followed", folder.link_at(FOLLOW, path, folder, "followed").is_ok()),
        ("remove", folder.unlink_file_at(path).is_ok()),
    ];
    ways.into_iter().filter(|(_, done)| *done).map(|(way, _)| way).collect()
}

/// Tries every function with each of these paths: `0 of N` where none of them did anything,
/// and what did otherwise.
#[must_use]
pub fn tally<P: AsRef<str>>(folder: &Descriptor, paths: &[P]) -> String {
    let mut through = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        let shown: String = path.chars().take(60).collect();
        through.extend(worked(folder, path).iter().map(|way| format!("{way} {shown:?}")));
    }
    format!("{} of {}: {}", through.len(), paths.len(), through.join(", "))
}
