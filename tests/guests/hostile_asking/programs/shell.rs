//! Imports an interface that looks like one of the host's and does not exist.
#![allow(missing_docs, unsafe_code, reason = "generated bindings")]

wit_bindgen::generate!({
    inline: r#"
        package lucid:shell@0.1.0;
        interface shell {
            run: func(command: string) -> string;
        }
        world program {
            import shell;
        }
    "#,
});

fn shell(input: &str) -> String {
    lucid::shell::shell::run(input)
}

hostile_kit::attack!(shell);
