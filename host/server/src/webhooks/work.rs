//! Deliveries in the background: written down when something happens, sent, tried again, given
//! up.
//!
//! A delivery is a document until it came through or was given up, so that it is sent also
//! when the server ends in between. Each attempt is written down before it is made: of two
//! servers one makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lucid_api::ApiError;
use lucid_api::webhook::{Delivery, Endpoint, Verdict, payload, verdict};
use lucid_core::{Timestamp, WebhookEventId};
use lucid_store::{Document, DocumentChange, DocumentWrite};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::send::{Sender, Sent, SystemNames};
use super::{Told, all, change, place, sign};
use crate::documents::{Kind, New, Stored, document};
use crate::space::Space;

/// Deliveries that wait.
const DELIVERY: Kind =
    Kind { name: "webhook_delivery", prefix: WebhookEventId::PREFIX, what: "webhook delivery" };

/// Attempts made at the same time, of all endpoints and of one: a slow one does not hold the
/// others up.
const ATTEMPTS_AT_ONCE: usize = 64;
const ATTEMPTS_AT_ONCE_OF_ONE: usize = 8;

/// How often the store is looked at for what another server left, in milliseconds.
const LOOK_MS: u64 = 60_000;

/// Sends what a workspace's hooks are told, until the server stops.
pub(crate) async fn run(space: Arc<Space>, stopping: CancellationToken) {
    let Some(mut heard) = space.hooks.take() else { return };
    let sender = match Sender::new(Arc::new(SystemNames)) {
        Ok(sender) => sender,
        Err(failure) => return space.log.error(&format!("webhooks: {failure}")),
    };
    let mut work = Work::new(space, sender);
    loop {
        work.look().await;
        work.start();
        let wait = work.wait();
        tokio::select! {
            told = heard.recv() => match told {
                Some(told) => work.note(told).await,
                None => break,
            },
            true = work.ended() => {}
            () = tokio::time::sleep(wait) => {}
            () = stopping.cancelled() => break,
        }
    }
    // What happened until now is sent when a server runs again.
    while let Ok(told) = heard.try_recv() {
        work.note(told).await;
    }
}

/// The deliveries of a workspace.
pub(super) struct Work {
    space: Arc<Space>,
    sender: Sender,
    /// Those that wait, by when they are due.
    queue: BTreeSet<(Timestamp, String)>,
    attempts: JoinSet<Option<Timestamp>>,
    /// The deliveries that are being sent.
    sending: BTreeMap<Id, String>,
    look_at: Timestamp,
}

impl Work {
    pub(super) fn new(space: Arc<Space>, sender: Sender) -> Self {
        let (queue, sending, attempts) = (BTreeSet::new(), BTreeMap::new(), JoinSet::new());
        Self { space, sender, queue, attempts, sending, look_at: Timestamp(0) }
    }

