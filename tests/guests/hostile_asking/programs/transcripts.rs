//! Is a tool that asks for what only a dream can have.

fn transcripts(_input: &str) -> String {
    "nothing".to_owned()
}

hostile_kit::attack!(transcripts);
