//! Cuts files by opening them where it may only read (GHSA-2r75).

use hostile_paths::{BOTH, DescriptorFlags, FOLLOW, OpenFlags, READ, STAY, WRITE, enter};
use hostile_readonly::{fixed_and_free, tally};

fn truncate(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let cut = OpenFlags::TRUNCATE;
    let opens = |path: &str, how, access| folder.open_at(FOLLOW, path, how, access).is_ok();
    let inner = enter(&folder, "folder")
        .is_ok_and(|inner| inner.open_at(FOLLOW, "file.txt", cut, READ).is_ok());
    let std = |options: &mut std::fs::OpenOptions| options.open("/workspace/file.txt").is_ok();
    let options = std::fs::OpenOptions::new;
    tally(&[
        ("to read", opens("file.txt", cut, READ)),
        ("to write", opens("file.txt", cut, WRITE)),
        ("both", opens("file.txt", cut, BOTH)),
        ("for nothing", opens("file.txt", cut, DescriptorFlags::empty())),
        ("and create", opens("file.txt", cut.union(OpenFlags::CREATE), READ)),
        ("and create anew", opens("file.txt", OpenFlags::all(), READ)),
        ("no link", folder.open_at(STAY, "file.txt", cut, READ).is_ok()),
        ("below", opens("folder/file.txt", cut, READ)),
        ("in a folder that is held", inner),
        ("a folder", opens("folder", cut, READ)),
        ("std", std(options().write(true).truncate(true))),
        ("std, create", std::fs::File::create("/workspace/file.txt").is_ok()),
    ])
}

hostile_kit::attack!(truncate);
