//! The model that a plugin may ask: another plugin, or one behind a network, with a budget of
//! tokens for one call.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lucid_core::{Completion, CompletionRequest, Failure, Result};
use lucid_engine::{Call, GuestTime, ModelHost};
use lucid_model::{Backoff, RemoteModel};
use tokio::sync::Mutex;

use crate::ambient::SystemEntropy;
use crate::mission::{AgentModel, BoundPlugin, Secrets};

/// A model and what may still be spent on it.
struct Budgeted {
    model: AgentModel,
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
        let left = self.budget_tokens.saturating_sub(*spent);
        if left == 0 {
            return Err(Failure::exceeded(format!(
                "the budget of {} model tokens is spent",
                self.budget_tokens
            )));
        }
        let completion = match &self.model {
            AgentModel::Plugin(model) => ask_plugin(model, self.time, &request).await?,
            AgentModel::Remote(model) => ask_remote(model, request, left).await?,
        };
        *spent = spent.saturating_add(completion.usage.total());
        Ok(completion)
    }
}

async fn ask_plugin(
    model: &BoundPlugin,
    time: GuestTime,
    request: &CompletionRequest,
) -> Result<Completion> {
    let secrets = &model.secrets;
    let call = Call { time, secrets: secrets.attached(), ..Call::bare(model.limits) };
    let mut report = model.plugin.complete(call, request).await;
    secrets.mask_report(&mut report, Secrets::mask_completion);
    report.result
}

/// Asks until there is an answer or no hope of one. How long that may take is the deadline of
/// the call that asks.
async fn ask_remote(
    model: &RemoteModel,
    mut request: CompletionRequest,
    left_tokens: u64,
) -> Result<Completion> {
    // Money: an answer that is cut off at what is left costs no more than that.
    request.max_tokens = request.max_tokens.min(u32::try_from(left_tokens).unwrap_or(u32::MAX));
    let mut failures = 0;
    loop {
        let error = match model.complete(&request, &|_| {}).await {
            Ok(completion) => return Ok(completion),
            Err(error) => error,
        };
        let wait = Backoff::STANDARD.delay_ms(failures, &error, &SystemEntropy);
        let Some(wait_ms) = wait else { return Err(error.failure) };
        failures += 1;
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }
}