    /// Writes down who is to hear of something.
    pub(super) async fn note(&mut self, told: Told) {
        if let Err(error) = self.try_note(told).await {
            self.log(&error);
        }
        let dropped = self.space.hooks.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let line = format!("webhooks: {dropped} events too many at once were not sent");
            self.space.log.error(&line);
        }
    }

    async fn try_note(&mut self, told: Told) -> Result<(), ApiError> {
        let space = self.space.clone();
        let endpoints = all(&space).await?;
        let hears = |found: &&Stored<Endpoint>| found.value.hears(&told.kind);
        let endpoints: Vec<_> = endpoints.iter().filter(hears).collect();
        if endpoints.is_empty() {
            return Ok(());
        }
        let event = WebhookEventId::new(space.clock.as_ref(), space.entropy.as_ref());
        let workspace = space.id.as_str();
        let (kind, id) = (&told.kind, &told.id);
        let body = payload(event.as_str(), told.at, kind, id, workspace, told.extra.clone());
        let delivery = Delivery::new(event.to_string(), body.to_string(), told.at);
        let mut changes = Vec::new();
        for endpoint in endpoints {
            let parent = endpoint.document.id.as_str();
            let id = format!("{event}-{parent}");
            let (parent, created_at) = (Some(parent), told.at);
            let new = New { id: &id, parent, key: None, created_at, value: &delivery };
            changes.push(DocumentChange::Create(document(DELIVERY, new)?));
            self.queue.insert((delivery.due, id));
        }
        space.runtime.store.write_documents(changes).await?;
        Ok(())
    }

    /// Looks, now and then, for deliveries that a server left.
    pub(super) async fn look(&mut self) {
        let now = self.space.clock.now();
        if now < self.look_at {
            return;
        }
        self.look_at = Timestamp(now.as_millis().saturating_add(LOOK_MS));
        let found = self.space.list::<Delivery>(&DELIVERY.filter()).await;
        let known: BTreeSet<_> =
            self.queue.iter().map(|(_, id)| id).chain(self.sending.values()).cloned().collect();
        match found {
            Ok(found) => {
                let new = found.into_iter().filter(|found| !known.contains(&found.document.id));
                self.queue.extend(new.map(|found| (found.value.due, found.document.id)));
            }
            Err(error) => self.log(&error),
        }
    }

    /// Starts what is due.
    pub(super) fn start(&mut self) {
        let now = self.space.clock.now();
        let due = self.queue.iter().take_while(|(due, _)| *due <= now).cloned();
        for entry in due.collect::<Vec<_>>() {
            if self.sending.len() >= ATTEMPTS_AT_ONCE {
                break;
            }
            let endpoint = endpoint_of(&entry.1);
            let of_one = self.sending.values().filter(|id| endpoint_of(id) == endpoint).count();
            if of_one >= ATTEMPTS_AT_ONCE_OF_ONE {
                continue;
            }
            self.queue.remove(&entry);
            let (space, sender, id) = (self.space.clone(), self.sender.clone(), entry.1.clone());
            let attempt = self.attempts.spawn(async move {
                let tried = Box::pin(attempt(&space, &sender, &id)).await;
                tried.unwrap_or_else(|error| {
                    log(&space, &error);
                    // Whatever it was, it is not tried again at once.
                    Some(Timestamp(space.clock.now().as_millis().saturating_add(LOOK_MS)))
                })
            });
            self.sending.insert(attempt.id(), entry.1);
        }
    }

    /// Waits for one attempt to end; false, when none is being made.
    pub(super) async fn ended(&mut self) -> bool {
        let Some(ended) = self.attempts.join_next_with_id().await else { return false };
        let (task, due) = match ended {
            Ok((task, due)) => (task, due),
            // One that broke is found again.
            Err(error) => (error.id(), None),
        };
        if let (Some(id), Some(due)) = (self.sending.remove(&task), due) {
            self.queue.insert((due, id));
        }
        true
    }

    /// How long there is nothing to start.
    fn wait(&self) -> Duration {
        let now = self.space.clock.now();
        let next = self.queue.iter().map(|(due, _)| *due).find(|due| *due > now);
        let until = next.map_or(self.look_at, |next| next.min(self.look_at));
        // A little more, so that it is due by then.
        Duration::from_millis(until.as_millis().saturating_sub(now.as_millis()).saturating_add(5))
    }

    fn log(&self, error: &ApiError) {
        log(&self.space, error);
    }
}

fn log(space: &Space, error: &ApiError) {
    let why = error.internal.as_ref().unwrap_or(&error.message);
    space.log.error(&format!("webhooks: {why}"));
}

fn endpoint_of(delivery: &str) -> &str {
    delivery.split_once('-').map_or(delivery, |(_, endpoint)| endpoint)
}

