//! What a session does outside of itself: asking models, running tools, asking people.
//!
//! Each is a future of its own; nothing here touches the event log.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{AbortHandle, Abortable, BoxFuture};
use futures::stream::{FuturesUnordered, StreamExt as _};
use lucid_core::{
    CallUsage, Completion, CompletionRequest, EventId, Failure, FailureKind, Result, Span,
};
use lucid_engine::{Call, GuestTime, Lender, LogLine};
use lucid_model::ModelError;

use super::approval::{Approval, Approver, Ask};
use super::preview::Preview;
use super::toolbox::{self, CallEnd, ToolCall};
use super::workspace::Workspace;
use crate::mission::{Agent, AgentModel, Secrets, Variables};

/// What all effects of a session share.
pub(crate) struct Surroundings {
    pub(crate) workspace: Workspace,
    pub(crate) variables: Variables,
    pub(crate) time: GuestTime,
    /// Who lends credentials to what its plugins send.
    pub(crate) lender: Option<Arc<Lender>>,
}

/// Why a model gave no answer.
pub(crate) enum NoAnswer {
    /// A plugin's failure: asking again would give the same.
    Plugin(Failure),
    /// A provider's, which may pass.
    Remote(ModelError),
}

impl NoAnswer {
    pub(crate) fn failure(&self) -> &Failure {
        match self {
            Self::Plugin(failure) => failure,
            Self::Remote(error) => &error.failure,
        }
    }
}

/// What a model said, or why not.
pub(crate) struct Answer {
    pub(crate) result: Result<Completion, NoAnswer>,
    pub(crate) span: Box<Span>,
    pub(crate) logs: Vec<LogLine>,
    /// The id of the message, where somebody read along.
    pub(crate) message_id: Option<EventId>,
}

/// An effect that ended.
pub(crate) enum Done {
    /// A thread's model answered the request that an event began.
    Answered { start: EventId, answer: Answer },
    /// A thread's model put its context in short.
    Compacted { messages: u32, answer: Answer },
    /// A call gave its result.
    Ran { call: EventId, end: Box<CallEnd> },
    /// Somebody was asked about a call.
    Decided { call: EventId, approval: Approval },
    /// A thread waited long enough to ask its model again.
    Woken,
}

/// What is on its way, and for which thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Model,
    Call(EventId),
    Ask(EventId),
    Wake,
}

struct Flying {
    number: u64,
    thread: usize,
    what: What,
    abort: AbortHandle,
}

type Landed = (u64, Option<Result<Done>>);

/// The effects of a session that are on their way.
#[derive(Default)]
pub(crate) struct Effects {
    next: u64,
    flying: Vec<Flying>,
    futures: FuturesUnordered<BoxFuture<'static, Landed>>,
}

impl Effects {
    /// Begins an effect of a thread.
    pub(crate) fn begin(
        &mut self,
        thread: usize,
        what: What,
        effect: impl Future<Output = Result<Done>> + Send + 'static,
    ) {
        let number = self.next;
        self.next += 1;
        let (abort, registration) = AbortHandle::new_pair();
        let effect = Abortable::new(effect, registration).map(move |end| (number, end.ok()));
        self.flying.push(Flying { number, thread, what, abort });
        self.futures.push(effect.boxed());
    }

    /// Stops what a thread has on its way.
    pub(crate) fn stop(&mut self, thread: usize) {
        for flying in self.flying.extract_if(.., |flying| flying.thread == thread) {
            flying.abort.abort();
        }
    }

    /// Stops questions to people, those that a test picks.
    pub(crate) fn stop_asks(&mut self, which: impl Fn(&EventId) -> bool) {
        let picked = |flying: &mut Flying| match &flying.what {
            What::Ask(call) => which(call),
            _ => false,
        };
        for flying in self.flying.extract_if(.., picked) {
            flying.abort.abort();
        }
    }

    /// How many calls run now.
    pub(crate) fn calls(&self) -> usize {
        self.flying.iter().filter(|flying| matches!(flying.what, What::Call(_))).count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flying.is_empty()
    }

    pub(crate) fn has(&self, thread: usize, what: &What) -> bool {
        self.flying.iter().any(|flying| flying.thread == thread && flying.what == *what)
    }

