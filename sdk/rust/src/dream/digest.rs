//! What is kept of each session from dream to dream.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::pages::{Pages, sure};
use super::{DigestError, DreamError, PAGE, SessionSummary, report_session};
use crate::{host, log};

/// The digest of a session as bytes, or why it is none.
type Bytes = Result<Vec<u8>, String>;

/// The sessions of a dream, each with its digest; [`digests`] and [`digests_as`] make it.
pub struct EachDigest<T, F> {
    sessions: Pages<SessionSummary>,
    kept: Pages<Option<Vec<u8>>>,
    passed: u32,
    make: F,
    encode: fn(T) -> Bytes,
    decode: fn(Vec<u8>) -> Result<T, String>,
}

/// The sessions this dream may read, in order, each with what `make` makes of it.
///
/// What was made of a session is kept, at most 256 KiB of bytes, and given again by the next
/// dream of the same component: so only sessions that are new are read, and one after the other.
/// `make` must use nothing but its session. Then a dream that reads only what is new proposes
/// the same as one that reads everything. Come to the entries of the memory after the digests:
/// once entries are listed, the host keeps no digest any more.
///
/// A session of which `make` gives an error is that error, and the next one follows it. A digest
/// that the host does not keep is given all the same, and made again in the next dream.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// use lucid_sdk::dream::{DreamError, SessionSummary};
///
/// /// How many calls failed, in one byte.
/// fn failures(session: &SessionSummary) -> Result<Vec<u8>, DreamError> {
///     let mut failed = 0_u8;
///     for event in dream::each_event(&session.id) {
///         let result = event?.tool_result();
///         failed = failed.saturating_add(result.is_some_and(|result| result.is_error).into());
///     }
///     Ok(vec![failed])
/// }
///
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").failing_call("move", serde_json::json!({}), "stuck"));
/// host.add_session(Session::new("sesn_2"));
///
/// for digest in dream::digests(failures) {
///     let (session, digest) = digest?;
///     assert_eq!(digest, [u8::from(session.id == "sesn_1")]);
/// }
/// assert_eq!(host.sessions_read(), ["sesn_1", "sesn_2"]);
/// // Once more: nothing is read again.
/// assert_eq!(dream::digests(failures).count(), 2);
/// assert_eq!(host.sessions_read().len(), 2);
/// # Ok::<(), DreamError>(())
/// ```
pub fn digests<F>(make: F) -> EachDigest<Vec<u8>, F>
where
    F: FnMut(&SessionSummary) -> Result<Vec<u8>, DreamError>,
{
    EachDigest::new(make, Ok, Ok)
}

/// As [`digests`], for digests of a type of your own, which are kept as JSON.
///
/// A digest comes back as it is read from JSON, also where it was made just now: so that a
/// dream sees the same, whether it was kept or made.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// use lucid_sdk::dream::DreamError;
/// use std::collections::BTreeSet;
///
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").calling("look", serde_json::json!({}), "a door"));
///
/// let tools = dream::digests_as(|session| {
///     let mut tools = BTreeSet::new();
///     for event in dream::each_event(&session.id) {
///         tools.extend(event?.tool_use().map(|call| call.name));
///     }
///     Ok(tools)
/// });
/// for digest in tools {
///     let (session, tools) = digest?;
///     assert!(session.id == "sesn_1" && tools.contains("look"));
/// }
/// # Ok::<(), DreamError>(())
/// ```
pub fn digests_as<T, F>(make: F) -> EachDigest<T, F>
where
    T: Serialize + DeserializeOwned,
    F: FnMut(&SessionSummary) -> Result<T, DreamError>,
{
    let encode = |digest: T| serde_json::to_vec(&digest).map_err(|error| error.to_string());
    let decode = |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|error| error.to_string());
    EachDigest::new(make, encode, decode)
}

impl<T, F> EachDigest<T, F>
where
    F: FnMut(&SessionSummary) -> Result<T, DreamError>,
{
    fn new(make: F, encode: fn(T) -> Bytes, decode: fn(Vec<u8>) -> Result<T, String>) -> Self {
        Self { sessions: Pages::new(), kept: Pages::new(), passed: 0, make, encode, decode }
    }

    /// Makes the digest of a session and keeps it.
    fn made(&mut self, session: &SessionSummary, number: u32) -> Result<T, DreamError> {
        report_session("reading sessions", number, 0, &session.id);
        let digest = (self.make)(session)?;
        let wrong =
            |why: String| DreamError::Failed(format!("the digest of {}: {why}", session.id));
        let bytes = (self.encode)(digest).map_err(wrong)?;
        // The dream goes on with it; what it costs is that the next one reads the session again.
        if let Err(error) = keep_digest(&session.id, &bytes) {
            log::warn(format!("the digest of {} is not kept: {error:?}", session.id));
        }
        (self.decode)(bytes).map_err(wrong)
    }
}

impl<T, F> Iterator for EachDigest<T, F>
where
    F: FnMut(&SessionSummary) -> Result<T, DreamError>,
{
    type Item = Result<(SessionSummary, T), DreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        let session = sure(self.sessions.next(|offset| Ok(host::list_sessions(offset, PAGE))))?;
        let kept = sure(self.kept.next(|offset| Ok(host::get_digests(offset, PAGE))));
        let number = self.passed;
        self.passed = number.saturating_add(1);
        // What cannot be read is as good as nothing.
        let kept = kept.flatten().and_then(|bytes| (self.decode)(bytes).ok());
        let digest = match kept {
            Some(digest) => Ok(digest),
            None => self.made(&session, number),
        };
        Some(digest.map(|digest| (session, digest)))
    }
}

