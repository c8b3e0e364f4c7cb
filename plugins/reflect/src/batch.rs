//! What goes into one question about the store: what fits, with what belongs to it.

use std::collections::BTreeSet;

/// So much is shown of entries in one question, and so much of notes, in bytes.
pub const SIDE_BYTES: usize = 32 << 10;
/// The most questions about one store.
pub const BATCHES_MAX: usize = 64;

/// Something that is shown: how large it is, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its line, in bytes.
    pub bytes: usize,
    /// The words that say what it is about.
    pub topics: BTreeSet<String>,
}

/// One question: places of entries and of notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Places of entries, in order.
    pub entries: Vec<usize>,
    /// Places of notes, in order.
    pub notes: Vec<usize>,
}

/// Puts entries and notes (each in order) into questions; says how many questions are left
/// out because there would be too many. Every entry and every note is in one question at
/// least, together with those of the other side that have most words in common with it.
pub fn batches(entries: &[Item], notes: &[Item]) -> (Vec<Batch>, usize) {
    let (some_entries, some_notes) = (chunks(entries), chunks(notes));
    let whole = |chunks: &[Vec<usize>]| chunks.first().cloned().unwrap_or_default();
    let mut batches: Vec<Batch> = match (some_entries.len(), some_notes.len()) {
        (0 | 1, 0 | 1) => {
            vec![Batch { entries: whole(&some_entries), notes: whole(&some_notes) }]
        }
        (0 | 1, _) => {
            let all = whole(&some_entries);
            some_notes.into_iter().map(|notes| Batch { entries: all.clone(), notes }).collect()
        }
        (_, 0 | 1) => {
            let all = whole(&some_notes);
            some_entries.into_iter().map(|entries| Batch { entries, notes: all.clone() }).collect()
        }
        _ => {
            let around_entries = some_entries
                .into_iter()
                .map(|chunk| Batch { notes: related(&chunk, entries, notes), entries: chunk });
            let around_notes = some_notes
                .into_iter()
                .map(|chunk| Batch { entries: related(&chunk, notes, entries), notes: chunk });
            // In turns, so that neither is left out for the other.
            interleave(around_entries.collect(), around_notes.collect())
        }
    };
    let left_out = batches.len().saturating_sub(BATCHES_MAX);
    batches.truncate(BATCHES_MAX);
    (batches, left_out)
}

/// Places in runs that fit.
fn chunks(items: &[Item]) -> Vec<Vec<usize>> {
    let mut chunks: Vec<Vec<usize>> = Vec::new();
    let mut bytes = 0;
    for (place, item) in items.iter().enumerate() {
        bytes += item.bytes + 1;
        match chunks.last_mut() {
            Some(chunk) if bytes <= SIDE_BYTES => chunk.push(place),
            _ => {
                bytes = item.bytes + 1;
                chunks.push(vec![place]);
            }
        }
    }
    chunks
}

/// The others that have most words in common with these, as many as fit.
fn related(chunk: &[usize], items: &[Item], others: &[Item]) -> Vec<usize> {
    let of_chunk = chunk.iter().filter_map(|place| items.get(*place));
    let topics: BTreeSet<&String> = of_chunk.flat_map(|item| &item.topics).collect();
    let shared = |item: &Item| item.topics.iter().filter(|word| topics.contains(word)).count();
    let mut ranked: Vec<(usize, usize)> =
        others.iter().enumerate().map(|(place, item)| (shared(item), place)).collect();
    ranked.retain(|(shared, _)| *shared > 0);
    ranked.sort_by_key(|(shared, place)| (std::cmp::Reverse(*shared), *place));
    let mut bytes = 0;
    let mut related = Vec::new();
    for (_, place) in ranked {
        bytes += others.get(place).map_or(0, |item| item.bytes + 1);
        if bytes > SIDE_BYTES {
            break;
        }
        related.push(place);
    }
    related.sort_unstable();
    related
}

fn interleave(one: Vec<Batch>, other: Vec<Batch>) -> Vec<Batch> {
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = (one.next(), other.next());
        if pair == (None, None) {
            return all;
        }
        all.extend(pair.0);
        all.extend(pair.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(bytes: usize, topics: &[&str]) -> Item {
        Item { bytes, topics: topics.iter().map(|word| (*word).to_owned()).collect() }
    }

    #[test]
    fn what_fits_is_one_question() {
        let (batches, left_out) = batches(&[item(10, &[]), item(10, &[])], &[item(10, &[])]);
        assert_eq!(batches, [Batch { entries: vec![0, 1], notes: vec![0] }]);
        assert_eq!(left_out, 0);
        assert_eq!(super::batches(&[], &[]).0, [Batch::default()]);
    }

    #[test]
    fn many_notes_meet_the_few_entries_in_each_question() {
        let notes = vec![item(SIDE_BYTES / 2 - 1, &[]); 5];
        let (batches, _) = batches(&[item(10, &[])], &notes);
        let expected = [vec![0, 1], vec![2, 3], vec![4]];
        assert!(batches.iter().all(|batch| batch.entries == [0]));
        assert_eq!(batches.iter().map(|batch| batch.notes.clone()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn where_both_are_many_each_meets_those_it_has_words_in_common_with() {
        let half = SIDE_BYTES - 1;
        let entries = [item(half, &["relay"]), item(half, &["rover"])];
        let notes =
            [item(half, &["rover", "wheel"]), item(half, &["relay"]), item(half, &["dust"])];
        let (batches, left_out) = batches(&entries, &notes);
        let pair = |entries: &[usize], notes: &[usize]| Batch {
            entries: entries.to_vec(),
            notes: notes.to_vec(),
        };
        let expected = [
            pair(&[0], &[1]),
            pair(&[1], &[0]),
            pair(&[1], &[0]),
            pair(&[0], &[1]),
            pair(&[], &[2]),
        ];
        assert_eq!((batches.as_slice(), left_out), (expected.as_slice(), 0));
    }

    #[test]
    fn the_questions_are_bounded_and_what_is_left_out_is_counted() {
        let notes = vec![item(SIDE_BYTES, &[]); BATCHES_MAX + 3];
        let (batches, left_out) = batches(&[], &notes);
        assert_eq!((batches.len(), left_out), (BATCHES_MAX, 3));
    }
}
