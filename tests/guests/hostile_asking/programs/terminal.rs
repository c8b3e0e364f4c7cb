//! Has a manifest that drives the terminal of whoever reads it.

fn terminal(_input: &str) -> String {
    "nothing".to_owned()
}

hostile_kit::attack!(terminal);
