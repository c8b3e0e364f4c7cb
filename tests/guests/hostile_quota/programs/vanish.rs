//! Fills files that it removes while they are open, so that no folder shows them.

use hostile_paths::{first, make};

/// `input` says whether they stay open: `held` or `closed`.
fn vanish(input: &str) -> String {
    let folder = first();
    let chunk = vec![b'x'; 64 << 10];
    let mut held = Vec::new();
    loop {
        let Ok(file) = make(&folder, "gone") else { return "not made".to_owned() };
        if folder.unlink_file_at("gone").is_err() || file.write(&chunk, 0).is_err() {
            return "not written".to_owned();
        }
        if input == "held" {
            held.push(file);
        }
    }
}

hostile_kit::attack!(vanish);
