//! The file tools of an agent: `read`, `write`, `edit`, `glob` and `grep`.
//!
//! Their inputs are those of the Managed Agents toolset. They see what the host opened for
//! the plugin, which is the calling agent's view, and nothing else. Everything comes in the
//! order of its path, so that every run sees the same.

pub mod edit;
pub mod files;
pub mod pattern;
pub mod read;
pub mod search;
pub mod walk;

use edit::{edit, write};
use lucid_sdk::tool::Tool;
use read::read;
use search::{glob, grep};

lucid_sdk::export_tools![
    Tool::new(
        "read",
        "Reads a text file, whole or a range of its lines, or an image. At most 256 KiB of \
         text come at once: give view_range for more.",
        read,
    )
    .read_only()
    .idempotent(),
    Tool::new(
        "write",
        "Writes a text file: creates it and the folders above it, or overwrites it.",
        write,
    )
    .destructive()
    .idempotent(),
    Tool::new(
        "edit",
        "Replaces text in a file. old_string must stand in the file exactly once, unless \
         replace_all is true.",
        edit,
    )
    .destructive(),
    Tool::new(
        "glob",
        "Finds files by a pattern such as **/*.csv (*, ?, **, [a-z], {a,b}). Gives the first \
         200, sorted by path.",
        glob,
    )
    .read_only()
    .idempotent(),
    Tool::new(
        "grep",
        "Searches the lines of text files with a regular expression. Gives path:line:text for \
         the first 200 matching lines, sorted by path.",
        grep,
    )
    .read_only()
    .idempotent(),
];
