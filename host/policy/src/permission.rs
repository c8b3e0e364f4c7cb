//! Whether a tool call may run: allow, ask or deny, with the rule that decided.

use lucid_core::Permission;
use serde::{Deserialize, Serialize};

/// What an agent's tools may do without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Every call of an enabled tool runs.
    #[default]
    AlwaysAllow,
    /// Every call waits for a person; where there is none, it is denied.
    AlwaysAsk,
}

/// A decision and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub permission: Permission,
    /// The rule that decided, for the event and the error.
    pub rule: &'static str,
}

/// Decides on one call.
///
/// `enabled` says whether the tool is among those the agent has.
#[must_use]
pub fn permission(policy: Policy, enabled: bool) -> Decision {
    match (enabled, policy) {
        (false, _) => Decision { permission: Permission::Deny, rule: "the tool is not enabled" },
        (true, Policy::AlwaysAllow) => {
            Decision { permission: Permission::Allow, rule: "always_allow" }
        }
        (true, Policy::AlwaysAsk) => Decision { permission: Permission::Ask, rule: "always_ask" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_the_agent_does_not_have_is_denied_whatever_the_policy() {
        for policy in [Policy::AlwaysAllow, Policy::AlwaysAsk] {
            assert_eq!(permission(policy, false).permission, Permission::Deny);
        }
        assert_eq!(permission(Policy::AlwaysAllow, true).permission, Permission::Allow);
    }
}
