//! Ids with the prefixes of the Managed Agents API.
//!
//! The body is a version, `01`, and 22 base-58 digits: 48 bits of time and 80 random bits.
//! The digits are in ASCII order, so ids of one kind sort by the time they were made.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Clock, Entropy};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const DIGIT_COUNT: usize = 22;

fn body(clock: &dyn Clock, entropy: &dyn Entropy) -> String {
    let time = u128::from(clock.now().as_millis() & ((1 << 48) - 1)) << 80;
    let random = (u128::from(entropy.next_u64()) << 16) | u128::from(entropy.next_u64() >> 48);
    let mut rest = time | random;
    let mut digits = [b'1'; DIGIT_COUNT];
    for digit in digits.iter_mut().rev() {
        // A remainder of 58 always fits an index.
        *digit = DIGITS[(rest % 58) as usize];
        rest /= 58;
    }
    format!("01{}", String::from_utf8_lossy(&digits))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id.
            pub fn new(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
                Self(format!("{}{}", $prefix, body(clock, entropy)))
            }

            /// Takes an id that somebody gave; `None` when it has not the right form.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let body = text.strip_prefix($prefix)?;
                let fits = (1..=120).contains(&body.len())
                    && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
                fits.then(|| Self(text.to_owned()))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// Names a session.
    SessionId = "sesn_";
    /// Names an event of a session.
    EventId = "sevt_";
    /// Names a thread of a session.
    ThreadId = "sthr_";
    /// Names an outcome of a session.
    OutcomeId = "outc_";
    /// Names a memory store.
    MemoryStoreId = "memstore_";
    /// Names a memory.
    MemoryId = "mem_";
    /// Names one version of a memory.
    MemoryVersionId = "memver_";
    /// Names a dream.
    DreamId = "drm_";
    /// Names a schedule of dreams.
    ScheduleId = "dsch_";
    /// Names one run of a mission that goes on behind the back of whoever asked for it.
    RunId = "mrun_";
    /// Names an agent of the API.
    AgentId = "agent_";
    /// Names an environment.
    EnvironmentId = "env_";
    /// Names a resource of a session.
    SessionResourceId = "sesrsc_";
    /// Names a vault.
    VaultId = "vlt_";
    /// Names a credential in a vault.
    CredentialId = "vcrd_";
    /// Names a deployment.
    DeploymentId = "depl_";
    /// Names one run of a deployment.
    DeploymentRunId = "drun_";
    /// Names a work item of an environment.
    WorkId = "work_";
    /// Names a file.
    FileId = "file_";
    /// Names a skill.
    SkillId = "skill_";
    /// Names a version of a skill.
    SkillVersionId = "skillver_";
    /// Names an endpoint that is told of events.
    WebhookId = "whk_";
    /// Names one delivery to such an endpoint.
    WebhookEventId = "whe_";
    /// Names a request to the server.
    RequestId = "req_";
    /// Names an API key.
    ApiKeyId = "apikey_";
    /// Names a workspace.
    WorkspaceId = "wrkspc_";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededEntropy, StepClock, Timestamp};

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let clock = StepClock::starting_at(Timestamp(1_795_230_245_678));
        let entropy = SeededEntropy::new(1);
        let ids: Vec<_> = (0..100).map(|_| EventId::new(&clock, &entropy)).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.as_str().len() == "sevt_".len() + 24));
    }

    #[test]
    fn only_ids_of_the_right_form_are_taken() {
        assert!(SessionId::parse("sesn_01abc").is_some());
        for wrong in ["", "sesn_", "sevt_01abc", "sesn_../x", "sesn_a b"] {
            assert!(SessionId::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
