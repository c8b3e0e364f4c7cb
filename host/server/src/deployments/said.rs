//! What was said last about what goes wrong again and again, so that it is said once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was said last, by what it is about.
#[derive(Default)]
pub(super) struct Said(Mutex<BTreeMap<String, String>>);

impl Said {
    /// Whether something is not what was said about it last; it is from now on.
    pub(super) fn is_news(&self, about: &str, what: &str) -> bool {
        let said = self.all().insert(about.to_owned(), what.to_owned());
        said.is_none_or(|said| said != what)
    }

    /// It goes well again: what goes wrong from now on is news.
    pub(super) fn forget(&self, about: &str) {
        self.all().remove(about);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_wrong_in_the_same_way_is_said_once_until_it_goes_well() {
        let said = Said::default();
        let full = |about| said.is_news(about, "the disk is full");
        assert_eq!([full("a"), full("a"), full("b")], [true, false, true]);
        assert!(said.is_news("a", "the disk is gone") && full("a"));
        said.forget("a");
        assert_eq!([full("a"), full("b")], [true, false]);
    }
}
