//! What a component is made of, read before anything of it is compiled: the names of its
//! imports and exports, and bounds on what compiling it can cost.
//!
//! Compiling costs time and memory that are up to whoever wrote the component, so a file
//! is counted first. The count is one walk over its sections that enters no function.

#[cfg(test)]
mod tests;

use lucid_core::{Failure, Result};
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload, TypeRef};

use super::expansion::Expansion;

/// Functions in all modules, and adapters between them: five times what the largest
/// interpreters have. Compiling is one job for each.
const FUNCTIONS_MAX: u64 = 200_000;

/// Bytes of one function: compiling takes more than linear time in it. The largest loops
/// of interpreters have a fifth of it.
const FUNCTION_BYTES_MAX: usize = 1 << 20;

/// Types in all modules and components: each is checked against others.
const TYPES_MAX: u64 = 100_000;

/// Everything else that has an entry in a table: imports, exports, globals, aliases,
/// segments.
const ITEMS_MAX: u64 = 1_000_000;

/// Modules and components inside of the component. Programs of scripting languages have
/// some dozens.
const PARTS_MAX: u64 = 1_000;

/// Components inside of components inside of components: tools that compose nest two or
/// three deep.
const DEPTH_MAX: usize = 16;

/// Entries of the component and of all it instantiates, each as often as it does: a
/// component that is instantiated twice, by one that is instantiated twice, and so on, is
/// a small file that compiles without end. Programs have some thousands.
const EXPANDED_MAX: u64 = 100_000;

/// Memories of one core module. The engine's own adapters between two parts of a component
/// see both parts' memories, so the engine cannot forbid it for all; no compiler makes a
/// program with two.
const MEMORIES_MAX: u64 = 1;

/// Bytes of the name of an import or export.
const NAME_BYTES_MAX: usize = 256;

/// The names by which a component is linked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interface {
    /// What it imports, such as `wasi:cli/environment@0.2.6`, in its own order.
    pub imports: Vec<String>,
    /// What it exports, in its own order.
    pub exports: Vec<String>,
}

/// Reads the interface of a component and counts what it is made of.
///
/// The component is not validated by this: compiling does that.
///
/// # Errors
/// Invalid, when the bytes are no component; exceeded, when it is made of too much.
pub(crate) fn read(component: &[u8]) -> Result<Interface> {
    let mut count = Count::default();
    for payload in Parser::new(0).parse_all(component) {
        count.add(&payload.map_err(malformed)?)?;
    }
    match count.expansion.total() {
        Some(total) if total <= EXPANDED_MAX => Ok(count.interface),
        Some(_) => Err(too_much("items, with all its instances", EXPANDED_MAX)),
        None => Err(Failure::exceeded("it instantiates components that are handed to it")
            .hint("what that comes to cannot be bounded: its author has to name them")),
    }
}

pub(super) fn malformed(error: BinaryReaderError) -> Failure {
    Failure::invalid(format!("not a component: {}", crate::compile::one_line(error.message())))
        .hint("build it again, or fetch its file again")
}

fn too_much(what: &str, max: u64) -> Failure {
    Failure::exceeded(format!("it is made of more than {max} {what}"))
        .hint("no plugin needs so many: its author has to make it smaller")
}

/// What was counted so far.
#[derive(Default)]
struct Count {
    functions: u64,
    types: u64,
    items: u64,
    parts: u64,
    depth: usize,
    /// Memories of the module that is being read. Modules are not nested.
    memories: u64,
    expansion: Expansion,
    interface: Interface,
}

impl Count {
    fn add(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } if self.depth == 0 => {
                return Err(Failure::invalid("not a component: a core module")
                    .hint("build it for the target wasm32-wasip2, which makes components"));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => self.enter()?,
            Payload::MemorySection(memories) => self.memories(u64::from(memories.count()))?,
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    let memory = matches!(import.map_err(malformed)?.ty, TypeRef::Memory(_));
                    self.memories(u64::from(memory))?;
                }
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::CodeSectionEntry(body) if body.range().len() > FUNCTION_BYTES_MAX => {
                return Err(too_much("bytes in one function", FUNCTION_BYTES_MAX as u64));
            }
            Payload::ComponentImportSection(imports) if self.depth == 0 => {
                for import in imports.clone() {
                    let import = import.map_err(malformed)?;
                    self.interface.imports.push(checked_name(import.name.name)?);
                }
            }
            Payload::ComponentExportSection(exports) if self.depth == 0 => {
                for export in exports.clone() {
                    let export = export.map_err(malformed)?;
                    self.interface.exports.push(checked_name(export.name.name)?);
                }
            }
            _ => {}
        }
        self.count(payload)?;
        self.expansion.add(payload).map_err(malformed)
    }

    fn memories(&mut self, more: u64) -> Result<()> {
        self.memories += more;
        if self.memories > MEMORIES_MAX {
            return Err(Failure::invalid("one of its modules has more than one memory")
                .hint("build it without the multi-memory proposal"));
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        self.memories = 0;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(too_much("levels of components inside of components", DEPTH_MAX as u64));
        }
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(too_much("modules and components", PARTS_MAX));
        }
        Ok(())
    }

    fn count(&mut self, payload: &Payload<'_>) -> Result<()> {
        let (functions, types, items) = match payload {
            Payload::FunctionSection(section) => (section.count(), 0, 0),
            Payload::ComponentCanonicalSection(section) => (section.count(), 0, 0),
            Payload::TypeSection(section) => (0, section.count(), 0),
            Payload::CoreTypeSection(section) => (0, section.count(), 0),
            Payload::ComponentTypeSection(section) => (0, section.count(), 0),
            Payload::ImportSection(section) => (0, 0, section.count()),
            Payload::TableSection(section) => (0, 0, section.count()),
            Payload::MemorySection(section) => (0, 0, section.count()),
            Payload::TagSection(section) => (0, 0, section.count()),
            Payload::GlobalSection(section) => (0, 0, section.count()),
            Payload::ExportSection(section) => (0, 0, section.count()),
            Payload::ElementSection(section) => (0, 0, section.count()),
            Payload::DataSection(section) => (0, 0, section.count()),
            Payload::InstanceSection(section) => (0, 0, section.count()),
            Payload::ComponentInstanceSection(section) => (0, 0, section.count()),
            Payload::ComponentAliasSection(section) => (0, 0, section.count()),
            Payload::ComponentImportSection(section) => (0, 0, section.count()),
            Payload::ComponentExportSection(section) => (0, 0, section.count()),
            _ => (0, 0, 0),
        };
        for (sum, more, max, what) in [
            (&mut self.functions, functions, FUNCTIONS_MAX, "functions"),
            (&mut self.types, types, TYPES_MAX, "types"),
            (&mut self.items, items, ITEMS_MAX, "imports, exports and other items"),
        ] {
            *sum += u64::from(more);
            if *sum > max {
                return Err(too_much(what, max));
            }
        }
        Ok(())
    }
}

/// The name of an import or export. It gets into messages, and nothing has validated it.
fn checked_name(name: &str) -> Result<String> {
    let printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if name.len() > NAME_BYTES_MAX || !name.bytes().all(printable) {
        return Err(Failure::invalid("not a component: an import or export without a name")
            .hint("build it again, or fetch its file again"));
    }
    Ok(name.to_owned())
}
