//! What changed between two versions of a plugin, in what it asks for first of all.

use lucid_core::ToolSpec;
use lucid_policy::manifest::Manifest;
use serde::Serialize;
use serde_json::Value;

use super::inspection::{Inspection, Want};
use super::wanted::{exactly, interface};
use crate::mission::standard_limits;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The version before.
    pub old: Version,
    /// The version after.
    pub new: Version,
    /// What it asks for; more of the same is one that is added and one that is removed.
    pub capabilities: Names,
    /// The limits it needs that are other than before.
    pub limits: Vec<LimitChange>,
    /// Its tools.
    pub tools: Tools,
    /// The interfaces it imports, without their versions.
    pub imports: Names,
    /// Whether it asks for more than before: what was granted to the old version may not be
    /// enough for the new one, and somebody has to decide again.
    pub widened: bool,
}

/// One of the two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The plugin's name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its version.
    pub version: String,
    /// The size of the file, in bytes.
    pub bytes: usize,
    /// SHA-256 of the file.
    pub digest: String,
    /// Why its tools are not known, where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools_failure: Option<String>,
}

/// Names that are there in one version only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Names {
    /// In the new version alone.
    pub added: Vec<String>,
    /// In the old version alone.
    pub removed: Vec<String>,
}

/// A limit that is needed to be other than before; none is the standard of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitChange {
    /// The limit, as missions name it.
    pub limit: &'static str,
    /// What was needed.
    pub old: Option<u64>,
    /// What is needed.
    pub new: Option<u64>,
}

/// What changed about tools.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tools {
    /// In the new version alone.
    pub added: Vec<String>,
    /// In the old version alone.
    pub removed: Vec<String>,
    /// In both, and not the same.
    pub changed: Vec<ToolChange>,
}

/// A tool that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolChange {
    /// Its name.
    pub name: String,
    /// Which of its parts: `title`, `description`, `input_schema`, `output_schema`,
    /// `annotations`.
    pub parts: Vec<&'static str>,
}

/// Compares two versions of a plugin.
#[must_use]
pub fn compare(old: &Inspection, new: &Inspection) -> Difference {
    let words = |inspection: &Inspection| inspection.wants.iter().map(Want::words).collect();
    let imports = |inspection: &Inspection| {
        inspection.imports.iter().map(|import| interface(import).to_owned()).collect()
    };
    let limits = limits(old, new);
    let raised = limits.iter().any(|change| raised(change, old));
    Difference {
        old: version(old),
        new: version(new),
        capabilities: names(words(old), words(new)),
        widened: raised || asks_for_more(&old.manifest, &new.manifest),
        limits,
        tools: tools(known_tools(old), known_tools(new)),
        imports: names(imports(old), imports(new)),
    }
}

/// Whether the grants of the old version are not enough for the new one.
fn asks_for_more(old: &Manifest, new: &Manifest) -> bool {
    let any = |manifest: &Manifest| manifest.capabilities.http.iter().any(|host| host == "*");
    // `*` takes what is granted, so that it always loads; it asks for more all the same.
    let all_hosts = any(new) && !any(old);
    let enough = lucid_policy::check(new, &[], &exactly(old));
    old.kind != new.kind || all_hosts || enough.is_err()
}

fn limits(old: &Inspection, new: &Inspection) -> Vec<LimitChange> {
    let of = |inspection: &Inspection, limit| {
        inspection.needs.iter().find(|need| need.limit == limit).map(|need| need.value)
    };
    let change = |limit| LimitChange { limit, old: of(old, limit), new: of(new, limit) };
    let changes = ["memory_bytes", "deadline_ms"].into_iter().map(change);
    changes.filter(|change| change.old != change.new).collect()
}

/// Whether a limit has to be higher than what the old version got.
fn raised(change: &LimitChange, old: &Inspection) -> bool {
    let standard = standard_limits(old.manifest.kind, old.manifest.capabilities.model);
    let standard = match change.limit {
        "memory_bytes" => standard.memory_bytes,
        _ => standard.deadline_ms,
    };
    let before = change.old.unwrap_or(standard).max(standard);
    change.new.is_some_and(|needed| needed > before)
}

fn version(inspection: &Inspection) -> Version {
    let manifest = &inspection.manifest;
    Version {
        name: manifest.name.clone(),
        kind: manifest.kind.as_str(),
        version: manifest.version.clone(),
        bytes: inspection.bytes,
        digest: inspection.digest.clone(),
        tools_failure: inspection.tools.as_ref().err().map(ToString::to_string),
    }
}

fn names(old: Vec<String>, new: Vec<String>) -> Names {
    let only = |here: &[String], there: &[String]| {
        here.iter().filter(|name| !there.contains(name)).cloned().collect()
    };
    Names { added: only(&new, &old), removed: only(&old, &new) }
}

