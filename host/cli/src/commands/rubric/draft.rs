//! `lucid rubric draft`.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result};
use lucid_rubric::{Draft, LeftOut, MAX_DRAFTED_FILE, MAX_DRAFTED_FILES};

use crate::failure::Ended;
use crate::show::{plain, print, print_json, rubric as show};

/// The most files and folders that are looked at.
const ENTRIES: usize = 10_000;

pub(super) fn run(from: &Path, json: bool) -> crate::failure::Result {
    let (draft, skipped) = draft(from)?;
    if draft.files() == 0 {
        let message = format!("there is no file in {} that a check could name", from.display());
        return Err(Failure::invalid(message)
            .hint("give the outputs of a session: `lucid session files ID` lists them")
            .into());
    }
    let left_out: Vec<LeftOut> = draft.left_out().iter().cloned().chain(skipped).collect();
    if json {
        print_json(&show::draft(&draft, &left_out))?;
        return Ok(Ended::Done);
    }
    print(&draft.markdown())?;
    let mut whys: Vec<(&str, Vec<&str>)> = Vec::new();
    for LeftOut { path, why } in &left_out {
        match whys.iter_mut().find(|(known, _)| *known == why.as_str()) {
            Some((_, paths)) => paths.push(path),
            None => whys.push((why, vec![path])),
        }
    }
    for (why, paths) in whys {
        let more = match paths.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let first = paths.first().copied().unwrap_or_default();
        anstream::eprintln!("left out: {}{more}: {}", plain(first), plain(why));
    }
    Ok(Ended::Done)
}

/// A draft of what is in a folder, and what of it is neither a file nor a folder.
fn draft(from: &Path) -> Result<(Draft, Vec<LeftOut>)> {
    if !from.is_dir() {
        return Err(Failure::invalid(format!("no such folder: {}", from.display()))
            .hint("give the folder with the outputs of a result that is known to be good"));
    }
    let (mut draft, mut skipped) = (Draft::default(), Vec::new());
    let (files, others) = files(from)?;
    for (path, file, metadata) in files {
        let size = metadata.len();
        let is_read = size <= MAX_DRAFTED_FILE && draft.files() < MAX_DRAFTED_FILES;
        match is_read.then(|| content(&file)).transpose() {
            Ok(content) => draft.add(&path, size, content.as_deref()),
            Err(error) => skipped.push(LeftOut { path, why: error.to_string() }),
        }
    }
    let why = "it is neither a file nor a folder, and checks do not follow links";
    skipped.extend(others.into_iter().map(|path| LeftOut { path, why: why.to_owned() }));
    Ok((draft, skipped))
}

/// A file's content. It may grow while it is read, so what is read is bounded again.
fn content(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_DRAFTED_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file below a folder: its path in there with `/`, where it is, and what it is.
type Found = (String, PathBuf, Metadata);

/// The files below a folder in the order of their paths, and the paths of what is no file.
fn files(root: &Path) -> Result<(Vec<Found>, Vec<String>)> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    let mut open = vec![(String::new(), root.to_owned())];
    let mut seen = 0_usize;
    while let Some((above, folder)) = open.pop() {
        let failed =
            |error: std::io::Error| Failure::failed(format!("{}: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            seen += 1;
            if seen > ENTRIES {
                let message = format!("{} has more than {ENTRIES} files", root.display());
                return Err(Failure::invalid(message).hint("give a smaller result to draft from"));
            }
            // What is no Unicode becomes a name that no check can have, and is left out as that.
            let name = match entry.file_name().into_string() {
                Ok(name) => name,
                Err(odd) => format!("{}\u{0}", odd.to_string_lossy()),
            };
            let path = if above.is_empty() { name } else { format!("{above}/{name}") };
            // Of the entry itself: a link is not followed.
            let metadata = entry.metadata().map_err(failed)?;
            if metadata.is_dir() {
                open.push((path, entry.path()));
            } else if metadata.is_file() {
                files.push((path, entry.path(), metadata));
            } else {
                others.push(path);
            }
        }
    }
    files.sort_by(|one, other| one.0.cmp(&other.0));
    others.sort();
    Ok((files, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    #[test]
    fn files_are_drafted_in_the_order_of_their_paths() {
        let folder = folder(&[("z.txt", "z"), ("a/c.json", "{\"n\":1}"), ("a/b.md", "# T\n")]);
        let (draft, left_out) = draft(folder.path()).unwrap();
        let criteria = lucid_rubric::parse(&draft.markdown()).unwrap();
        let mut sections: Vec<String> =
            criteria.iter().map(|criterion| criterion.section[1].to_string()).collect();
        sections.dedup();
        assert_eq!(sections, ["All files", "a/b.md", "a/c.json", "z.txt"]);
        assert!(left_out.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_left_out_and_said() {
        let folder = folder(&[("a.txt", "a")]);
        std::os::unix::fs::symlink("a.txt", folder.path().join("link")).unwrap();
        let (draft, left_out) = draft(folder.path()).unwrap();
        assert_eq!((draft.files(), left_out.len()), (1, 1));
        assert_eq!(left_out[0].path, "link");
    }

    #[test]
    fn a_folder_without_anything_in_it_is_refused_with_a_hint() {
        let folder = folder(&[]);
        let Err(crate::failure::Stop::Failure(failure)) = run(folder.path(), false) else {
            panic!("there is nothing to draft from");
        };
        assert!(failure.hint.is_some());
        assert!(draft(&folder.path().join("none")).unwrap_err().hint.is_some());
    }
}
