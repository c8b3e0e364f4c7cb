//! Criteria and what they come to.

use super::{Criterion, Evaluation, Judgement, Quote, RubricItem, Verdict};

/// The longest explanation of an evaluation, in bytes.
const EXPLANATION_BYTES_MAX: usize = 8 << 10;

/// So much of a criterion is repeated in the explanation.
const SHOWN_CHARACTERS_MAX: usize = 160;

impl Criterion {
    /// The judgement on one item of a rubric, with what was seen in one sentence.
    ///
    /// ```
    /// use lucid_sdk::grader::{Criterion, Verdict, rubric_items};
    ///
    /// let item = &rubric_items("- Every bridge is safe.\n")[0];
    /// let criterion = Criterion::new(item, Verdict::NotApplicable, "there is no bridge");
    /// assert_eq!((criterion.line, criterion.verdict), (1, Verdict::NotApplicable));
    /// ```
    pub fn new(item: &RubricItem, verdict: Verdict, explanation: impl Into<String>) -> Self {
        Self {
            text: item.text.clone(),
            line: item.line,
            required: true,
            weight: 1.0,
            verdict,
            explanation: explanation.into(),
            evidence_paths: Vec::new(),
            quotes: Vec::new(),
        }
    }

    /// The criterion holds.
    ///
    /// ```
    /// # use lucid_sdk::grader::{Criterion, Verdict, rubric_items};
    /// let item = &rubric_items("- The report has a title.\n")[0];
    /// let met = Criterion::met(item, "its title is Results").resting_on(["report.md"]);
    /// assert_eq!(met.verdict, Verdict::Met);
    /// ```
    pub fn met(item: &RubricItem, explanation: impl Into<String>) -> Self {
        Self::new(item, Verdict::Met, explanation)
    }

    /// The criterion does not hold.
    ///
    /// ```
    /// # use lucid_sdk::grader::{Criterion, Verdict, rubric_items};
    /// let item = &rubric_items("- The report has a title.\n")[0];
    /// assert_eq!(Criterion::unmet(item, "it has no headings").verdict, Verdict::Unmet);
    /// ```
    pub fn unmet(item: &RubricItem, explanation: impl Into<String>) -> Self {
        Self::new(item, Verdict::Unmet, explanation)
    }

    /// This grader has no way to tell whether the criterion holds.
    ///
    /// ```
    /// # use lucid_sdk::grader::{Criterion, Verdict, rubric_items};
    /// let item = &rubric_items("- The report is a pleasure to read.\n")[0];
    /// let unknown = Criterion::not_gradable(item, "this grader only counts words");
    /// assert_eq!(unknown.verdict, Verdict::NotGradable);
    /// ```
    pub fn not_gradable(item: &RubricItem, explanation: impl Into<String>) -> Self {
        Self::new(item, Verdict::NotGradable, explanation)
    }

    /// Names the files the verdict rests on, relative to the outputs folder.
    ///
    /// ```
    /// # use lucid_sdk::grader::{Criterion, rubric_items};
    /// let item = &rubric_items("- The report has a title.\n")[0];
    /// let met = Criterion::met(item, "its title is Results").resting_on(["report.md"]);
    /// assert_eq!(met.evidence_paths, ["report.md"]);
    /// ```
    #[must_use]
    pub fn resting_on<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.evidence_paths.extend(paths.into_iter().map(Into::into));
        self
    }
}

impl Criterion {
    /// Quotes what was read in a file, word for word: the host looks whether it is there.
    ///
    /// ```
    /// # use lucid_sdk::grader::{Criterion, rubric_items};
    /// let item = &rubric_items("- The report has a title.\n")[0];
    /// let met = Criterion::met(item, "it has one").quoting("report.md", "# Results");
    /// assert_eq!((met.quotes[0].text.as_str(), met.evidence_paths.len()), ("# Results", 1));
    /// ```
    #[must_use]
    pub fn quoting(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        let quote = Quote { path: path.into(), text: text.into() };
        if !self.evidence_paths.contains(&quote.path) {
            self.evidence_paths.push(quote.path.clone());
        }
        self.quotes.push(quote);
        self
    }
}

impl Evaluation {
    /// What the criteria come to, with the reasons.
    ///
    /// The judgement is [`Judgement::of`] them; the explanation names every criterion that is
    /// open.
    ///
    /// ```
    /// use lucid_sdk::grader::{Criterion, Evaluation, Judgement, rubric_items};
    ///
    /// let items = rubric_items("- It has a title.\n- It is a pleasure.\n");
    /// let title = Criterion::unmet(&items[0], "it has no headings");
    /// let pleasure = Criterion::not_gradable(&items[1], "this grader only counts words");
    ///
    /// let evaluation = Evaluation::of(vec![title, pleasure]);
    /// assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
    /// assert!(evaluation.explanation.starts_with("0 of 2 criteria are met.\nLine 1, “It has"));
    /// ```
    pub fn of(criteria: Vec<Criterion>) -> Self {
        let judgement = Judgement::of(&criteria);
        Self { judgement, explanation: explanation(&criteria), criteria }
    }
}

