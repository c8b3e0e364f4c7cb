//! Chooses what of the outputs a criterion is judged from: whole small files first, then the
//! parts of larger ones that have the criterion's words.

use crate::outputs::Outputs;
use crate::question::json;
use std::collections::BTreeSet;
use std::ops::Range;

/// The most evidence for one criterion, in bytes: texts, with what each is headed by.
pub const EVIDENCE_BYTES_MAX: usize = 16 << 10;
/// A file of at most so many bytes is shown whole or not at all.
pub const SMALL_BYTES: usize = 4 << 10;
/// A larger one is cut into parts of about so many bytes, at the ends of lines.
const PART_BYTES: usize = 800;
/// So much stands around an excerpt beside its path, at most.
const HEAD_BYTES: usize = 120;
/// What it is worth to be named in the criterion.
const NAMED: u64 = 1_000_000;

/// Words that say nothing of what a text is about.
const COMMON: [&str; 40] = [
    "the", "and", "are", "for", "has", "have", "with", "that", "this", "not", "but", "from", "all",
    "any", "each", "every", "its", "was", "were", "will", "must", "should", "can", "may", "which",
    "there", "than", "then", "when", "where", "who", "how", "why", "what", "into", "over", "also",
    "least", "most", "file",
];

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the file in [`Outputs::files`].
    pub file: usize,
    /// The bytes of its text.
    pub range: Range<usize>,
}

/// The parts of all files, by their words.
pub struct Index<'a> {
    outputs: &'a Outputs,
    parts: Vec<(usize, Range<usize>)>,
    /// What an excerpt of each file is headed by, in bytes.
    heads: Vec<usize>,
    /// The numbers of words and the parts that have them, in order: a few bytes for each, as
    /// a guest's memory is small. Two words with one number only make a part seem to fit.
    words: Vec<(u32, u32)>,
}

impl<'a> Index<'a> {
    /// Cuts the texts into parts and reads their words.
    pub fn new(outputs: &'a Outputs) -> Self {
        let heads = outputs.files.iter().map(|file| json(&file.path).len() + HEAD_BYTES).collect();
        let mut index = Self { outputs, parts: Vec::new(), heads, words: Vec::new() };
        for (number, file) in outputs.files.iter().enumerate() {
            let text = file.text.as_deref().unwrap_or_default();
            let whole = 0..text.len();
            let cut = if whole.len() <= SMALL_BYTES { vec![whole] } else { parts(text) };
            for range in cut.into_iter().filter(|range| !range.is_empty()) {
                let part = u32::try_from(index.parts.len()).unwrap_or(u32::MAX);
                let mut found = words(text.get(range.clone()).unwrap_or_default());
                found.append(&mut words(&file.path));
                index.words.extend(found.iter().map(|word| (numbered(word), part)));
                index.parts.push((number, range));
            }
        }
        index.words.sort_unstable();
        index.words.dedup();
        index
    }

    /// What a criterion is judged from, by path and place.
    pub fn choose(&self, criterion: &str) -> Vec<Excerpt> {
        let scores = self.scores(criterion);
        let is_small = |part: &usize| {
            self.parts.get(*part).is_some_and(|(file, range)| self.is_whole(*file, range))
        };
        let mut order: Vec<usize> = (0..self.parts.len()).collect();
        order.sort_by_key(|part| std::cmp::Reverse(scores.get(*part).copied().unwrap_or(0)));
        let (small, large): (Vec<usize>, Vec<usize>) = order.into_iter().partition(is_small);
        // Many small files leave half of the room to what else has the criterion's words.
        let relevant = |part: &&usize| scores.get(**part).is_some_and(|score| *score > 0);
        let others = large.iter().any(|part| relevant(&part));
        let room = if others { EVIDENCE_BYTES_MAX / 2 } else { EVIDENCE_BYTES_MAX };
        let mut chosen = Chosen::default();
        chosen.fill(self, small.iter(), room);
        chosen.fill(self, large.iter().filter(relevant), EVIDENCE_BYTES_MAX);
        // What is left goes to small files again, then to how the large ones begin.
        chosen.fill(self, small.iter(), EVIDENCE_BYTES_MAX);
        chosen.fill(self, large.iter(), EVIDENCE_BYTES_MAX);
        self.joined(&chosen.parts)
    }

    fn is_whole(&self, file: usize, range: &Range<usize>) -> bool {
        let text = self.outputs.files.get(file).and_then(|file| file.text.as_ref());
        text.is_some_and(|text| text.len() == range.len())
    }

    /// Parts that follow each other become one excerpt; they are by file and place already.
    fn joined(&self, parts: &BTreeSet<usize>) -> Vec<Excerpt> {
        let mut joined: Vec<Excerpt> = Vec::new();
        for (file, range) in parts.iter().filter_map(|part| self.parts.get(*part)) {
            match joined.last_mut() {
                Some(last) if last.file == *file && last.range.end == range.start => {
                    last.range.end = range.end;
                }
                _ => joined.push(Excerpt { file: *file, range: range.clone() }),
            }
        }
        joined
    }

    /// How much each part has of the criterion: rare words count more.
    fn scores(&self, criterion: &str) -> Vec<u64> {
        let mut scores = vec![0_u64; self.parts.len()];
        for word in words(criterion) {
            let word = numbered(&word);
            let start = self.words.partition_point(|(other, _)| *other < word);
            let parts = self.words.get(start..).unwrap_or_default();
            let count = parts.partition_point(|(other, _)| *other == word);
            let rarity = 1 + (self.parts.len() / count.max(1)).max(1).ilog2();
            for (_, part) in parts.iter().take(count) {
                if let Some(score) = scores.get_mut(*part as usize) {
                    *score += u64::from(rarity);
                }
            }
        }
        for (score, (file, _)) in scores.iter_mut().zip(&self.parts) {
            let path = self.outputs.files.get(*file).map_or("", |file| file.path.as_str());
            let name = path.rsplit('/').next().unwrap_or(path);
            if name.contains('.') && criterion.contains(name) {
                *score += NAMED;
            }
        }
        scores
    }
}

