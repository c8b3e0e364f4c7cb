//! What reading one document may cost.

use crate::error::FormatError;

/// The limits on reading one document. The defaults are meant for a guest with 64 MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest document of any format, in bytes; what follows is for some. Default: 16 MiB.
    pub input_bytes: usize,
    /// The longest CSV, in bytes. Default: 10 MiB.
    pub table_bytes: usize,
    /// The longest HTML, YAML or source code, in bytes. Default: 4 MiB.
    pub markup_bytes: usize,
    /// The longest Markdown or TOML, in bytes: their parsers keep all of it. Default: 256 KiB.
    pub tree_bytes: usize,
    /// The most values in an answer: headings, cells, list items, members of objects, and so
    /// on. What a YAML alias repeats counts each time. Default: 200,000.
    pub items: usize,
    /// The most text in an answer, in bytes. Default: 8 MiB.
    pub text_bytes: usize,
    /// How deep values nest (JSON, TOML, YAML), and a schema's references. Default: 64.
    pub depth: usize,
    /// How deep markup nests (HTML, XML, Markdown). Default: 512.
    pub markup_depth: usize,
    /// The most errors listed; those beyond are counted. Default: 100.
    pub errors: usize,
    /// The most files in an archive. Default: 4,096.
    pub archive_entries: usize,
    /// The most bytes all files of an archive unpack to. Default: 64 MiB.
    pub archive_bytes: usize,
    /// The most bytes one file of an archive unpacks to, if it is read. Default: 8 MiB.
    pub entry_bytes: usize,
    /// How many times its packed size a file of an archive may unpack to, once that is more
    /// than 1 MiB. Default: 200.
    pub ratio: usize,
    /// The most cells listed of a workbook; those beyond are counted. Default: 20,000.
    pub cells: usize,
    /// The most steps of a schema or of column rules: each keyword, item and pattern costs
    /// some, a pattern by its own size times the text's. Default: 20,000,000, which is one to
    /// two seconds.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 16 * 1024 * 1024,
            table_bytes: 10 * 1024 * 1024,
            markup_bytes: 4 * 1024 * 1024,
            tree_bytes: 256 * 1024,
            items: 200_000,
            text_bytes: 8 * 1024 * 1024,
            depth: 64,
            markup_depth: 512,
            errors: 100,
            archive_entries: 4_096,
            archive_bytes: 64 * 1024 * 1024,
            entry_bytes: 8 * 1024 * 1024,
            ratio: 200,
            cells: 20_000,
            steps: 20_000_000,
        }
    }
}

impl Limits {
    /// Refuses a document that is too long.
    pub(crate) fn admit(&self, bytes: usize) -> Result<(), FormatError> {
        admit(bytes, self.input_bytes)
    }

    /// Refuses CSV that is too long.
    pub(crate) fn admit_table(&self, bytes: usize) -> Result<(), FormatError> {
        admit(bytes, self.input_bytes.min(self.table_bytes))
    }

    /// Refuses HTML, YAML or source code that is too long.
    pub(crate) fn admit_markup(&self, bytes: usize) -> Result<(), FormatError> {
        admit(bytes, self.input_bytes.min(self.markup_bytes))
    }

    /// Refuses Markdown or TOML that is too long.
    pub(crate) fn admit_tree(&self, bytes: usize) -> Result<(), FormatError> {
        admit(bytes, self.input_bytes.min(self.tree_bytes))
    }
}

fn admit(bytes: usize, limit: usize) -> Result<(), FormatError> {
    if bytes > limit {
        return Err(FormatError::over("the document", limit, "bytes"));
    }
    Ok(())
}
