//! What became of past outcomes: what grading found, what was mended because of it, and what
//! that cost.

use std::collections::BTreeMap;

use lucid_core::{Criterion, OutcomeId, OutcomeResult, Session, TokenUsage, Verdict};
use serde_json::{Value, json};

use super::{plain, table, width};

/// Columns of a criterion's text.
const TEXT_COLUMNS: usize = 60;

/// The phase of a session that is part of no study.
const ALONE: &str = "run";

/// Outcomes of past sessions, by mission and by the part of a study that they are.
#[derive(Debug, Default)]
pub(crate) struct Report {
    groups: BTreeMap<(String, String), Group>,
    open: Option<Reading>,
}

/// A session while it is read.
#[derive(Debug, Default)]
struct Reading {
    key: (String, String),
    /// In the order in which they were defined.
    outcomes: Vec<(OutcomeId, Vec<Round>)>,
    /// Tokens of agents since the last evaluation.
    agents: TokenUsage,
}

/// One evaluation.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    /// Its number, from 0.
    pub(crate) iteration: u32,
    /// What it came to.
    pub(crate) result: OutcomeResult,
    /// The verdicts.
    pub(crate) criteria: Vec<Criterion>,
    /// Tokens of the graders' models.
    pub(crate) tokens: TokenUsage,
    /// What they cost, in millionths of a US dollar; none where nobody knows.
    pub(crate) micro_usd: Option<u64>,
    /// How long it took.
    pub(crate) wall_ms: u64,
}

#[derive(Debug, Default)]
struct Group {
    outcomes: u32,
    /// Satisfied at the first evaluation, and at the last.
    first: u32,
    last: u32,
    /// Outcomes by how many evaluations they had.
    evaluations: BTreeMap<u32, u32>,
    /// Tokens of agents until the first evaluation, and after it.
    draft_tokens: u64,
    revision_tokens: u64,
    /// Of graders.
    grading: TokenUsage,
    micro_usd: u64,
    /// Whether every price was known.
    unpriced: bool,
    wall_ms: u64,
    criteria: BTreeMap<(u32, String), Tally>,
}

/// What became of one criterion.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    /// Outcomes in which it was judged; met at the first evaluation; met at the last.
    judged: u32,
    first: u32,
    last: u32,
    /// Outcomes in which it was unmet first and met at last, and the other way round.
    mended: u32,
    broken: u32,
}

impl Report {
    /// Begins with the next session.
    pub(crate) fn begin(&mut self, session: &Session) {
        let named = |key: &str| session.metadata.get(key).cloned().unwrap_or_default();
        let key = (named("lucid.mission"), named("lucid.phase"));
        self.open = Some(Reading { key, ..Reading::default() });
    }

    /// A model of an agent was asked.
    pub(crate) fn agent(&mut self, usage: TokenUsage) {
        if let Some(reading) = &mut self.open {
            reading.agents = reading.agents.plus(usage);
        }
    }

    /// An evaluation ended.
    pub(crate) fn evaluation(&mut self, outcome: &OutcomeId, round: Round) {
        let Some(reading) = &mut self.open else { return };
        let agents = std::mem::take(&mut reading.agents).total();
        let group = self.groups.entry(reading.key.clone()).or_default();
        match round.iteration {
            0 => group.draft_tokens += agents,
            _ => group.revision_tokens += agents,
        }
        group.grading = group.grading.plus(round.tokens);
        group.micro_usd += round.micro_usd.unwrap_or(0);
        group.unpriced |= round.micro_usd.is_none();
        group.wall_ms += round.wall_ms;
        match reading.outcomes.iter_mut().find(|(id, _)| id == outcome) {
            Some((_, rounds)) => rounds.push(round),
            None => reading.outcomes.push((outcome.clone(), vec![round])),
        }
    }

    /// The session ends here.
    pub(crate) fn end(&mut self) {
        let Some(Reading { key, outcomes, .. }) = self.open.take() else { return };
        for (_, rounds) in outcomes {
            self.groups.entry(key.clone()).or_default().add(&rounds);
        }
    }

    /// The groups that have an outcome.
    fn groups(&self) -> impl Iterator<Item = (&(String, String), &Group)> {
        self.groups.iter().filter(|(_, group)| group.outcomes > 0)
    }

