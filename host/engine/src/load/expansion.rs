//! What a component comes to when it is instantiated.
//!
//! A component may hold another and instantiate it twice, that one a third, and so on.
//! Compiling writes out each instance with all it is made of, so a small file can come to
//! any amount of work.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, Payload, SectionLimited,
};

/// Entries of a component and of all it instantiates; `None` where it instantiates a
/// component that is only known when it runs.
type Total = Option<u64>;

/// A module or component whose sections are being read.
struct Frame {
    is_component: bool,
    /// What each component it can name comes to, by index.
    components: Vec<Total>,
    total: Total,
}

impl Frame {
    fn new(is_component: bool) -> Self {
        Self { is_component, components: Vec::new(), total: Some(0) }
    }

    fn add(&mut self, more: Total) {
        self.total = self.total.and_then(|total| Some(total.saturating_add(more?)));
    }

    fn entries<T>(&mut self, section: &SectionLimited<'_, T>) {
        self.add(Some(u64::from(section.count())));
    }

    fn component(&self, index: u32) -> Total {
        self.components.get(index as usize).copied().flatten()
    }
}

/// Follows the sections of a component, and of all inside of it.
pub(super) struct Expansion {
    outer: Vec<Frame>,
    here: Frame,
}

impl Default for Expansion {
    fn default() -> Self {
        Self { outer: Vec::new(), here: Frame::new(true) }
    }
}

impl Expansion {
    /// What instantiating the outermost component comes to.
    pub(super) fn total(&self) -> Option<u64> {
        self.here.total
    }

    /// Takes the next section. Its entries were counted before, so there are not too many.
    pub(super) fn add(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::ModuleSection { .. } => self.enter(false),
            Payload::ComponentSection { .. } => self.enter(true),
            Payload::End(_) => self.leave(),
            Payload::InstanceSection(section) => self.here.entries(section),
            Payload::ComponentCanonicalSection(section) => self.here.entries(section),
            Payload::ComponentTypeSection(section) => self.here.entries(section),
            Payload::ComponentInstanceSection(section) => {
                self.here.entries(section);
                for instance in section.clone() {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        self.here.add(self.here.component(component_index));
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                self.here.entries(section);
                for alias in section.clone() {
                    self.alias(&alias?);
                }
            }
            Payload::ComponentImportSection(section) => {
                self.here.entries(section);
                for import in section.clone() {
                    if let ComponentTypeRef::Component(_) = import?.ty {
                        self.here.components.push(None);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                self.here.entries(section);
                for export in section.clone() {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Component {
                        self.here.components.push(self.here.component(export.index));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, is_component: bool) {
        self.outer.push(std::mem::replace(&mut self.here, Frame::new(is_component)));
    }

    fn leave(&mut self) {
        let Some(outer) = self.outer.pop() else { return };
        let inner = std::mem::replace(&mut self.here, outer);
        if inner.is_component {
            self.here.components.push(inner.total);
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        let known = match alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                match (*count as usize).checked_sub(1) {
                    None => self.here.component(*index),
                    Some(up) => self.outer.iter().rev().nth(up).and_then(|f| f.component(*index)),
                }
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => None,
            _ => return,
        };
        self.here.components.push(known);
    }
}
