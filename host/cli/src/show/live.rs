//! A session, drawn on standard error while it runs.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Clock as _, EventRecord, SessionId, Timestamp};
use lucid_runtime::{NoObserver, Note, Observer, SystemClock};
use lucid_verbs::AwaitEvents;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::progress::Progress;
use super::team::{self, Team};
use super::width;
use crate::place::Place;

/// How often it is looked for what goes on for long, in milliseconds.
const LOOK_MS: u32 = 250;

/// How long is waited where the log cannot be read just now.
const AGAIN: Duration = Duration::from_millis(500);

/// What goes on for so long without an end is told before it ends.
const LONG_MS: u64 = 1_000;

/// Draws what a command runs, where somebody looks at standard error.
pub(crate) struct Live {
    drawn: Option<Drawn>,
}

struct Drawn {
    progress: Arc<Progress>,
    began: mpsc::UnboundedSender<Began>,
    over: oneshot::Sender<()>,
    /// Whether it drew anything.
    task: JoinHandle<bool>,
}

/// A session that runs now.
struct Began {
    id: SessionId,
    lead: String,
    events: u32,
}

/// Hears which session it is.
struct Ear(mpsc::UnboundedSender<Began>);

impl Observer for Ear {
    fn note(&self, note: Note<'_>) {
        if let Note::SessionBegan { id, lead, events } = note {
            // Nobody draws any more: nothing is lost.
            let _ = self.0.send(Began { id: id.clone(), lead: lead.to_owned(), events });
        }
    }
}

impl Live {
    /// Begins to draw, unless `quiet` or where standard error is no terminal.
    pub(crate) fn begin(place: Place, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self { drawn: None };
        }
        let progress = Arc::new(Progress::new());
        let (began, sessions) = mpsc::unbounded_channel();
        let (over, ended) = oneshot::channel();
        let draw = draw(place, sessions, ended, progress.clone());
        let task = tokio::spawn(draw);
        Self { drawn: Some(Drawn { progress, began, over, task }) }
    }

    /// What keeps quiet while somebody is asked.
    pub(crate) fn progress(&self) -> Option<Arc<Progress>> {
        self.drawn.as_ref().map(|drawn| drawn.progress.clone())
    }

    /// What a run tells of its sessions.
    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        match &self.drawn {
            Some(drawn) => Arc::new(Ear(drawn.began.clone())),
            None => Arc::new(NoObserver),
        }
    }

    /// Draws what is left, and stops.
    pub(crate) async fn end(self) {
        if let Some(drawn) = self.drawn {
            let _ = drawn.over.send(());
            // A drawing that failed is no reason to hide what it was of.
            if drawn.task.await.unwrap_or_default() {
                drawn.progress.tell("\n");
            }
        }
    }
}

/// Draws the session that begins until it is over, and says whether one did. A log that
/// cannot be read is told by whoever writes it.
async fn draw(
    place: Place,
    mut sessions: mpsc::UnboundedReceiver<Began>,
    mut over: oneshot::Receiver<()>,
    progress: Arc<Progress>,
) -> bool {
    let began = tokio::select! {
        began = sessions.recv() => began,
        _ = &mut over => return false,
    };
    let Some(Began { id, lead, events }) = began else { return false };
    let mut drawing = Team::new(&lead, width::terminal(), team::price);
    let (mut read, mut last) = (0_u32, false);
    loop {
        // At the end only what is there; before, what comes within a moment as well.
        let wait_ms = if last { 0 } else { LOOK_MS };
        let after = read.checked_sub(1);
        let asked = place.ask(AwaitEvents { id: id.clone(), after, wait_ms });
        let page = tokio::select! {
            news = asked => match news {
                Ok(news) => news.events,
                Err(_) if last => return true,
                Err(_) => {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
            },
            _ = &mut over, if !last => {
                last = true;
                continue;
            }
        };
        if let Some((end, _)) = page.last() {
            read = end.saturating_add(1);
            // What was there before is known already.
            let is_old = |(number, _): &&(u32, EventRecord)| *number < events;
            let old: Vec<_> = page.iter().filter(is_old).cloned().collect();
            drawing.draw(&old);
            progress.tell(&drawing.draw(&page[old.len()..]));
        }
        if last && page.is_empty() {
            return true;
        }
        let long_ago = SystemClock::default().now().as_millis().saturating_sub(LONG_MS);
        progress.tell(&drawing.unfinished(Timestamp(long_ago)));
    }
}
