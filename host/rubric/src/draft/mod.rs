//! Proposes a rubric from a result that is known to be good.
//!
//! Only what another good result has too is proposed: what is there, how it is built and about
//! how much of it. What a result says is for people to ask for.

mod document;
mod headings;
mod json;
mod quote;
mod table;

use crate::check;
use crate::parse::MAX_RUBRIC;

/// The largest file that is looked into, in bytes: checks read none that is larger.
pub const MAX_DRAFTED_FILE: u64 = 8 * 1024 * 1024;
/// The most files that a draft has criteria for.
pub const MAX_DRAFTED_FILES: usize = 100;
/// The most criteria for one file.
const FACTS: usize = 30;

const INTRODUCTION: &str = "\
# What the result has

<!--
Drafted from a result that is known to be good. Sizes may be a quarter of what they were there, or
four times as much; counts a half, or twice as much; small ones always a little more. Remove what
the next result may do without, narrow the bounds, and add what no check can see.
-->
";

/// One thing that is true of a file, and the check that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    text: String,
    check: String,
}

impl Fact {
    fn new(text: String, check: String) -> Self {
        Self { text, check }
    }

    /// The list item that says so.
    fn item(&self) -> String {
        format!("- {} {}\n", self.text, quote::code(&format!("check: {}", self.check)))
    }
}

/// A file that a draft says nothing about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its path.
    pub path: String,
    /// Why, in one sentence.
    pub why: String,
}

/// A draft of a rubric: files are added one after the other.
///
/// ```
/// let mut draft = lucid_rubric::Draft::default();
/// draft.add("report.md", 18, Some(b"# Report\n\nIt is.\n"));
/// let criteria = lucid_rubric::parse(&draft.markdown()).unwrap();
/// assert_eq!(criteria[0].text, "There are 1 to 11 files.");
/// assert_eq!(criteria[1].text, "`report.md` is there.");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Draft {
    text: String,
    /// All files that were added, drafted or not.
    all: usize,
    /// Whether one of them has a name with which no check can count files.
    has_odd: bool,
    files: usize,
    criteria: usize,
    left_out: Vec<LeftOut>,
}

impl Draft {
    /// Adds a file of the result: its path below the outputs folder with `/` between its parts,
    /// its size in bytes and, if it is not larger than [`MAX_DRAFTED_FILE`], what is in it.
    ///
    /// A path that is no text is given with a zero in it: it is left out, and files are then not
    /// counted.
    pub fn add(&mut self, path: &str, size: u64, content: Option<&[u8]>) {
        self.all += 1;
        // Names that are no text come with a zero, which no file's name has.
        self.has_odd |= path.contains('\0');
        let mut leave = |why: String| self.left_out.push(LeftOut { path: path.to_owned(), why });
        if !quote::is_path(path) {
            return leave("a check cannot name it: it is long, or has odd characters".to_owned());
        }
        if self.files == MAX_DRAFTED_FILES {
            return leave(format!("{MAX_DRAFTED_FILES} files are enough for a draft"));
        }
        let facts = facts(path, size, content);
        let mut part = format!("\n## {}\n\n", quote::code(path));
        part.extend(facts.iter().map(Fact::item));
        if 2 * INTRODUCTION.len() + self.text.len() + part.len() > MAX_RUBRIC {
            return leave("the draft would be longer than a rubric may be".to_owned());
        }
        self.text.push_str(&part);
        self.files += 1;
        self.criteria += facts.len();
    }

    /// How many files it has criteria for.
    pub fn files(&self) -> usize {
        self.files
    }

    /// How many criteria it has.
    pub fn criteria(&self) -> usize {
        self.criteria + usize::from(self.counted().is_some())
    }

    /// The files that it says nothing about, in the order they were added.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The rubric, which [`crate::parse`] reads.
    pub fn markdown(&self) -> String {
        let counted = self.counted().map(|fact| format!("\n## All files\n\n{}", fact.item()));
        format!("{INTRODUCTION}{}{}", counted.unwrap_or_default(), self.text)
    }

    fn counted(&self) -> Option<Fact> {
        if self.files == 0 || self.has_odd {
            return None;
        }
        let (low, high) = around(self.all);
        let files = "files('**').size()";
        let check = format!("{files} >= {low} && {files} <= {high}");
        Some(Fact::new(format!("There are {low} to {high} files."), check))
    }
}

fn facts(path: &str, size: u64, content: Option<&[u8]>) -> Vec<Fact> {
    let (file, name) = (quote::text(path), quote::code(path));
    let mut facts = vec![Fact::new(format!("{name} is there."), format!("exists({file})"))];
    if size > 0 {
        let most = size.saturating_mul(4).max(size.saturating_add(500));
        let (low, high) = (round(size / 4, false).max(1), round(most, true));
        facts.push(Fact::new(
            format!("{name} has {low} to {high} bytes."),
            format!("size({file}) >= {low} && size({file}) <= {high}"),
        ));
    }
    let text = content.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    facts.extend(match extension.as_deref() {
        Some("json" | "geojson") => json::facts(path, text),
        Some("csv") => table::facts(path, text),
        Some("md" | "markdown") => headings::facts(path, text),
        _ => Vec::new(),
    });
    facts.retain(|fact| check::bounded(&fact.check).is_ok());
    facts.truncate(FACTS);
    facts
}

/// Wide bounds around a count: a half and twice as much, and always room for a few more.
fn around(count: usize) -> (usize, usize) {
    ((count / 2).max(1), (count * 2).max(count + 10))
}

/// The number with its first digit alone, rounded down or up.
fn round(number: u64, up: bool) -> u64 {
    let unit = 10_u64.pow(number.checked_ilog10().unwrap_or(0));
    let whole = number / unit + u64::from(up && !number.is_multiple_of(unit));
    whole.saturating_mul(unit)
}

#[cfg(test)]
mod tests;
