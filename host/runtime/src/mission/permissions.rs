//! `permission` and `permissions` of an agent: which of its calls need a person.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{Failure, Result};
use lucid_policy::Permissions;

use super::file::AgentSection;
use super::source::Source;

/// Reads the policies of an agent that has these tools, each with its plugin. A name that is
/// none of them is a mistake: a policy that was misspelt must not pass for one.
pub(crate) fn read(
    source: &Source,
    agent: &str,
    section: &AgentSection,
    tools: &[(&str, &str)],
) -> Result<Permissions> {
    let mut overrides = BTreeMap::new();
    for (name, policy) in &section.permissions {
        check(name.get_ref(), agent, tools).map_err(|failure| source.at(&name.span(), failure))?;
        overrides.insert(name.get_ref().clone(), *policy);
    }
    Ok(Permissions::new(section.permission, overrides))
}

fn check(name: &str, agent: &str, tools: &[(&str, &str)]) -> Result<()> {
    if let Some((plugin, tool)) = name.split_once('.') {
        let there = tools.contains(&(plugin, tool));
        return if there { Ok(()) } else { Err(unknown(name, agent, tools)) };
    }
    let is_plugin = tools.iter().any(|(plugin, _)| *plugin == name);
    let of: BTreeSet<_> = tools.iter().filter(|(_, tool)| *tool == name).collect();
    match of.first() {
        // It would mean both, and nobody could tell from the mission that it does.
        Some((plugin, _)) if is_plugin && *plugin != name => {
            Err(Failure::invalid(format!("`{name}` is a plugin, and a tool of `{plugin}`"))
                .hint(format!("name single tools, such as `{plugin}.{name}`")))
        }
        Some(_) => Ok(()),
        None if is_plugin => Ok(()),
        None => Err(unknown(name, agent, tools)),
    }
}

fn unknown(name: &str, agent: &str, tools: &[(&str, &str)]) -> Failure {
    let names: Vec<_> = tools.iter().map(|(plugin, tool)| format!("{plugin}.{tool}")).collect();
    let there = if names.is_empty() { "no tools".to_owned() } else { names.join(", ") };
    let name = name.escape_debug();
    Failure::invalid(format!("agent `{agent}` has no tool and no plugin `{name}`"))
        .hint(format!("it has {there}; name a tool, `plugin.tool` or a plugin"))
}

#[cfg(test)]
mod tests {
    use lucid_policy::Policy;

    use super::*;

    const TOOLS: [(&str, &str); 5] = [
        ("files", "read"),
        ("files", "write"),
        ("sum", "sum"),
        ("table", "stats"),
        ("stats", "mean"),
    ];

    fn permissions(lines: &str, tools: &[(&str, &str)]) -> Result<Permissions> {
        let text = format!("model = \"plugin:echo\"\n{lines}");
        let section = toml::from_str(&text).unwrap();
        read(&Source::of(&text), "lead", &section, tools)
    }

    #[test]
    fn a_name_is_a_plugin_a_tool_or_both_with_a_dot() {
        let text = "permission = \"always_ask\"\npermissions = { files = \"deny\", \
                    \"files.read\" = \"always_allow\", mean = \"deny\", sum = \"always_allow\" }";
        let permissions = permissions(text, &TOOLS).unwrap();
        let of = TOOLS.map(|(plugin, tool)| permissions.of(plugin, tool));
        use Policy::{AlwaysAllow, AlwaysAsk, Deny};
        assert_eq!(of, [AlwaysAllow, Deny, AlwaysAllow, AlwaysAsk, Deny]);
    }

    #[test]
    fn a_policy_for_what_the_agent_does_not_have_is_refused_with_what_it_has() {
        for name in ["fly", "files.fly", "fly.read", "files.", "", "reader", "read.files"] {
            let text = format!("\n[permissions]\n\"{name}\" = \"deny\"\n");
            let refused = permissions(&text, &TOOLS).unwrap_err();
            assert!(refused.message.starts_with("mission.toml:4: agent `lead`"), "{refused}");
            assert!(refused.hint.unwrap().contains("files.read, files.write"));
            let nothing = permissions(&text, &[]).unwrap_err();
            assert!(nothing.hint.unwrap().contains("no tools"));
        }
    }

    #[test]
    fn a_name_that_means_a_plugin_and_the_tool_of_another_is_refused() {
        let refused = permissions("permissions = { stats = \"deny\" }", &TOOLS).unwrap_err();
        assert!(refused.hint.unwrap().contains("`table.stats`"));
        assert!(permissions("permissions = { \"table.stats\" = \"deny\" }", &TOOLS).is_ok());
    }
}
