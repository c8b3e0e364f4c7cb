//! Standard output and error of a guest: kept up to a limit, the rest dropped and counted.
//!
//! Never the process's own streams, and not wasmtime's memory pipe, which traps at its cap:
//! a guest that talks too much has done nothing wrong.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// What one permit allows; bounds what a guest can make the host allocate at once.
const PERMIT_BYTES: usize = 64 << 10;

#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    dropped: u64,
}

/// A bounded sink. Clones share what was kept.
#[derive(Debug, Clone)]
pub(crate) struct BoundedOutput {
    kept: Arc<Mutex<Kept>>,
    limit_bytes: usize,
}

impl BoundedOutput {
    pub(crate) fn new(limit_bytes: u64) -> Self {
        let limit_bytes = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
        Self { kept: Arc::default(), limit_bytes }
    }

    /// What was kept, as text; other bytes become replacement characters.
    pub(crate) fn text(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept.bytes).into_owned()
    }

    /// How many bytes were dropped.
    pub(crate) fn dropped(&self) -> u64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).dropped
    }

    /// How many bytes were written, the dropped ones included.
    pub(crate) fn written(&self) -> u64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes.len() as u64 + kept.dropped
    }

    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.limit_bytes.saturating_sub(kept.bytes.len()).min(bytes.len());
        let (fits, over) = bytes.split_at(room);
        kept.bytes.extend_from_slice(fits);
        kept.dropped += over.len() as u64;
    }
}

#[async_trait::async_trait]
impl Pollable for BoundedOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for BoundedOutput {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.keep(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT_BYTES)
    }
}

impl IsTerminal for BoundedOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for BoundedOutput {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only the third WASI preview asks for this, and it is not linked.
        Box::new(tokio::io::sink())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_over_the_limit_is_dropped_and_counted() {
        let output = BoundedOutput::new(5);
        output.keep(b"abc");
        output.keep(b"defg");
        assert_eq!(output.text(), "abcde");
        assert_eq!(output.dropped(), 2);
    }
}
