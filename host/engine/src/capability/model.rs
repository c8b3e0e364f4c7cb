//! A model, for plugins that are not one: with a token budget, and never a key.

use async_trait::async_trait;
use lucid_core::{Completion, CompletionRequest, Failure, FailureKind, Result};
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::imports::lucid::plugin::{model, model_types as wit};
use crate::kind::model::{completion_to_wit, request_from_wit};
use crate::state::State;

/// The model a call may ask. Keeps the budget; an answer over it is `exceeded`.
#[async_trait]
pub trait ModelHost: Send + Sync {
    /// Continues a conversation.
    ///
    /// # Errors
    /// A failure of any kind; the guest sees which and its message.
    async fn complete(&self, request: CompletionRequest) -> Result<Completion>;
}

/// Links the capability, for plugins that were granted it.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    model::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl wit::Host for State {}

impl model::Host for State {
    async fn complete(
        &mut self,
        request: wit::Request,
    ) -> wasmtime::Result<Result<wit::Completion, wit::ModelError>> {
        self.count_host_call()?;
        let Some(model) = self.model.clone() else {
            let message = "this call was given no model".to_owned();
            return Ok(Err(wit::ModelError::Failed(message)));
        };
        let answer = model.complete(request_from_wit(request)).await;
        if let Ok(completion) = &answer {
            self.model_tokens = self.model_tokens.saturating_add(completion.usage.total());
        }
        Ok(answer.map(completion_to_wit).map_err(error_to_wit))
    }
}

fn error_to_wit(failure: Failure) -> wit::ModelError {
    match failure.kind {
        FailureKind::Invalid => wit::ModelError::InvalidRequest(failure.message),
        FailureKind::Exceeded => wit::ModelError::BudgetExceeded(failure.message),
        _ => wit::ModelError::Failed(failure.message),
    }
}
