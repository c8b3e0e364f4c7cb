//! The runs of a workspace that go on behind the back of whoever asked for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lucid_core::{Failure, Result, RunId};
use lucid_runtime::{Note, Observer, SystemClock, SystemEntropy};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use crate::run::note::RunNote;
use crate::run::work::{RunKind, RunResult};
use crate::short::short;

/// Runs that go on at the same time.
const AT_ONCE: usize = 2;

/// Runs that have ended and are remembered, with what they came to, which may be megabytes; those
/// that ended first go first.
const ENDED_MAX: usize = 20;

/// Characters of what somebody named a run that a failure repeats.
const NAME_SHOWN: usize = 60;

/// Notes of one run that are kept; the oldest go first, but for where its parts began.
const NOTES_MAX: usize = 1_000;

/// How a run looked at one moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunSeen {
    /// Its id.
    pub id: RunId,
    /// What it is.
    pub kind: RunKind,
    /// What it told since, as far as that is kept.
    pub notes: Vec<RunNote>,
    /// The number of the last note there was; 0 before the first.
    pub at: u64,
    /// What became of it; none while it goes on.
    pub ended: Option<RunEnd>,
}

/// What became of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnd {
    /// It came to this.
    Done(RunResult),
    /// It could not be run to its end.
    Failed(Failure),
}

/// What is to go on.
pub(crate) struct NewRun {
    /// What it is.
    pub(crate) kind: RunKind,
    /// How it is gone on with, should it be stopped.
    pub(crate) again: String,
    /// What it does, in words of whoever begins it.
    pub(crate) what: String,
    /// Whether it does not begin while another does the same.
    pub(crate) alone: bool,
}

/// Room for one run.
pub(crate) struct RunTurn {
    _room: OwnedSemaphorePermit,
}

/// The runs of a workspace: so many at once, and the last that ended, for as long as the process
/// lives. A clone is the same.
#[derive(Clone)]
pub struct Runs(Arc<Inner>);

struct Inner {
    room: Arc<Semaphore>,
    /// In the order they were begun.
    runs: Mutex<Vec<Run>>,
    /// Each run listens to it as long as it goes on.
    stop: watch::Sender<bool>,
}

/// A run that was begun.
struct Run {
    id: RunId,
    kind: RunKind,
    what: String,
    notes: VecDeque<(u64, RunNote)>,
    ended: Option<Ended>,
    /// The number of the last note; also told when it ended.
    news: watch::Sender<u64>,
    cancel: watch::Sender<bool>,
}

/// The end of a run.
#[derive(Clone)]
struct Ended {
    /// How many had ended before.
    number: u64,
    end: Arc<RunEnd>,
}

impl Run {
    /// Keeps a note, and forgets what nobody would miss.
    fn note(&mut self, note: RunNote) {
        // How far a dream is replaces how far it was.
        let is_progress = |note: &RunNote| matches!(note, RunNote::DreamProgress { .. });
        if is_progress(&note) && self.notes.back().is_some_and(|(_, last)| is_progress(last)) {
            self.notes.pop_back();
        }
        let number = self.news.borrow().saturating_add(1);
        self.notes.push_back((number, note));
        if self.notes.len() > NOTES_MAX {
            let is_phase = |(_, note): &(u64, RunNote)| matches!(note, RunNote::Phase { .. });
            let oldest = self.notes.iter().position(|note| !is_phase(note)).unwrap_or(0);
            self.notes.remove(oldest);
        }
        self.news.send_replace(number);
    }

    /// How it looks, but for its end, which whoever asks copies when nobody waits for that.
    fn seen(&self, after: u64) -> (RunSeen, Option<Arc<RunEnd>>) {
        let new = self.notes.iter().filter(|(number, _)| *number > after);
        let seen = RunSeen {
            id: self.id.clone(),
            kind: self.kind,
            notes: new.map(|(_, note)| note.clone()).collect(),
            at: *self.news.borrow(),
            ended: None,
        };
        (seen, self.ended.as_ref().map(|ended| ended.end.clone()))
    }
}

