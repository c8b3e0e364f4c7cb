//! The generated bindings of the world `tool`, and of what a tool may import of Lucid's.
#![allow(missing_docs, unsafe_code, reason = "generated from wit/, which has the docs")]

wit_bindgen::generate!({
    path: "../../../wit",
    inline: r#"
        package lucid:hostile;
        world program {
            import lucid:plugin/log@0.1.0;
            import lucid:plugin/model@0.1.0;
            export lucid:plugin/tools@0.1.0;
        }
    "#,
    world: "lucid:hostile/program",
    pub_export_macro: true,
    export_macro_name: "export_program",
    default_bindings_module: "hostile_kit::bindings",
    generate_all,
});
