//! Puts side by side what several graders say of the same criterion.

use crate::combine::Opinion;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One criterion, as a member judged it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The criterion's text.
    pub text: String,
    /// Its line in the rubric, from 1.
    pub line: u32,
    /// Whether it has to be met.
    pub required: bool,
    /// How much it counts.
    pub weight: f64,
    /// What the member says.
    pub opinion: Opinion,
}

/// One criterion, and what each member says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The criterion's text.
    pub text: String,
    /// Its line in the rubric, from 1.
    pub line: u32,
    /// Whether it has to be met: as the rubric says, else if one member says so.
    pub required: bool,
    /// How much it counts: as the rubric says, else the first member that judged it.
    pub weight: f64,
    /// By member, in their order; none where a member did not judge it.
    pub opinions: Vec<Option<Opinion>>,
}

/// The criteria of all members in the rubric's order: by line, then as the first member has
/// them. The same line and text is the same criterion; where a member has it twice, the first
/// is another's first, and the second another's second.
///
/// A criterion of the rubric is known by its line, and what it says and counts is the rubric's:
/// members differ in how much of a line they take for its text. One that no member judged is a
/// row without opinions.
pub fn align(rubric: &[lucid_rubric::Criterion], members: Vec<Vec<Judged>>) -> Vec<Row> {
    let lines: HashMap<u32, &lucid_rubric::Criterion> =
        rubric.iter().map(|item| (item.line, item)).collect();
    let count = members.len();
    let mut rows: Vec<Row> = Vec::new();
    let mut known: HashMap<(u32, String, usize), usize> = HashMap::new();
    for (member, judged) in members.into_iter().enumerate() {
        let mut seen: BTreeMap<(u32, String), usize> = BTreeMap::new();
        for mut one in judged {
            if let Some(item) = lines.get(&one.line) {
                (one.text, one.required, one.weight) = (item.text.clone(), item.must, item.weight);
            }
            let nth = seen.entry((one.line, one.text.clone())).or_default();
            let key = (one.line, one.text.clone(), *nth);
            *nth += 1;
            let number = *known.entry(key).or_insert_with(|| {
                rows.push(Row {
                    text: one.text.clone(),
                    line: one.line,
                    required: false,
                    weight: one.weight,
                    opinions: vec![None; count],
                });
                rows.len() - 1
            });
            if let Some(row) = rows.get_mut(number) {
                row.required |= one.required;
                if let Some(opinion) = row.opinions.get_mut(member) {
                    *opinion = Some(one.opinion);
                }
            }
        }
    }
    let known: HashSet<u32> = rows.iter().map(|row| row.line).collect();
    let missing = rubric.iter().filter(|item| !known.contains(&item.line));
    rows.extend(missing.map(|item| Row {
        text: item.text.clone(),
        line: item.line,
        required: item.must,
        weight: item.weight,
        opinions: vec![None; count],
    }));
    // Stable: what is on one line stays in the order in which it came up.
    rows.sort_by_key(|row| row.line);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::Verdict;

    fn judged(line: u32, text: &str, explanation: &str) -> Judged {
        let opinion = Opinion::new(Verdict::Met, explanation);
        Judged { text: text.to_owned(), line, required: false, weight: 2.0, opinion }
    }

    /// Each row in one line: where, what, and what each member said.
    fn shown(members: Vec<Vec<Judged>>) -> Vec<String> {
        let said = |one: &Option<Opinion>| match one {
            Some(opinion) => opinion.explanation.clone(),
            None => "-".to_owned(),
        };
        let row = |row: Row| {
            let said: Vec<String> = row.opinions.iter().map(said).collect();
            format!("{} {}: {}", row.line, row.text, said.join(" "))
        };
        align(&[], members).into_iter().map(row).collect()
    }

    #[test]
    fn the_same_line_and_text_is_the_same_criterion_whatever_the_order() {
        let one = vec![judged(1, "a", "a1"), judged(3, "c", "c1")];
        let other = vec![judged(3, "c", "c2"), judged(1, "a", "a2")];
        assert_eq!(shown(vec![one, other]), ["1 a: a1 a2", "3 c: c1 c2"]);
    }

    #[test]
    fn what_one_member_did_not_judge_is_a_criterion_all_the_same() {
        let one = vec![judged(2, "b", "b1")];
        let other = vec![judged(1, "a", "a2"), judged(2, "other", "o2")];
        assert_eq!(shown(vec![one, other]), ["1 a: - a2", "2 b: b1 -", "2 other: - o2"]);
        assert!(shown(vec![Vec::new(), Vec::new()]).is_empty());
        assert!(shown(Vec::new()).is_empty());
    }

    #[test]
    fn a_criterion_that_is_there_twice_stays_two() {
        let twice = |name: &str| {
            vec![judged(1, "a", &format!("{name}1")), judged(1, "a", &format!("{name}2"))]
        };
        assert_eq!(shown(vec![twice("x"), twice("y")]), ["1 a: x1 y1", "1 a: x2 y2"]);
    }

    #[test]
    fn it_has_to_be_met_if_one_member_says_so() {
        let must = Judged { required: true, weight: 5.0, ..judged(1, "a", "") };
        let other = || vec![judged(1, "a", "")];
        let rows = align(&[], vec![other(), vec![must], other()]);
        assert!(rows[0].required);
        assert_eq!(rows[0].weight, 2.0, "the first member's");
    }

    #[test]
    fn what_a_criterion_says_and_counts_is_the_rubrics() {
        let rubric = "- A. `check: true`\n- B. (should) (weight 3)\n- C.\n";
        let items = lucid_rubric::parse(rubric).unwrap();
        // One takes the marks for text, and everything for required.
        let raw = |line, text: &str| Judged { required: true, ..judged(line, text, "raw") };
        let one = vec![raw(1, "A. `check: true`"), raw(2, "B. (should) (weight 3)")];
        let other = vec![judged(1, "A.", "read"), judged(2, "B.", "read")];
        let rows = align(&items, vec![one, other]);
        let said: Vec<_> = rows.iter().map(|row| row.opinions.iter().flatten().count()).collect();
        assert_eq!(said, [2, 2, 0], "{rows:?}");
        assert_eq!((rows[1].text.as_str(), rows[1].required, rows[1].weight), ("B.", false, 3.0));
        assert_eq!((rows[2].text.as_str(), rows[2].required), ("C.", true));
    }
}
