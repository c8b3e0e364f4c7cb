//! Looking whether what a grader quotes is there.
//!
//! A quote is a byte-exact part of an output. One that is not there is a mistake or a lie, and
//! a verdict cannot rest on it. A model can be talked into things; so of a grader that asked
//! one, `met` without a quote that is there counts as unmet.
#![allow(clippy::disallowed_methods, reason = "opens the outputs folder, which no guest named")]

use std::io::Read as _;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_core::{Criterion, Evaluation, Failure, Judgement, Quote, Result, Verdict};
use memchr::memmem;

/// The largest file that quotes are looked for in, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// So many bytes are read and searched for one evaluation. A quote that is left is one nobody
/// has seen there: a grader could else keep the host busy for as long as it likes.
const WORK_BYTES_MAX: u64 = 4 << 30;

/// The outputs, while quotes are looked for in them.
struct Outputs {
    folder: Dir,
    /// The file that was looked into last: quotes of one file mostly follow each other.
    last: Option<(String, Option<Vec<u8>>)>,
    /// What may still be read and searched, in bytes.
    work: u64,
}

/// The evaluation, with each quote looked at; `asked` says that a model had part in it.
pub(super) fn verified(evaluation: Evaluation, folder: &Path, asked: bool) -> Result<Evaluation> {
    let rests = asked || evaluation.criteria.iter().any(|c| !c.quotes.is_empty());
    if !rests {
        return Ok(evaluation);
    }
    let folder = Dir::open_ambient_dir(folder, ambient_authority())
        .map_err(|error| Failure::failed(format!("outputs: {error}")))?;
    let mut outputs = Outputs { folder, last: None, work: WORK_BYTES_MAX };
    let Evaluation { judgement, explanation, criteria } = evaluation;
    let mut changed = false;
    let criteria: Vec<_> = criteria
        .into_iter()
        .map(|criterion| {
            let before = criterion.verdict;
            let criterion = outputs.looked_at(criterion, asked);
            changed |= criterion.verdict != before;
            criterion
        })
        .collect();
    // What was satisfied is so no more where a verdict fell.
    let fell = changed && criteria.iter().any(Criterion::is_open);
    let fell = fell && judgement == Judgement::Satisfied;
    let judgement = if fell { Judgement::NeedsRevision } else { judgement };
    let explanation = match changed {
        true => format!("Not every quote is there, so not all of this holds. {explanation}"),
        false => explanation,
    };
    Ok(Evaluation { judgement, explanation, criteria })
}

impl Outputs {
    fn looked_at(&mut self, mut criterion: Criterion, asked: bool) -> Criterion {
        let quotes = std::mem::take(&mut criterion.quotes);
        let (true_ones, others): (Vec<Quote>, Vec<Quote>) =
            quotes.into_iter().partition(|quote| self.has(quote));
        let false_one = others.first().map(|quote| quote.path.clone());
        let none = asked && true_ones.is_empty();
        criterion.quotes = true_ones;
        // Both let a result be satisfied.
        if !matches!(criterion.verdict, Verdict::Met | Verdict::NotApplicable) {
            return criterion;
        }
        let why = match (false_one, none) {
            (Some(path), _) => format!("what it quotes from `{path}` is not there"),
            (None, true) => "a model said so and quoted nothing".to_owned(),
            (None, false) => return criterion,
        };
        criterion.verdict = Verdict::Unmet;
        criterion.explanation = format!("not shown: {why} ({})", criterion.explanation);
        criterion
    }

    /// Whether a quote is a part of the file that it names.
    fn has(&mut self, quote: &Quote) -> bool {
        let text = quote.text.as_bytes();
        if text.iter().all(u8::is_ascii_whitespace) {
            return false;
        }
        if self.last.as_ref().is_none_or(|(path, _)| *path != quote.path) {
            let bytes = contents(&self.folder, &quote.path);
            self.work = left(self.work, bytes.as_ref().map_or(0, Vec::len));
            self.last = Some((quote.path.clone(), bytes));
        }
        let Some((_, Some(bytes))) = &self.last else { return false };
        self.work = left(self.work, bytes.len());
        self.work > 0 && memmem::find(bytes, text).is_some()
    }
}

