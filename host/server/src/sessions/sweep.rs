//! Seeing to sessions that nobody works on though they have something to do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{Result, SessionId};
use lucid_runtime::Unattended;

use super::follow;
use crate::space::Space;

/// How often it is looked for them.
const EVERY: Duration = Duration::from_secs(30);

/// Those that were read and had nothing to do, with how many events they had.
#[derive(Debug, Default)]
pub(crate) struct Looked(BTreeMap<SessionId, u32>);

/// Wakes the sessions that have something to do and that nobody works on, and follows them;
/// says how many. What `looked` has, from the time before, is not read again.
///
/// # Errors
/// Failed, when the store fails; what cannot be read of one session keeps no other from going
/// on.
pub(crate) async fn wake_all(space: &Arc<Space>, looked: &mut Looked) -> Result<usize> {
    let Unattended { sessions: mut left, unread } =
        space.runtime.newly_unattended(&mut looked.0).await?;
    if let Some(failure) = unread {
        space.log.error(&format!("a session that nobody may work on: {failure}"));
    }
    left.retain(|id| !space.live.is_working(id));
    let mut woken = 0_usize;
    for id in &left {
        match space.runtime.store.head(id).await {
            Ok(head) => {
                space.live.wake(id);
                follow(space, id, head.unwrap_or(0));
                woken = woken.saturating_add(1);
            }
            // It is looked for again; the others are not made to wait for it.
            Err(failure) => {
                space.log.error(&format!("session {id} is not gone on with: {failure}"))
            }
        }
    }
    Ok(woken)
}

/// Does so now and then: a process beside this one may end, or an event be written that nobody
/// is woken for.
pub(crate) async fn sweep(space: &Arc<Space>, mut looked: Looked) {
    loop {
        tokio::time::sleep(EVERY).await;
        match wake_all(space, &mut looked).await {
            Ok(0) => {}
            Ok(count) => space.log.info(&format!("{count} sessions go on that nobody worked on")),
            Err(failure) => space.log.error(&format!("sessions that nobody works on: {failure}")),
        }
    }
}