impl Default for Runs {
    /// Nothing goes on yet.
    fn default() -> Self {
        Self(Arc::new(Inner {
            room: Arc::new(Semaphore::new(AT_ONCE)),
            runs: Mutex::default(),
            stop: watch::Sender::new(false),
        }))
    }
}

impl Runs {
    /// Room for one more run.
    ///
    /// # Errors
    /// Exceeded, when there is none.
    pub(crate) fn turn(&self) -> Result<RunTurn> {
        let room = self.0.room.clone().try_acquire_owned().map_err(|_| {
            Failure::exceeded(format!("{AT_ONCE} runs of this workspace go on already"))
                .hint("wait until one ends: `lucid run --watch latest`")
        })?;
        Ok(RunTurn { _room: room })
    }

    /// Begins a run, which goes on until it ends, is canceled, or all are stopped. Returns at
    /// once.
    ///
    /// # Errors
    /// Invalid, when another run does what this one would have to do alone.
    pub(crate) fn start<W>(
        &self,
        turn: RunTurn,
        new: NewRun,
        work: impl FnOnce(Arc<dyn Observer>) -> W,
    ) -> Result<RunId>
    where
        W: Future<Output = Result<RunResult>> + Send + 'static,
    {
        let id = RunId::new(&SystemClock::default(), &SystemEntropy);
        let mut canceled = self.enter(&id, &new)?;
        let again = new.again;
        // Listened to before it runs: `stop` waits for whoever listens.
        let mut stop = self.0.stop.subscribe();
        let work = work(Arc::new(Ear { runs: self.clone(), id: id.clone() }));
        let left = Left { runs: self.clone(), id: id.clone(), ended: None };
        tokio::spawn(async move {
            // Whoever hears of the end may begin the next: also where it panics, room is given
            // back first.
            let mut left = left;
            let turn = turn;
            let stopped = |why: &str| RunEnd::Failed(Failure::failed(why).hint(again.clone()));
            let ended = tokio::select! {
                ended = work => ended.map_or_else(RunEnd::Failed, RunEnd::Done),
                _ = canceled.wait_for(|canceled| *canceled) => stopped("the run was canceled"),
                _ = stop.wait_for(|stop| *stop) => {
                    stopped("the server stopped before the run ended")
                }
            };
            drop(turn);
            left.ended = Some(ended);
        });
        Ok(id)
    }

    /// Writes down that a run begins; gives what tells it to end.
    ///
    /// # Errors
    /// Invalid, when another run does what this one would have to do alone.
    fn enter(&self, id: &RunId, new: &NewRun) -> Result<watch::Receiver<bool>> {
        let mut runs = self.runs();
        let does_it = |run: &&Run| run.ended.is_none() && run.what == new.what;
        if let Some(other) = runs.iter().find(does_it).filter(|_| new.alone) {
            return Err(Failure::invalid(format!("run {} does the same already", other.id))
                .hint(format!("wait for it with `lucid run --watch {}`", other.id)));
        }
        let (cancel, canceled) = watch::channel(false);
        let (news, notes) = (watch::Sender::new(0), VecDeque::new());
        let (id, kind, what) = (id.clone(), new.kind, new.what.clone());
        runs.push(Run { id, kind, what, notes, ended: None, news, cancel });
        Ok(canceled)
    }

    /// Writes down that a run has ended, and forgets one that ended long ago.
    fn leave(&self, id: &RunId, end: RunEnd) {
        let mut runs = self.runs();
        let number = |run: &Run| run.ended.as_ref().map(|ended| ended.number);
        let next = runs.iter().filter_map(number).max().map_or(0, |last| last.saturating_add(1));
        if let Some(run) = runs.iter_mut().find(|run| run.id == *id) {
            run.ended = Some(Ended { number: next, end: Arc::new(end) });
            // The same number, but news.
            run.news.send_modify(|_| ());
        }
        if runs.iter().filter_map(number).count() > ENDED_MAX {
            let first = runs.iter().filter_map(number).min();
            runs.retain(|run| number(run).is_none() || number(run) != first);
        }
    }

