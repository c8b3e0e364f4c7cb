//! The reference of the interfaces, from `wit/*.wit`.
//!
//! The worlds come first, then each interface in the order in which worlds name them: what a
//! plugin implements before what it may call. Inside of an interface the order is that of its
//! file.

use std::collections::BTreeMap;

use wit_parser::{Docs, InterfaceId, PackageId, Resolve, Stability, World, WorldItem, WorldKey};

use super::interface::{interface_heading, link, type_heading};
use super::notation::of_function;
use super::prose::{wrap, wrap_after};

/// What stands before everything that is generated.
const HEAD: &str = "\
<!-- Written by `cargo xtask docs` from the doc comments in wit/*.wit: change those, not this. -->

";

/// How to read the rest: the words of WIT that the interfaces use.
const READING: &str = "\
## How to read this page

Interfaces are written in WIT, the language of component interfaces. A tool for your language
turns them into types and functions of that language; this page says what those mean.

| WIT | is |
|---|---|
| `string`, `bool`, `u32`, `u64`, `f64` | text in UTF-8, a truth value, whole numbers, a number |
| `list<T>`, `list<u8>` | any number of values in order; bytes |
| `option<T>` | a value, or none |
| `result<T, E>` | a value, or an error; `_` stands for nothing |
| `record` | several values, each with a name |
| `variant` | one of several cases; a case may carry a value |
| `enum` | one of several names |
| `flags` | any of several names, together |
| `resource` | something that stays with the host; you hold a handle and drop it when done |

Names have hyphens here; each language spells them its own way. A name ends in its unit where it
has one: `-ms` is milliseconds, `-bytes` bytes, `-tokens` tokens.

";

/// The page about one package.
pub(super) fn page(resolve: &Resolve, package: PackageId) -> String {
    let page = Page { resolve, package, interfaces: interfaces(resolve, package) };
    let own = &resolve.packages[package];
    let mut out = format!("{HEAD}# The interfaces\n\nPackage `{}`.", own.name);
    if let Some(since) = page.first_version() {
        out.push_str(&format!(" All of it is there since {since}, unless it says otherwise."));
    }
    out.push_str(&format!("\n\n{}\n", page.docs(&own.docs)));
    out.push_str(&page.contents());
    out.push_str(READING);
    out.push_str(
        "## Worlds\n\nA world is what a component of one kind exports and may import.\n\n",
    );
    let worlds: Vec<&World> = own.worlds.values().map(|id| &resolve.worlds[*id]).collect();
    let shared = page.shared(&worlds);
    for world in &worlds {
        out.push_str(&page.world(world, &shared));
    }
    if !shared.is_empty() {
        out.push_str(&format!("### What every world imports\n\n{shared}\n"));
    }
    for interface in &page.interfaces {
        out.push_str(&page.interface(*interface));
    }
    format!("{}\n", out.trim_end())
}

