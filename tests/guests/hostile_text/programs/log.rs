//! Logs a message of two megabytes.

fn log(_input: &str) -> String {
    hostile_kit::say(&"x".repeat(2 << 20));
    "logged".to_owned()
}

hostile_kit::attack!(log);
