//! Whether what an operation rests on is there, and can be trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lucid_core::{Change, Operation, Origin, Rejection, RuleKind};
use lucid_facts::mask;

use super::form::shown;

/// The sessions a dream read, to look evidence up in.
pub trait Quotes {
    /// The body of an event as exact text, and where it comes from; none when there is no
    /// such event among the dream's sessions.
    fn event(&self, session_id: &str, event_id: &str) -> Option<(String, Origin)>;

    /// Whether the session is one of the dream's.
    fn knows_session(&self, session_id: &str) -> bool;

    /// On whose behalf a session was run; none when nobody knows.
    fn principal(&self, session_id: &str) -> Option<String>;

    /// On how many principals' behalf the dream's sessions were run; sessions of which
    /// nobody knows count as one more.
    fn principals(&self) -> usize;
}

macro_rules! quotes_through {
    ($($pointer:ty),+) => {$(
        impl<Q: Quotes + ?Sized> Quotes for $pointer {
            fn event(&self, session_id: &str, event_id: &str) -> Option<(String, Origin)> {
                (**self).event(session_id, event_id)
            }

            fn knows_session(&self, session_id: &str) -> bool {
                (**self).knows_session(session_id)
            }

            fn principal(&self, session_id: &str) -> Option<String> {
                (**self).principal(session_id)
            }

            fn principals(&self) -> usize {
                (**self).principals()
            }
        }
    )+};
}

quotes_through!(&Q, Box<Q>, Arc<Q>);

/// A quote that is there.
pub(super) struct Quoted<'a> {
    pub(super) text: &'a str,
    pub(super) origin: Origin,
}

/// Looks every quote up.
pub(super) fn look_up<'a>(
    operation: &'a Operation,
    quotes: &dyn Quotes,
) -> Result<Vec<Quoted<'a>>, Rejection> {
    let mut found = Vec::with_capacity(operation.evidence.len());
    for evidence in &operation.evidence {
        let (session_id, event_id) = (&evidence.session_id, &evidence.event_id);
        let Some((body, origin)) = quotes.event(session_id, event_id) else {
            let place = format!("no event {} in {}", shown(event_id), shown(session_id));
            return Err(Rejection::QuoteNotFound(place));
        };
        if !body.contains(&evidence.quote) {
            // Masked before it is cut: half a secret is one still.
            let (quote, _) = mask(&evidence.quote);
            let place = format!("{:?} is not in {}", shown(&quote), shown(event_id));
            return Err(Rejection::QuoteNotFound(place));
        }
        found.push(Quoted { text: &evidence.quote, origin });
    }
    Ok(found)
}

pub(super) fn check(
    operation: &Operation,
    quoted: &[Quoted<'_>],
    quotes: &dyn Quotes,
) -> Result<(), Rejection> {
    let adds = matches!(operation.change, Change::Add { .. });
    // The store's own entries can be reason enough for what changes only them.
    if adds && quoted.is_empty() {
        return unsupported("an addition needs a quote");
    }
    if !quoted.is_empty() && !quoted.iter().any(|quote| quote.origin.is_trusted()) {
        return unsupported("every quote is from untrusted text");
    }
    let Change::Add { kind, statistics, .. } = &operation.change else { return Ok(()) };
    let counted: BTreeSet<&str> = match statistics {
        Some(numbers) => numbers.session_ids.iter().map(String::as_str).collect(),
        None if *kind == RuleKind::Theme => BTreeSet::new(),
        // A rule without numbers was seen in the sessions that it quotes.
        None => operation.evidence.iter().map(|evidence| evidence.session_id.as_str()).collect(),
    };
    if let Some(stranger) = counted.iter().find(|id| !quotes.knows_session(id)) {
        return unsupported(&format!("{} is not read here", shown(stranger)));
    }
    check_principals(&counted, quotes)
}

/// One principal must not make a rule for all: where there are several, at most half of the
/// sessions that are counted are of the same.
fn check_principals(counted: &BTreeSet<&str>, quotes: &dyn Quotes) -> Result<(), Rejection> {
    if quotes.principals() < 2 {
        return Ok(());
    }
    let mut sessions: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for session_id in counted {
        *sessions.entry(quotes.principal(session_id)).or_default() += 1;
    }
    match sessions.into_iter().find(|(_, sessions)| 2 * sessions > counted.len()) {
        Some((principal, sessions)) => unsupported(&format!(
            "{sessions} of the {} sessions counted are of {}, and at most half may be",
            counted.len(),
            shown(&principal.unwrap_or_else(|| "nobody known".to_owned())),
        )),
        None => Ok(()),
    }
}

pub(super) fn unsupported(why: &str) -> Result<(), Rejection> {
    Err(Rejection::Unsupported(why.to_owned()))
}
