//! The one thread that writes.
//!
//! A commit waits for the disk, and while it does more writes queue up: they go into the
//! next transaction together (group commit), so many writers share one wait. Each write
//! stands in a savepoint, so one that fails takes nothing with it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lucid_core::{Failure, Result};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::error::Outcome;
use super::open;

/// Writes that wait before senders have to.
const QUEUE_MAX: usize = 1_024;

/// Writes in one transaction.
const BATCH_MAX: usize = 256;

/// How long to wait for writes that are about to come: such a part of what the last commit
/// took, which is nearly nothing where a commit does not wait for a disk.
const PATIENCE_PART: u32 = 8;
const PATIENCE_MAX: Duration = Duration::from_micros(500);

/// One write: it runs inside a transaction, and is answered after that one ended.
trait Work: Send {
    /// Runs it; false when it failed and has to be taken back.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers it, with what became of the transaction.
    fn answer(self: Box<Self>, commit: Result<()>);
}

struct Write<T, F, D> {
    statement: Option<F>,
    /// What to do with the result once it is on disk.
    then: D,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F, D> Work for Write<T, F, D>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T> + Send,
    D: FnOnce(&T) + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.result = self.statement.take().map(|statement| statement(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, commit: Result<()>) {
        let never_ran = || Err(Failure::bug("a write that never ran"));
        let result = match (self.result, commit) {
            (Some(Err(failure)), _) | (_, Err(failure)) => Err(failure),
            (result, Ok(())) => result.unwrap_or_else(never_ran),
        };
        if let Ok(result) = &result {
            (self.then)(result);
        }
        // Nobody may be waiting any more.
        let _ = self.reply.send(result);
    }
}

enum Command {
    Write(Box<dyn Work>),
    Flush(oneshot::Sender<Result<()>>),
}

/// The sending side.
pub(super) struct Writer {
    path: PathBuf,
    sender: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, path: PathBuf) -> Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let thread_path = path.clone();
        let thread = std::thread::Builder::new()
            .name("lucid-store".to_owned())
            .spawn(move || Thread { connection, path: thread_path }.run(receiver))
            .map_err(|error| Failure::failed(format!("no thread for the store: {error}")))?;
        Ok(Self { path, sender: Some(sender), thread: Some(thread) })
    }

    /// Runs a write and waits until it is on disk.
    pub(super) async fn write<T, F>(&self, statement: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        self.write_then(statement, |_| {}).await
    }

    /// As [`Writer::write`], and does something with the result once it is on disk: also when
    /// nobody waits for it any more, and before those who do hear of it.
    pub(super) async fn write_then<T, F, D>(&self, statement: F, then: D) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
        D: FnOnce(&T) + Send + 'static,
    {
        let path = self.path.clone();
        let statement = move |connection: &Connection| {
            statement(connection).map_err(|error| error.into_failure(&path))
        };
        let (reply, answer) = oneshot::channel();
        let write = Write { statement: Some(statement), then, result: None, reply };
        self.send(Command::Write(Box::new(write)), answer).await
    }

    /// Waits for all writes before, and tidies up.
    pub(super) async fn flush(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Flush(reply), answer).await
    }

    async fn send<T>(&self, command: Command, answer: oneshot::Receiver<Result<T>>) -> Result<T> {
        let gone = || Failure::bug("the store's writer has ended");
        let sender = self.sender.as_ref().ok_or_else(gone)?;
        sender.send(command).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without a sender the thread ends when its queue is empty.
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // It has nobody left to tell that it panicked.
            let _ = thread.join();
        }
    }
}

/// What is to be done, in the order it came.
struct Queue {
    receiver: mpsc::Receiver<Command>,
    writes: VecDeque<Box<dyn Work>>,
    /// Comes after all of the writes, and before what is still with the receiver.
    flush: Option<oneshot::Sender<Result<()>>>,
}

impl Queue {
    /// Waits for something to do; false when nothing can come any more.
    fn wait(&mut self) -> bool {
        if self.writes.is_empty() && self.flush.is_none() {
            match self.receiver.blocking_recv() {
                Some(command) => self.take(command),
                None => return false,
            }
        }
        true
    }

    /// Takes what has come, as much as fits one transaction.
    fn drain(&mut self) {
        while self.has_room() {
            match self.receiver.try_recv() {
                Ok(command) => self.take(command),
                Err(_) => return,
            }
        }
    }

    fn has_room(&self) -> bool {
        self.flush.is_none() && self.writes.len() < BATCH_MAX
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Write(work) => self.writes.push_back(work),
            Command::Flush(reply) => self.flush = Some(reply),
        }
    }

    /// Waits a little for writes that are about to come.
    fn gather(&mut self, expected: usize, patience: Duration) {
        self.drain();
        #[expect(clippy::disallowed_methods, reason = "it is waited in wall time")]
        let start = Instant::now();
        while self.has_room() && self.writes.len() < expected && start.elapsed() < patience {
            // Whoever is about to write may need this core for it.
            std::thread::yield_now();
            self.drain();
        }
    }
}

struct Thread {
    connection: Connection,
    path: PathBuf,
}

