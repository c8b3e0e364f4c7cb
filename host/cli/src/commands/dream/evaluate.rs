//! `lucid dream evaluate`.

use lucid_core::{Failure, Result};
use lucid_runtime::{Evaluated, Runtime, RuntimeOptions};
use lucid_verbs::{ProofAsked, RunKind, RunResult, StartProof, prove_dream};
use serde_json::{Value, json};

use super::find;
use crate::args::EvaluateArgs;
use crate::commands::ask;
use crate::commands::run::attend;
use crate::failure::{self, Ended};
use crate::place::{Place, Site, check_state};
use crate::show::sight::Sight;
use crate::show::{dream as text, print, print_json};

pub(super) async fn evaluate(site: Site, args: EvaluateArgs, json: bool) -> failure::Result {
    let asked =
        ProofAsked { n: args.n, seed: args.seed, margin: args.margin, accept: !args.no_accept };
    let result = match site {
        Site::Here(options) => here(*options, &args, &asked, json).await?,
        Site::There(remote) => {
            let place = Place::There(remote);
            let mission = args.mission.display().to_string();
            let began = place.ask(StartProof { dream: args.id, mission, asked }).await?;
            attend(&place, &began, false, json).await?
        }
    };
    match result {
        RunResult::Proof(evaluated) => Ok(show_proof(&evaluated, json)?),
        other => Err(Failure::bug(format!("a proof that came to {other:?}")).into()),
    }
}

/// Proves a dream in this process.
async fn here(
    options: RuntimeOptions,
    args: &EvaluateArgs,
    asked: &ProofAsked,
    quiet: bool,
) -> Result<RunResult> {
    check_state(&options)?;
    let (runtime, mission) = Runtime::open_for(options, &args.mission).await?;
    let place = Place::here(runtime.clone());
    let dream = find(&place, &args.id).await?.id;
    let sight = Sight::begin(RunKind::Proof, &place, quiet);
    let approver = ask::approver(false, sight.progress());
    let proof = prove_dream(&runtime, &dream, &mission, asked, approver, sight.observer());
    // On the heap: a proof holds all that its sessions do.
    let proved = Box::pin(proof).await;
    sight.end().await;
    let closed = place.close().await;
    let proved = proved?;
    closed?;
    Ok(proved)
}

/// Prints a proof, and says how the program ends with it.
pub(crate) fn show_proof(evaluated: &Evaluated, json: bool) -> Result<Ended> {
    let proof = &evaluated.proof;
    if json {
        print_json(&proof_document(evaluated))?;
    } else {
        let mut shown = text::proof(proof, Some(evaluated.ci95));
        shown.push_str(&format!("  {} sessions\n\n", evaluated.sessions));
        shown.push_str(&text::counted(&evaluated.dream));
        print(&shown)?;
    }
    Ok(if proof.passed { Ended::Done } else { Ended::NotSatisfied })
}

/// A proof as one document.
pub(crate) fn proof_document(evaluated: &Evaluated) -> Value {
    let Evaluated { dream, proof, ci95, sessions } = evaluated;
    let mut document = text::proof_document(proof, *ci95, *sessions);
    document["dream_id"] = json!(dream.id);
    document
}
