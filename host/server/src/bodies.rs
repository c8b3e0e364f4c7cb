//! How much of requests' bodies the whole server holds in memory at once.
//!
//! Each body that is read whole takes as much room as it says that it will need, before any of
//! it is read, and has it until its request is answered. Small bodies have room of their own,
//! so that none of them waits for a large one. The smallest, which most requests have, take
//! none and wait for nobody; nor does what goes to disk as it arrives.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lucid_api::ApiError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::BODY_BYTES_MAX;

/// Bytes of a body that takes no room: how many there are of it is bounded elsewhere.
const SMALLEST: usize = 64 << 10;

/// Bytes of a body that is still a small one.
const SMALL: usize = 1 << 20;

/// Bytes of small bodies that are held at once.
const SMALL_ROOM: usize = 64 << 20;

/// Bytes of all other bodies that are held at once: of the largest, six.
const LARGE_ROOM: usize = 192 << 20;

/// How long a body waits for room before its request is refused.
const WAIT: Duration = Duration::from_secs(10);

/// The room for bodies.
pub(crate) struct Bodies {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    wait: Duration,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(SMALL_ROOM, LARGE_ROOM, WAIT)
    }
}

impl Bodies {
    fn new(small: usize, large: usize, wait: Duration) -> Self {
        let room = |bytes| Arc::new(Semaphore::new(bytes));
        Self { small: room(small), large: room(large), wait }
    }

    /// Waits for room for a body of at most so many bytes; one that does not say how many it
    /// has needs as much as the largest.
    ///
    /// # Errors
    /// Overloaded, when there is none in time.
    pub(crate) async fn room(&self, bytes: Option<u64>) -> Result<Room, ApiError> {
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(BODY_BYTES_MAX);
        let bytes = bytes.min(BODY_BYTES_MAX);
        if bytes <= SMALLEST {
            return Ok(Room(None));
        }
        let part = if bytes <= SMALL { &self.small } else { &self.large };
        let overloaded = || {
            ApiError::overloaded(
                "the server holds as many large requests as it has room for; send this one again \
                 in a moment",
            )
        };
        let count = u32::try_from(bytes).map_err(|_| overloaded())?;
        let room = tokio::time::timeout(self.wait, part.clone().acquire_many_owned(count)).await;
        // Nobody closes it.
        let room = room.map_err(|_| overloaded())?.map_err(|_| overloaded())?;
        Ok(Room(Some(room)))
    }

    /// Bytes that are free, of small bodies and of the others.
    #[cfg(test)]
    pub(crate) fn free(&self) -> (usize, usize) {
        (self.small.available_permits(), self.large.available_permits())
    }
}

/// Room that a body has; it is given back with this.
pub(crate) struct Room(Option<OwnedSemaphorePermit>);

impl Room {
    /// Gives back what a body did not need that has only so many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        if let Some(room) = &mut self.0 {
            drop(room.split(room.num_permits().saturating_sub(bytes)));
        }
    }
}

/// What one request holds. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<Vec<Room>>>);

impl Held {
    /// Keeps room until the request is gone.
    pub(crate) fn keep(&self, room: Room) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: u64 = 2 << 20;
    const MIDDLE: u64 = 1 << 20;

    /// Room for two small bodies and two large ones; nobody waits long.
    fn bodies() -> Bodies {
        Bodies::new(2 << 20, 4 << 20, Duration::from_millis(20))
    }

    #[tokio::test]
    async fn bodies_that_are_held_at_once_are_bounded_together() {
        let bodies = bodies();
        for (bytes, free) in [(MIDDLE, (0, 4 << 20)), (LARGE, (2 << 20, 0))] {
            let first = bodies.room(Some(bytes)).await.unwrap();
            let second = bodies.room(Some(bytes)).await.unwrap();
            assert_eq!(bodies.free(), free);
            let refused = bodies.room(Some(bytes)).await.err().unwrap();
            assert_eq!((refused.status, refused.kind), (529, "overloaded_error"));
            drop(first);
            assert!(bodies.room(Some(bytes)).await.is_ok());
            drop(second);
        }
        assert_eq!(bodies.free(), (2 << 20, 4 << 20));
    }

    #[tokio::test]
    async fn a_small_body_does_not_wait_for_large_ones() {
        let bodies = Bodies::new(2 << 20, 4 << 20, Duration::from_secs(3_600));
        let _all = bodies.room(Some(4 << 20)).await.unwrap();
        let mut waits = Box::pin(bodies.room(Some(LARGE)));
        assert!(futures::poll!(&mut waits).is_pending());
        assert!(bodies.room(Some(MIDDLE)).await.is_ok());
        assert!(futures::poll!(&mut waits).is_pending());
    }

    #[tokio::test]
    async fn the_smallest_bodies_wait_for_nobody_however_many_slow_ones_there_are() {
        let bodies = Bodies::new(2 << 20, 4 << 20, Duration::from_secs(3_600));
        let _small = bodies.room(Some(MIDDLE)).await.unwrap();
        let _other = bodies.room(Some(MIDDLE)).await.unwrap();
        let mut waits = Box::pin(bodies.room(Some(SMALLEST as u64 + 1)));
        assert!(futures::poll!(&mut waits).is_pending());
        assert!(bodies.room(Some(SMALLEST as u64)).await.is_ok());
        assert!(futures::poll!(&mut waits).is_pending());
    }

    #[tokio::test]
    async fn who_goes_away_while_waiting_or_after_leaves_all_room() {
        let bodies = Bodies::new(2 << 20, 4 << 20, Duration::from_secs(3_600));
        let held = Held::default();
        held.clone().keep(bodies.room(Some(4 << 20)).await.unwrap());
        let mut waits = Box::pin(bodies.room(Some(LARGE)));
        assert!(futures::poll!(&mut waits).is_pending());
        drop(waits);
        assert_eq!(bodies.free(), (2 << 20, 0));
        drop(held);
        assert_eq!(bodies.free(), (2 << 20, 4 << 20));
    }

    #[tokio::test]
    async fn a_body_that_does_not_say_its_size_gives_back_what_it_did_not_need() {
        let bodies = Bodies::default();
        let mut room = bodies.room(None).await.unwrap();
        assert_eq!(bodies.free(), (SMALL_ROOM, LARGE_ROOM - BODY_BYTES_MAX));
        room.shrink_to(3);
        assert_eq!(bodies.free(), (SMALL_ROOM, LARGE_ROOM - 3));
        // One that says less than it brings is refused elsewhere, and takes no more here.
        room.shrink_to(BODY_BYTES_MAX);
        assert_eq!(bodies.free(), (SMALL_ROOM, LARGE_ROOM - 3));
        let _nothing = bodies.room(Some(0)).await.unwrap();
        assert_eq!(bodies.free(), (SMALL_ROOM, LARGE_ROOM - 3));
    }
}
