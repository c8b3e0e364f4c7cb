//! What a session left in its outputs, as files.

use lucid_api::ApiError;
use lucid_api::file::{FILE_BYTES_MAX, Scope};
use lucid_core::SessionId;

use crate::files::{NewFile, find_kept, put_bytes};
use crate::space::Space;

/// Keeps as files what a session left in its outputs and is not kept as it is now. One that
/// the session removed or changed since stays as it was until it is there again.
///
/// # Errors
/// Internal.
pub(crate) async fn keep_outputs(space: &Space, id: &str) -> Result<(), ApiError> {
    let Some(id) = SessionId::parse(id) else { return Ok(()) };
    if space.runtime.store.session(&id).await?.is_none() {
        return Ok(());
    }
    // A turn of its own: of two who look at once, the second finds what the first has kept, and
    // copying holds up nobody who talks to the session.
    let _turn = space.turns.of(&format!("{id} outputs")).await;
    for output in space.runtime.outputs(&id).await? {
        let kept = find_kept(space, id.as_str(), &output.path).await?;
        let is_kept = kept.is_some_and(|kept| {
            kept.created_at > output.modified && kept.size_bytes == output.bytes
        });
        if is_kept || output.bytes > FILE_BYTES_MAX {
            continue;
        }
        // What is written to it while it is copied is newer than this, and is found next time.
        let created_at = Some(space.clock.now());
        let Some(bytes) = space.runtime.open_output(&id, &output.path).await? else { continue };
        let new = NewFile {
            created_at,
            filename: output.path.clone(),
            scope: Some(Scope::Session { id: id.to_string() }),
            downloadable: true,
            key: Some(output.path),
            ..NewFile::default()
        };
        match put_bytes(space, new, bytes).await {
            // It grew since it was listed.
            Err(error) if error.status == 413 => {}
            kept => drop(kept?),
        }
    }
    Ok(())
}
