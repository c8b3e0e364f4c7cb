//! Nobody has more than half of a say, where several have one.

use super::Corpus;
use std::collections::BTreeMap;

/// The rows that count: all, but where the dream reads sessions of several principals and
/// one has more than half of the rows, only so many of its own as the others have together.
/// Which ones follows from what happened in them, not from their order.
pub(crate) fn fair(corpus: &Corpus, rows: &[u32]) -> Vec<u32> {
    let mut whose: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for row in rows {
        whose.entry(&corpus.sessions[*row as usize].principal).or_default().push(*row);
    }
    let Some(most) = whose.values().map(Vec::len).max() else { return Vec::new() };
    let others = rows.len() - most;
    if !corpus.several || most <= others {
        return rows.to_vec();
    }
    let mut kept = Vec::with_capacity(2 * others);
    for mut own in whose.into_values() {
        if own.len() > others {
            // Multiplied so that neighbours in content are not neighbours here.
            let mixed = |row: &u32| {
                let content = corpus.contents[*row as usize];
                (content.wrapping_mul(0x9E37_79B9_7F4A_7C15), *row)
            };
            own.sort_by_key(mixed);
            own.truncate(others);
        }
        kept.append(&mut own);
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Session;

    fn corpus(principals: &[&str]) -> Corpus {
        let session =
            |principal: &&str| Session { principal: (*principal).to_owned(), ..Session::default() };
        Corpus {
            sessions: principals.iter().map(session).collect(),
            contents: (0..principals.len() as u64).collect(),
            several: principals.iter().any(|principal| *principal != principals[0]),
            ..Corpus::default()
        }
    }

    #[test]
    fn one_of_several_principals_has_at_most_half() {
        let corpus = corpus(&["a", "a", "a", "a", "a", "b", "c"]);
        let kept = fair(&corpus, &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(kept.len(), 4);
        assert!(kept.ends_with(&[5, 6]));
    }

    #[test]
    fn one_principal_alone_and_balanced_ones_keep_all() {
        assert_eq!(fair(&corpus(&["a", "a", "a"]), &[0, 1, 2]), [0, 1, 2]);
        assert_eq!(fair(&corpus(&["a", "b", "a", "b"]), &[0, 1, 2, 3]), [0, 1, 2, 3]);
        assert!(fair(&corpus(&[]), &[]).is_empty());
        assert!(fair(&corpus(&["a", "a", "b"]), &[0, 1]).is_empty(), "one speaks for itself");
    }
}
