//! Holds files and folders open, changes what they are and where, and climbs from them.

use hostile_paths::{
    BOTH, Done, FOLLOW, PLAIN, READ, STAY, enter, first, make, open, read, worked, write,
};

/// Collects what must not have worked.
struct Found(Vec<String>);

impl Found {
    fn refused<T>(&mut self, what: &str, done: &Done<T>) {
        if done.is_ok() {
            self.0.push(what.to_owned());
        }
    }
}

fn holds(_input: &str) -> String {
    let mut found = Found(Vec::new());
    let told = files(&mut found).and_then(|()| folders(&mut found));
    format!("{told:?} {:?}", found.0)
}

/// A file is no folder, and one that was opened to be read is not written.
fn files(found: &mut Found) -> Done {
    let folder = first();
    let file = open(&folder, "file.txt")?;
    for path in ["", ".", "..", "../canary.txt", "file.txt"] {
        let ways = worked(&file, path);
        found.refused(
            &format!("{path:?} from a file: {ways:?}"),
            &(!ways.is_empty()).then_some(()).ok_or(hostile_paths::ErrorCode::Invalid),
        );
    }
    found.refused("list a file", &file.read_directory());
    found.refused("write to what is read", &file.write(b"b", 0));
    found.refused("cut what is read", &file.set_size(0));
    found.refused("read a folder", &folder.read(1, 0));
    found.refused("write to a folder", &folder.write(b"b", 0));
    found.refused("write a folder", &folder.open_at(FOLLOW, "folder", PLAIN, BOTH));
    // A file that is gone goes on for whoever holds it, and for nobody else.
    let gone = make(&folder, "gone.txt")?;
    folder.unlink_file_at("gone.txt")?;
    gone.write(b"b", 0).map(drop)?;
    found.refused("link what is gone", &folder.link_at(STAY, "gone.txt", &folder, "back.txt"));
    Ok(())
}

/// A folder that was opened is a root of its own, wherever it is moved to.
fn folders(found: &mut Found) -> Done {
    let folder = first();
    let inner = enter(&folder, "folder")?;
    folder.create_directory_at("other")?;
    let climb = |found: &mut Found, when: &str| {
        for path in ["..", "../file.txt", "../../canary.txt", "../other", "../folder/file.txt"] {
            found.refused(&format!("{path} {when}"), &inner.open_at(FOLLOW, path, PLAIN, READ));
            found.refused(&format!("stat {path} {when}"), &inner.stat_at(STAY, path));
            found.refused(&format!("take {path} {when}"), &inner.rename_at(path, &inner, "x"));
        }
    };
    climb(found, "at first");
    folder.rename_at("folder", &folder, "other/folder")?;
    climb(found, "below");
    let other = enter(&folder, "other")?;
    found.refused("into itself", &folder.rename_at("other", &other, "folder/other"));
    folder.rename_at("other/folder", &folder, "folder")?;
    climb(found, "back");
    // What is removed is empty for good.
    folder.remove_directory_at("other")?;
    found.refused("write into what is gone", &write(&other, "new.txt", "a"));
    found.refused("climb from what is gone", &read(&other, "../file.txt"));
    found.refused("come back", &other.rename_at(".", &folder, "other"));
    Ok(())
}

hostile_kit::attack!(holds);
