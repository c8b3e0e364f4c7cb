//! Is a tool whose manifest says that it is a grader.

fn liar(_input: &str) -> String {
    "nothing".to_owned()
}

hostile_kit::attack!(liar);
