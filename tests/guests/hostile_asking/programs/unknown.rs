//! Asks for a capability that does not exist.

fn unknown(_input: &str) -> String {
    "nothing".to_owned()
}

hostile_kit::attack!(unknown);
