//! What a session's models cost, and whether a budget is used up.

use lucid_core::{Budget, Event, EventRecord, SessionState, Timestamp, TokenUsage};
use lucid_model::Prices;

/// How the names of models begin that are plugins.
const PLUGIN: &str = "plugin:";

/// What each thread's model cost, by the price table at the time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    /// Millionths of a US dollar, by the thread's place.
    threads: Vec<u64>,
    /// And those of what graders asked, which is no thread's.
    grading: u64,
}

/// What was used of a budget.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    pub(crate) tokens: u64,
    pub(crate) micro_usd: u64,
    pub(crate) wall_ms: u64,
    pub(crate) tool_calls: u64,
}

impl Meter {
    /// Takes the next event, after the state took it.
    pub(crate) fn apply(&mut self, state: &SessionState, record: &EventRecord, event: &Event) {
        let at = record.created_at;
        let (usage, model) = match event {
            Event::EvaluationEnd { lucid, .. } => {
                for (model, usage) in Event::evaluation_models(lucid) {
                    let cost = micro_usd(&model, TokenUsage::from(usage), at);
                    self.grading = self.grading.saturating_add(cost.unwrap_or(u64::MAX));
                }
                return;
            }
            Event::ModelRequestEnd { model_usage, lucid: Some(span), .. } => {
                (TokenUsage::from(*model_usage), span.model.as_deref())
            }
            Event::ContextCompacted { lucid } => {
                (TokenUsage::from(lucid.usage), lucid.model.as_deref())
            }
            _ => return,
        };
        // A log from elsewhere may name none.
        let Some(model) = model else { return };
        // What has no price at all is more than any budget allows.
        let cost = micro_usd(model, usage, at).unwrap_or(u64::MAX);
        let thread = record.thread_id.as_ref().and_then(|id| state.thread(id));
        let index = thread.map_or(0, |(index, _)| index);
        if self.threads.len() <= index {
            self.threads.resize(index + 1, 0);
        }
        self.threads[index] = self.threads[index].saturating_add(cost);
    }

    /// What the whole session used, or one agent of it, up to a moment.
    pub(crate) fn used(&self, state: &SessionState, agent: Option<&str>, now: Timestamp) -> Used {
        let started = state.started_at.unwrap_or(now);
        let wall_ms = now.as_millis().saturating_sub(started.as_millis());
        let mut used = Used { wall_ms, ..Used::default() };
        for (index, thread) in state.threads.iter().enumerate() {
            if agent.is_some_and(|agent| agent != thread.agent) {
                continue;
            }
            used.tokens = used.tokens.saturating_add(thread.usage.total());
            used.tool_calls = used.tool_calls.saturating_add(u64::from(thread.tool_calls));
            let cost = self.threads.get(index).copied().unwrap_or(0);
            used.micro_usd = used.micro_usd.saturating_add(cost);
        }
        if agent.is_none() {
            used.tokens = used.tokens.saturating_add(state.grading.total());
            used.micro_usd = used.micro_usd.saturating_add(self.grading);
        }
        used
    }
}

/// What a model costs, in millionths of a US dollar; none where nobody knows. A plugin's own
/// model costs nothing, and a price of another day is better than none.
fn micro_usd(model: &str, usage: TokenUsage, then: Timestamp) -> Option<u64> {
    if model.starts_with(PLUGIN) || usage.total() == 0 {
        return Some(0);
    }
    let at = |at| Prices::bundled().cost_micro_usd(model, &usage, at);
    at(then).or_else(|| at(Timestamp(u64::MAX)))
}

/// Which part of a budget is used up, as a sentence's end.
pub(crate) fn used_up(budget: &Budget, used: Used) -> Option<String> {
    let over = |limit: Option<u64>, used: u64| limit.filter(|limit| used >= *limit);
    if let Some(tokens) = over(budget.tokens, used.tokens) {
        return Some(format!("of {tokens} tokens is used up"));
    }
    if let Some(micro) = over(budget.micro_usd, used.micro_usd) {
        // Cents are enough to say what a limit was; the sum itself is kept whole.
        let (dollars, cents) = (micro / 1_000_000, micro % 1_000_000 / 10_000);
        return Some(format!("of {dollars}.{cents:02} USD is used up"));
    }
    if let Some(ms) = over(budget.wall_ms, used.wall_ms) {
        return Some(format!("of {ms} ms is used up"));
    }
    let calls = over(budget.tool_calls, used.tool_calls)?;
    Some(format!("of {calls} tool calls is used up"))
}

