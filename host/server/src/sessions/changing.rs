//! The mission of a session and its document, which say the same.
//!
//! A change puts the mission first: one that does not load is refused. A kill between the two
//! would leave a session that works in a way that nobody was told of, so the mission is then
//! made anew of what the document says.

use lucid_api::ApiError;
use lucid_api::session::SessionRecord;
use lucid_core::SessionId;

use super::SESSION;
use super::start::write_mission;
use crate::space::Space;

/// Makes the missions fit again that a process changed which ended before it was done.
pub(crate) async fn settle(space: &Space) {
    let changes = match space.runtime.half_changed().await {
        Ok(changes) => changes,
        Err(failure) => return space.log.error(&format!("missions that were changed: {failure}")),
    };
    for change in changes {
        let _turn = space.turns.of(change.id().as_str()).await;
        match restore(space, change.id()).await {
            Ok(()) => change.done(),
            // It is looked at again at the next start.
            Err(error) => {
                let why = error.internal.unwrap_or(error.message);
                space.log.error(&format!("mission of session {}: {why}", change.id()));
            }
        }
    }
}

/// Makes the mission of a session what its document says. Only in its turn.
///
/// # Errors
/// Those of [`write_mission`]; internal.
pub(super) async fn restore(space: &Space, id: &SessionId) -> Result<(), ApiError> {
    let record = match space.get::<SessionRecord>(SESSION, id.as_str()).await {
        Ok(found) => found.value,
        // It was deleted.
        Err(error) if error.status == 404 => return Ok(()),
        Err(error) => return Err(error),
    };
    let mission = write_mission(space, id, &record).await?;
    Box::pin(space.runtime.change_mission(id, &mission)).await?.done();
    space.live.reload(id);
    Ok(())
}
