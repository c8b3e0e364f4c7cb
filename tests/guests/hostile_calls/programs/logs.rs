//! Logs a million messages.

fn logs(_input: &str) -> String {
    for _ in 0..1_000_000 {
        hostile_kit::say("x");
    }
    "logged".to_owned()
}

hostile_kit::attack!(logs);
