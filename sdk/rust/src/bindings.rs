//! The generated bindings. Plugins use the typed modules instead.
//!
//! The imports of all kinds are generated once; what a plugin does not call does not
//! become an import of its component. The exports are generated once per kind. The worlds
//! here leave WASI out, because Rust's standard library brings its own.
#![allow(missing_docs, unsafe_code, reason = "generated from wit/, which has the docs")]

pub mod imports {
    wit_bindgen::generate!({
        path: "wit",
        inline: r#"
            package lucid:sdk;
            world imports {
                import lucid:plugin/log@0.1.0;
                import lucid:plugin/model@0.1.0;
                import lucid:plugin/graders@0.1.0;
                import lucid:plugin/transcripts@0.1.0;
                import lucid:plugin/digests@0.1.0;
                import lucid:plugin/memories@0.1.0;
                import lucid:plugin/proposals@0.1.0;
            }
        "#,
        world: "lucid:sdk/imports",
        additional_derives: [Clone, PartialEq],
        generate_all,
    });
}

pub mod tool {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package lucid:sdk; world tool { export lucid:plugin/tools@0.1.0; }",
        world: "lucid:sdk/tool",
        additional_derives: [Clone, PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_tool",
        default_bindings_module: "lucid_sdk::bindings::tool",
        generate_all,
    });
}

pub mod model {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package lucid:sdk; world model { export lucid:plugin/model@0.1.0; }",
        world: "lucid:sdk/model",
        pub_export_macro: true,
        export_macro_name: "export_model",
        default_bindings_module: "lucid_sdk::bindings::model",
        with: {
            "lucid:plugin/model-types@0.1.0":
                crate::bindings::imports::lucid::plugin::model_types,
        },
        generate_all,
    });
}

pub mod grader {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package lucid:sdk; world grader { export lucid:plugin/grading@0.1.0; }",
        world: "lucid:sdk/grader",
        additional_derives: [Clone, PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_grader",
        default_bindings_module: "lucid_sdk::bindings::grader",
        generate_all,
    });
}

pub mod dream {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package lucid:sdk; world dream { export lucid:plugin/dream-strategy@0.1.0; }",
        world: "lucid:sdk/dream",
        additional_derives: [Clone, PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_dream",
        default_bindings_module: "lucid_sdk::bindings::dream",
        generate_all,
    });
}
