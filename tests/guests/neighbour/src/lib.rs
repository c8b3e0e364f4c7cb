//! A tool that says what it is told: the one that hostile programs must not disturb, and
//! the honest part of those that are written as text.

#[cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]
fn echo(input: &str) -> &str {
    input
}

hostile_kit::attack!(echo);
