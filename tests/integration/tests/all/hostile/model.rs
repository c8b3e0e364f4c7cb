//! A model for programs that were granted one.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use lucid_core::{Block, Completion, CompletionRequest, Result, StopReason, TokenUsage};
use lucid_engine::ModelHost;

/// A model that answers everything with nothing, says what that cost, and looks how deep
/// the JSON is that it is asked with.
pub(super) struct Answering {
    tokens: u64,
    deepest: AtomicUsize,
}

impl Answering {
    /// One that says that each answer, and each question, costs so much.
    pub(super) fn spending(tokens: u64) -> Self {
        Self { tokens, deepest: AtomicUsize::new(0) }
    }

    /// The deepest JSON it was asked with.
    pub(super) fn deepest(&self) -> usize {
        self.deepest.load(Ordering::Relaxed)
    }

    fn answer(&self, request: &CompletionRequest) -> Completion {
        for block in request.messages.iter().flat_map(|message| &message.content) {
            if let Block::ToolUse { input_json, .. } = block {
                self.deepest.fetch_max(input_json.matches('{').count(), Ordering::Relaxed);
            }
        }
        let usage = TokenUsage {
            input_tokens: self.tokens,
            output_tokens: self.tokens,
            ..TokenUsage::default()
        };
        Completion { content: Vec::new(), stop_reason: StopReason::EndTurn, usage }
    }
}

impl ModelHost for Answering {
    // As `async_trait` writes it.
    fn complete<'life0, 'async_trait>(
        &'life0 self,
        request: CompletionRequest,
    ) -> Pin<Box<dyn Future<Output = Result<Completion>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { Ok(self.answer(&request)) })
    }
}
