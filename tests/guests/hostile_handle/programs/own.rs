//! Makes resources of its own without end.
#![allow(missing_docs, unsafe_code, reason = "generated bindings")]

wit_bindgen::generate!({
    inline: r#"
        package evil:store;
        interface things {
            resource thing {
                constructor();
            }
        }
        world program {
            export things;
        }
    "#,
});

use exports::evil::store::things::{Guest, GuestThing, Thing};

struct Own;

struct Empty;

impl Guest for Own {
    type Thing = Empty;
}

impl GuestThing for Empty {
    fn new() -> Self {
        Self
    }
}

export!(Own);

fn own(_input: &str) -> String {
    let mut kept = Vec::new();
    loop {
        kept.push(Thing::new(Empty));
    }
}

hostile_kit::attack!(own);
