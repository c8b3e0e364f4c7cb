//! C bindings for a project's world, for the languages that call C.

use std::path::Path;

use lucid_core::Result;

use crate::interfaces;
use crate::world::{World, mistake};

/// Generates `plugin.h`, `plugin.c` and `plugin_component_type.o` into a folder.
pub(crate) fn generate(wit: &Path, out: &Path) -> Result<()> {
    let World { mut resolve, id } = World::read(wit)?;
    let mut files = wit_bindgen_core::Files::default();
    let mut generator = wit_bindgen_c::Opts::default().build();
    generator.generate(&mut resolve, id, &mut files).map_err(|error| mistake(wit, &error))?;
    for (name, bytes) in files.iter() {
        interfaces::write(&out.join(name), bytes)?;
    }
    Ok(())
}
