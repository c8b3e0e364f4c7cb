//! Runs components: limits, capabilities, bindings and the compile cache.
