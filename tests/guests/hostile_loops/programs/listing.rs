//! Loops when it is asked for its tools.

use hostile_kit::{Answer, Program, Tool};

struct Listing;

impl Program for Listing {
    fn list_tools() -> Vec<Tool> {
        loop {
            std::hint::spin_loop();
        }
    }

    fn call_tool(_name: &str, _input: &str) -> Answer {
        Ok(Vec::new())
    }
}

hostile_kit::export!(Listing);
