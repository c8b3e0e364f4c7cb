//! Maps with bounds that do not depend on the order in which sessions arrive.

use std::collections::BTreeMap;
use std::rc::Rc;

/// At most so many kinds of failures, facts and features are followed; of more those whose
/// names come first by their hash, whatever the order they arrive in.
const KINDS_MAX: usize = 20_000;
/// A call whose shape is not followed.
pub(crate) const NO_SHAPE: u32 = u32::MAX;

/// A map that keeps the keys that come first by hash: what it ends with does not depend on
/// the order of arrival, and each key that it ends with was never left out.
#[derive(Clone, Debug)]
pub(super) struct Bounded<K, V>(BTreeMap<(u64, K), V>);

impl<K, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Bounded(BTreeMap::new())
    }
}

impl<K: Ord + Clone, V: Default> Bounded<K, V> {
    /// The value of a key; none where there is no room for it.
    pub(super) fn entry(&mut self, hash: u64, key: &K) -> Option<&mut V> {
        self.entry_within(hash, key, KINDS_MAX)
    }

    pub(super) fn entry_within(&mut self, hash: u64, key: &K, max: usize) -> Option<&mut V> {
        let key = (hash, key.clone());
        if !self.0.contains_key(&key) {
            let full = self.0.len() >= max;
            if full && self.0.last_key_value().is_some_and(|(last, _)| *last < key) {
                return None;
            }
            if full {
                self.0.pop_last();
            }
            self.0.insert(key.clone(), V::default());
        }
        self.0.get_mut(&key)
    }

    /// All of it, by key.
    pub(super) fn sorted(self) -> BTreeMap<K, V> {
        self.0.into_iter().map(|((_, key), value)| (key, value)).collect()
    }
}

/// Numbers for texts, while digests are taken in.
#[derive(Default)]
pub(super) struct Interner {
    numbers: Bounded<Rc<str>, Option<u32>>,
    next: u32,
}

impl Interner {
    /// The number of a text; [`NO_SHAPE`] where there is no room for it.
    pub(super) fn number(&mut self, text: &Rc<str>) -> u32 {
        let Some(number) = self.numbers.entry(crate::hash::of(text), text) else {
            return NO_SHAPE;
        };
        *number.get_or_insert_with(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// The texts that are left, sorted, and the place there of each number.
    pub(super) fn finish(self) -> (Vec<Rc<str>>, Vec<u32>) {
        let mut places = vec![NO_SHAPE; self.next as usize];
        let mut texts = Vec::new();
        for (text, number) in self.numbers.sorted() {
            if let Some(place) = number.and_then(|number| places.get_mut(number as usize)) {
                *place = texts.len() as u32;
                texts.push(text);
            }
        }
        (texts, places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_bounded_map_keeps_does_not_depend_on_the_order() {
        let fill = |keys: &mut dyn Iterator<Item = u64>| {
            let mut map = Bounded::<u64, u64>::default();
            for key in keys {
                let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                if let Some(count) = map.entry_within(hash, &key, 10) {
                    *count += 1;
                }
            }
            map.sorted()
        };
        let forth = fill(&mut (0..100).chain(0..100));
        let back = fill(&mut (0..100).rev().chain((0..100).rev()));
        assert_eq!(forth, back);
        assert_eq!(forth.len(), 10);
        assert!(forth.values().all(|count| *count == 2));
    }
    #[test]
    fn shapes_are_numbered_by_name_whatever_the_order() {
        let texts: Vec<Rc<str>> = ["c()", "a()", "b()"].into_iter().map(Rc::from).collect();
        let mut interner = Interner::default();
        let numbers: Vec<u32> = texts.iter().map(|text| interner.number(text)).collect();
        let (sorted, places) = interner.finish();
        assert_eq!(sorted.iter().map(|text| &**text).collect::<Vec<_>>(), ["a()", "b()", "c()"]);
        let found = numbers.iter().map(|number| &sorted[places[*number as usize] as usize]);
        assert!(found.eq(&texts));
    }
}
