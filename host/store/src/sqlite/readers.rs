//! The connections that read. In write-ahead mode they wait for nobody, and every read sees
//! what was committed before it began.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::{Failure, Result};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::error::Outcome;

pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One for each connection, so that no thread is blocked by waiting for one.
    free: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>, path: PathBuf) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        Self { path, idle: Arc::new(Mutex::new(connections)), free }
    }

    /// Runs a read of a few rows that are found by their key right here: it is over before
    /// another thread would have woken. Where every connection is busy it waits its turn on
    /// such a thread.
    pub(super) async fn look<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let Ok(_permit) = self.free.try_acquire() else { return self.read(query).await };
        let pop = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(connection) = pop() else { return self.read(query).await };
        let outcome = query(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        outcome.map_err(|error| error.into_failure(&self.path))
    }

    /// Runs a read on a thread that may block.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let gone = || Failure::bug("the store's readers have ended");
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| gone())?;
        let idle = Arc::clone(&self.idle);
        let reading = tokio::task::spawn_blocking(move || {
            let connection = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let outcome = connection.map(|connection| {
                let outcome = query(&connection);
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                outcome
            });
            drop(permit);
            outcome
        });
        let outcome = reading.await.map_err(|_| gone())?.ok_or_else(gone)?;
        outcome.map_err(|error| error.into_failure(&self.path))
    }
}
