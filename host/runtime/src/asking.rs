//! The model that a plugin may ask: another plugin, with a budget of tokens for one call.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Completion, CompletionRequest, Failure, Result};
use lucid_engine::{Call, GuestTime, ModelHost};
use tokio::sync::Mutex;

use crate::mission::{BoundPlugin, Secrets};

/// A model and what may still be spent on it.
struct Budgeted {
    model: Arc<BoundPlugin>,
    time: GuestTime,
    budget_tokens: u64,
    spent_tokens: Mutex<u64>,
}

/// The model for one call of a plugin, where the mission grants one.
pub(crate) fn model_for(plugin: &BoundPlugin, time: GuestTime) -> Option<Arc<dyn ModelHost>> {
    let model = plugin.model.clone()?;
    let budget_tokens = plugin.limits.model_tokens;
    Some(Arc::new(Budgeted { model, time, budget_tokens, spent_tokens: Mutex::new(0) }))
}

#[async_trait]
impl ModelHost for Budgeted {
    async fn complete(&self, request: CompletionRequest) -> Result<Completion> {
        // Held while the model answers: two requests must not spend the same tokens.
        let mut spent = self.spent_tokens.lock().await;
        if *spent >= self.budget_tokens {
            return Err(Failure::exceeded(format!(
                "the budget of {} model tokens is spent",
                self.budget_tokens
            )));
        }
        let secrets = &self.model.secrets;
        let call =
            Call { time: self.time, secrets: secrets.attached(), ..Call::bare(self.model.limits) };
        let mut report = self.model.plugin.complete(call, &request).await;
        secrets.mask_report(&mut report, Secrets::mask_completion);
        let completion = report.result?;
        *spent = spent.saturating_add(completion.usage.total());
        Ok(completion)
    }
}
