//! Whether what an operation rests on is there, and can be trusted.

use std::sync::Arc;

use lucid_core::{Change, Operation, Rejection};

use super::form::shown;

/// The sessions a dream read, to look evidence up in.
pub trait Quotes {
    /// The body of an event as exact text, and whether what it says can be trusted; none
    /// when there is no such event among the dream's sessions.
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, bool)>;

    /// Whether the session is one of the dream's.
    fn knows_session(&self, session_id: &str) -> bool;
}

impl<Q: Quotes + ?Sized> Quotes for &Q {
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, bool)> {
        (**self).event(session_id, event_id)
    }

    fn knows_session(&self, session_id: &str) -> bool {
        (**self).knows_session(session_id)
    }
}

impl<Q: Quotes + ?Sized> Quotes for Box<Q> {
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, bool)> {
        (**self).event(session_id, event_id)
    }

    fn knows_session(&self, session_id: &str) -> bool {
        (**self).knows_session(session_id)
    }
}

impl<Q: Quotes + ?Sized> Quotes for Arc<Q> {
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, bool)> {
        (**self).event(session_id, event_id)
    }

    fn knows_session(&self, session_id: &str) -> bool {
        (**self).knows_session(session_id)
    }
}

pub(super) fn check(operation: &Operation, quotes: &dyn Quotes) -> Result<(), Rejection> {
    let mut any_trusted = false;
    for evidence in &operation.evidence {
        let (session_id, event_id) = (&evidence.session_id, &evidence.event_id);
        let Some((body, trusted)) = quotes.event(session_id, event_id) else {
            let place = format!("no event {} in {}", shown(event_id), shown(session_id));
            return Err(Rejection::QuoteNotFound(place));
        };
        if !body.contains(&evidence.quote) {
            let place = format!("{:?} is not in {}", shown(&evidence.quote), shown(event_id));
            return Err(Rejection::QuoteNotFound(place));
        }
        any_trusted |= trusted;
    }
    let Change::Add { support, .. } = &operation.change else {
        // The store's own entries can be reason enough; but untrusted text alone is not.
        return match operation.evidence.is_empty() || any_trusted {
            true => Ok(()),
            false => unsupported("every quote is from untrusted text"),
        };
    };
    if operation.evidence.is_empty() {
        return unsupported("an addition needs a quote");
    }
    if !any_trusted {
        return unsupported("every quote is from untrusted text");
    }
    let mut counted = support.iter().flat_map(|support| &support.session_ids);
    match counted.find(|session_id| !quotes.knows_session(session_id)) {
        Some(stranger) => unsupported(&format!("{} is not read here", shown(stranger))),
        None => Ok(()),
    }
}

fn unsupported(why: &str) -> Result<(), Rejection> {
    Err(Rejection::Unsupported(why.to_owned()))
}