/// Keeps the digest of a session, in the place of one that was there; [`digests`] does it by
/// itself.
///
/// # Errors
/// A [`DigestError`] when it has more than 256 KiB, the session is none of the inputs, or
/// entries of the memory were listed before.
///
/// ```
/// # use lucid_sdk::{dream::{self, DigestError}, testing::{Host, Session}};
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1"));
/// assert_eq!(dream::keep_digest("sesn_1", b"3 calls"), Ok(()));
/// let large = vec![0; (256 << 10) + 1];
/// assert!(matches!(dream::keep_digest("sesn_1", &large), Err(DigestError::TooLarge(_))));
/// assert!(matches!(dream::keep_digest("sesn_2", b""), Err(DigestError::UnknownSession(_))));
/// ```
pub fn keep_digest(session_id: &str, digest: &[u8]) -> Result<(), DigestError> {
    host::put_digest(session_id, digest)
}

/// What is kept of the sessions from number `offset` on, in the order of
/// [`sessions`](super::sessions): at most `limit`, and as many as fit into 8 MiB. [`digests`]
/// reads it by itself.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1"));
/// host.add_session(Session::new("sesn_2"));
/// dream::keep_digest("sesn_2", b"3 calls").unwrap();
/// assert_eq!(dream::kept_digests(0, 10), [None, Some(b"3 calls".to_vec())]);
/// assert!(dream::kept_digests(2, 10).is_empty());
/// ```
pub fn kept_digests(offset: u32, limit: u32) -> Vec<Option<Vec<u8>>> {
    host::get_digests(offset, limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream;
    use crate::testing::{Host, Session};

    /// The texts of a session.
    fn texts(session: &SessionSummary) -> Result<Vec<String>, DreamError> {
        let mut texts = Vec::new();
        for event in dream::each_event(&session.id) {
            texts.extend(event?.text());
        }
        Ok(texts)
    }

    fn all() -> Vec<(String, Vec<String>)> {
        let each = digests_as(texts).map(Result::unwrap);
        each.map(|(session, texts)| (session.id, texts)).collect()
    }

    #[test]
    fn a_dream_that_reads_what_is_new_sees_what_one_sees_that_reads_everything() {
        let host = Host::new();
        for number in 0..1_500 {
            host.add_session(Session::new(format!("sesn_{number:04}")).saying("a"));
        }
        assert_eq!(all().len(), 1_500);
        for number in [1_500, 1_501] {
            host.add_session(Session::new(format!("sesn_{number}")).saying("b"));
        }
        host.forget_sessions_read();
        let again = all();
        assert_eq!(host.sessions_read(), ["sesn_1500", "sesn_1501"]);
        host.forget_digests();
        assert_eq!(all(), again);
        assert_eq!(again[1_500], ("sesn_1500".to_owned(), vec!["b".to_owned()]));
    }

    #[test]
    fn a_session_that_is_gone_is_gone_from_the_digests_and_nothing_is_read() {
        let host = Host::new();
        for id in ["sesn_a", "sesn_b", "sesn_c"] {
            host.add_session(Session::new(id).saying(id));
        }
        all();
        host.remove_session("sesn_b");
        host.forget_sessions_read();
        let left: Vec<_> = all().into_iter().map(|(id, _)| id).collect();
        assert_eq!(left, ["sesn_a", "sesn_c"]);
        assert!(host.sessions_read().is_empty());
    }

    #[test]
    fn pages_that_are_full_before_a_thousand_sessions_are_joined() {
        let host = Host::new();
        let make = |session: &SessionSummary| {
            let last = *session.id.as_bytes().last().unwrap_or(&0);
            Ok(vec![last; 256 << 10])
        };
        for number in 0..40 {
            host.add_session(Session::new(format!("sesn_{number:02}")));
        }
        let made: Vec<_> = digests(make).map(Result::unwrap).collect();
        assert_eq!(kept_digests(0, 1_000).len(), 32);
        let kept: Vec<_> = digests(|_| panic!("it is kept")).map(Result::unwrap).collect();
        assert!(made == kept && kept.len() == 40);
    }

    #[test]
    fn what_cannot_be_read_or_kept_is_made_again_and_an_error_is_of_its_session_alone() {
        let host = Host::new();
        for id in ["sesn_a", "sesn_b", "sesn_c"] {
            host.add_session(Session::new(id).saying(id));
        }
        keep_digest("sesn_a", b"{").unwrap();
        assert_eq!(all()[0].1, ["sesn_a"]);
        let large = |_: &SessionSummary| Ok(vec![0; (256 << 10) + 1]);
        host.forget_digests();
        let whole = |(_, bytes): (SessionSummary, Vec<u8>)| bytes.len() == (256 << 10) + 1;
        assert!(digests(large).all(|digest| digest.is_ok_and(whole)));
        assert_eq!((host.digests().len(), host.logs().len()), (0, 3));
        let some = |session: &SessionSummary| match session.id.as_str() {
            "sesn_b" => Err(DreamError::Failed("no".into())),
            _ => Ok(Vec::new()),
        };
        let came: Vec<_> = digests(some).map(|digest| digest.is_ok()).collect();
        assert_eq!(came, [true, false, true]);
        assert_eq!(host.digests().len(), 2);
    }

    #[test]
    fn a_dream_that_knows_the_memory_keeps_no_digest() {
        let host = Host::new();
        host.add_session(Session::new("sesn_a").saying("a"));
        dream::entries();
        assert!(matches!(keep_digest("sesn_a", b"a"), Err(DigestError::TooLate(_))));
        assert_eq!((all().len(), host.digests().len(), host.logs().len()), (1, 0, 1));
    }
}
