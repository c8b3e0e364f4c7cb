//! Makes files where it may only read.

use std::fs::{self, File};

use hostile_paths::{BOTH, DescriptorFlags, FOLLOW, OpenFlags, READ, STAY, WRITE, enter};
use hostile_readonly::{fixed_and_free, tally};

fn create(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let create = OpenFlags::CREATE;
    let anew = create.union(OpenFlags::EXCLUSIVE);
    let opens = |path: &str, how, access| folder.open_at(FOLLOW, path, how, access).is_ok();
    let inner = enter(&folder, "folder").is_ok_and(|inner| {
        inner.open_at(FOLLOW, "new", create, WRITE).is_ok()
            || inner.open_at(STAY, "new", anew, READ).is_ok()
    });
    let both = DescriptorFlags::WRITE.union(DescriptorFlags::MUTATE_DIRECTORY);
    tally(&[
        ("to write", opens("new", create, WRITE)),
        ("to read", opens("new", create, READ)),
        ("for nothing", opens("new", create, DescriptorFlags::empty())),
        ("anew", opens("new", anew, BOTH)),
        ("anew, to read", opens("new", anew, READ)),
        ("anew, what is there", opens("file.txt", anew, READ)),
        ("and cut", opens("new", create.union(OpenFlags::TRUNCATE), BOTH)),
        ("to change the folder", opens("new", create, both)),
        ("what is there", opens("file.txt", create, WRITE)),
        ("below", opens("folder/new", create, WRITE)),
        ("in a folder that is held", inner),
        ("by a name of its own", opens("./folder/../new", create, READ)),
        ("write", fs::write("/workspace/new", "b").is_ok()),
        ("create_new", File::create_new("/workspace/new").is_ok()),
        ("copy", fs::copy("/workspace/file.txt", "/workspace/new").is_ok()),
    ])
}

hostile_kit::attack!(create);
