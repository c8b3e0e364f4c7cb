//! Generated from `wit/`. The host's side of every import is generated once; the exports
//! once per kind. WASI is left out: `wasmtime-wasi` brings its own.
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    reason = "generated from wit/, which has the docs"
)]

pub(crate) mod imports {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: r#"
            package lucid:host;
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
        world: "lucid:host/imports",
        imports: { default: async | trappable },
        with: {
            "lucid:plugin/transcripts.transcript": crate::capability::dream::OpenTranscript,
        },
    });
}

pub(crate) mod tool {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "package lucid:host; world tool { export lucid:plugin/tools@0.1.0; }",
        world: "lucid:host/tool",
        exports: { default: async },
    });
}

pub(crate) mod model {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "package lucid:host; world provider { export lucid:plugin/model@0.1.0; }",
        world: "lucid:host/provider",
        exports: { default: async },
        with: {
            "lucid:plugin/model-types@0.1.0":
                crate::bindings::imports::lucid::plugin::model_types,
        },
    });
}

pub(crate) mod grader {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "package lucid:host; world grader { export lucid:plugin/grading@0.1.0; }",
        world: "lucid:host/grader",
        exports: { default: async },
    });
}

pub(crate) mod dream {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "package lucid:host; world dream { export lucid:plugin/dream-strategy@0.1.0; }",
        world: "lucid:host/dream",
        exports: { default: async },
    });
}
