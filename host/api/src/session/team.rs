//! The agents of a session by the names that its threads know them by.

use std::collections::BTreeSet;

use crate::agent::{AgentSnapshot, ThreadAgent};

/// The place of the lead in a team.
pub const LEAD: usize = 0;

/// One of a session's agents.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name, which no other of the session has.
    pub name: String,
    /// What it is.
    pub agent: ThreadAgent,
}

/// The agents of a session: the lead first, then those that it may have work for it, each once.
/// Where two have the same name, the later one has a number behind it.
#[must_use]
pub fn team(snapshot: &AgentSnapshot) -> Vec<Member> {
    let mut names = BTreeSet::new();
    let mut members: Vec<Member> = Vec::new();
    let others = snapshot.multiagent.as_ref().map(|others| others.agents()).unwrap_or_default();
    let all = std::iter::once(snapshot.thread_agent()).chain(others.into_iter().cloned());
    for agent in all {
        // The lead may be among those that work for it; everybody else is there once.
        if members.iter().skip(1).any(|member| member.agent == agent) {
            continue;
        }
        let plain = agent.config.name.clone();
        let numbered = (2_u32..).map(|number| format!("{plain} ({number})"));
        let mut free = std::iter::once(plain.clone()).chain(numbered);
        let name = free.find(|name| !names.contains(name)).unwrap_or(plain);
        names.insert(name.clone());
        members.push(Member { name, agent });
    }
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn agent(id: &str, name: &str) -> serde_json::Value {
        json!({"id": id, "type": "agent", "version": 1, "name": name, "description": null,
            "model": {"id": "m", "effort": {"type": "high"}, "speed": "standard"},
            "system": null, "tools": [], "skills": [], "mcp_servers": [],
            "execution_identity": {"type": "service_account"}})
    }

    #[test]
    fn everybody_has_a_name_of_their_own() {
        let mut lead = agent("agent_1", "coder");
        let roster = [
            agent("agent_1", "coder"),
            agent("agent_2", "reader"),
            agent("agent_3", "reader"),
            agent("agent_2", "reader"),
        ];
        lead["multiagent"] = json!({"type": "coordinator", "agents": roster});
        let snapshot: AgentSnapshot = crate::value(lead).unwrap();
        let names: Vec<_> = team(&snapshot).into_iter().map(|member| member.name).collect();
        assert_eq!(names, ["coder", "coder (2)", "reader", "reader (2)"]);
    }
}
