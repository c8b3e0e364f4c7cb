//! Ctrl-c, and being told to end.

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
