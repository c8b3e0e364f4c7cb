//! Counting the tokens of models that graders ask.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use lucid_core::{Completion, CompletionRequest, Result, TokenUsage};
use lucid_engine::ModelHost;

/// What the models of one evaluation used, by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted(Arc<Mutex<BTreeMap<String, TokenUsage>>>);

/// A model whose tokens are counted.
struct Counting {
    name: String,
    model: Arc<dyn ModelHost>,
    counted: Counted,
    asked: Arc<AtomicBool>,
}

impl Counted {
    /// What all of them used so far.
    pub(crate) fn total(&self) -> TokenUsage {
        self.by_model().values().fold(TokenUsage::default(), |sum, used| sum.plus(*used))
    }

    /// The same model, counted; `asked` becomes true once it was asked anything.
    pub(crate) fn count(
        &self,
        name: &str,
        model: Arc<dyn ModelHost>,
        asked: &Arc<AtomicBool>,
    ) -> Arc<dyn ModelHost> {
        Arc::new(Counting {
            name: name.to_owned(),
            model,
            counted: self.clone(),
            asked: Arc::clone(asked),
        })
    }

    /// What was used so far.
    pub(crate) fn by_model(&self) -> BTreeMap<String, TokenUsage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl ModelHost for Counting {
    async fn complete(&self, request: CompletionRequest) -> Result<Completion> {
        self.asked.store(true, Ordering::Relaxed);
        let completion = self.model.complete(request).await?;
        let mut models = self.counted.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = models.entry(self.name.clone()).or_default();
        *used = used.plus(completion.usage);
        Ok(completion)
    }
}
