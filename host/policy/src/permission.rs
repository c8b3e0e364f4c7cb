//! Whether a tool call may run: allow, ask or deny, with the rule that decided.

use std::collections::BTreeMap;

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
    /// No call runs, and nobody is asked.
    Deny,
}

/// The policies of one agent's tools: one for all of them, and others for some.
///
/// The most special wins: that of `plugin.tool`, then that of the tool's name, then that of
/// the plugin's, then the one for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    default: Policy,
    overrides: BTreeMap<String, Policy>,
}

impl Permissions {
    /// One policy for all tools, and others by `plugin.tool`, by tool or by plugin.
    #[must_use]
    pub fn new(default: Policy, overrides: BTreeMap<String, Policy>) -> Self {
        Self { default, overrides }
    }

    /// The policy of one tool of a plugin.
    #[must_use]
    pub fn of(&self, plugin: &str, tool: &str) -> Policy {
        // A name with a dot always means a tool of a plugin. A plugin chooses the names of its
        // tools, and one that is called `files.write` must not get what was meant for another.
        let bare = |name: &str| if name.contains('.') { None } else { self.overrides.get(name) };
        let whole = self.overrides.get(&format!("{plugin}.{tool}"));
        whole.or_else(|| bare(tool)).or_else(|| bare(plugin)).copied().unwrap_or(self.default)
    }
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
    let (permission, rule) = match (enabled, policy) {
        (false, _) => (Permission::Deny, "the tool is not enabled"),
        (true, Policy::AlwaysAllow) => (Permission::Allow, "always_allow"),
        (true, Policy::AlwaysAsk) => (Permission::Ask, "always_ask"),
        (true, Policy::Deny) => (Permission::Deny, "deny"),
    };
    Decision { permission, rule }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Policy; 3] = [Policy::AlwaysAllow, Policy::AlwaysAsk, Policy::Deny];

    fn permissions(default: Policy, overrides: &[(&str, Policy)]) -> Permissions {
        let overrides = overrides.iter().map(|(name, policy)| ((*name).to_owned(), *policy));
        Permissions::new(default, overrides.collect())
    }

    #[test]
    fn a_tool_the_agent_does_not_have_is_denied_whatever_the_policy() {
        for policy in ALL {
            assert_eq!(permission(policy, false).permission, Permission::Deny);
        }
    }

    #[test]
    fn the_rule_that_decided_is_named_as_the_mission_writes_it() {
        #[derive(Deserialize)]
        struct Written {
            policy: Policy,
        }
        let decided = [Permission::Allow, Permission::Ask, Permission::Deny];
        for (policy, expected) in ALL.into_iter().zip(decided) {
            let Decision { permission, rule } = permission(policy, true);
            assert_eq!(permission, expected, "{rule}");
            let read: Written = toml::from_str(&format!("policy = \"{rule}\"")).unwrap();
            assert_eq!(read.policy, policy);
        }
    }

    /// Every way to set or leave out each of the four levels.
    #[test]
    fn the_most_special_policy_wins() {
        let choices: Vec<_> = std::iter::once(None).chain(ALL.map(Some)).collect();
        for exact in &choices {
            for tool in &choices {
                for plugin in &choices {
                    for default in ALL {
                        let levels = [("table.sort", exact), ("sort", tool), ("table", plugin)];
                        let set = levels.iter().filter_map(|(name, set)| Some((*name, (**set)?)));
                        let set: Vec<_> = set.collect();
                        let permissions = permissions(default, &set);
                        let expected = set.first().map_or(default, |(_, policy)| *policy);
                        assert_eq!(permissions.of("table", "sort"), expected, "{permissions:?}");
                        assert_eq!(permissions.of("files", "read"), default);
                    }
                }
            }
        }
    }

    #[test]
    fn a_policy_for_one_tool_leaves_the_others_alone() {
        use Policy::{AlwaysAllow, AlwaysAsk, Deny};
        let set = [("files.write", Deny), ("sort", AlwaysAllow), ("files", AlwaysAsk)];
        let permissions = permissions(Deny, &set);
        let of = [("files", "write"), ("files", "read"), ("table", "sort"), ("table", "sum")];
        let of = of.map(|(plugin, tool)| permissions.of(plugin, tool));
        assert_eq!(of, [Deny, AlwaysAsk, AlwaysAllow, Deny]);
    }

    #[test]
    fn a_plugin_cannot_name_its_tool_into_the_policy_of_another() {
        let permissions = permissions(Policy::Deny, &[("files.write", Policy::AlwaysAllow)]);
        assert_eq!(permissions.of("files", "write"), Policy::AlwaysAllow);
        assert_eq!(permissions.of("greedy", "files.write"), Policy::Deny);
        assert_eq!(permissions.of("greedy", "write"), Policy::Deny);
    }
}
