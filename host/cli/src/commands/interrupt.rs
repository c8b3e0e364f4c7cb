//! Ctrl-c, and being told to end.

/// Waits for something that goes on. The first time that somebody wants this process to end it is
/// asked to `cancel`, and still waited for; the second time it is not: none.
pub(crate) async fn waited_for<T>(
    ended: impl Future<Output = T> + Unpin,
    cancel: impl Future + Unpin,
) -> Option<T> {
    waited_until(ended, cancel, asked_to_end).await
}

async fn waited_until<T>(
    mut ended: impl Future<Output = T> + Unpin,
    cancel: impl Future + Unpin,
    asked: impl AsyncFn(),
) -> Option<T> {
    tokio::select! {
        ended = &mut ended => return Some(ended),
        () = asked() => {}
    }
    let mut again = Box::pin(asked());
    tokio::select! {
        // What has ended meanwhile cannot be canceled, and need not be.
        _ = cancel => {}
        ended = &mut ended => return Some(ended),
        () = again.as_mut() => return None,
    }
    tokio::select! {
        ended = ended => Some(ended),
        () = again => None,
    }
}

/// Comes back when somebody wants this process to end. From the first time it is asked on, ctrl-c
/// no longer ends the process by itself.
pub(crate) async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                () = ctrl_c() => {}
            }
            return;
        }
    }
    ctrl_c().await;
}

/// Where the system does not tell of it, it never comes, and ends the process as ever.
async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use tokio::sync::{Notify, Semaphore};

    use super::*;

    /// Waits for something that is asked to end so many times: whether it was seen to end, and
    /// whether it was asked to cancel. It ends at once, or when it cancels, or never; and
    /// cancelling may take for ever.
    async fn waited(times: usize, at_once: bool, cancels: bool, hangs: bool) -> (bool, bool) {
        let (over, canceled) = (Notify::new(), Cell::new(false));
        let asked = Semaphore::new(times);
        if at_once {
            over.notify_one();
        }
        let cancel = async {
            canceled.set(true);
            if cancels {
                over.notify_one();
            }
            if hangs {
                pending::<()>().await;
            }
        };
        let asked = async || asked.acquire().await.unwrap().forget();
        let ended = waited_until(Box::pin(over.notified()), Box::pin(cancel), asked).await;
        (ended.is_some(), canceled.get())
    }

    #[tokio::test]
    async fn what_nobody_wants_to_end_is_not_canceled() {
        for hangs in [false, true] {
            assert_eq!(waited(0, true, true, hangs).await, (true, false));
        }
    }

    #[tokio::test]
    async fn what_is_canceled_is_waited_for_until_somebody_asks_again() {
        for hangs in [false, true] {
            assert_eq!(waited(1, false, true, hangs).await, (true, true), "hangs: {hangs}");
            let (ended, _) = waited(2, false, false, hangs).await;
            assert!(!ended, "hangs: {hangs}");
        }
    }
}
