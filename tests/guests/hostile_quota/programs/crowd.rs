//! Makes small things without end.

use hostile_paths::{STAY, first, make};

/// `input` says what: `files`, `folders`, `links`, `names`, or `nothing`, which is files that
/// could never be made.
fn crowd(input: &str) -> String {
    let folder = first();
    let mut made = 0_u64;
    loop {
        let name = format!("{input}-{made}");
        let done = match input {
            "files" => make(&folder, &name).map(drop),
            "folders" => folder.create_directory_at(&name),
            "links" => folder.symlink_at(&"x".repeat(4_000), &name),
            "names" => folder.link_at(STAY, "file.txt", &folder, &name),
            _ => make(&folder, &format!("nowhere/{name}")).map(drop).or(Ok(())),
        };
        if done.is_err() {
            return format!("stopped at {made}");
        }
        made += 1;
    }
}

hostile_kit::attack!(crowd);