impl Judgement {
    /// What the criteria come to. Of those that are required: [`Judgement::NeedsRevision`] when
    /// one is unmet. Otherwise [`Judgement::Failed`] when one cannot be judged, or nothing was
    /// judged at all: nobody knows then what there is to revise. Otherwise
    /// [`Judgement::Satisfied`].
    ///
    /// ```
    /// use lucid_sdk::grader::{Criterion, Judgement, rubric_items};
    ///
    /// let items = rubric_items("- It has a title.\n- It is short.\n");
    /// let mut short = Criterion::unmet(&items[1], "it has 900 pages");
    /// short.required = false;
    /// let criteria = [Criterion::met(&items[0], "it has one"), short];
    /// assert_eq!(Judgement::of(&criteria), Judgement::Satisfied);
    /// ```
    pub fn of(criteria: &[Criterion]) -> Self {
        let has = |verdict| criteria.iter().any(|c| c.required && c.verdict == verdict);
        let judged = criteria.iter().any(|c| c.verdict != Verdict::NotGradable);
        if has(Verdict::Unmet) {
            Self::NeedsRevision
        } else if !judged || has(Verdict::NotGradable) {
            Self::Failed
        } else {
            Self::Satisfied
        }
    }
}

fn explanation(criteria: &[Criterion]) -> String {
    if criteria.is_empty() {
        return "The rubric has no criteria that could be judged.".to_owned();
    }
    let met = criteria.iter().filter(|criterion| criterion.verdict == Verdict::Met).count();
    let mut text = format!("{met} of {} criteria are met.", criteria.len());
    let is_open = |verdict| matches!(verdict, Verdict::Unmet | Verdict::NotGradable);
    for criterion in criteria.iter().filter(|criterion| is_open(criterion.verdict)) {
        let (line, shown) = (criterion.line, shown(&criterion.text));
        let reason = criterion.explanation.trim_end_matches('.');
        let gap = format!("\nLine {line}, “{shown}”: {reason}.");
        if text.len() + gap.len() > EXPLANATION_BYTES_MAX {
            text.push_str("\n…");
            break;
        }
        text.push_str(&gap);
    }
    text
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(verdicts: &[Verdict]) -> Evaluation {
        let criterion = |(line, verdict): (u32, &Verdict)| {
            let item = RubricItem { text: format!("Criterion {line}"), line };
            Criterion::new(&item, *verdict, format!("reason {line}."))
        };
        Evaluation::of((1..).zip(verdicts).map(criterion).collect())
    }

    #[test]
    fn the_judgement_is_what_the_verdicts_bear_out() {
        use Verdict::{Met, NotApplicable, NotGradable, Unmet};
        for (verdicts, expected) in [
            (&[Met, NotApplicable][..], Judgement::Satisfied),
            (&[Met, Unmet, NotGradable], Judgement::NeedsRevision),
            (&[Met, NotGradable], Judgement::Failed),
            (&[], Judgement::Failed),
        ] {
            let mut evaluation = evaluation(verdicts);
            assert_eq!(evaluation.judgement, expected, "{verdicts:?}");
            assert!(!evaluation.explanation.is_empty());
            // What should be met, and does not have to be, decides nothing.
            for beside in [Unmet, NotGradable] {
                let item = RubricItem { text: "Beside.".to_owned(), line: 9 };
                let beside = Criterion::new(&item, beside, "so");
                evaluation.criteria.push(Criterion { required: false, ..beside });
                if !verdicts.is_empty() {
                    assert_eq!(Judgement::of(&evaluation.criteria), expected, "{verdicts:?}");
                }
            }
        }
        // Nothing was judged.
        let item = RubricItem { text: "Beside.".to_owned(), line: 9 };
        let beside = Criterion::not_gradable(&item, "so");
        let beside = [Criterion { required: false, ..beside }];
        assert_eq!(Judgement::of(&beside), Judgement::Failed);
    }

    #[test]
    fn the_explanation_names_every_gap_and_nothing_else() {
        let evaluation = evaluation(&[Verdict::Met, Verdict::NotGradable, Verdict::Unmet]);
        let expected = "1 of 3 criteria are met.\nLine 2, “Criterion 2”: reason 2.\nLine 3, \
                        “Criterion 3”: reason 3.";
        assert_eq!(evaluation.explanation, expected);
    }

    #[test]
    fn a_long_explanation_is_cut() {
        let many = evaluation(&[Verdict::Unmet; 1_000]).explanation;
        assert!(many.len() < EXPLANATION_BYTES_MAX + 8 && many.ends_with("\n…"));
        let item = RubricItem { text: "é".repeat(1_000), line: 1 };
        let long = Evaluation::of(vec![Criterion::unmet(&item, "no")]).explanation;
        assert!(long.contains(&format!("“{}…”: no.", "é".repeat(160))));
    }
}