    /// Whether nothing but questions to people is on its way.
    pub(crate) fn only_asks(&self) -> bool {
        self.flying.iter().all(|flying| matches!(flying.what, What::Ask(_)))
    }

    /// Waits for the next effect that ends.
    pub(crate) async fn next(&mut self) -> Option<(usize, Result<Done>)> {
        loop {
            let (number, done) = self.futures.next().await?;
            let place = self.flying.iter().position(|flying| flying.number == number);
            // One that was stopped has nothing to say.
            if let (Some(place), Some(done)) = (place, done) {
                return Some((self.flying.remove(place).thread, done));
            }
        }
    }

    /// An effect that has ended already.
    pub(crate) fn ready(&mut self) -> Option<(usize, Result<Done>)> {
        self.next().now_or_never().flatten()
    }

    /// Waits for all of them, and gives them in the order of threads and of their beginning:
    /// the same every time.
    pub(crate) async fn all(&mut self) -> Vec<(usize, Result<Done>)> {
        let mut landed = Vec::new();
        while let Some((number, done)) = self.futures.next().await {
            landed.push((number, done));
        }
        landed.sort_by_key(|(number, _)| {
            let flying = self.flying.iter().find(|flying| flying.number == *number);
            (flying.map_or(usize::MAX, |flying| flying.thread), *number)
        });
        let mut all = Vec::new();
        for (number, done) in landed {
            let place = self.flying.iter().position(|flying| flying.number == number);
            if let (Some(place), Some(done)) = (place, done) {
                all.push((self.flying.remove(place).thread, done));
            }
        }
        all
    }
}

/// Asks an agent's model.
pub(crate) async fn ask(
    world: Arc<Surroundings>,
    agent: Arc<Agent>,
    request: CompletionRequest,
    preview: Option<Preview>,
) -> Answer {
    let message_id = preview.as_ref().map(|preview| preview.event_id.clone());
    let mut answer = match &agent.model {
        AgentModel::Plugin(model) => {
            let call = Call {
                environment: toolbox::environment(model, &world.variables),
                time: world.time,
                secrets: model.secrets.attached(),
                lender: world.lender.clone(),
                ..Call::bare(model.limits)
            };
            let mut report = model.plugin.complete(call, &request).await;
            let secrets = model.secrets.and_lent(world.lender.as_deref());
            secrets.mask_report(&mut report, Secrets::mask_completion);
            let span = Span {
                usage: report.usage,
                files: report.effects.files,
                denied: report.effects.denied,
                unlisted: report.effects.unlisted,
                ..Span::default()
            };
            let result = report.result.map_err(NoAnswer::Plugin);
            Answer { result, span: Box::new(span), logs: report.logs, message_id }
        }
        AgentModel::Remote(model) => {
            let said = |text: &str| preview.iter().for_each(|preview| preview.say(text));
            let result = model.complete(&request, &said).await.map_err(NoAnswer::Remote);
            Answer { result, span: Box::default(), logs: Vec::new(), message_id }
        }
    };
    let span = &mut answer.span;
    span.model = Some(agent.model.name().to_owned());
    match &answer.result {
        Ok(completion) => span.stop_reason = Some(completion.stop_reason),
        Err(why) => span.failure = Some(why.failure().clone()),
    }
    answer
}

/// Runs a call in its agent's view.
pub(crate) async fn run(
    world: Arc<Surroundings>,
    agent: Arc<Agent>,
    call: ToolCall,
) -> Result<Done> {
    let event = call.event.clone();
    let end = toolbox::run(&agent, &call, &world).await?;
    Ok(Done::Ran { call: event, end: Box::new(end) })
}

/// Asks somebody about a call.
pub(crate) async fn decide(approver: Arc<dyn Approver>, ask: Ask) -> Result<Done> {
    let approval = approver.decide(&ask).await;
    Ok(Done::Decided { call: ask.call, approval })
}

/// Waits before a model is asked again.
pub(crate) async fn wake(after_ms: u64) -> Result<Done> {
    tokio::time::sleep(Duration::from_millis(after_ms)).await;
    Ok(Done::Woken)
}

/// A span of something that was stopped before it ended.
pub(crate) fn stopped(why: &str) -> Span {
    let failure = Failure { kind: FailureKind::Failed, message: why.to_owned(), hint: None };
    Span { usage: CallUsage::default(), failure: Some(failure), ..Span::default() }
}
