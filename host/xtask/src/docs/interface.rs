//! One interface of the page: its functions and types.

use std::collections::BTreeMap;

use wit_parser::{
    Docs, Function, FunctionKind, Interface, InterfaceId, Type, TypeDef, TypeDefKind, TypeId,
    TypeOwner, WorldKey,
};

use super::notation::{named_in, of_function, of_kind, of_type};
use super::prose::{anchor, wrap, wrap_after};
use super::wit::Page;

impl Page<'_> {
    pub(super) fn interface(&self, id: InterfaceId) -> String {
        let interface = &self.resolve.interfaces[id];
        let name = self.name(id);
        let mut out = format!("## {}\n\n{}\n", interface_heading(name), self.docs(&interface.docs));
        out.push_str(&self.since(&interface.stability));
        out.push_str(&self.in_worlds(id));
        out.push_str(&self.used_from_others(interface));
        for function in self.functions(interface) {
            out.push_str(&self.function(function, name));
        }
        for (_, own) in self.types(interface) {
            out.push_str(&self.type_section(own, name));
        }
        out
    }

    /// Which worlds export and import an interface.
    fn in_worlds(&self, id: InterfaceId) -> String {
        let key = WorldKey::Interface(id);
        let worlds = || self.resolve.packages[self.package].worlds.iter();
        let link = |name: &String| link(name, &format!("World `{name}`"));
        let exporting =
            worlds().filter(|(_, world)| self.resolve.worlds[**world].exports.contains_key(&key));
        let importing =
            worlds().filter(|(_, world)| self.resolve.worlds[**world].imports.contains_key(&key));
        let exporting: Vec<String> = exporting.map(|(name, _)| link(name)).collect();
        let importing: Vec<String> = importing.map(|(name, _)| link(name)).collect();
        let mut parts = Vec::new();
        if !exporting.is_empty() {
            parts.push(format!("Exported by {}.", exporting.join(", ")));
        }
        if !importing.is_empty() {
            parts.push(format!("Imported by {}.", importing.join(", ")));
        }
        if parts.is_empty() { String::new() } else { format!("{}\n", wrap(&parts.join(" "))) }
    }

    /// The types that an interface takes from others.
    fn used_from_others(&self, interface: &Interface) -> String {
        let mut from: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in interface.types.values() {
            if let Some((owner, _)) = self.taken_from(*id) {
                from.entry(owner).or_default().push(self.type_link(*id));
            }
        }
        let lines = from
            .iter()
            .map(|(owner, types)| wrap(&format!("Takes {} from `{owner}`.", types.join(", "))));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The interface that a type was taken from, and its name there.
    fn taken_from(&self, id: TypeId) -> Option<(String, TypeId)> {
        let TypeDefKind::Type(Type::Id(original)) = &self.resolve.types[id].kind else {
            return None;
        };
        let TypeOwner::Interface(owner) = self.resolve.types[*original].owner else { return None };
        let same = self.resolve.types[id].owner == TypeOwner::Interface(owner);
        (!same).then(|| (self.name(owner).to_owned(), *original))
    }

    /// An interface's own types, in the order of its file.
    pub(super) fn types<'a>(&'a self, interface: &'a Interface) -> Vec<(TypeId, &'a TypeDef)> {
        let own = interface.types.values().filter(|id| self.taken_from(**id).is_none());
        let mut own: Vec<_> = own.map(|id| (*id, &self.resolve.types[*id])).collect();
        own.sort_by_key(|(_, own)| own.span.start());
        own
    }

    pub(super) fn functions<'a>(&self, interface: &'a Interface) -> Vec<&'a Function> {
        let mut functions: Vec<_> = interface.functions.values().collect();
        functions.sort_by_key(|function| function.span.start());
        functions
    }

    pub(super) fn function_heading(&self, function: &Function, interface: &str) -> String {
        let of = match function.kind.resource() {
            Some(resource) => self.resolve.types[resource].name.as_deref().unwrap_or(interface),
            None => interface,
        };
        let what = match function.kind {
            FunctionKind::Method(_) | FunctionKind::AsyncMethod(_) => "a method",
            FunctionKind::Constructor(_) => "the constructor",
            _ => "a function",
        };
        format!("`{}`, {what} of `{of}`", function.item_name())
    }

    fn function(&self, function: &Function, interface: &str) -> String {
        let mut used = Vec::new();
        for ty in function.parameter_and_result_types() {
            named_in(self.resolve, &ty, &mut used);
        }
        // A method's own resource is in its heading.
        used.retain(|id| Some(*id) != function.kind.resource());
        format!(
            "### {}\n\n```wit\n{}\n```\n\n{}{}\n{}",
            self.function_heading(function, interface),
            of_function(self.resolve, function),
            self.since(&function.stability),
            self.docs(&function.docs),
            self.uses(&used),
        )
    }

    /// The links to the types that something is made of.
    fn uses(&self, types: &[TypeId]) -> String {
        let links: Vec<String> = types.iter().map(|id| self.type_link(*id)).collect();
        if links.is_empty() {
            return String::new();
        }
        format!("{}\n", wrap(&format!("See {}.", links.join(", "))))
    }

    /// A link to a type, wherever it was taken from.
    fn type_link(&self, id: TypeId) -> String {
        let original = self.taken_from(id).map_or(id, |(_, original)| original);
        let own = &self.resolve.types[original];
        let name = own.name.as_deref().unwrap_or_default();
        match own.owner {
            TypeOwner::Interface(owner)
                if self.resolve.interfaces[owner].package == Some(self.package) =>
            {
                link(name, &type_heading(own, self.name(owner)))
            }
            _ => format!("`{name}`"),
        }
    }

    fn type_section(&self, own: &TypeDef, interface: &str) -> String {
        let mut used = Vec::new();
        let mut members = String::new();
        let mut member = |name: &str, ty: Option<&Type>, docs: &Docs| {
            if let Some(ty) = ty {
                named_in(self.resolve, ty, &mut used);
            }
            members.push_str(&match docs.contents.as_deref() {
                Some(text) => wrap_after(&format!("- `{name}`: "), text),
                None => format!("- `{name}`\n"),
            });
        };
        let typed = |name: &str, ty: &Type| format!("{name}: {}", of_type(self.resolve, ty));
        match &own.kind {
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    member(&typed(&field.name, &field.ty), Some(&field.ty), &field.docs);
                }
            }
            TypeDefKind::Variant(variant) => {
                for case in &variant.cases {
                    let value = case.ty.as_ref().map(|ty| of_type(self.resolve, ty));
                    let value = value.map(|value| format!("({value})")).unwrap_or_default();
                    member(&format!("{}{value}", case.name), case.ty.as_ref(), &case.docs);
                }
            }
            TypeDefKind::Enum(cases) => {
                cases.cases.iter().for_each(|case| member(&case.name, None, &case.docs));
            }
            TypeDefKind::Flags(flags) => {
                flags.flags.iter().for_each(|flag| member(&flag.name, None, &flag.docs));
            }
            TypeDefKind::Resource => {}
            other => {
                let meaning = of_kind(self.resolve, other);
                members.push_str(&format!("It is `{meaning}`.\n"));
            }
        }
        if !members.is_empty() {
            members.push('\n');
        }
        format!(
            "### {}\n\n{}{}\n{members}{}",
            type_heading(own, interface),
            self.since(&own.stability),
            self.docs(&own.docs),
            self.uses(&used),
        )
    }
}

pub(super) fn interface_heading(name: &str) -> String {
    format!("Interface `{name}`")
}

pub(super) fn type_heading(own: &TypeDef, interface: &str) -> String {
    let kind = match own.kind {
        TypeDefKind::Record(_) => "a record",
        TypeDefKind::Variant(_) => "a variant",
        TypeDefKind::Enum(_) => "an enum",
        TypeDefKind::Flags(_) => "flags",
        TypeDefKind::Resource => "a resource",
        _ => "a type",
    };
    format!("`{}`, {kind} of `{interface}`", own.name.as_deref().unwrap_or_default())
}

/// A link from a name to a heading of this page.
pub(super) fn link(name: &str, heading: &str) -> String {
    format!("[`{name}`](#{})", anchor(heading))
}
