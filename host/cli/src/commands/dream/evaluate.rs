//! `lucid dream evaluate`.

use std::sync::Arc;

use lucid_runtime::{EvaluateOptions, RunOptions, Runtime, RuntimeOptions};
use serde_json::json;

use super::find;
use crate::args::EvaluateArgs;
use crate::commands::ask;
use crate::failure::{self, Ended};
use crate::place::{Place, check_state};
use crate::show::progress::Progress;
use crate::show::{dream as text, print, print_json};

pub(super) async fn evaluate(
    options: RuntimeOptions,
    args: EvaluateArgs,
    json: bool,
) -> failure::Result {
    check_state(&options)?;
    let (runtime, mission) = Runtime::open_for(options, &args.mission).await?;
    let dream = find(&Place::here(runtime.clone()), &args.id).await?;
    let how = EvaluateOptions {
        n: args.n,
        seed: args.seed,
        margin: args.margin,
        accept: !args.no_accept,
        deterministic: false,
    };
    let progress = Arc::new(Progress::new());
    let run = RunOptions {
        approver: ask::approver(false, Some(progress.clone())),
        observer: progress.clone(),
        resume: false,
    };
    let evaluated = runtime.evaluate_dream(&dream.id, &mission, &how, &run).await;
    progress.clear();
    let closed = runtime.store.close().await;
    let evaluated = evaluated?;
    closed?;
    let proof = &evaluated.proof;
    if json {
        let mut document = text::proof_document(proof, evaluated.ci95, evaluated.sessions);
        document["dream_id"] = json!(evaluated.dream.id);
        print_json(&document)?;
    } else {
        let mut shown = text::proof(proof, Some(evaluated.ci95));
        shown.push_str(&format!("  {} sessions\n\n", evaluated.sessions));
        shown.push_str(&text::counted(&evaluated.dream));
        print(&shown)?;
    }
    Ok(if proof.passed { Ended::Done } else { Ended::NotSatisfied })
}