    pub(crate) fn document(&self) -> Value {
        let groups = self.groups().map(|((mission, phase), group)| {
            let criteria = group.criteria.iter().map(|((line, text), tally)| {
                json!({
                    "line": line, "text": text, "judged": tally.judged,
                    "met_first": tally.first, "met_last": tally.last,
                    "mended": tally.mended, "broken": tally.broken,
                })
            });
            json!({
                "mission": mission,
                "phase": phase,
                "outcomes": group.outcomes,
                "satisfied_first": group.first,
                "satisfied_last": group.last,
                "evaluations": group.evaluations,
                "agent_tokens_before_first_evaluation": group.draft_tokens,
                "agent_tokens_after_first_evaluation": group.revision_tokens,
                "grader_input_tokens": group.grading.read(),
                "grader_output_tokens": group.grading.output_tokens,
                "grader_micro_usd": (!group.unpriced).then_some(group.micro_usd),
                "grading_ms": group.wall_ms,
                "criteria": criteria.collect::<Vec<_>>(),
            })
        });
        json!({ "data": groups.collect::<Vec<_>>() })
    }

    pub(crate) fn text(&self) -> String {
        let groups: Vec<String> = self.groups().map(|(key, group)| group.text(key)).collect();
        match groups.is_empty() {
            true => "no session has an outcome that was evaluated\n".to_owned(),
            false => groups.join("\n"),
        }
    }
}

impl Group {
    fn add(&mut self, rounds: &[Round]) {
        let (Some(first), Some(last)) = (rounds.first(), rounds.last()) else { return };
        self.outcomes += 1;
        self.first += u32::from(first.result == OutcomeResult::Satisfied);
        self.last += u32::from(last.result == OutcomeResult::Satisfied);
        let judged: Vec<&Round> =
            rounds.iter().filter(|round| !round.criteria.is_empty()).collect();
        let evaluations = u32::try_from(judged.len()).unwrap_or(u32::MAX);
        *self.evaluations.entry(evaluations).or_default() += 1;
        // One that was interrupted or failed judged nothing.
        let (Some(first), Some(last)) = (judged.first(), judged.last()) else { return };
        let holds = |criterion: &Criterion| {
            matches!(criterion.verdict, Verdict::Met | Verdict::NotApplicable)
        };
        for criterion in &first.criteria {
            let key = (criterion.line, criterion.text.clone());
            let found = last.criteria.iter().find(|c| (c.line, &c.text) == (key.0, &key.1));
            let (before, after) = (holds(criterion), found.is_some_and(holds));
            let tally = self.criteria.entry(key).or_default();
            tally.judged += 1;
            tally.first += u32::from(before);
            tally.last += u32::from(after);
            tally.mended += u32::from(!before && after);
            tally.broken += u32::from(before && !after);
        }
    }

    fn text(&self, (mission, phase): &(String, String)) -> String {
        let part = if phase.is_empty() || phase == ALONE {
            String::new()
        } else {
            format!(", {}", plain(phase))
        };
        let (first, last) = (share(self.first, self.outcomes), share(self.last, self.outcomes));
        let needed =
            self.evaluations.iter().map(|(count, outcomes)| format!("{outcomes} with {count}"));
        let needed = needed.collect::<Vec<_>>().join(", ");
        let mut text = format!("{}{part}\noutcomes     {}\n", plain(mission), self.outcomes);
        text.push_str(&format!(
            "satisfied    {first} at the first evaluation, {last} at the last\n\
             evaluations  {needed}\n"
        ));
        let (draft, revision) = (self.draft_tokens, self.revision_tokens);
        if draft + revision > 0 {
            let agents = format!("{draft} tokens to the first evaluation, {revision} after it");
            text.push_str(&format!("agents       {agents}\n"));
        }
        // Milliseconds of all gradings fit a float exactly.
        let seconds = self.wall_ms as f64 / 1_000.0;
        text.push_str(&format!("grading      {seconds:.1} s"));
        if self.grading.total() > 0 {
            let (read, written) = (self.grading.read(), self.grading.output_tokens);
            text.push_str(&format!(", {read} tokens in, {written} out"));
            if !self.unpriced {
                text.push_str(&format!(", {:.4} USD", self.micro_usd as f64 / 1e6));
            }
        }
        format!("{text}\n\n{}", rows(&self.criteria))
    }
}

/// A share in percent.
fn share(part: u32, whole: u32) -> String {
    format!("{:.1} %", 100.0 * f64::from(part) / f64::from(whole.max(1)))
}

fn rows(criteria: &BTreeMap<(u32, String), Tally>) -> String {
    let mut rows = table::table(&["line", "criterion", "met first", "last", "mended", "broken"]);
    for ((line, text), tally) in criteria {
        let Tally { judged, first, last, mended, broken } = *tally;
        let some = |count: u32| if count == 0 { "-".to_owned() } else { count.to_string() };
        rows.add_row(vec![
            line.to_string(),
            width::cut(&plain(text), TEXT_COLUMNS),
            share(first, judged),
            share(last, judged),
            some(mended),
            some(broken),
        ]);
    }
    table::text(&rows)
}

