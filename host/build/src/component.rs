//! From a core module to a component.

use lucid_core::{Failure, Result};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER,
};
use wit_component::ComponentEncoder;

/// Makes a component of a core module that has its world as a custom section. What it
/// imports of WASI's first version goes through an adapter to the second.
pub(crate) fn of_module(module: &[u8]) -> Result<Vec<u8>> {
    let encode = || {
        ComponentEncoder::default().module(module)?.adapter(NAME, ADAPTER)?.validate(true).encode()
    };
    encode().map_err(|error| {
        let sentence = format!("{error:#}").replace('\n', " ");
        Failure::failed(format!("the module does not become a component: {sentence}"))
            .hint("it has to export every function that its world in `wit/plugin.wit` exports")
    })
}
