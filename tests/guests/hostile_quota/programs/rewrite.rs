//! Fills a file, cuts it and fills it again, without end.

use hostile_paths::{BOTH, FOLLOW, OpenFlags, first};

/// `input` says how it is cut: `open` or `size`.
fn rewrite(input: &str) -> String {
    let folder = first();
    let how = OpenFlags::CREATE.union(OpenFlags::TRUNCATE);
    let chunk = vec![b'x'; 64 << 10];
    let open = || folder.open_at(FOLLOW, "again", how, BOTH);
    let Ok(mut file) = open() else { return "not made".to_owned() };
    loop {
        if file.write(&chunk, 0).is_err() {
            return "not written".to_owned();
        }
        let cut = if input == "open" { open().map(|again| file = again) } else { file.set_size(0) };
        if cut.is_err() {
            return "not cut".to_owned();
        }
    }
}

hostile_kit::attack!(rewrite);
