//! What a dream strategy keeps of each session from dream to dream.
//!
//! It comes with `transcripts`, and what it stands for is behind
//! [`DreamHost`](super::dream::DreamHost). The bounds are here, so that no host behind it can
//! forget them: a strategy could otherwise fill a disk, or the memory of a later dream. So is
//! the rule that digests come before entries. It is the only thing that outlives a dream beside
//! its proposals, and with it a memory's text cannot get from one dream into another.

use lucid_core::Failure;
use wasmtime::component::{HasSelf, Linker};

use super::dream::PAGE_MAX;
use crate::bindings::imports::lucid::plugin::digests as wit;
use crate::state::State;

/// Bytes of one digest: 256 KiB.
pub const DIGEST_BYTES_MAX: usize = 256 << 10;

/// Bytes of all digests in one page: 8 MiB.
pub const DIGESTS_PAGE_BYTES_MAX: usize = 8 << 20;

/// Links the capability, for plugins that were granted `transcripts`.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wit::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl wit::Host for State {
    async fn get_many(
        &mut self,
        offset: u32,
        limit: u32,
    ) -> wasmtime::Result<Vec<Option<Vec<u8>>>> {
        let dream = self.dreaming()?;
        let kept = dream.digests(offset, limit.min(PAGE_MAX), DIGESTS_PAGE_BYTES_MAX).await;
        Ok(first_bytes(kept.map_err(wasmtime::Error::from)?))
    }

    async fn put(
        &mut self,
        session: String,
        digest: Vec<u8>,
    ) -> wasmtime::Result<Result<(), wit::DigestError>> {
        let dream = self.dreaming()?;
        if digest.len() > DIGEST_BYTES_MAX {
            let bytes = digest.len();
            let why = format!("a digest of {bytes} bytes, and {DIGEST_BYTES_MAX} are the most");
            return Ok(Err(wit::DigestError::TooLarge(why)));
        }
        if self.entries_listed {
            let why = "entries of the memory were listed before: digests have to be kept first";
            return Ok(Err(wit::DigestError::TooLate(why.to_owned())));
        }
        if !dream.has_session(&session).await {
            return Ok(Err(wit::DigestError::UnknownSession(session)));
        }
        let failed = |failure: Failure| wit::DigestError::Failed(failure.message);
        Ok(dream.keep_digest(&session, digest).await.map_err(failed))
    }
}

/// The first digests that are not too many bytes together. One that is larger than any that is
/// taken is as good as none, so there is one session at least.
fn first_bytes(kept: Vec<Option<Vec<u8>>>) -> Vec<Option<Vec<u8>>> {
    let mut bytes = 0_usize;
    let fits = |digest: &Vec<u8>| digest.len() <= DIGEST_BYTES_MAX;
    let page = kept.into_iter().map(|digest| digest.filter(fits)).map_while(|digest| {
        bytes += digest.as_ref().map_or(0, Vec::len);
        (bytes <= DIGESTS_PAGE_BYTES_MAX).then_some(digest)
    });
    page.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_digests_is_bounded_in_bytes_and_none_of_them_is_too_large() {
        let most = || Some(vec![0; DIGEST_BYTES_MAX]);
        let full = DIGESTS_PAGE_BYTES_MAX / DIGEST_BYTES_MAX;
        let page = first_bytes((0..full + 1).map(|_| most()).collect());
        assert_eq!(page.len(), full);
        // Where nothing is kept costs nothing.
        assert_eq!(first_bytes(vec![None; 1_000]).len(), 1_000);
        let damaged = vec![Some(vec![0; DIGEST_BYTES_MAX + 1]), Some(vec![1])];
        assert_eq!(first_bytes(damaged), [None, Some(vec![1])]);
    }
}
