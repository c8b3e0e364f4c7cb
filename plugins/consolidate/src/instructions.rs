//! What the strategy understands of the dream's instructions.
//!
//! It has no model. It knows the phrases below and ignores everything else, and says so
//! in its summary.

/// Phrases that switch a part off, and the parts: duplicates, facts, rules.
const PHRASES: [(&str, [bool; 3]); 14] = [
    ("only duplicates", [true, false, false]),
    ("only merge", [true, false, false]),
    ("only facts", [false, true, false]),
    ("only rules", [false, false, true]),
    ("only contrasts", [false, false, true]),
    ("no duplicates", [false, true, true]),
    ("no merges", [false, true, true]),
    ("do not merge", [false, true, true]),
    ("no facts", [true, false, true]),
    ("do not supersede", [true, false, true]),
    ("no rules", [true, true, false]),
    ("without rules", [true, true, false]),
    ("no new rules", [true, true, false]),
    ("no contrasts", [true, true, false]),
];

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Merge duplicates.
    pub(crate) duplicates: bool,
    /// Settle keyed facts.
    pub(crate) facts: bool,
    /// Mine rules.
    pub(crate) rules: bool,
    /// Whether there were instructions and none was understood.
    pub(crate) ignored: bool,
}

/// Reads the instructions; several phrases add up.
pub(crate) fn read(instructions: &str) -> Wanted {
    let text = instructions.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wanted = [true; 3];
    let mut understood = false;
    for (_, parts) in PHRASES.iter().filter(|(phrase, _)| has_phrase(&text, phrase)) {
        understood = true;
        for (wanted, part) in wanted.iter_mut().zip(parts) {
            *wanted &= part;
        }
    }
    let [duplicates, facts, rules] = wanted;
    Wanted { duplicates, facts, rules, ignored: !text.is_empty() && !understood }
}

/// Whether the phrase stands in the text as whole words.
fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        edge(text[..at].chars().next_back()) && edge(text[at + phrase.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_phrases_switch_parts_off_and_others_are_reported_as_ignored() {
        let all = Wanted { duplicates: true, facts: true, rules: true, ignored: false };
        assert_eq!(read(""), all);
        assert_eq!(read("Focus on Tuesdays"), Wanted { ignored: true, ..all });
        assert_eq!(read("Please, no  rules."), Wanted { rules: false, ..all });
        assert_eq!(read("casino rules"), Wanted { ignored: true, ..all });
        let only = Wanted { facts: false, rules: false, ..all };
        assert_eq!(read("Only duplicates, thanks"), only);
    }
}