/// The package's interfaces, in the order in which its worlds export and import them.
fn interfaces(resolve: &Resolve, package: PackageId) -> Vec<InterfaceId> {
    let own = &resolve.packages[package];
    let mut found: Vec<InterfaceId> = Vec::new();
    let worlds = own.worlds.values().map(|world| &resolve.worlds[*world]);
    let named = worlds.flat_map(|world| world.exports.keys().chain(world.imports.keys()));
    let used = named.filter_map(|key| match key {
        WorldKey::Interface(id) => Some(*id),
        WorldKey::Name(_) => None,
    });
    for id in used.chain(own.interfaces.values().copied()) {
        if resolve.interfaces[id].package == Some(package) && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// A page while it is written.
pub(super) struct Page<'a> {
    pub(super) resolve: &'a Resolve,
    pub(super) package: PackageId,
    interfaces: Vec<InterfaceId>,
}

impl Page<'_> {
    pub(super) fn docs(&self, docs: &Docs) -> String {
        docs.contents.as_deref().map(wrap).unwrap_or_default()
    }

    /// The version since which the oldest interface is there.
    fn first_version(&self) -> Option<String> {
        let all = self.interfaces.iter().map(|id| &self.resolve.interfaces[*id].stability);
        let versions = all.filter_map(|stability| match stability {
            Stability::Stable { since, .. } => Some(since),
            _ => None,
        });
        versions.min().map(ToString::to_string)
    }

    /// Since when something is there, where that is not the first version.
    pub(super) fn since(&self, stability: &Stability) -> String {
        match stability {
            Stability::Stable { since, .. } if self.first_version() != Some(since.to_string()) => {
                format!("Since {since}.\n\n")
            }
            _ => String::new(),
        }
    }

    pub(super) fn name(&self, interface: InterfaceId) -> &str {
        self.resolve.interfaces[interface].name.as_deref().unwrap_or_default()
    }

    fn contents(&self) -> String {
        let worlds = self.resolve.packages[self.package].worlds.keys();
        let worlds = worlds.map(|name| link(name, &format!("World `{name}`")));
        let mut out = wrap_after("- [Worlds](#worlds): ", &worlds.collect::<Vec<_>>().join(", "));
        for id in &self.interfaces {
            let interface = &self.resolve.interfaces[*id];
            let name = self.name(*id);
            let types = self.types(interface).into_iter().map(|(_, own)| {
                link(own.name.as_deref().unwrap_or_default(), &type_heading(own, name))
            });
            let functions = self
                .functions(interface)
                .into_iter()
                .map(|function| link(function.item_name(), &self.function_heading(function, name)));
            let items: Vec<String> = functions.chain(types).collect();
            let first = format!("- {}: ", link(name, &interface_heading(name)));
            let text =
                if items.is_empty() { "nothing of its own".to_owned() } else { items.join(", ") };
            out.push_str(&wrap_after(&first, &text));
        }
        format!("## Contents\n\n- [How to read this page](#how-to-read-this-page)\n{out}\n")
    }

    fn world(&self, world: &World, shared: &str) -> String {
        let mut out = format!("### World `{}`\n\n{}\n", world.name, self.docs(&world.docs));
        out.push_str(&self.since(&world.stability));
        out.push_str(&self.own_items("exports", world.exports.iter()));
        out.push_str(&self.own_items("imports", world.imports.iter()));
        if shared.is_empty() {
            out.push_str(&self.others("imports of", world.imports.values()));
        } else {
            out.push_str("- imports [what every world imports](#what-every-world-imports)\n");
        }
        format!("{}\n\n", out.trim_end())
    }

    /// What a world exports or imports of this package.
    fn own_items<'a>(
        &self,
        verb: &str,
        items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>,
    ) -> String {
        let own: Vec<String> = items.filter_map(|(key, item)| self.own_item(key, item)).collect();
        if own.is_empty() {
            return String::new();
        }
        wrap_after(&format!("- {verb} "), &own.join(", "))
    }

    fn own_item(&self, key: &WorldKey, item: &WorldItem) -> Option<String> {
        match item {
            WorldItem::Interface { id, .. } => {
                let name = self.name(*id);
                let own = self.resolve.interfaces[*id].package == Some(self.package);
                own.then(|| link(name, &interface_heading(name)))
            }
            WorldItem::Function(function) => {
                Some(format!("`{}`", of_function(self.resolve, function)))
            }
            WorldItem::Type { .. } => Some(format!("`{}`", self.resolve.name_world_key(key))),
        }
    }

    /// What a world imports of other packages, one line for each.
    fn others<'a>(&self, first: &str, items: impl Iterator<Item = &'a WorldItem>) -> String {
        let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in items {
            let WorldItem::Interface { id, .. } = item else { continue };
            let package = self.resolve.interfaces[*id].package;
            if let Some(package) = package.filter(|package| *package != self.package) {
                let package = self.resolve.packages[package].name.to_string();
                others.entry(package).or_default().push(format!("`{}`", self.name(*id)));
            }
        }
        let line = |(package, mut names): (String, Vec<String>)| {
            names.sort_unstable();
            wrap_after(&format!("- {first} `{package}`: "), &names.join(", "))
        };
        others.into_iter().map(line).collect()
    }

    /// What all worlds import of other packages, where that is the same for all.
    fn shared(&self, worlds: &[&World]) -> String {
        let others = |world: &World| self.others("of", world.imports.values());
        match worlds {
            [first, _, ..] => {
                let shared = others(first);
                let same = worlds.iter().all(|world| others(world) == shared);
                if same { shared } else { String::new() }
            }
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::prose::anchor;
    use super::*;

    const WIT: &str = "
        /// What the package is for.
        package local:small@0.2.0;

        /// Does things.
        @since(version = 0.1.0)
        interface things {
            /// One thing.
            record thing { /// Its name.
                name: string, /// What it weighs, in grams.
                weight-g: option<u32>, }
            /// Why not.
            variant fault { /// There is none.
                missing(string), /// Nobody knows.
                unknown }
            /// Several.
            resource heap {
                /// The next.
                @since(version = 0.2.0)
                next: func() -> option<thing>;
            }
            /// Finds a thing.
            find: func(name: string, near: list<thing>) -> result<thing, fault>;
        }

        /// A finder.
        @since(version = 0.1.0)
        world finder { export things; }
    ";

    fn written(text: &str) -> String {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("small.wit", text).unwrap();
        page(&resolve, package)
    }

    #[test]
    fn a_changed_doc_comment_changes_the_page() {
        let before = written(WIT);
        for (comment, changed) in [
            ("What the package is for.", "What it is for."),
            ("Does things.", "Does other things."),
            ("Its name.", "What it is called."),
            ("There is none.", "There was none."),
            ("The next.", "The one after that."),
            ("Finds a thing.", "Finds things."),
            ("A finder.", "A searcher."),
        ] {
            assert!(before.contains(comment), "{comment}");
            let after = written(&WIT.replace(comment, changed));
            assert!(after.contains(changed) && after != before, "{changed}");
        }
    }

    #[test]
    fn a_changed_signature_changes_the_page() {
        let page = written(WIT);
        let signature = "find: func(name: string, near: list<thing>) -> result<thing, fault>;";
        assert!(page.contains(signature), "{page}");
        assert!(page.contains("- `weight-g: option<u32>`: What it weighs, in grams.\n"));
        assert!(page.contains("- `missing(string)`: There is none.\n"));
        assert!(page.contains("### `next`, a method of `heap`\n\n```wit\nnext: func() ->"));
        assert_ne!(written(&WIT.replace("name: string, near", "near")), page);
    }

    #[test]
    fn every_link_leads_to_a_heading_that_is_there_once() {
        let page = written(WIT);
        let headings: Vec<String> = page
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| anchor(line.trim_start_matches('#').trim_start()))
            .collect();
        let links = page.split("](#").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links {
            let found = headings.iter().filter(|heading| *heading == link).count();
            assert_eq!(found, 1, "{link} in {headings:?}");
        }
    }

    #[test]
    fn what_came_later_says_since_when() {
        let page = written(WIT);
        assert!(page.contains("since 0.1.0"));
        assert_eq!(page.matches("Since 0.2.0.").count(), 1);
    }
}
