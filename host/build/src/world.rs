//! The world that a project describes in `wit/`, read before any compiler sees it: compilers
//! say what is wrong with it in words of their own.

use std::fmt::Display;
use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_policy::manifest::Kind;
use lucid_policy::{INTERFACES_VERSION, exported_interface};
use wit_parser::{Resolve, WorldId};

use crate::WORLD;

/// A project's interfaces and its world among them.
pub(crate) struct World {
    pub(crate) resolve: Resolve,
    pub(crate) id: WorldId,
}

impl World {
    /// Reads a project's `wit` folder.
    ///
    /// # Errors
    /// Invalid, when it is not written as WIT is, or has no world of the name.
    pub(crate) fn read(wit: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        let read = resolve.push_dir(wit).and_then(|(package, _)| {
            let id = resolve.select_world(&[package], Some(WORLD))?;
            Ok(Self { resolve: std::mem::take(&mut resolve), id })
        });
        read.map_err(|error| mistake(wit, &error))
    }

    /// Puts it into a core module, for languages whose compiler has not done so.
    ///
    /// # Errors
    /// Invalid, when it cannot be encoded.
    pub(crate) fn embed(&self, wit: &Path, mut module: Vec<u8>) -> Result<Vec<u8>> {
        let encoding = wit_component::StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut module, &self.resolve, self.id, encoding)
            .map_err(|error| mistake(wit, &error))?;
        Ok(module)
    }

    /// Checks that it exports what a plugin of the kind does.
    ///
    /// # Errors
    /// Invalid, with the line to write.
    pub(crate) fn check(&self, wit: &Path, kind: Kind) -> Result<()> {
        let interface = exported_interface(kind);
        let exports = self.resolve.worlds[self.id].exports.keys();
        let names = exports.map(|key| self.resolve.name_world_key(key));
        let versions: Vec<String> = names
            .filter_map(|name| Some(name.strip_prefix(interface)?.strip_prefix('@')?.to_owned()))
            .collect();
        let place = wit.display();
        match versions.as_slice() {
            [] => Err(Failure::invalid(format!(
                "the world in {place} exports no `{interface}`, as a {kind} does"
            ))
            .hint(format!(
                "write `export {interface}@{INTERFACES_VERSION};` into it, or another `kind` \
                 into plugin.toml"
            ))),
            [version, ..] if version == INTERFACES_VERSION => Ok(()),
            [version, ..] => Err(Failure::invalid(format!(
                "the world in {place} is for Lucid's interfaces {version}, and this Lucid has \
                 {INTERFACES_VERSION}"
            ))
            .hint(format!(
                "`lucid plugin wit` writes those; name them with @{INTERFACES_VERSION} in \
                 plugin.wit"
            ))),
        }
    }
}

/// A mistake in a `wit` folder, on one line.
pub(crate) fn mistake(wit: &Path, error: &dyn Display) -> Failure {
    let text = format!("{error:#}");
    let words: Vec<&str> = text.split_whitespace().collect();
    Failure::invalid(format!("{}: {}", wit.display(), words.join(" ")))
        .hint("mend `plugin.wit`; `lucid plugin wit` writes the interfaces in `deps` anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "package local:x;\nworld plugin {\n";

    fn checked(world: &str, kind: Kind) -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        crate::write_interfaces(folder.path()).unwrap();
        std::fs::write(folder.path().join("plugin.wit"), world).unwrap();
        World::read(folder.path()).and_then(|world| world.check(folder.path(), kind))
    }

    #[test]
    fn a_world_without_the_export_of_its_kind_is_named_with_the_line_to_write() {
        let tool = format!("{HEAD}  export lucid:plugin/tools@0.1.0;\n}}\n");
        assert_eq!(checked(&tool, Kind::Tool), Ok(()));
        let failure = checked(&tool, Kind::Dream).unwrap_err();
        assert!(failure.message.contains("exports no `lucid:plugin/dream-strategy`"), "{failure}");
        assert!(failure.hint.unwrap().contains("`export lucid:plugin/dream-strategy@0.1.0;`"));
    }

    #[test]
    fn a_world_that_is_no_wit_is_a_mistake_on_one_line() {
        for world in ["package local:x;\nworld other {}\n".to_owned(), format!("{HEAD}  exp")] {
            let failure = checked(&world, Kind::Tool).unwrap_err();
            assert!(!failure.message.contains('\n') && failure.hint.is_some(), "{failure}");
        }
    }

    #[test]
    fn interfaces_of_another_version_are_named_with_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            crate::interfaces::write(&folder.path().join(name), text.as_bytes()).unwrap();
        };
        write("deps/lucid/a.wit", "package lucid:plugin@0.2.0;\ninterface tools {}\n");
        write("plugin.wit", &format!("{HEAD}  export lucid:plugin/tools@0.2.0;\n}}\n"));
        let world = World::read(folder.path()).unwrap();
        let failure = world.check(folder.path(), Kind::Tool).unwrap_err();
        assert!(failure.message.ends_with("0.2.0, and this Lucid has 0.1.0"), "{failure}");
    }
}
