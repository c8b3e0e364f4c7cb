//! What can be said before anything of a plugin runs: its manifest, what it imports against
//! what it asks for, and that it loads with that and not with less.

use lucid_core::{Failure, FailureKind, Result};
use lucid_engine::{Engine, Plugin};
use lucid_policy::Grants;
use lucid_policy::manifest::{FileAccess, Manifest};

use super::Check;
use super::wanted::{Wanted, exactly};

/// What came of loading.
pub(super) struct Loaded {
    /// The manifest, where there is one.
    pub(super) manifest: Option<Manifest>,
    /// The checks that were made.
    pub(super) checks: Vec<Check>,
    /// The plugin, or why there is none.
    pub(super) plugin: Result<Plugin, &'static str>,
}

/// The checks that need nothing of the plugin to run.
pub(super) fn checks(engine: &Engine, bytes: &[u8]) -> Loaded {
    let ended = |manifest, checks, why| Loaded { manifest, checks, plugin: Err(why) };
    let read = Plugin::interface_of(engine, bytes)
        .and_then(|interface| Ok((interface.imports, Plugin::manifest_of(bytes)?)));
    let (imports, manifest) = match read {
        Ok(read) => read,
        Err(failure) => {
            let hint = "a plugin is a component for wasm32-wasip2 with its `plugin.toml` embedded";
            let checks = vec![Check::of_failure("manifest", &failure, hint)];
            return ended(None, checks, "the file is no component with a manifest");
        }
    };
    let mut checks = vec![identity(&manifest, bytes)];
    checks.push(asking(&manifest, &imports));
    match Plugin::load(engine, bytes, manifest.kind, &exactly(&manifest)) {
        Err(failure) => {
            let hint = "build it again, against the interfaces in `wit/`";
            checks.push(Check::of_failure("load", &failure, hint));
            ended(Some(manifest), checks, "it does not load")
        }
        Ok(plugin) => {
            let interface = lucid_policy::exported_interface(manifest.kind);
            let what = format!("it exports `{interface}` and loads with what it asks for");
            checks.push(Check::passed("load", what));
            checks.push(grants(engine, bytes, &manifest));
            Loaded { manifest: Some(manifest), checks, plugin: Ok(plugin) }
        }
    }
}

/// The manifest was read; says what it is.
fn identity(manifest: &Manifest, bytes: &[u8]) -> Check {
    let (kind, version) = (manifest.kind, &manifest.version);
    Check::passed("manifest", format!("a {kind}, version {version}, {} bytes", bytes.len()))
}

/// Whether it asks for what it imports: no more, and no less.
fn asking(manifest: &Manifest, imports: &[String]) -> Check {
    if let Err(failure) = lucid_policy::check(manifest, imports, &exactly(manifest)) {
        return Check::of_failure("asking", &failure, "ask for it in the manifest");
    }
    let wanted = Wanted::all(manifest);
    let unused: Vec<&Wanted> = wanted.iter().filter(|one| !one.is_imported(imports)).collect();
    let missing = |one: &&Wanted| {
        let (capability, interfaces) = (one.capability(), one.interfaces().join("` or `"));
        format!("it asks for `{capability}` and does not import `{interfaces}`")
    };
    let mut lines: Vec<String> =
        unused.iter().map(|one| format!("`{}`", one.line(manifest))).collect();
    lines.dedup();
    Check::of_findings(
        "asking",
        &unused.iter().map(missing).collect::<Vec<_>>(),
        "it asks for what it imports, and imports no more",
        &format!("remove {} from its manifest", lines.join(" and ")),
    )
}

/// Whether it is refused, with a next step, when any one thing it asks for is not granted.
fn grants(engine: &Engine, bytes: &[u8], manifest: &Manifest) -> Check {
    let all = exactly(manifest);
    let wanted = Wanted::all(manifest);
    if wanted.is_empty() {
        return Check::skipped("grants", "it asks for nothing");
    }
    let mut tried: Vec<(&str, Grants)> =
        wanted.iter().map(|wanted| (wanted.capability(), wanted.without(&all))).collect();
    if all.files == Some(FileAccess::ReadWrite) {
        let files = Some(FileAccess::ReadOnly);
        tried.push(("files to write", Grants { files, ..all.clone() }));
    }
    for (capability, granted) in &tried {
        let denied = match Plugin::load(engine, bytes, manifest.kind, granted) {
            Err(failure) => is_denied(&failure),
            Ok(_) => false,
        };
        if !denied {
            let what = format!("without its grant of {capability} it is not denied with a hint");
            let hint = "this is a mistake in Lucid: keep the file, and report it";
            return Check::failed("grants", what, hint);
        }
    }
    let mut names: Vec<&str> = tried.iter().map(|(capability, _)| *capability).collect();
    names.dedup();
    Check::passed("grants", format!("it is denied, with a hint, without {}", names.join(" or ")))
}

fn is_denied(failure: &Failure) -> bool {
    failure.kind == FailureKind::Denied && failure.hint.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::Outcome;

    fn of(kind: &str, capabilities: &str) -> Manifest {
        Manifest::parse(&format!(
            "name = \"x\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"d\"\n\
             [capabilities]\n{capabilities}\n"
        ))
        .unwrap()
    }

    #[track_caller]
    fn over(kind: &str, line: &str, import: &str) {
        let manifest = of(kind, line);
        let imports = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let used = asking(&manifest, &imports(&["wasi:io/poll@0.2.6", import]));
        assert_eq!(used.result, Outcome::Passed, "{used:?}");
        let unused = asking(&manifest, &imports(&["wasi:io/poll@0.2.6"]));
        assert_eq!(unused.result, Outcome::Failed, "{unused:?}");
        let hint = unused.hint.unwrap();
        assert!(hint.contains(&format!("`{line}`")), "{hint}");
    }

    #[test]
    fn a_capability_that_is_not_imported_is_asked_for_too_much() {
        over("tool", "files = \"read-write\"", "wasi:filesystem/types@0.2.6");
        over("grader", "files = \"read-only\"", "wasi:filesystem/preopens@0.2.6");
        over("tool", "environment = [\"A\", \"B\"]", "wasi:cli/environment@0.2.6");
        over("tool", "model = true", "lucid:plugin/model@0.1.0");
        over("dream", "transcripts = true", "lucid:plugin/transcripts@0.1.0");
        over("dream", "transcripts = true", "lucid:plugin/digests@0.1.0");
        over("dream", "memories = true", "lucid:plugin/memories@0.1.0");
        over("dream", "proposals = true", "lucid:plugin/proposals@0.1.0");
    }

    #[test]
    fn an_import_that_is_not_asked_for_fails_with_the_line_to_add() {
        let check = asking(&of("tool", ""), &["lucid:plugin/model@0.1.0".to_owned()]);
        assert_eq!(check.result, Outcome::Failed);
        assert!(check.hint.unwrap().contains("model = true"));
    }
}
