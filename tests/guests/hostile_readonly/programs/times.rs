//! Changes when files were read and written that it may only read.

use hostile_kit::wasi::clocks::wall_clock::Datetime;
use hostile_paths::{FOLLOW, NewTimestamp, STAY, enter, open};
use hostile_readonly::{fixed_and_free, tally};

fn times(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let (Ok(file), Ok(inner)) = (open(&folder, "file.txt"), enter(&folder, "folder")) else {
        return "not opened".to_owned();
    };
    let (keep, now) = (NewTimestamp::NoChange, NewTimestamp::Now);
    let then = NewTimestamp::Timestamp(Datetime { seconds: 1, nanoseconds: 0 });
    let at = |flags, path: &str, one, two| folder.set_times_at(flags, path, one, two).is_ok();
    tally(&[
        ("a file", file.set_times(now, now).is_ok()),
        ("a file, nothing", file.set_times(keep, keep).is_ok()),
        ("a file, long ago", file.set_times(then, then).is_ok()),
        ("a folder", inner.set_times(keep, then).is_ok()),
        ("the folder", folder.set_times(keep, then).is_ok()),
        ("by name", at(FOLLOW, "file.txt", keep, now)),
        ("by name, no link", at(STAY, "file.txt", now, keep)),
        ("by name, nothing", at(STAY, "file.txt", keep, keep)),
        ("by name, below", at(FOLLOW, "folder/file.txt", keep, then)),
        ("by name, the folder", at(FOLLOW, ".", keep, then)),
        ("by name, from below", inner.set_times_at(STAY, "file.txt", then, then).is_ok()),
    ])
}

hostile_kit::attack!(times);
