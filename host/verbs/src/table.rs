//! All verbs, once.

use lucid_core::{Failure, Result};

use crate::stage::Stage;
use crate::verb::Verb;

macro_rules! verbs {
    ($($verb:ident),+ $(,)?) => {
        /// The names of all verbs.
        pub const NAMES: &[&str] = &[$(<crate::$verb as Verb>::NAME),+];

        /// Whether a verb changes anything; none where there is no such verb.
        #[must_use]
        pub fn changes(name: &str) -> Option<bool> {
            $(if name == <crate::$verb as Verb>::NAME {
                return Some(<crate::$verb as Verb>::CHANGES);
            })+
            None
        }

        /// Performs the verb of a name, and gives its answer as JSON. No body is `{}`.
        ///
        /// # Errors
        /// Invalid, when there is no such verb, or the body is none of its; those of the verb.
        pub async fn answer_to(name: &str, body: &[u8], stage: &Stage) -> Result<String> {
            $(if name == <crate::$verb as Verb>::NAME {
                return Box::pin(perform::<crate::$verb>(body, stage)).await;
            })+
            Err(Failure::invalid(format!("there is no verb `{}`", name.escape_debug())))
        }
    };
}

// One line or two for each family.
verbs! {
    SessionEvents, AwaitEvents, AwaitRest,
    InterruptSession,
    ArchiveSession, DeleteSession, ImportSessions,
    ListSessions, FindSession,
    SendMessage, DefineOutcome, ConfirmCall, ResumeSession, LeftSessions,
    ListMemoryStores, ReadMemories, ListMemoryVersions, ListMemoryHistory, ImportMemoryStore,
    FindMemoryVersion, RedactMemoryVersion, ExplainEntry,
    ListDreams, ReadDream, DiffDream, ListWaitingDreams, LookAtDream, DecideDream,
    StartDream, ResumeDream, CancelDream,
    AddSchedule, ListSchedules, PauseSchedule, RemoveSchedule,
    StartRun, StartProof, WatchRun, CancelRun,
}

async fn perform<V: Verb>(body: &[u8], stage: &Stage) -> Result<String> {
    let body = if body.is_empty() { b"{}".as_slice() } else { body };
    let verb: V = serde_json::from_slice(body).map_err(|error| {
        Failure::invalid(format!("{}: {error}", V::NAME))
            .hint("the command line and the server have to be of the same version")
    })?;
    let answer = verb.perform(stage).await?;
    serde_json::to_string(&answer)
        .map_err(|error| Failure::bug(format!("{}: an answer that is not JSON: {error}", V::NAME)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lucid_core::FailureKind;
    use lucid_runtime::{Runtime, RuntimeOptions};

    use super::*;

    #[test]
    fn no_two_verbs_have_the_same_name_and_each_fits_into_a_path() {
        let names: BTreeSet<&str> = NAMES.iter().copied().collect();
        assert_eq!(names.len(), NAMES.len());
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(NAMES.iter().all(|name| !name.is_empty() && plain(name)), "{NAMES:?}");
        assert!(NAMES.iter().all(|name| changes(name).is_some()));
    }

    #[tokio::test]
    async fn what_no_verb_knows_is_refused() {
        let state = tempfile::tempdir().unwrap();
        let options = RuntimeOptions::new(state.path().to_owned());
        let stage = Stage::alone(Runtime::open(options).unwrap());
        let asked = async |name, body: &str| answer_to(name, body.as_bytes(), &stage).await;
        assert_eq!(asked("list_sessions", "").await.unwrap(), "[]");
        for (name, body) in [
            ("list_session", "{}"),
            ("../list_sessions", "{}"),
            ("list_sessions", "{"),
            ("list_sessions", r#"{"limit": "many"}"#),
            ("list_sessions", r#"{"of_the_moon": true}"#),
        ] {
            let failure = asked(name, body).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{name} {body}");
        }
        assert_eq!(changes("list_session"), None);
    }
}