#[cfg(test)]
mod tests {
    use lucid_core::{EventId, ModelUsage, SeededEntropy, Span, StepClock};

    use super::*;

    #[test]
    fn a_budget_says_which_part_of_it_is_used_up() {
        let used = Used { tokens: 10, micro_usd: 2_500_000, wall_ms: 5, tool_calls: 3 };
        let none = Budget::default();
        assert_eq!(used_up(&none, used), None);
        let of = |budget| used_up(&budget, used);
        assert_eq!(of(Budget { tokens: Some(11), ..none }), None);
        assert_eq!(of(Budget { tokens: Some(10), ..none }).unwrap(), "of 10 tokens is used up");
        let money = of(Budget { micro_usd: Some(2_500_000), ..none });
        assert_eq!(money.unwrap(), "of 2.50 USD is used up");
        assert!(of(Budget { wall_ms: Some(5), ..none }).is_some());
        assert!(of(Budget { tool_calls: Some(3), ..none }).is_some());
    }

    fn metered(model: &str, at: u64) -> u64 {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(at)), SeededEntropy::new(1));
        let lucid = Some(Span { model: Some(model.to_owned()), ..Span::default() });
        let usage = TokenUsage { input_tokens: 1_000_000, ..TokenUsage::default() };
        let event = Event::ModelRequestEnd {
            model_request_start_id: EventId::new(&clock, &entropy),
            model_usage: ModelUsage::from(usage),
            is_error: false,
            lucid,
        };
        let id = EventId::new(&clock, &entropy);
        let record = EventRecord::new(id, &event, None, false, Timestamp(at)).unwrap();
        let (mut state, mut meter) = (SessionState::new(), Meter::default());
        state.apply_event(&record, &event);
        // The lead, whose first event this is.
        state.apply_event(&record, &Event::UserMessage { content: Vec::new() });
        meter.apply(&state, &record, &event);
        meter.used(&state, None, Timestamp(at)).micro_usd
    }

    #[test]
    fn what_graders_ask_counts_for_the_session_and_for_no_agent() {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1 << 41)), SeededEntropy::new(1));
        let usage = ModelUsage { input_tokens: 1_000_000, ..ModelUsage::default() };
        let models = [("claude-sonnet-5".to_owned(), usage), ("plugin:any".to_owned(), usage)];
        let event = Event::EvaluationEnd {
            outcome_id: lucid_core::OutcomeId::new(&clock, &entropy),
            outcome_evaluation_start_id: None,
            iteration: 0,
            result: lucid_core::OutcomeResult::Satisfied,
            explanation: String::new(),
            usage: ModelUsage { input_tokens: 2_000_000, ..ModelUsage::default() },
            lucid: Event::evaluation_details(None, &Span::default(), &models.into()),
        };
        let id = EventId::new(&clock, &entropy);
        let record = EventRecord::new(id, &event, None, false, Timestamp(1 << 41)).unwrap();
        let (mut state, mut meter) = (SessionState::new(), Meter::default());
        state.apply_event(&record, &event);
        meter.apply(&state, &record, &event);
        let session = meter.used(&state, None, Timestamp(1 << 41));
        assert_eq!(session.tokens, 2_000_000);
        assert_eq!(session.micro_usd, metered("claude-sonnet-5", 1 << 41), "plugins cost nothing");
        let agent = meter.used(&state, Some("lead"), Timestamp(1 << 41));
        assert_eq!((agent.tokens, agent.micro_usd), (0, 0));
    }

    #[test]
    fn what_a_model_costs_is_never_taken_for_nothing() {
        // By the price of another day, where there was none yet.
        let (then, now) = (metered("claude-sonnet-5", 0), metered("claude-sonnet-5", 1 << 41));
        assert!(then > 0 && now > 0, "{then} {now}");
        assert_eq!(metered("openai:of-nobody", 1 << 41), u64::MAX);
        assert_eq!(metered("plugin:any", 1 << 41), 0);
    }
}