impl Thread {
    fn run(self, receiver: mpsc::Receiver<Command>) {
        let mut queue = Queue { receiver, writes: VecDeque::new(), flush: None };
        // Who was just answered mostly comes again at once. If the first of them went into
        // a transaction alone, all others would wait for two commits instead of one.
        let (mut expected, mut patience) = (0, Duration::ZERO);
        while queue.wait() {
            queue.gather(expected, patience);
            let mut done = Vec::new();
            let outcome = match queue.writes.is_empty() {
                true => Ok(Duration::ZERO),
                false => self.transaction(&mut queue.writes, &mut done),
            };
            patience = match &outcome {
                Ok(commit) => (*commit / PATIENCE_PART).min(PATIENCE_MAX),
                Err(_) => Duration::ZERO,
            };
            let outcome = outcome.map(drop).map_err(|error| error.into_failure(&self.path));
            queue.drain();
            expected = queue.writes.len() + done.len();
            for work in done {
                work.answer(outcome.clone());
            }
            if queue.writes.is_empty()
                && let Some(reply) = queue.flush.take()
            {
                // Nobody may be waiting any more.
                let _ = reply.send(self.flush().map_err(|error| error.into_failure(&self.path)));
            }
        }
    }

    /// Moves writes from the batch to `done` and commits them together. Gives how long the
    /// commit took.
    fn transaction(
        &self,
        batch: &mut VecDeque<Box<dyn Work>>,
        done: &mut Vec<Box<dyn Work>>,
    ) -> Outcome<Duration> {
        if let Err(error) = self.execute("BEGIN IMMEDIATE") {
            done.extend(batch.drain(..));
            return Err(error);
        }
        while let Some(mut work) = batch.pop_front() {
            let outcome = self.savepoint(work.as_mut());
            done.push(work);
            if self.connection.is_autocommit() {
                // Some errors, such as a full disk, take the whole transaction back.
                let lost = Failure::failed("another write in the same transaction failed");
                return outcome.and(Err(lost.into()));
            }
            if let Err(error) = outcome {
                self.execute("ROLLBACK")?;
                return Err(error);
            }
        }
        #[expect(clippy::disallowed_methods, reason = "the disk takes wall time")]
        let start = Instant::now();
        let commit = self.execute("COMMIT");
        if commit.is_err() && !self.connection.is_autocommit() {
            // The first error is the one to tell.
            let _ = self.execute("ROLLBACK");
        }
        commit.map(|()| start.elapsed())
    }

    fn savepoint(&self, work: &mut dyn Work) -> Outcome<()> {
        self.execute("SAVEPOINT one")?;
        if work.run(&self.connection) {
            return self.execute("RELEASE one");
        }
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.execute("ROLLBACK TO one")?;
        self.execute("RELEASE one")
    }

    fn execute(&self, sql: &str) -> Outcome<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn flush(&self) -> Outcome<()> {
        // What is written is safe anyway, so a process that is in the way may stay there.
        open::tidy(&self.connection, |connection| {
            connection.execute_batch("PRAGMA optimize")?;
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            connection.query_row(checkpoint, [], |_| Ok(()))
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn connect(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        let set_up = "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (x)";
        connection.execute_batch(set_up).unwrap();
        connection
    }

    fn count(connection: &Connection) -> u32 {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    fn insert(connection: &Connection, bytes: u32) -> Outcome<()> {
        connection.execute("INSERT INTO t VALUES (zeroblob(?1))", [bytes])?;
        Ok(())
    }

    #[tokio::test]
    async fn writes_that_wait_share_a_transaction_and_fail_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let writer = Writer::start(connect(&path), path.clone()).unwrap();
        let other = connect(&path);
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (starts, started) = oneshot::channel();
        let slow = writer.write(move |connection| {
            let _ = starts.send(());
            wait.recv().unwrap();
            insert(connection, 1)
        });
        let first = writer.write(|connection| insert(connection, 1));
        let fails = writer.write(|connection| {
            insert(connection, 1)?;
            Err::<(), _>(Failure::invalid("no").into())
        });
        let sees = writer.write(move |connection| {
            insert(connection, 1)?;
            Ok((count(connection), count(&other)))
        });
        // Polled in this order: the others wait behind the slow one when it goes on.
        let rest = async {
            started.await.unwrap();
            let release = async { go.send(()).unwrap() };
            tokio::join!(first, fails, sees, release)
        };
        let (slow, (first, fails, sees, ())) = tokio::join!(slow, rest);
        assert_eq!((slow, first), (Ok(()), Ok(())));
        assert_eq!(fails.unwrap_err().message, "no");
        // The first write is there for the last one, and not committed yet.
        assert_eq!(sees, Ok((3, 1)));
        assert_eq!(count(&connect(&path)), 3);
    }

    #[tokio::test]
    async fn a_full_disk_acknowledges_nothing_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let connection = connect(&path);
        connection.pragma_update(None, "max_page_count", 20).unwrap();
        let writer = Writer::start(connection, path.clone()).unwrap();
        let small = || writer.write(|connection| insert(connection, 1));
        let large = writer.write(|connection| insert(connection, 1 << 20));
        let (one, large, two) = tokio::join!(small(), large, small());
        assert!(large.unwrap_err().hint.is_some_and(|hint| hint.contains("disk")));
        let acknowledged = [one, two, small().await].iter().filter(|write| write.is_ok()).count();
        assert!(acknowledged > 0);
        assert_eq!(count(&connect(&path)) as usize, acknowledged);
    }
}
