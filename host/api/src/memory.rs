//! Memory stores, the memories in them, and the versions that every change leaves.

mod item;
mod list;
mod path;
mod store;
mod version;

pub use item::{
    Head, MemoryCreate, MemoryObject, MemoryUpdate, Plan, Precondition, check_expected,
    plan_create, plan_update,
};
pub use list::{Item, items};
pub use path::{check_path, check_prefix};
pub use store::{StoreCreate, StoreMeta, StoreObject, StoreUpdate};
pub use version::{Actor, Redaction, VersionFilter, VersionObject};

use crate::check::one_of;
use crate::error::Result;
use crate::query::Query;

/// Objects of a page with their texts at most.
const FULL_MAX: usize = 20;

/// How much of a memory is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything but its text.
    Basic,
    /// Its text as well.
    Full,
}

impl View {
    /// Reads `view`.
    ///
    /// # Errors
    /// Invalid, when it is neither `basic` nor `full`.
    pub fn read(query: &mut Query, standard: Self) -> Result<Self> {
        let Some(text) = query.text("view")? else { return Ok(standard) };
        one_of("view", &text, &["basic", "full"])?;
        Ok(if text == "full" { Self::Full } else { Self::Basic })
    }

    /// Reads `limit`: a page with texts is shorter.
    ///
    /// # Errors
    /// As [`Query::limit`].
    pub fn limit(self, query: &mut Query) -> Result<usize> {
        query.limit(20, if self == Self::Full { FULL_MAX } else { 100 })
    }

    /// A text, where this view shows it.
    fn shows(self, content: &str) -> Option<String> {
        (self == Self::Full).then(|| content.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_texts_has_twenty_at_most() {
        let limit = |raw: &str| {
            let mut query = Query::parse(raw).unwrap();
            View::read(&mut query, View::Basic).and_then(|view| view.limit(&mut query))
        };
        assert_eq!(
            [limit(""), limit("limit=100"), limit("view=full&limit=20")],
            [Ok(20), Ok(100), Ok(20)]
        );
        for wrong in ["view=full&limit=21", "limit=101", "limit=0", "view=all"] {
            assert_eq!(limit(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
