//! Answers with two megabytes.

fn big(_input: &str) -> String {
    "x".repeat(2 << 20)
}

hostile_kit::attack!(big);
