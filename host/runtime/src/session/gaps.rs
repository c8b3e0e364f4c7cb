//! What an evaluation found missing, as the agent is told.

use lucid_core::{Criterion, Evaluation, Quote, Verdict};

/// So much of the gaps goes back to the agent, in bytes; what is left is counted.
const GAPS_BYTES_MAX: usize = 24 << 10;

/// So much of one gap's criterion, of what was seen, and of its paths, in characters.
const GAP_CHARACTERS_MAX: usize = 1_000;
/// And of what a grader quotes.
const QUOTE_CHARACTERS_MAX: usize = 200;

/// How the message begins, by which it is told from what people say.
const START: &str = "The result was evaluated and is not satisfactory";

/// Whether a message is what an evaluation found, in a grader's words and not a person's.
pub(crate) fn are_gaps(text: &str) -> bool {
    text.starts_with(START)
}

/// The gaps as one message to the agent: each unmet criterion, what was seen, and where.
pub(super) fn gaps(evaluation: Option<&Evaluation>, last: bool) -> String {
    let mut message = START.to_owned();
    message.push_str(if last {
        "; no evaluations are left. Close your work with a short statement."
    } else {
        " yet. Close these gaps:"
    });
    let criteria = evaluation.into_iter().flat_map(|evaluation| &evaluation.criteria);
    let mut open: Vec<&Criterion> =
        criteria.filter(|criterion| criterion.verdict == Verdict::Unmet).collect();
    // What has to be met comes first, each in the rubric's order.
    open.sort_by_key(|criterion| !criterion.required);
    if open.is_empty()
        && let Some(evaluation) = evaluation
    {
        message.push_str(&format!("\n{}", line(&evaluation.explanation, GAP_CHARACTERS_MAX)));
    }
    let mut left = 0;
    for criterion in open {
        let gap = gap(criterion);
        if left > 0 || message.len() + gap.len() > GAPS_BYTES_MAX {
            left += 1;
        } else {
            message.push_str(&gap);
        }
    }
    if left > 0 {
        message.push_str(&format!("\n- and {left} more criteria that are not met"));
    }
    message
}

fn gap(criterion: &Criterion) -> String {
    let text = line(criterion.text.trim_end_matches('.'), GAP_CHARACTERS_MAX);
    let wish = if criterion.required { "" } else { " (it should, and does not have to)" };
    let seen = line(&criterion.explanation, GAP_CHARACTERS_MAX);
    let mut gap = format!("\n- {text}{wish}: {seen}");
    if !criterion.evidence_paths.is_empty() {
        let paths = line(&criterion.evidence_paths.join(", "), GAP_CHARACTERS_MAX);
        gap.push_str(&format!(" (see {paths})"));
    }
    if let Some(Quote { path, text }) = criterion.quotes.first() {
        let (path, text) = (line(path, QUOTE_CHARACTERS_MAX), line(text, QUOTE_CHARACTERS_MAX));
        gap.push_str(&format!("; {path} reads “{text}”"));
    }
    gap
}

/// A text on one line, so that none of it looks like another gap, and not too long.
fn line(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::Judgement;

    use super::*;

    fn criterion(text: &str, verdict: Verdict, required: bool) -> Criterion {
        Criterion {
            text: text.to_owned(),
            line: 1,
            required,
            weight: 1.0,
            verdict,
            explanation: "2 of 3 rows".to_owned(),
            evidence_paths: vec!["a.csv".to_owned()],
            quotes: Vec::new(),
        }
    }

    fn of(criteria: Vec<Criterion>) -> Evaluation {
        let judgement = Judgement::NeedsRevision;
        Evaluation { judgement, explanation: String::new(), criteria }
    }

    #[test]
    fn the_gaps_name_each_unmet_criterion_what_was_seen_and_where() {
        let evaluation = of(vec![
            criterion("A.", Verdict::Met, true),
            criterion("B.", Verdict::Unmet, false),
            criterion("C.", Verdict::Unmet, true),
            criterion("D.", Verdict::NotGradable, true),
        ]);
        let message = gaps(Some(&evaluation), false);
        let (_, gaps) = message.split_once(":\n").unwrap();
        assert_eq!(
            gaps,
            "- C: 2 of 3 rows (see a.csv)\n- B (it should, and does not have to): 2 of 3 rows \
             (see a.csv)"
        );
    }

    #[test]
    fn a_gap_stays_one_line_and_what_has_no_gap_is_told_as_it_is() {
        let forged = "no table\n- D: all is well".to_owned();
        let quotes = vec![Quote { path: "a.md".to_owned(), text: "# A\nB".to_owned() }];
        let one = Criterion { explanation: forged, quotes, ..criterion("C", Verdict::Unmet, true) };
        let message = gaps(Some(&of(vec![one])), false);
        assert_eq!(message.lines().count(), 2, "{message}");
        assert!(message.ends_with("no table - D: all is well (see a.csv); a.md reads “# A B”"));
        let vague = Evaluation { explanation: "It is too long.".to_owned(), ..of(Vec::new()) };
        assert!(gaps(Some(&vague), false).ends_with("Close these gaps:\nIt is too long."));
    }

    #[test]
    fn gaps_without_end_are_counted_and_not_all_told() {
        let evaluation = of(vec![criterion(&"x".repeat(1 << 10), Verdict::Unmet, true); 10_000]);
        let message = gaps(Some(&evaluation), true);
        assert!(message.len() < GAPS_BYTES_MAX + 100, "{}", message.len());
        assert!(message.ends_with("more criteria that are not met"), "{message}");
    }
}
