//! The other graders of a panel, for the grader that puts their verdicts together.

use async_trait::async_trait;
use lucid_core::{Criterion, Evaluation, Judgement, Result, Verdict};
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::imports::lucid::plugin::graders as wit;
use crate::state::State;

/// A grader that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelMember {
    /// Its name.
    pub name: String,
    /// How much its verdict counts.
    pub weight: f64,
}

/// Who sits on a panel, and how it is to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The rule, as the mission has it.
    pub rule: String,
    /// Its members, in the mission's order.
    pub members: Vec<PanelMember>,
}

/// The graders that a call may ask.
#[async_trait]
pub trait GradersHost: Send + Sync {
    /// Who they are.
    fn panel(&self) -> Panel;

    /// Lets one of them judge the outputs by a rubric.
    ///
    /// # Errors
    /// A failure of any kind; the guest sees its message.
    async fn grade(&self, name: &str, rubric: &str) -> Result<Evaluation>;
}

/// Links the capability, for plugins that were granted it.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wit::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl wit::Host for State {
    async fn get_panel(&mut self) -> wasmtime::Result<wit::Panel> {
        self.count_host_call()?;
        let panel = self.graders.as_ref().map(|graders| graders.panel());
        let Panel { rule, members } =
            panel.unwrap_or_else(|| Panel { rule: String::new(), members: Vec::new() });
        let member = |PanelMember { name, weight }| wit::Member { name, weight };
        Ok(wit::Panel { rule, members: members.into_iter().map(member).collect() })
    }

    async fn grade(
        &mut self,
        name: String,
        rubric: String,
    ) -> wasmtime::Result<Result<wit::Evaluation, String>> {
        self.count_host_call()?;
        let Some(graders) = self.graders.clone() else {
            return Ok(Err("this call was given no graders".to_owned()));
        };
        let judged = graders.grade(&name, &rubric).await;
        Ok(judged.map(evaluation).map_err(|failure| failure.to_string()))
    }
}

fn evaluation(judged: Evaluation) -> wit::Evaluation {
    wit::Evaluation {
        judgement: match judged.judgement {
            Judgement::Satisfied => wit::Judgement::Satisfied,
            Judgement::NeedsRevision => wit::Judgement::NeedsRevision,
            Judgement::Failed => wit::Judgement::Failed,
        },
        explanation: judged.explanation,
        criteria: judged.criteria.into_iter().map(criterion).collect(),
    }
}

fn criterion(judged: Criterion) -> wit::Criterion {
    let quote = |quote: lucid_core::Quote| wit::Quote { path: quote.path, text: quote.text };
    wit::Criterion {
        text: judged.text,
        line: judged.line,
        required: judged.required,
        weight: judged.weight,
        verdict: match judged.verdict {
            Verdict::Met => wit::Verdict::Met,
            Verdict::Unmet => wit::Verdict::Unmet,
            Verdict::NotApplicable => wit::Verdict::NotApplicable,
            Verdict::NotGradable => wit::Verdict::NotGradable,
        },
        explanation: judged.explanation,
        evidence_paths: judged.evidence_paths,
        quotes: judged.quotes.into_iter().map(quote).collect(),
    }
}
