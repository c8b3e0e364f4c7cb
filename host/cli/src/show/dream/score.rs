//! A dream's score by what is known to be true of its corpus.

use lucid_score::Score;

use crate::show::{short, table};

/// Problems that are listed; the rest is counted.
const PROBLEMS_SHOWN_MAX: usize = 20;

/// A score: what was found of what there was, what was got wrong, and what it cost.
pub(crate) fn score(score: &Score) -> String {
    let of = |part: u32, all: u32| format!("{part} of {all}");
    let found = [
        ("duplicates merged", of(score.duplicates_merged, score.duplicates)),
        ("duplicates missed", score.duplicates_missed.to_string()),
        ("stale values served", of(score.stale_served, score.stale)),
        ("told facts known", of(score.told_known, score.told)),
        ("conflicts found", of(score.conflicts_found, score.conflicts)),
        ("rules found", of(score.rules_true, score.rules)),
        ("themes", score.themes.to_string()),
        ("paraphrases merged", score.paraphrases_merged.to_string()),
    ];
    let wrong = [
        ("rules that are false", score.rules_false),
        ("  of these superstitions", score.superstitions),
        ("wrong merges", score.wrong_merges),
        ("wrong supersessions", score.wrong_supersessions),
        ("false conflicts", score.conflicts_false),
        ("entries lost", score.lost),
        ("ledger violations", score.ledger_violations),
        ("operations refused", score.rejected),
    ];
    let mut rows = table::table(&["score", ""]);
    for (name, figure) in found {
        rows.add_row(vec![name.to_owned(), figure]);
    }
    for (name, count) in wrong {
        rows.add_row(vec![name.to_owned(), count.to_string()]);
    }
    rows.add_row(vec!["tokens".to_owned(), score.tokens.to_string()]);
    rows.add_row(vec!["ms".to_owned(), score.ms.to_string()]);
    let mut text = format!("\n{}", table::text(&rows));
    for problem in score.problems.iter().take(PROBLEMS_SHOWN_MAX) {
        text.push_str(&format!("  {}\n", short(problem, 120)));
    }
    let more = score.problems.len().saturating_sub(PROBLEMS_SHOWN_MAX);
    if more > 0 {
        text.push_str(&format!("  and {more} more; `--json` has all\n"));
    }
    text
}
