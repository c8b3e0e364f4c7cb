//! Where an agent's calls of a plugin get less than the plugin is granted.

use std::collections::BTreeMap;
use std::sync::Arc;

use lucid_core::{Failure, Result};
use lucid_policy::http::Domains;

use super::file::{AgentSection, DomainsSection, NarrowSection};
use super::limits::setting;
use super::source::Source;

/// The most that a limit of a result can name, in bytes.
const RESULT_BYTES_MAX: u64 = (1 << 53) - 1;

/// What an agent's calls of one plugin get less.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrow {
    /// Lists of domains; a request has to satisfy each.
    pub(crate) domains: Arc<[Domains]>,
    /// Bytes of text of one result.
    pub(crate) result_bytes: Option<usize>,
}

/// Reads it; a mistake is shown with its line. `tools` are the agent's, each with its plugin.
pub(crate) fn read(
    source: &Source,
    section: &AgentSection,
    tools: &[(&str, &str)],
) -> Result<BTreeMap<String, Narrow>> {
    let mut all = BTreeMap::new();
    for (name, section) in &section.narrow {
        let plugin = name.get_ref();
        if !tools.iter().any(|(of, _)| of == plugin) {
            let failure = Failure::invalid(format!("the agent has no tool of plugin `{plugin}`"))
                .hint("name a plugin of its `tools`, or take the section out");
            return Err(source.at(&name.span(), failure));
        }
        all.insert(plugin.clone(), one(source, section)?);
    }
    Ok(all)
}

fn one(source: &Source, section: &NarrowSection) -> Result<Narrow> {
    let mut domains = Vec::new();
    for list in &section.domains {
        let DomainsSection { allowed, blocked } = list.get_ref().clone();
        let read = Domains::new(allowed, blocked);
        domains.push(read.map_err(|failure| source.at(&list.span(), failure))?);
    }
    let bytes = section.result_bytes.as_ref();
    let bytes = bytes.map(|value| setting(source, "result_bytes", value, 1..=RESULT_BYTES_MAX));
    let result_bytes = bytes.transpose()?.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    Ok(Narrow { domains: domains.into(), result_bytes })
}
