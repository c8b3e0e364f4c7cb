//! What earlier dreams wrote into the store that is dreamt over: an agent that read it and
//! repeats it is no evidence that it is so.

use lucid_core::{Change, Dream, DreamId, MemoryStoreId, OperationState, Result, Timestamp};
use lucid_facts::normal;
use lucid_store::Store;

/// The most dreams in a row that are looked at: each store was dreamt from another.
const DREAMS_MAX: usize = 64;

/// Texts that dreams wrote, in normal form, with when.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    written: Vec<(String, Timestamp)>,
}

impl Echoes {
    /// Collects what the dreams wrote that led to a store, and others over the same stores:
    /// where one store is dreamt over every night, sessions have seen what came of that.
    pub(super) async fn of(
        store: &dyn Store,
        input: &MemoryStoreId,
        own: &DreamId,
    ) -> Result<Self> {
        let (mut echoes, mut at) = (Self::default(), input.clone());
        for _ in 0..DREAMS_MAX {
            let mut made_from = None;
            for id in store.dreams_naming(at.as_str()).await? {
                let dream = store.dream(&id).await?.filter(|dream| dream.id != *own);
                let Some(dream) = dream else { continue };
                let made_it = dream.memory_store_out.as_ref() == Some(&at);
                if made_it || dream.memory_store_in == at {
                    echoes.add(&dream);
                }
                if made_it {
                    made_from = Some(dream.memory_store_in);
                }
            }
            let Some(from) = made_from else { break };
            at = from;
        }
        Ok(echoes)
    }

    fn add(&mut self, dream: &Dream) {
        let at = dream.ended_at.unwrap_or(dream.created_at);
        for operation in dream.in_state(OperationState::Accepted) {
            if let Change::Add { draft, .. } = &operation.change {
                let text = normal(&draft.text);
                if !text.is_empty() {
                    self.written.push((text, at));
                }
            }
        }
    }

    /// Whether a quote, as it stands in the JSON of an event written then, is what a dream had
    /// written before.
    pub(super) fn has(&self, quote: &str, at: Timestamp) -> bool {
        if self.written.iter().all(|(_, since)| at <= *since) {
            return false;
        }
        let plain: Option<String> = serde_json::from_str(&format!("\"{quote}\"")).ok();
        let quote = normal(plain.as_deref().unwrap_or(quote));
        let repeats = |text: &str| {
            // All of it, or the better part of it.
            quote.contains(text) || (text.contains(&quote) && quote.len() * 2 >= text.len())
        };
        self.written.iter().any(|(text, since)| at > *since && repeats(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dream_wrote_is_known_again_but_not_what_was_said_before_it() {
        let echoes = Echoes { written: vec![(normal("- Slow down below 40 m."), Timestamp(10))] };
        let has = |quote: &str, at| echoes.has(quote, Timestamp(at));
        assert!(has("Slow down below 40 m", 11));
        assert!(has(r#"I read: \"slow down below 40 m.\" and did so"#, 11));
        assert!(has("slow down below", 11), "the better part of it");
        assert!(!has("slow down below 40 m", 9), "it was said before the dream");
        assert!(!has("40 m", 11), "a word of it is no echo");
        assert!(!has("speed up above 40 m", 11));
        assert!(!Echoes::default().has("slow down below 40 m", Timestamp(11)));
    }
}
