//! One step of one thread: asking its model, or running the calls of its turn.

use std::sync::Arc;

use futures::future::join_all;
use lucid_core::{Completion, CompletionRequest, Result, Span};
use lucid_engine::{Call, GuestTime, LogLine};

use super::thread::PendingCall;
use super::toolbox::{self, CallEnd};
use super::workspace::Workspace;
use crate::mission::{Agent, Secrets, Variables};

/// What every step of a session shares.
pub(crate) struct StepWorld {
    pub(crate) workspace: Workspace,
    pub(crate) variables: Variables,
    pub(crate) time: GuestTime,
}

/// What a step is to do.
pub(crate) enum Work {
    /// Ask the agent's model.
    Ask(CompletionRequest),
    /// Run calls; those that are answered already have their answer.
    Run(Vec<(PendingCall, Option<CallEnd>)>),
}

/// What came of a step.
pub(crate) enum Done {
    /// The model's answer.
    Asked { result: Result<Completion>, span: Box<Span>, logs: Vec<LogLine> },
    /// The calls' results, in the order of the calls.
    Ran(Vec<(PendingCall, CallEnd)>),
}

/// Does one step. Nothing here touches the event log.
pub(crate) async fn step(world: Arc<StepWorld>, agent: Arc<Agent>, work: Work) -> Result<Done> {
    match work {
        Work::Ask(request) => Ok(ask(&world, &agent, &request).await),
        Work::Run(calls) => {
            let calls = calls.into_iter().map(|(call, answered)| {
                let (world, agent) = (&world, &agent);
                async move {
                    let end = match answered {
                        Some(end) => end,
                        None => {
                            let (space, names) = (&world.workspace, &world.variables);
                            toolbox::run(agent, &call, space, names, world.time).await?
                        }
                    };
                    Ok((call, end))
                }
            });
            Ok(Done::Ran(join_all(calls).await.into_iter().collect::<Result<_>>()?))
        }
    }
}

async fn ask(world: &StepWorld, agent: &Agent, request: &CompletionRequest) -> Done {
    let model = &agent.model;
    let call = Call {
        environment: toolbox::environment(model, &world.variables),
        time: world.time,
        secrets: model.secrets.attached(),
        ..Call::bare(model.limits)
    };
    let mut report = model.plugin.complete(call, request).await;
    model.secrets.mask_report(&mut report, Secrets::mask_completion);
    let failure = report.result.as_ref().err().cloned();
    let span = Span {
        usage: report.usage,
        failure,
        untrusted: false,
        files: report.effects.files,
        denied: report.effects.denied,
        unlisted: report.effects.unlisted,
    };
    Done::Asked { result: report.result, span: Box::new(span), logs: report.logs }
}