#[cfg(test)]
mod tests {
    use lucid_core::{SeededEntropy, SessionId, StepClock, Timestamp};

    use super::*;

    fn round(iteration: u32, result: OutcomeResult, verdicts: &[Verdict]) -> Round {
        let criterion = |(line, verdict): (u32, &Verdict)| Criterion {
            text: format!("c{line}"),
            line,
            required: true,
            weight: 1.0,
            verdict: *verdict,
            explanation: String::new(),
            evidence_paths: Vec::new(),
            quotes: Vec::new(),
        };
        Round {
            iteration,
            result,
            criteria: (1..).zip(verdicts).map(criterion).collect(),
            tokens: TokenUsage { input_tokens: 5, ..TokenUsage::default() },
            micro_usd: Some(250),
            wall_ms: 100,
        }
    }

    fn session(phase: &str) -> Session {
        let metadata = [("lucid.mission", "m"), ("lucid.phase", phase)];
        Session {
            id: SessionId::parse("sesn_01x").unwrap(),
            title: String::new(),
            agent: String::new(),
            metadata: metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            created_at: Timestamp(0),
        }
    }

    fn outcomes() -> [OutcomeId; 2] {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(1));
        [OutcomeId::new(&clock, &entropy), OutcomeId::new(&clock, &entropy)]
    }

    #[test]
    fn what_was_mended_between_evaluations_is_counted_by_criterion() {
        use OutcomeResult::{NeedsRevision, Satisfied};
        use Verdict::{Met, Unmet};
        let [outcome, _] = outcomes();
        let mut report = Report::default();
        report.begin(&session("run"));
        report.agent(TokenUsage { output_tokens: 100, ..TokenUsage::default() });
        report.evaluation(&outcome, round(0, NeedsRevision, &[Unmet, Met]));
        report.agent(TokenUsage { output_tokens: 30, ..TokenUsage::default() });
        report.evaluation(&outcome, round(1, Satisfied, &[Met, Met]));
        report.end();
        report.begin(&session("run"));
        report.evaluation(&outcome, round(0, Satisfied, &[Met, Met]));
        report.end();
        // One without an outcome is not counted.
        report.begin(&session("run"));
        report.end();
        let document = report.document();
        let mission = &document["data"][0];
        assert_eq!(mission["outcomes"], 2);
        assert_eq!(
            (&mission["satisfied_first"], &mission["satisfied_last"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(mission["evaluations"], json!({"1": 1, "2": 1}));
        assert_eq!(mission["agent_tokens_before_first_evaluation"], 100);
        assert_eq!(mission["agent_tokens_after_first_evaluation"], 30);
        assert_eq!(
            (&mission["grader_input_tokens"], &mission["grading_ms"]),
            (&json!(15), &json!(300))
        );
        assert_eq!(mission["grader_micro_usd"], 750);
        let first = &mission["criteria"][0];
        assert_eq!((&first["met_first"], &first["mended"]), (&json!(1), &json!(1)));
        let text = report.text();
        assert!(text.contains("50.0 % at the first evaluation, 100.0 % at the last"), "{text}");
        assert!(text.contains("1 with 1, 1 with 2"), "{text}");
    }

    #[test]
    fn each_outcome_of_a_session_is_one_and_so_is_each_part_of_a_study() {
        use OutcomeResult::{Interrupted, NeedsRevision, Satisfied};
        use Verdict::{Met, Unmet};
        let [one, two] = outcomes();
        let mut report = Report::default();
        report.begin(&session("run"));
        report.evaluation(&one, round(0, Satisfied, &[Met]));
        report.evaluation(&two, round(0, NeedsRevision, &[Unmet]));
        report.evaluation(&two, round(1, Interrupted, &[]));
        report.end();
        report.begin(&session("without"));
        report.evaluation(&one, round(0, Satisfied, &[Met]));
        report.end();
        let document = report.document();
        let (alone, study) = (&document["data"][0], &document["data"][1]);
        assert_eq!((&alone["outcomes"], &study["outcomes"]), (&json!(2), &json!(1)));
        let criterion = &alone["criteria"][0];
        assert_eq!((&criterion["judged"], &criterion["broken"]), (&json!(2), &json!(0)));
        assert_eq!(alone["evaluations"], json!({"1": 2}));
        assert!(report.text().contains("\nm, without\n"), "{}", report.text());
    }
}