/// What is left of the work after a file was read or searched, which costs something even
/// where it is empty or missing.
fn left(work: u64, bytes: usize) -> u64 {
    work.saturating_sub(bytes as u64 + 4_096)
}

/// A file below the folder; no link and no path leads out of it.
fn contents(folder: &Dir, path: &str) -> Option<Vec<u8>> {
    // Looked at first: to open a pipe would wait for somebody to write into it.
    if !folder.metadata(path).ok()?.is_file() {
        return None;
    }
    let file = folder.open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(verdict: Verdict, quotes: &[(&str, &str)]) -> Criterion {
        let quote = |(path, text): &(&str, &str)| Quote {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Criterion {
            text: "c".to_owned(),
            line: 1,
            required: true,
            weight: 1.0,
            verdict,
            explanation: "e".to_owned(),
            evidence_paths: Vec::new(),
            quotes: quotes.iter().map(quote).collect(),
        }
    }

    fn looked_at(verdict: Verdict, quotes: &[(&str, &str)], asked: bool) -> Evaluation {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.md"), "# Title\n\nThe sum is 7.\n").unwrap();
        std::fs::write(folder.path().join("../secret"), "The sum is 9.").unwrap();
        let criteria = vec![criterion(verdict, quotes)];
        let judgement = Judgement::Satisfied;
        let evaluation = Evaluation { judgement, explanation: "e".to_owned(), criteria };
        verified(evaluation, folder.path(), asked).unwrap()
    }

    #[test]
    fn a_quote_that_is_there_bears_its_verdict() {
        let evaluation = looked_at(Verdict::Met, &[("a.md", "sum is 7")], true);
        assert_eq!(evaluation.criteria[0].verdict, Verdict::Met);
        assert_eq!(evaluation.judgement, Judgement::Satisfied);
    }

    #[test]
    fn a_quote_that_is_not_there_makes_its_criterion_unmet() {
        for wrong in [
            ("a.md", "The sum is 8."),
            ("a.md", "the sum is 7."),
            ("b.md", "The sum is 7."),
            ("../secret", "The sum is 9."),
            ("a.md", "  "),
            ("", "Title"),
        ] {
            for asked in [true, false] {
                let evaluation = looked_at(Verdict::Met, &[wrong], asked);
                let criterion = &evaluation.criteria[0];
                assert_eq!(criterion.verdict, Verdict::Unmet, "{wrong:?}");
                assert!(criterion.explanation.contains("is not there"), "{criterion:?}");
                assert!(criterion.quotes.is_empty());
                assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
            }
        }
    }

    #[test]
    fn quotes_without_end_keep_nobody_busy_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "b".repeat(1 << 20)).unwrap();
        let folder = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        let mut outputs = Outputs { folder, last: None, work: 3 << 20 };
        let quote = |text: &str| Quote { path: "a".to_owned(), text: text.to_owned() };
        assert!(outputs.has(&quote("bb")));
        assert!(!outputs.has(&quote("c")));
        assert!(!outputs.has(&quote("bb")), "the work is used up");
    }

    #[test]
    fn what_a_model_says_without_a_quote_is_not_met() {
        assert_eq!(looked_at(Verdict::Met, &[], true).criteria[0].verdict, Verdict::Unmet);
        assert_eq!(looked_at(Verdict::Met, &[], false).criteria[0].verdict, Verdict::Met);
        let beside = looked_at(Verdict::NotApplicable, &[], true);
        assert_eq!(beside.criteria[0].verdict, Verdict::Unmet);
        assert!(beside.explanation.starts_with("Not every quote is there"));
        assert_eq!(looked_at(Verdict::Unmet, &[], true).criteria[0].verdict, Verdict::Unmet);
    }
}
