//! Work on files, for measuring what they cost in a guest. `lucid bench engine` calls it.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

mod files;

use lucid_sdk::tool::Tool;

lucid_sdk::export_tools![
    Tool::new("read-large", "Reads a file in chunks.", files::read_large).read_only(),
    Tool::new("write-large", "Writes a file in chunks.", files::write_large),
    Tool::new("small-files", "Writes, reads or looks at many files.", files::small_files),
];
