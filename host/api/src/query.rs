//! The part of a URL behind the `?`.
//!
//! Lists are written `statuses[]=idle&statuses[]=running` (without the brackets as well), and
//! times `created_at[gte]=2026-11-22T10:00:00Z`. A name that a request does not know is a
//! mistake: a filter that was misspelt must not pass for one. `beta` is what older clients
//! add to every request.

use std::ops::RangeInclusive;

use lucid_core::Timestamp;
use percent_encoding::percent_decode_str;

use crate::error::{ApiError, Result};
use crate::page::{Cursor, Span};

/// Characters of a name that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// Values of one list at most.
const LIST_MAX: usize = 100;

/// The parameters of a query, and those that were looked at.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    known: Vec<String>,
}

impl Query {
    /// Reads a query, without its `?`.
    ///
    /// # Errors
    /// Invalid, when it is not UTF-8.
    pub fn parse(raw: &str) -> Result<Self> {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            let decoded = percent_decode_str(&text).decode_utf8().map(|text| text.into_owned());
            decoded.map_err(|_| ApiError::invalid("the query is not UTF-8"))
        };
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            let name = name.strip_suffix("[]").unwrap_or(&name).to_owned();
            pairs.push((name, decode(value)?));
        }
        Ok(Self { pairs, known: vec!["beta".to_owned()] })
    }

    /// All values of a name.
    ///
    /// # Errors
    /// Invalid, when there are more than 100.
    pub fn list(&mut self, name: &str) -> Result<Vec<String>> {
        self.known.push(name.to_owned());
        let of = self.pairs.iter().filter(|(key, _)| key == name);
        let values: Vec<_> = of.map(|(_, value)| value.clone()).collect();
        if values.len() > LIST_MAX {
            return Err(ApiError::invalid(format!("{name}: more than {LIST_MAX} values")));
        }
        Ok(values)
    }

    /// The value of a name; none where it is left out or empty.
    ///
    /// # Errors
    /// Invalid, when it is there twice.
    pub fn text(&mut self, name: &str) -> Result<Option<String>> {
        let mut values = self.list(name)?;
        if values.len() > 1 {
            return Err(ApiError::invalid(format!("{name}: more than one value")));
        }
        Ok(values.pop().filter(|value| !value.is_empty()))
    }

    /// A flag: `true` or `false`; false where it is left out.
    ///
    /// # Errors
    /// Invalid, when it is neither.
    pub fn flag(&mut self, name: &str) -> Result<bool> {
        match self.text(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::invalid(format!("{name}: `true` or `false` may be here"))),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// Invalid, when it is none or not in the range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        let (least, most) = (range.start(), range.end());
        let wrong = || ApiError::invalid(format!("{name}: a number from {least} to {most}"));
        number.map(Some).ok_or_else(wrong)
    }

    /// `limit`: how many a page has, from 1.
    ///
    /// # Errors
    /// As [`Query::number`].
    pub fn limit(&mut self, standard: usize, most: usize) -> Result<usize> {
        let number = self.number("limit", 1..=most as u64)?;
        Ok(number.and_then(|number| usize::try_from(number).ok()).unwrap_or(standard))
    }

    /// `page`: a place in a list.
    ///
    /// # Errors
    /// Those of [`Cursor::decode`].
    pub fn page(&mut self, list: &str) -> Result<Option<Cursor>> {
        let text = self.text("page")?;
        text.map(|text| Cursor::decode(list, &text)).transpose()
    }

    /// A span of time, such as `created_at[gt]` and `created_at[lte]`.
    ///
    /// # Errors
    /// Invalid, when one is no RFC 3339 time.
    pub fn span(&mut self, name: &str) -> Result<Span> {
        let mut at = |bound: &str| -> Result<Option<Timestamp>> {
            let name = format!("{name}[{bound}]");
            let Some(text) = self.text(&name)? else { return Ok(None) };
            let wrong = || ApiError::invalid(format!("{name}: not an RFC 3339 time"));
            Timestamp::parse(&text).map(Some).ok_or_else(wrong)
        };
        let next = |at: Timestamp| Timestamp(at.as_millis().saturating_add(1));
        let (gt, gte, lt, lte) = (at("gt")?, at("gte")?, at("lt")?, at("lte")?);
        let from = gt.map(next).into_iter().chain(gte).max();
        let until = lte.map(next).into_iter().chain(lt).min();
        Ok(Span { from, until })
    }

    /// Checks that nothing else was asked; call it last.
    ///
    /// # Errors
    /// Invalid, naming what nobody knows.
    pub fn done(&self) -> Result<()> {
        let other = self.pairs.iter().find(|(name, _)| !self.known.contains(name));
        other.map_or(Ok(()), |(name, _)| {
            let name: String = name.chars().take(SHOWN_CHARACTERS_MAX).collect();
            let name = name.escape_debug();
            let known = self.known.get(1..).unwrap_or_default().join(", ");
            Err(ApiError::invalid(format!("query: nothing is named `{name}`; there is: {known}")))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_come_with_brackets_encoded_or_without() {
        for raw in ["s[]=a&s[]=b", "s%5B%5D=a&s%5B%5D=b", "s=a&s=b"] {
            assert_eq!(Query::parse(raw).unwrap().list("s").unwrap(), ["a", "b"], "{raw}");
        }
    }

    #[test]
    fn a_span_has_its_bounds_in_it_or_not() {
        let raw = "t[gt]=1970-01-01T00:00:00.005Z&t[lte]=1970-01-01T00:00:00.009Z";
        let span = Query::parse(raw).unwrap().span("t").unwrap();
        let has: Vec<u64> = (0..20).filter(|at| span.has(Timestamp(*at))).collect();
        assert_eq!(has, [6, 7, 8, 9]);
    }

    #[test]
    fn a_misspelt_filter_is_a_mistake() {
        let mut query = Query::parse("limt=3&beta=true").unwrap();
        assert_eq!(query.limit(20, 100).unwrap(), 20);
        assert!(query.done().unwrap_err().message.contains("`limt`"));
    }

    proptest! {
        #[test]
        fn no_query_breaks_it(raw in ".{0,120}") {
            if let Ok(mut query) = Query::parse(&raw) {
                let _ = (query.span("created_at"), query.flag("x"));
                let _ = (query.limit(1, 2), query.done());
            }
        }
    }
}
