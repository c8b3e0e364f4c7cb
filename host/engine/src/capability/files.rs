//! Files: the calling agent's view as preopened folders, read-only unless both the view and
//! the plugin may write.

use lucid_policy::manifest::FileAccess;
use lucid_policy::{Access, Capabilities};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::call::Mount;

/// Gives a call its folders.
pub(crate) fn grant(
    wasi: &mut WasiCtxBuilder,
    capabilities: &Capabilities,
    mounts: &[Mount],
) -> wasmtime::Result<()> {
    let Some(plugin) = capabilities.files else { return Ok(()) };
    for mount in mounts {
        let permissions = match (plugin, mount.access) {
            (FileAccess::ReadWrite, Access::ReadWrite) => FsPerms::ReadWrite,
            _ => FsPerms::ReadOnly,
        };
        wasi.preopened_dir(&mount.host_folder, &mount.guest_path, permissions)?;
    }
    Ok(())
}
