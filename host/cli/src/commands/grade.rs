//! `lucid grade`: a folder judged by a rubric, without a session.

use lucid_core::{Failure, FailureKind, Judgement};
use lucid_runtime::{FolderGraded, GraderChoice, LimitChanges, Runtime, RuntimeOptions};
use serde_json::json;

use super::rubric;
use crate::args::GradeArgs;
use crate::failure::{self, Ended};
use crate::show::{plain, print, print_json, table};

pub(crate) async fn run(
    mut options: RuntimeOptions,
    args: GradeArgs,
    json: bool,
) -> failure::Result {
    options.limits = LimitChanges::parse(args.limits.iter().map(String::as_str))?;
    let (runtime, graded) = match &args.mission {
        Some(path) => {
            let (runtime, mission) = Runtime::open_for(options, path).await?;
            let (graders, rubric) = mission.graders().ok_or_else(|| {
                Failure::invalid(format!("mission `{}` has no outcome", mission.name))
                    .hint("give a rubric with `--rubric FILE` instead of the mission")
            })?;
            let rubric = match &args.rubric {
                Some(file) => rubric::read(file)?,
                None => rubric.to_owned(),
            };
            let graded = runtime.grade(graders, &rubric, &args.outputs).await?;
            (runtime, graded)
        }
        None => {
            let rubric = args.rubric.as_deref().map(rubric::read).transpose()?.unwrap_or_default();
            let runtime = Runtime::open(options)?;
            let choice = GraderChoice {
                grader: args.grader.clone(),
                members: args.member.clone(),
                rule: args.rule.clone(),
                model: args.model.clone(),
            };
            let graders = runtime.graders(&choice).await.map_err(for_the_line)?;
            let graded = runtime.grade(&graders, &rubric, &args.outputs).await?;
            (runtime, graded)
        }
    };
    runtime.store.close().await?;
    show(graded, json)
}

/// What a mission would be told, as it is said on a command line.
fn for_the_line(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Denied => failure.hint(
            "give its model with `--model MODEL`, or the graders it asks with `--member NAME`",
        ),
        _ => failure,
    }
}

fn show(graded: FolderGraded, json: bool) -> failure::Result {
    let FolderGraded { report, usage } = graded;
    let evaluation = report.result?;
    if json {
        let tokens = json!({"input_tokens": usage.read(), "output_tokens": usage.output_tokens});
        print_json(&json!({
            "judgement": evaluation.judgement,
            "explanation": evaluation.explanation,
            "criteria": evaluation.criteria,
            "usage": report.usage,
            "tokens": tokens,
        }))?;
    } else {
        let criteria: Vec<_> = evaluation.criteria.iter().collect();
        let mut text = String::new();
        if !criteria.is_empty() {
            text.push_str(&table::criteria(&criteria));
            text.push('\n');
        }
        let word = match evaluation.judgement {
            Judgement::Satisfied => "satisfied",
            Judgement::NeedsRevision => "needs revision",
            Judgement::Failed => "failed: what has to be met cannot be judged",
        };
        text.push_str(&format!("{word}\n{}\n", plain(evaluation.explanation.trim())));
        print(&text)?;
    }
    Ok(match evaluation.judgement {
        Judgement::Satisfied => Ended::Done,
        Judgement::NeedsRevision | Judgement::Failed => Ended::NotSatisfied,
    })
}
