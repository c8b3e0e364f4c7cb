//! Evidence: quotes of the few sessions that a rule cites, read again from their digests.

use crate::digest::{Digest, Spot};
use crate::fold::Corpus;
use crate::model::Evidence;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Digests kept at hand.
const KEPT_MAX: usize = 32;
/// Principals quoted, where there are several.
const VOICES: usize = 2;

/// Where digests are read.
pub(crate) trait Source {
    /// The digest of the session that is number `number` in the host's list.
    fn digest(&mut self, number: u32) -> Option<Digest>;
}

/// Finds quotes.
pub(crate) struct Citer<'a> {
    corpus: &'a Corpus,
    source: &'a mut dyn Source,
    kept: BTreeMap<u32, Option<Rc<Digest>>>,
}

impl<'a> Citer<'a> {
    /// A citer over the sessions of `corpus`.
    pub(crate) fn new(corpus: &'a Corpus, source: &'a mut dyn Source) -> Self {
        Citer { corpus, source, kept: BTreeMap::new() }
    }

    /// The digest of a row.
    pub(crate) fn digest(&mut self, row: u32) -> Option<Rc<Digest>> {
        if let Some(digest) = self.kept.get(&row) {
            return digest.clone();
        }
        if self.kept.len() >= KEPT_MAX {
            self.kept.clear();
        }
        let number = *self.corpus.numbers.get(row as usize)?;
        let digest = self.source.digest(number).map(Rc::new);
        self.kept.insert(row, digest.clone());
        digest
    }

    /// The quote at `spot` of a row's session; none where nothing can be quoted.
    pub(crate) fn at(&self, row: u32, spot: &Spot) -> Option<Evidence> {
        let session = self.corpus.sessions.get(row as usize)?;
        (!spot.quote.is_empty()).then(|| Evidence {
            session_id: session.id.clone(),
            event_id: spot.event_id.to_string(),
            quote: spot.quote.to_string(),
        })
    }

    /// The quotes that `find` picks from the digest of a row.
    pub(crate) fn cite(&mut self, row: u32, find: impl Fn(&Digest) -> Vec<Spot>) -> Vec<Evidence> {
        let Some(digest) = self.digest(row) else { return Vec::new() };
        find(&digest).iter().filter_map(|spot| self.at(row, spot)).collect()
    }
}

/// Quotes from at most `most` of the rows. Where several principals have a say two of them
/// are quoted, once each: the host counts nobody for more than half of what is quoted.
pub(crate) fn quoted(
    corpus: &Corpus,
    rows: impl IntoIterator<Item = u32>,
    most: usize,
    mut quote: impl FnMut(u32) -> Vec<Evidence>,
) -> Vec<Evidence> {
    let most = if corpus.several { VOICES } else { most };
    let (mut evidence, mut voices, mut sessions) = (Vec::new(), BTreeSet::new(), 0);
    for row in rows {
        let whose = &corpus.sessions[row as usize].principal;
        if sessions == most || corpus.several && voices.contains(whose) {
            continue;
        }
        let quotes = quote(row);
        if !quotes.is_empty() {
            voices.insert(whose);
            sessions += 1;
            evidence.extend(quotes);
        }
    }
    evidence
}

/// The sessions named at the end of a rule: those that are quoted first.
pub(crate) fn sources(evidence: &[Evidence], session_ids: &[String], most: usize) -> String {
    let mut named: Vec<&str> = Vec::new();
    let quoted = evidence.iter().map(|evidence| evidence.session_id.as_str());
    for id in quoted.chain(session_ids.iter().map(String::as_str)) {
        if named.len() < most && !named.contains(&id) {
            named.push(id);
        }
    }
    let more = session_ids.len().saturating_sub(named.len());
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("Sources: {}{more}.", named.join(", "))
}

/// A probability in words: `p = 0.0123`, `p < 0.0001`.
pub(crate) fn probability(name: &str, value: f64) -> String {
    if value < 0.000_1 {
        return format!("{name} < 0.0001");
    }
    format!("{name} = {}", (value * 10_000.0).round() / 10_000.0)
}
