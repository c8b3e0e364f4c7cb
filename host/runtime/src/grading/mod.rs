//! Grading: outputs judged against a rubric, by a grader in an instance of its own.
//!
//! The same for a session's outcome and for a folder that somebody names. A grader sees the
//! outputs and the rubric; nothing else reaches it, and its clock and chance are fixed.

mod alone;
mod panel;
mod quotes;
mod tokens;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lucid_core::{Evaluation, Failure, Limits, Result, Timestamp};
use lucid_engine::{Call, GradeRequest, GradersHost, GuestTime, ModelHost, Mount, Report};
use lucid_policy::Access;

use crate::asking::model_for;
use crate::mission::{AgentModel, BoundPlugin};
pub use alone::{FolderGraded, GraderChoice};
use panel::Sitting;
pub(crate) use tokens::Counted;

/// The same outputs give the same evaluation: no clock, no chance.
const TIME: GuestTime = GuestTime::Fixed { now: Timestamp(0), seed: 0 };

/// Where a grader finds the outputs.
pub(crate) const OUTPUTS: &str = "/mnt/session/outputs";

/// Who judges.
#[derive(Clone)]
pub struct Graders {
    /// The grader.
    pub grader: Arc<BoundPlugin>,
    /// Those that it may ask, where it is a panel.
    pub members: Vec<Member>,
    /// How a panel is to decide; empty where there is none.
    pub rule: String,
}

/// A grader that a panel may ask.
#[derive(Clone)]
pub struct Member {
    /// It.
    pub grader: Arc<BoundPlugin>,
    /// How much its verdict counts.
    pub weight: f64,
}

/// What is to be judged.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// What the outcome is about.
    pub(crate) description: String,
    /// What done looks like, in Markdown.
    pub(crate) rubric: String,
    /// Which evaluation this is, from 0.
    pub(crate) iteration: u32,
    /// Where the outputs are on this machine.
    pub(crate) outputs: PathBuf,
}

impl Graders {
    /// All of them, the one that decides first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &BoundPlugin> {
        let members = self.members.iter().map(|member| member.grader.as_ref());
        std::iter::once(self.grader.as_ref()).chain(members)
    }

    /// Checks that each of them can use a rubric.
    ///
    /// # Errors
    /// Invalid, with the line, when one cannot.
    pub async fn check_rubric(&self, rubric: &str) -> Result<()> {
        if rubric.trim().is_empty() {
            return Err(Failure::invalid("it is empty and has no criteria")
                .hint("say in Markdown what done means, a list item for each criterion"));
        }
        for grader in self.all() {
            let graders = self.sitting(grader, None, &Counted::default());
            let call = Call { graders, time: TIME, ..Call::bare(grader.limits) };
            let checked = grader.plugin.check_rubric(call, rubric).await;
            checked.result.map_err(|failure| failure.about(format!("grader `{}`", grader.name)))?;
        }
        Ok(())
    }

    /// Lets them judge; tokens of the models that they ask are counted.
    pub(crate) async fn judge(&self, question: &Question, counted: &Counted) -> Report<Evaluation> {
        let graders = self.sitting(&self.grader, Some(question), counted);
        // The time of its members is not a panel's own.
        let members = self.members.iter().map(|member| member.grader.limits.deadline_ms);
        let own = self.grader.limits.deadline_ms;
        let deadline_ms = members.fold(own, u64::saturating_add);
        let limits = Limits { deadline_ms, ..self.grader.limits };
        let model = model_for(&self.grader, TIME);
        ask(&Asked { grader: &self.grader, limits, model }, question, graders, counted).await
    }

    /// The members, for the one that may ask them.
    fn sitting(
        &self,
        grader: &BoundPlugin,
        question: Option<&Question>,
        counted: &Counted,
    ) -> Option<Arc<dyn GradersHost>> {
        let asks = !self.members.is_empty() && grader.name == self.grader.name;
        asks.then(|| Arc::new(Sitting::new(self, question, counted)) as _)
    }
}

/// A grader that is asked, with what it may use for it.
struct Asked<'a> {
    grader: &'a BoundPlugin,
    limits: Limits,
    model: Option<Arc<dyn ModelHost>>,
}

/// One grader's word on the outputs, believed as far as its quotes go.
async fn ask(
    asked: &Asked<'_>,
    question: &Question,
    graders: Option<Arc<dyn GradersHost>>,
    counted: &Counted,
) -> Report<Evaluation> {
    let Asked { grader, limits, model } = asked;
    let asked = Arc::new(AtomicBool::new(false));
    let name = grader.model.as_ref().map(AgentModel::name).unwrap_or_default();
    let model = model.clone().map(|model| counted.count(name, model, &asked));
    let call = Call {
        mounts: vec![Mount {
            host_folder: question.outputs.clone(),
            guest_path: OUTPUTS.to_owned(),
            access: Access::ReadOnly,
        }],
        time: TIME,
        model,
        graders,
        ..Call::bare(*limits)
    };
    let request = GradeRequest {
        description: question.description.clone(),
        rubric: question.rubric.clone(),
        iteration: question.iteration,
        outputs_path: OUTPUTS.to_owned(),
    };
    let mut report = grader.plugin.grade(call, &request).await;
    let (asked, outputs) = (asked.load(Ordering::Relaxed), question.outputs.clone());
    report.result = match report.result {
        Ok(evaluation) => {
            let look = move || quotes::verified(evaluation, &outputs, asked);
            let looked = tokio::task::spawn_blocking(look).await;
            looked.unwrap_or_else(|error| Err(Failure::bug(format!("quotes: {error}"))))
        }
        Err(failure) => Err(failure),
    };
    report
}
