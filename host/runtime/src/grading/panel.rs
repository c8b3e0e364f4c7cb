//! The graders of a panel, as the one that puts their verdicts together asks them.

use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Evaluation, Failure, Result};
use lucid_engine::{GradersHost, ModelHost, Panel, PanelMember};

use super::tokens::Counted;
use super::{Asked, Graders, Question, TIME, ask};
use crate::asking::model_for;

/// A panel while it sits over one result, or looks at a rubric.
pub(super) struct Sitting {
    graders: Graders,
    /// None while there is only a rubric.
    question: Option<Question>,
    counted: Counted,
    /// The members' models, in their order: one budget each for all that they are asked.
    models: Vec<Option<Arc<dyn ModelHost>>>,
}

impl Sitting {
    pub(super) fn new(graders: &Graders, question: Option<&Question>, counted: &Counted) -> Self {
        let (graders, question) = (graders.clone(), question.cloned());
        let models = graders.members.iter().map(|member| model_for(&member.grader, TIME));
        let models = models.collect();
        Self { graders, question, counted: counted.clone(), models }
    }
}

#[async_trait]
impl GradersHost for Sitting {
    fn panel(&self) -> Panel {
        let member = |member: &super::Member| PanelMember {
            name: member.grader.name.clone(),
            weight: member.weight,
        };
        let members = self.graders.members.iter().map(member).collect();
        Panel { rule: self.graders.rule.clone(), members }
    }

    async fn grade(&self, name: &str, rubric: &str) -> Result<Evaluation> {
        let mut members = self.graders.members.iter().zip(&self.models);
        let found = members.find(|(member, _)| member.grader.name == name);
        let (member, model) = found.ok_or_else(|| {
            Failure::invalid(format!("grader `{name}` is no member of this panel"))
        })?;
        let question = self.question.clone().ok_or_else(|| {
            Failure::invalid("there are no outputs yet: only the rubric is looked at")
        })?;
        let question = Question { rubric: rubric.to_owned(), ..question };
        let grader = member.grader.as_ref();
        let asked = Asked { grader, limits: grader.limits, model: model.clone() };
        Box::pin(ask(&asked, &question, None, &self.counted)).await.result
    }
}