/// Makes one attempt. Gives when the next one is due, if there is to be one.
async fn attempt(space: &Space, sender: &Sender, id: &str) -> Result<Option<Timestamp>, ApiError> {
    let Some(found) = space.runtime.store.document(id).await? else { return Ok(None) };
    let Stored { document, value: delivery } = crate::documents::stored::<Delivery>(found)?;
    let now = space.clock.now();
    if delivery.due > now {
        // Another server made this attempt.
        return Ok(Some(delivery.due));
    }
    let endpoint = space.runtime.store.document(endpoint_of(id)).await?;
    let endpoint = endpoint.map(crate::documents::stored::<Endpoint>).transpose()?;
    let endpoint = endpoint.map(|found| found.value);
    let on = |endpoint: &Endpoint| endpoint.state == lucid_api::webhook::State::Enabled;
    let Some(endpoint) = endpoint.filter(on) else {
        remove(space, id).await?;
        return Ok(None);
    };
    let Some(attempted) = delivery.attempted(space.entropy.next_u64(), now) else {
        // The last attempt ended with the server that made it.
        return give_up(space, id, &endpoint).await;
    };
    if !write(space, document, &attempted).await? {
        return Ok(Some(attempted.due));
    }
    let secret = space.seal.open_sealed(&place(&endpoint.id), &endpoint.secret)?;
    let seconds = now.as_millis() / 1_000;
    let (event, body) = (&attempted.event_id, &attempted.body);
    let signature = sign::sign(secret.reveal(), event, seconds, body)?;
    let headers = [
        ("webhook-id", event.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    // Decided anew each time: a key may have been made since the endpoint was.
    let local = space.hooks.may_be_local().await?;
    let sent = sender.send(&endpoint.url, &headers, body, local).await;
    conclude(space, id, &endpoint, &attempted, sent).await
}

/// Does what follows from an attempt.
async fn conclude(
    space: &Space,
    id: &str,
    endpoint: &Endpoint,
    attempted: &Delivery,
    sent: Sent,
) -> Result<Option<Timestamp>, ApiError> {
    let why = match sent {
        Sent::Answered(status) => match verdict(status) {
            Verdict::Acknowledged => {
                remove(space, id).await?;
                if endpoint.failing_since.is_some() {
                    after(space, endpoint, |endpoint, now| endpoint.after_delivery(true, now))
                        .await?;
                }
                return Ok(None);
            }
            Verdict::Redirected => {
                return disable(space, id, endpoint, format!("it answered {status}, a redirect"))
                    .await;
            }
            Verdict::Failed => format!("it answered {status}"),
        },
        Sent::Refused(why) => return disable(space, id, endpoint, why).await,
        Sent::Failed(why) => why,
    };
    let (endpoint_id, attempts) = (&endpoint.id, attempted.attempts);
    space.log.info(&format!("webhooks: attempt {attempts} for {endpoint_id} failed: {why}"));
    if attempted.is_last() {
        return give_up(space, id, endpoint).await;
    }
    Ok(Some(attempted.due))
}

async fn give_up(
    space: &Space,
    id: &str,
    endpoint: &Endpoint,
) -> Result<Option<Timestamp>, ApiError> {
    remove(space, id).await?;
    after(space, endpoint, |endpoint, now| endpoint.after_delivery(false, now)).await?;
    Ok(None)
}

async fn disable(
    space: &Space,
    id: &str,
    endpoint: &Endpoint,
    why: String,
) -> Result<Option<Timestamp>, ApiError> {
    remove(space, id).await?;
    space.log.error(&format!("webhooks: {} is disabled: {why}", endpoint.id));
    after(space, endpoint, |endpoint, now| endpoint.disabled(&why, now)).await?;
    Ok(None)
}

/// Changes an endpoint, unless somebody disabled, changed or deleted it meanwhile.
async fn after(
    space: &Space,
    sent_to: &Endpoint,
    f: impl Fn(&Endpoint, Timestamp) -> Endpoint,
) -> Result<(), ApiError> {
    let changed = change(space, &sent_to.id, |before, now| {
        let same = before.url == sent_to.url && before.state == sent_to.state;
        Ok(if same { f(before, now) } else { before.clone() })
    });
    match changed.await {
        Err(error) if error.status != 404 => Err(error),
        _ => Ok(()),
    }
}

/// Writes a delivery as it is now; false, when somebody else did.
async fn write(space: &Space, before: Document, after: &Delivery) -> Result<bool, ApiError> {
    let body = serde_json::to_string(after)
        .map_err(|error| ApiError::internal(format!("{}: {error}", before.id)))?;
    let before_revision = before.revision;
    let document = Document { body, ..before };
    let put = DocumentChange::Put { before_revision, document };
    let written = space.runtime.store.write_documents(vec![put]).await?;
    Ok(written == DocumentWrite::Done)
}

/// Removes a delivery; one that is gone already is gone.
async fn remove(space: &Space, id: &str) -> Result<(), ApiError> {
    let gone = DocumentChange::Delete { id: id.to_owned() };
    space.runtime.store.write_documents(vec![gone]).await?;
    Ok(())
}
