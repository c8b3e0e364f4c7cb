//! Every order of events about outcomes that the API allows, and each that it forbids.

use serde_json::json;

use super::SessionState;
use crate::{
    Clock as _, Content, Event, EventId, EventRecord, ModelUsage, OutcomeId, OutcomeResult,
    SeededEntropy, StepClock, ThreadId, Timestamp,
};

/// A log that grows.
struct Log {
    state: SessionState,
    clock: StepClock,
    entropy: SeededEntropy,
    lead: ThreadId,
    outcomes: Vec<OutcomeId>,
    start: Option<EventId>,
}

impl Log {
    fn new() -> Self {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(1));
        let lead = ThreadId::new(&clock, &entropy);
        let state = SessionState::new();
        Self { state, clock, entropy, lead, outcomes: Vec::new(), start: None }
    }

    fn write(&mut self, event: &Event) -> EventId {
        let id = EventId::new(&self.clock, &self.entropy);
        let now = self.clock.now();
        let record = EventRecord::new(id.clone(), event, Some(self.lead.clone()), false, now);
        self.state.apply(&record.unwrap());
        id
    }

    /// One word of a story.
    fn tell(&mut self, word: &str) {
        let outcome_id = self.outcomes.last().cloned();
        let id = |log: &Self| OutcomeId::new(&log.clock, &log.entropy);
        match word {
            "define" => {
                let outcome_id = id(self);
                self.outcomes.push(outcome_id.clone());
                let rubric = json!({"type": "text", "content": "- a"});
                let (description, max_iterations) = ("d".to_owned(), 3);
                self.write(&Event::DefineOutcome {
                    outcome_id,
                    description,
                    rubric,
                    max_iterations,
                });
            }
            "say" => drop(self.write(&Event::UserMessage { content: Content::text("go") })),
            "interrupt" => drop(self.write(&Event::Interrupt { session_thread_id: None })),
            "start" | "ongoing" => {
                let (outcome_id, iteration) = (outcome_id.unwrap_or_else(|| id(self)), self.next());
                if word == "start" {
                    let start = self.write(&Event::EvaluationStart { outcome_id, iteration });
                    self.start = Some(start);
                } else {
                    self.write(&Event::EvaluationOngoing { outcome_id, iteration });
                }
            }
            result => {
                let result = [
                    OutcomeResult::Satisfied,
                    OutcomeResult::NeedsRevision,
                    OutcomeResult::MaxIterationsReached,
                    OutcomeResult::Failed,
                    OutcomeResult::Interrupted,
                ]
                .into_iter()
                .find(|known| known.as_str() == result)
                .unwrap();
                let outcome_evaluation_start_id = self.start.clone();
                self.write(&Event::EvaluationEnd {
                    outcome_id: outcome_id.unwrap_or_else(|| id(self)),
                    outcome_evaluation_start_id,
                    iteration: self.next(),
                    result,
                    explanation: "e".to_owned(),
                    usage: ModelUsage::default(),
                    lucid: json!({"criteria": []}),
                });
            }
        }
    }

    fn next(&self) -> u32 {
        self.state.outcome.as_ref().map_or(0, |outcome| outcome.iteration)
    }

    /// Where the outcome stands: none, open, evaluating, or what became of it.
    fn stands(&self) -> &'static str {
        match &self.state.outcome {
            None => "none",
            Some(outcome) if outcome.evaluating.is_some() => "evaluating",
            Some(outcome) if outcome.is_open() => "open",
            Some(outcome) => outcome.result.map_or("open", OutcomeResult::as_str),
        }
    }
}

/// A story, and where its outcome stands after it.
const STORIES: &[(&str, &str)] = &[
    ("", "none"),
    ("say", "none"),
    ("define", "open"),
    ("define say", "open"),
    ("define start", "evaluating"),
    ("define start ongoing", "evaluating"),
    ("define start ongoing ongoing satisfied", "satisfied"),
    ("define start needs_revision", "open"),
    ("define start needs_revision start", "evaluating"),
    ("define start needs_revision start satisfied", "satisfied"),
    ("define start needs_revision start max_iterations_reached", "max_iterations_reached"),
    ("define start failed", "failed"),
    ("define interrupted", "interrupted"),
    ("define start interrupted", "interrupted"),
    ("define start needs_revision interrupted", "interrupted"),
    // The next may follow the end of the one before.
    ("define start satisfied define", "open"),
    ("define start failed define start satisfied", "satisfied"),
    // One at a time: a second is no outcome, and what is told of it belongs to nothing.
    ("define define", "open"),
    ("define define start", "open"),
    ("define start define", "evaluating"),
    ("define start needs_revision define start", "open"),
    // What belongs to no outcome changes nothing.
    ("start", "none"),
    ("satisfied", "none"),
    ("ongoing", "none"),
];

#[test]
fn an_outcome_stands_where_its_events_say() {
    for &(story, expected) in STORIES {
        let mut log = Log::new();
        log.tell("say");
        story.split_whitespace().for_each(|word| log.tell(word));
        assert_eq!(log.stands(), expected, "{story}");
    }
}

#[test]
fn an_evaluation_of_an_outcome_that_is_over_changes_nothing() {
    for end in ["satisfied", "max_iterations_reached", "failed", "interrupted"] {
        let mut log = Log::new();
        ["say", "define", "start", end].into_iter().for_each(|word| log.tell(word));
        let before = (log.stands(), log.next());
        for late in ["start", "ongoing", "satisfied", "needs_revision", "interrupted"] {
            log.tell(late);
            assert_eq!((log.stands(), log.next()), before, "{late} after {end}");
        }
    }
}

#[test]
fn an_interrupt_reaches_an_outcome_at_every_moment_before_its_end() {
    for (story, reached) in [
        ("define", true),
        ("define start", true),
        ("define start needs_revision", true),
        ("", false),
        ("define start satisfied", false),
        ("define start failed", false),
    ] {
        let mut log = Log::new();
        story.split_whitespace().for_each(|word| log.tell(word));
        // The lead's turn is over: nothing else works.
        let session_thread_id = log.lead.clone();
        let (agent_name, stop_reason) = ("lead".to_owned(), crate::IdleReason::EndTurn);
        log.write(&Event::ThreadIdle { session_thread_id, agent_name, stop_reason });
        log.tell("interrupt");
        assert_eq!(log.state.threads[0].interrupted, reached, "{story}");
    }
}

#[test]
fn iterations_count_evaluations_from_nought() {
    let mut log = Log::new();
    ["say", "define"].into_iter().for_each(|word| log.tell(word));
    for expected in 0..3 {
        assert_eq!(log.next(), expected);
        log.tell("start");
        log.tell("needs_revision");
    }
    ["start", "satisfied", "define"].into_iter().for_each(|word| log.tell(word));
    assert_eq!(log.next(), 0, "each outcome counts its own");
}
