//! Whether a component is what its manifest says, and was built for this Lucid.

use lucid_core::{Failure, Result};
use lucid_policy::manifest::Kind;
use lucid_policy::{INTERFACES_VERSION, exported_interface};

use super::link::LinkError;
use super::structure::Interface;

/// Lucid's own interfaces begin so.
const OWN: &str = "lucid:plugin/";

const KINDS: [Kind; 4] = [Kind::Tool, Kind::Model, Kind::Grader, Kind::Dream];

/// Checks the versions of the interfaces and that the kind's own is among the exports.
///
/// # Errors
/// Invalid, with what its author has to change.
pub(crate) fn check(plugin: &str, kind: Kind, interface: &Interface) -> Result<()> {
    let all = interface.imports.iter().chain(&interface.exports);
    if let Some(other) = all.filter_map(|name| other_version(name)).next() {
        return Err(Failure::invalid(format!(
            "plugin `{plugin}` was built for Lucid's interfaces {other}, and this Lucid has \
             {INTERFACES_VERSION}"
        ))
        .hint("write those of this Lucid with `lucid plugin wit`, and build it again"));
    }
    let exports = |kind| {
        let own = exported_interface(kind);
        interface.exports.iter().any(|export| export.split('@').next() == Some(own))
    };
    if exports(kind) {
        return Ok(());
    }
    let wanted = exported_interface(kind);
    let failure =
        Failure::invalid(format!("plugin `{plugin}` is no {kind}: it exports no `{wanted}`"));
    Err(match KINDS.into_iter().find(|other| exports(*other)) {
        Some(other) => failure.hint(format!(
            "it exports `{}`, as a {other} does: write `kind = \"{other}\"` in its manifest",
            exported_interface(other)
        )),
        None => failure.hint(format!(
            "its world has to have `export {wanted}@{INTERFACES_VERSION};`, and its code has to \
             implement it"
        )),
    })
}

/// The version of an interface of Lucid's, where it is not one that this Lucid has: before
/// 1.0.0 the second number is that of a change that breaks.
fn other_version(name: &str) -> Option<&str> {
    let (_, version) = name.strip_prefix(OWN)?.split_once('@')?;
    let breaking = |version: &str| {
        let mut parts = version.split('.').map(str::to_owned);
        (parts.next(), parts.next())
    };
    (breaking(version) != breaking(INTERFACES_VERSION)).then_some(version)
}

/// Says why a component was not linked.
pub(crate) fn not_linked(plugin: &str, kind: Kind, error: &LinkError) -> Failure {
    let line = |error: &wasmtime::Error| crate::compile::one_line(&format!("{error:#}"));
    match error {
        LinkError::Import(error) => Failure::invalid(format!(
            "plugin `{plugin}` imports what no {kind} has: {}",
            line(error)
        ))
        .hint("build it with the interfaces that `lucid plugin wit` writes, and with WASI 0.2"),
        LinkError::Export(error) => {
            Failure::invalid(format!("plugin `{plugin}` is no {kind}: {}", line(error))).hint(
                format!(
                    "its `{}` has to be as `lucid plugin wit` writes it",
                    exported_interface(kind)
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: Kind, imports: &[&str], exports: &[&str]) -> Option<Failure> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let interface = Interface { imports: names(imports), exports: names(exports) };
        check("x", kind, &interface).err()
    }

    #[test]
    fn a_wrong_kind_and_a_missing_export_are_told_apart() {
        assert_eq!(failure(Kind::Tool, &[], &["lucid:plugin/tools@0.1.7", "init"]), None);
        let kind = failure(Kind::Grader, &[], &["lucid:plugin/tools@0.1.0"]).unwrap();
        assert!(kind.message.contains("is no grader: it exports no `lucid:plugin/grading`"));
        assert!(kind.hint.unwrap().contains("`kind = \"tool\"`"));
        let none = failure(Kind::Tool, &["lucid:plugin/model@0.1.0"], &["run"]).unwrap();
        assert!(none.hint.unwrap().contains("`export lucid:plugin/tools@0.1.0;`"));
    }

    #[test]
    fn interfaces_of_another_version_are_named_with_both_versions() {
        for (imports, exports) in [
            (&["lucid:plugin/log@0.2.0"][..], &["lucid:plugin/tools@0.1.0"][..]),
            (&[], &["lucid:plugin/tools@1.0.0"]),
        ] {
            let failure = failure(Kind::Tool, imports, exports).unwrap();
            assert!(failure.message.ends_with("and this Lucid has 0.1.0"), "{failure}");
            assert!(failure.hint.unwrap().contains("lucid plugin wit"));
        }
    }
}
