//! What a manifest asks for, one by one: the imports that show its use, the line that asks
//! for it, and the grants without it.

use lucid_policy::Grants;
use lucid_policy::manifest::{FileAccess, Manifest};

/// One thing a manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Files(FileAccess),
    Environment(String),
    Http(String),
    /// A capability that is asked for or not: `model`, `graders` and those of a dream.
    Flag(&'static str),
}

impl Wanted {
    /// Everything a manifest asks for, in its order.
    pub(super) fn all(manifest: &Manifest) -> Vec<Self> {
        let wanted = &manifest.capabilities;
        let flags = [
            ("model", wanted.model),
            ("graders", wanted.graders),
            ("transcripts", wanted.transcripts),
            ("memories", wanted.memories),
            ("proposals", wanted.proposals),
        ];
        let files = wanted.files.map(Self::Files);
        let variables = wanted.environment.iter().cloned().map(Self::Environment);
        let asked = flags.into_iter().filter(|(_, on)| *on).map(|(name, _)| Self::Flag(name));
        let hosts = wanted.http.iter().cloned().map(Self::Http);
        files.into_iter().chain(variables).chain(asked).chain(hosts).collect()
    }

    /// The capability, as the manifest names it.
    pub(super) fn capability(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Environment(_) => "environment",
            Self::Http(_) => "http",
            Self::Flag(name) => name,
        }
    }

    /// How much of it, or which one.
    pub(super) fn value(&self) -> Option<String> {
        match self {
            Self::Files(access) => Some(access.to_string()),
            Self::Environment(one) | Self::Http(one) => Some(one.clone()),
            Self::Flag(_) => None,
        }
    }

    /// The interfaces through which a component reaches it, each without its version. One is
    /// enough.
    pub(super) fn interfaces(&self) -> &'static [&'static str] {
        match self {
            Self::Files(_) => &["wasi:filesystem/preopens", "wasi:filesystem/types"],
            Self::Environment(_) => &["wasi:cli/environment"],
            Self::Http(_) => &["wasi:http/outgoing-handler"],
            Self::Flag("model") => &["lucid:plugin/model"],
            Self::Flag("graders") => &["lucid:plugin/graders"],
            Self::Flag("transcripts") => &["lucid:plugin/transcripts", "lucid:plugin/digests"],
            Self::Flag("memories") => &["lucid:plugin/memories"],
            Self::Flag(_) => &["lucid:plugin/proposals"],
        }
    }

    /// Its line in a manifest.
    pub(super) fn line(&self, manifest: &Manifest) -> String {
        let list = |names: &[String]| {
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("[{}]", quoted.join(", "))
        };
        match self {
            Self::Files(access) => format!("files = \"{access}\""),
            Self::Environment(_) => {
                format!("environment = {}", list(&manifest.capabilities.environment))
            }
            Self::Http(_) => format!("http = {}", list(&manifest.capabilities.http)),
            Self::Flag(name) => format!("{name} = true"),
        }
    }

    /// Takes it out of what is granted.
    pub(super) fn without(&self, grants: &Grants) -> Grants {
        let mut left = grants.clone();
        match self {
            Self::Files(_) => left.files = None,
            Self::Environment(name) => left.environment.retain(|granted| granted != name),
            // All at once: one host may be covered by what another line says.
            Self::Http(_) => left.http.clear(),
            Self::Flag("model") => left.model = false,
            Self::Flag("graders") => left.graders = false,
            Self::Flag("transcripts") => left.transcripts = false,
            Self::Flag("memories") => left.memories = false,
            Self::Flag(_) => left.proposals = false,
        }
        left
    }

    /// Whether a component with these imports can use it.
    pub(super) fn is_imported(&self, imports: &[String]) -> bool {
        imports.iter().any(|import| self.interfaces().contains(&interface(import)))
    }
}

/// An import without its version.
pub(super) fn interface(import: &str) -> &str {
    import.split('@').next().unwrap_or(import)
}

/// Grants of exactly what a manifest asks for.
pub(super) fn exactly(manifest: &Manifest) -> Grants {
    let wanted = &manifest.capabilities;
    Grants {
        files: wanted.files,
        environment: wanted.environment.iter().cloned().collect(),
        model: wanted.model,
        graders: wanted.graders,
        transcripts: wanted.transcripts,
        memories: wanted.memories,
        proposals: wanted.proposals,
        http: wanted.http.iter().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, capabilities: &str) -> Manifest {
        Manifest::parse(&format!(
            "name = \"x\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"d\"\n\
             [capabilities]\n{capabilities}\n"
        ))
        .unwrap()
    }

    #[test]
    fn exactly_what_is_asked_for_is_granted_and_each_part_can_be_left_out() {
        let asked = "files = \"read-only\"\nenvironment = [\"A\", \"B\"]\nmodel = true\n";
        let dream = format!("{asked}transcripts = true\nmemories = true\nproposals = true");
        let tool = format!("{asked}http = [\"a.example\", \"*\"]");
        let grader = format!("{asked}graders = true");
        let all = [(of("dream", &dream), 7), (of("tool", &tool), 6), (of("grader", &grader), 5)];
        for (manifest, count) in all {
            let all = exactly(&manifest);
            assert!(lucid_policy::check(&manifest, &[], &all).is_ok());
            let wanted = Wanted::all(&manifest);
            assert_eq!(wanted.len(), count);
            for one in &wanted {
                let left = one.without(&all);
                assert!(lucid_policy::check(&manifest, &[], &left).is_err(), "{one:?}");
            }
        }
    }
}