    /// The run that is meant: an id, the unique start of one, or `latest`.
    ///
    /// # Errors
    /// Invalid, when none or several fit.
    pub(crate) fn find(&self, wanted: &str) -> Result<RunId> {
        let runs = self.runs();
        let mut newest = runs.iter().rev();
        if let Some(exact) = newest.clone().find(|run| run.id.as_str() == wanted) {
            return Ok(exact.id.clone());
        }
        if wanted == "latest" {
            return newest
                .next()
                .map(|run| run.id.clone())
                .ok_or_else(|| Failure::invalid("there is no run").hint("`lucid run` begins one"));
        }
        let mut fitting = newest.filter(|run| run.id.as_str().starts_with(wanted));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one.id.clone()),
            (None, _) => Err(no_run(wanted)),
            _ => {
                let message = format!("several runs start with `{}`", short(wanted, NAME_SHOWN));
                Err(Failure::invalid(message).hint("give the whole id"))
            }
        }
    }

    /// How a run looks as soon as there is something behind a note, it has ended, or the time
    /// is over.
    ///
    /// # Errors
    /// Invalid, when there is no such run any more.
    pub(crate) async fn await_news(
        &self,
        id: &RunId,
        after: u64,
        wait: Duration,
    ) -> Result<RunSeen> {
        let until = Instant::now() + wait;
        let mut news = self.of(id, |run| run.news.subscribe())?;
        loop {
            news.borrow_and_update();
            let (seen, end) = self.of(id, |run| run.seen(after))?;
            let is_news = end.is_some() || !seen.notes.is_empty();
            if is_news || tokio::time::timeout_at(until, news.changed()).await.is_err() {
                return Ok(RunSeen { ended: end.map(|end| (*end).clone()), ..seen });
            }
        }
    }

    /// Asks a run to end, and waits until it has; says whether it went on until then. What is
    /// said into its sessions from then on comes behind the cancel.
    ///
    /// # Errors
    /// Invalid, when there is no such run any more.
    pub(crate) async fn cancel(&self, id: &RunId) -> Result<bool> {
        let (went_on, mut news) = self.of(id, |run| {
            run.cancel.send_replace(true);
            (run.ended.is_none(), run.news.subscribe())
        })?;
        // One that is forgotten by now has ended.
        while self.of(id, |run| run.ended.is_none()).unwrap_or(false) {
            if news.changed().await.is_err() {
                break;
            }
        }
        Ok(went_on)
    }

    /// Stops all runs where they stand, begins none any more, and waits until they have ended.
    pub async fn stop(&self) {
        self.0.stop.send_replace(true);
        self.0.stop.closed().await;
    }

    /// What there is of a run.
    fn of<T>(&self, id: &RunId, what: impl FnOnce(&mut Run) -> T) -> Result<T> {
        let mut runs = self.runs();
        let found = runs.iter_mut().find(|run| run.id == *id);
        found.map(what).ok_or_else(|| no_run(id.as_str()))
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_run(wanted: &str) -> Failure {
    Failure::invalid(format!("no such run: `{}`", short(wanted, NAME_SHOWN))).hint(
        "a server remembers its runs until it stops; `lucid session list` has the sessions of all",
    )
}

/// Hears what a run tells.
struct Ear {
    runs: Runs,
    id: RunId,
}

impl Observer for Ear {
    fn note(&self, note: Note<'_>) {
        if let Some(note) = RunNote::of(&note) {
            // One that is forgotten has ended: nothing is missed.
            let _ = self.runs.of(&self.id, |run| run.note(note));
        }
    }
}

/// A run that goes on: it has ended when this is dropped, whatever ended it.
struct Left {
    runs: Runs,
    id: RunId,
    ended: Option<RunEnd>,
}

impl Drop for Left {
    fn drop(&mut self) {
        let ended = self.ended.take().unwrap_or_else(|| {
            RunEnd::Failed(match std::thread::panicking() {
                true => Failure::bug("the run panicked"),
                false => Failure::failed("the run was left before it ended"),
            })
        });
        self.runs.leave(&self.id, ended);
    }
}

#[cfg(test)]
mod tests;
