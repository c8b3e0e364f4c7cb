//! Comes to where it must not come.

fn unreachable(_input: &str) -> String {
    core::arch::wasm32::unreachable()
}

hostile_kit::attack!(unreachable);
