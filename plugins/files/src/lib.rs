//! The file tools of an agent: `read`, `write`, `edit`, `glob` and `grep`.
//!
//! Their names, inputs and answers are those of the Managed Agents toolset
//! `agent_toolset_20260401`. They see what the host opened for the plugin, which is the calling
//! agent's view, and nothing else. What is found comes in an order that does not depend on the
//! machine: `glob` by age and then by path, `grep` by path.

pub mod edit;
pub mod files;
pub mod lines;
pub mod pattern;
pub mod read;
pub mod search;
#[cfg(test)]
mod toolset;
pub mod walk;

use edit::{edit, write};
use lucid_sdk::tool::Tool;
use read::read;
use search::{glob, grep};

lucid_sdk::export_tools![
    Tool::new(
        "read",
        "Reads a text file, whole or a range of its lines, or an image (PNG, JPEG, GIF, WebP). \
         At most 256 KiB of text come at once: give view_range for more.",
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
        "Finds files by a pattern such as **/*.csv (*, ?, **, [a-z], {a,b}). Gives at most 200 \
         paths, those that were changed last first.",
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