/// The numbers of the parts that were chosen so far, and their bytes.
#[derive(Default)]
struct Chosen {
    parts: BTreeSet<usize>,
    bytes: usize,
}

impl Chosen {
    fn fill<'p>(
        &mut self,
        index: &Index<'_>,
        parts: impl Iterator<Item = &'p usize>,
        bytes_max: usize,
    ) {
        for part in parts {
            let Some((file, range)) = index.parts.get(*part) else { continue };
            let bytes = range.len() + index.heads.get(*file).copied().unwrap_or(HEAD_BYTES);
            if self.bytes + bytes <= bytes_max && self.parts.insert(*part) {
                self.bytes += bytes;
            }
        }
    }
}

/// A number for a word: the same one every time.
fn numbered(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Cuts a text at the ends of lines, and lines that are too long between characters.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if at > start && at - start + line.len() > PART_BYTES {
            parts.push(start..at);
            start = at;
        }
        at += line.len();
        while at - start > PART_BYTES {
            let mut end = start + PART_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            parts.push(start..end);
            start = end;
        }
    }
    parts.push(start..at);
    parts
}

/// The words of a text, in lower case, each once, without common ones and the `s` of a plural.
fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let word = word.to_lowercase();
        let is_number = word.starts_with(|c: char| c.is_numeric());
        if word.is_empty() || (word.len() < 3 && !is_number) || COMMON.contains(&word.as_str()) {
            continue;
        }
        let singular = word.strip_suffix('s').filter(|stem| stem.len() > 3 && !stem.ends_with('s'));
        found.insert(singular.unwrap_or(&word).to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outputs::Output;

    fn outputs(files: &[(&str, &str)]) -> Outputs {
        let mut files: Vec<Output> = files
            .iter()
            .map(|(path, text)| Output {
                path: (*path).to_owned(),
                bytes: text.len() as u64,
                text: Some((*text).to_owned()),
                remark: None,
                named: None,
                findings: Vec::new(),
            })
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Outputs { files, left_out: 0 }
    }

    fn chosen(files: &[(&str, &str)], criterion: &str) -> Vec<(String, usize)> {
        let outputs = outputs(files);
        let excerpts = Index::new(&outputs).choose(criterion);
        let total: usize = excerpts.iter().map(|excerpt| excerpt.range.len()).sum();
        assert!(total <= EVIDENCE_BYTES_MAX, "{total}");
        let named =
            |excerpt: Excerpt| (outputs.files[excerpt.file].path.clone(), excerpt.range.len());
        excerpts.into_iter().map(named).collect()
    }

    #[test]
    fn small_files_are_shown_whole() {
        let files = [("b.md", "method and sites"), ("a.json", "{}"), ("empty", "")];
        let expected = [("a.json".to_owned(), 2), ("b.md".to_owned(), 16)];
        assert_eq!(chosen(&files, "The report has a method."), expected);
    }

    #[test]
    fn the_part_of_a_large_file_that_has_the_words_is_shown() {
        let filler = "Nothing of interest happened on this day at all.\n".repeat(600);
        let text = format!("{filler}The bridge carries forty tonnes.\n{filler}");
        let large = outputs(&[("log.txt", &text)]);
        let excerpts = Index::new(&large).choose("The bridge is strong: forty tonnes.");
        let seen = excerpts.iter().any(|one| text[one.range.clone()].contains("forty tonnes"));
        assert!(seen, "{excerpts:?}");
    }

    #[test]
    fn many_small_files_do_not_crowd_out_a_large_one() {
        let filler = "Nothing of interest happened on this day at all.\n".repeat(600);
        let text = format!("{filler}The bridge carries forty tonnes.\n");
        // Four of these, with their heads, leave no room for a part.
        let crowd = "bridge tonnes ".repeat(278);
        let names: Vec<String> = (0..50).map(|number| format!("{number}.txt")).collect();
        let mut files: Vec<(&str, &str)> =
            names.iter().map(|name| (name.as_str(), crowd.as_str())).collect();
        files.push(("z.txt", &text));
        let chosen = chosen(&files, "The bridge carries forty tonnes.");
        assert!(chosen.iter().any(|(path, _)| path == "z.txt"), "{chosen:?}");
    }

    #[test]
    fn a_file_that_the_criterion_names_comes_before_others() {
        let text = "plain words here, and more of them every time\n".repeat(80);
        let names: Vec<String> = (0..20).map(|number| format!("{number}.txt")).collect();
        let mut files: Vec<(&str, &str)> =
            names.iter().map(|name| (name.as_str(), text.as_str())).collect();
        files.push(("z/final.csv", "a,b\n1,2\n"));
        let chosen = chosen(&files, "final.csv has plain words.");
        assert!(chosen.contains(&("z/final.csv".to_owned(), 8)), "{chosen:?}");
    }

    #[test]
    fn a_text_is_cut_into_parts_without_a_gap() {
        let text = format!("{}\n{}\nshort\n", "é".repeat(3_000), "a ".repeat(700));
        let parts = parts(&text);
        assert_eq!(parts.first().unwrap().start, 0);
        assert_eq!(parts.last().unwrap().end, text.len());
        assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(parts.iter().all(|part| part.len() <= PART_BYTES));
        assert!(parts.iter().all(|part| text.get(part.clone()).is_some()));
    }
}
