//! `lucid compile`: the process in which an engine compiles a component.

use std::time::Duration;

use crate::failure::Ended;

pub(crate) fn run(memory_bytes: u64, deadline_ms: u64) -> crate::failure::Result {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let deadline = Duration::from_millis(deadline_ms);
    lucid_runtime::compile_for_parent(&mut input, &mut output, memory_bytes, deadline)?;
    Ok(Ended::Done)
}
