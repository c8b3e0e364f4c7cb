//! The list of endpoints, in pages by id.

use serde_json::{Value, json};

use super::Endpoint;
use crate::error::{ApiError, Result};
use crate::query::Query;

const LIMIT_STANDARD: usize = 20;
const LIMIT_MOST: u64 = 100;

/// What a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListParams {
    after: Option<String>,
    before: Option<String>,
    limit: usize,
    oldest_first: bool,
}

impl ListParams {
    /// Reads a query.
    ///
    /// # Errors
    /// Invalid, naming the parameter.
    pub fn read(mut query: Query) -> Result<Self> {
        let (after, before) = (query.text("after_id")?, query.text("before_id")?);
        let limit = query.number("limit", 0..=LIMIT_MOST)?.filter(|limit| *limit > 0);
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        let oldest_first = match query.text("order")?.as_deref() {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err(ApiError::invalid("order: one of asc, desc may be here")),
        };
        query.done()?;
        if after.is_some() && before.is_some() {
            return Err(ApiError::invalid("after_id, before_id: only one of them may be here"));
        }
        Ok(Self { after, before, limit: limit.unwrap_or(LIMIT_STANDARD), oldest_first })
    }

    /// The page of endpoints, which are given newest first. `before_id` gives the first ones
    /// of the list that stand before it, not those next to it: so the API has it.
    ///
    /// # Errors
    /// Invalid, when there is no endpoint where the page is to begin or end.
    pub fn page(&self, mut endpoints: Vec<Endpoint>) -> Result<Value> {
        if self.oldest_first {
            endpoints.reverse();
        }
        let place = |name: &str, id: &str| {
            let found = endpoints.iter().position(|endpoint| endpoint.id == id);
            found.ok_or_else(|| ApiError::invalid(format!("{name}: there is no such endpoint")))
        };
        let from = match &self.after {
            Some(id) => place("after_id", id)?.saturating_add(1),
            None => 0,
        };
        let until = match &self.before {
            Some(id) => place("before_id", id)?,
            None => endpoints.len(),
        };
        let of_page = endpoints.get(from..until).unwrap_or_default();
        let data: Vec<_> = of_page.iter().take(self.limit).map(Endpoint::to_object).collect();
        let id = |object: Option<&Value>| object.map(|object| object["id"].clone());
        Ok(json!({
            "has_more": of_page.len() > data.len(),
            "first_id": id(data.first()),
            "last_id": id(data.last()),
            "data": data,
        }))
    }
}