fn known_tools(inspection: &Inspection) -> &[ToolSpec] {
    inspection.tools.as_deref().unwrap_or_default()
}

fn tools(old: &[ToolSpec], new: &[ToolSpec]) -> Tools {
    let all = |tools: &[ToolSpec]| tools.iter().map(|tool| tool.name.clone()).collect();
    let Names { added, removed } = names(all(old), all(new));
    let change = |tool: &ToolSpec| {
        let before = old.iter().find(|before| before.name == tool.name)?;
        let parts = parts(before, tool);
        (!parts.is_empty()).then(|| ToolChange { name: tool.name.clone(), parts })
    };
    Tools { added, removed, changed: new.iter().filter_map(change).collect() }
}

fn parts(old: &ToolSpec, new: &ToolSpec) -> Vec<&'static str> {
    let output = |tool: &ToolSpec| tool.output_schema.as_deref().map(schema);
    let parts = [
        ("title", old.title != new.title),
        ("description", old.description != new.description),
        ("input_schema", schema(&old.input_schema) != schema(&new.input_schema)),
        ("output_schema", output(old) != output(new)),
        ("annotations", old.annotations != new.annotations),
    ];
    parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part).collect()
}

/// A schema without what only its text has: blanks, and the order of its keys.
fn schema(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests {
    use lucid_core::Annotations;

    use super::*;
    use crate::conformance::inspection::needs;
    use crate::conformance::wanted::Wanted;

    fn inspection(manifest: &str, tools: Vec<ToolSpec>) -> Inspection {
        let manifest = Manifest::parse(&format!(
            "name = \"x\"\nversion = \"0.1.0\"\nkind = \"tool\"\ndescription = \"d\"\n{manifest}"
        ))
        .unwrap();
        Inspection {
            bytes: 1,
            digest: String::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            wants: Wanted::all(&manifest).iter().map(|one| Want::new(one, manifest.kind)).collect(),
            needs: needs(&manifest),
            tools: Ok(tools),
            manifest,
        }
    }

    fn difference(old: &str, new: &str) -> Difference {
        compare(&inspection(old, Vec::new()), &inspection(new, Vec::new()))
    }

    #[track_caller]
    fn widens(old: &str, new: &str) {
        assert!(difference(old, new).widened, "{old} -> {new}");
        assert!(!difference(new, old).widened, "{new} -> {old}");
        assert!(!difference(new, new).widened, "{new}");
    }

    #[test]
    fn asking_for_more_widens_and_asking_for_less_does_not() {
        let read = "[capabilities]\nfiles = \"read-only\"";
        widens("", read);
        widens(read, "[capabilities]\nfiles = \"read-write\"");
        widens("", "[capabilities]\nmodel = true");
        widens(
            "[capabilities]\nenvironment = [\"A\"]",
            "[capabilities]\nenvironment = [\"B\", \"A\"]",
        );
        widens("", "[capabilities]\nhttp = [\"a.example\"]");
        widens("", "[limits]\nmemory_mib = 65");
        widens("[limits]\ndeadline_ms = 40_000", "[limits]\ndeadline_ms = 40_001");
        assert!(!difference("", "[limits]\ndeadline_ms = 10").widened, "less than the standard");
    }

    #[test]
    fn more_of_the_same_is_one_added_and_one_removed() {
        let names = difference(
            "[capabilities]\nfiles = \"read-only\"\nhttp = [\"a.example\"]",
            "[capabilities]\nfiles = \"read-write\"\nhttp = [\"a.example\"]",
        );
        assert_eq!(names.capabilities.added, ["files, read-write"]);
        assert_eq!(names.capabilities.removed, ["files, read-only"]);
    }

    #[test]
    fn tools_are_compared_by_what_they_mean() {
        let tool = |name: &str, schema: &str| ToolSpec {
            name: name.to_owned(),
            title: None,
            description: "Does.".to_owned(),
            input_schema: schema.to_owned(),
            output_schema: None,
            annotations: Annotations::default(),
        };
        let old = [tool("a", "{\"x\": 1, \"y\": 2}"), tool("b", "{}"), tool("c", "{}")];
        let loud = Annotations { destructive: true, ..Annotations::default() };
        let new = [
            tool("a", "{\"y\":2,\"x\":1}"),
            ToolSpec { annotations: loud, ..tool("b", "{\"x\": 1}") },
            tool("d", "{}"),
        ];
        let changed = tools(&old, &new);
        assert_eq!((changed.added, changed.removed), (vec!["d".to_owned()], vec!["c".to_owned()]));
        let parts = vec!["input_schema", "annotations"];
        assert_eq!(changed.changed, [ToolChange { name: "b".to_owned(), parts }]);
    }
}
