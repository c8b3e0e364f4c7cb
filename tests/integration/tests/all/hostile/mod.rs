//! The hostile corpus: every program of `tests/guests/hostile_*`, each with one test that
//! says how it ends. `tests/guests/HOSTILE.md` says how to add one.

mod aftermath;
mod arguments;
mod asking;
mod calls;
mod compile;
mod ending;
mod framing;
mod handle;
mod http;
mod links;
mod loops;
mod memory;
mod model;
mod panics;
mod paths;
mod quota;
mod races;
mod readonly;
mod recursion;
mod secrets;
mod server;
mod soak;
mod ssrf;
mod stdio;
mod table;
mod text;
mod timer;

use lucid_core::{Failure, FailureKind, Limits};
use lucid_engine::Call;
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;
use lucid_tests::{component, engine};

// `PROGRAMS`, made by `build.rs`: it does not compile where a program has no test.
include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// Programs that the corpus has at least.
const PROGRAMS_MIN: usize = 100;

/// What a call gets unless somebody says otherwise.
const STANDARD: Limits = Limits::STANDARD;

/// A call with standard limits, and nothing else.
fn standard() -> Call {
    Call::bare(STANDARD)
}

/// A program that does not load as a tool, although nothing is refused that it asks for.
#[track_caller]
fn unloadable(program: &str, kind: FailureKind, naming: &str) -> Failure {
    let failure =
        lucid_tests::refused(engine(), &component(program), Kind::Tool, &Grants::default());
    assert_eq!(failure.kind, kind, "{failure:?}");
    assert!(failure.message.contains(naming), "no `{naming}` in {failure:?}");
    assert!(failure.hint.as_ref().is_some_and(|hint| !hint.is_empty()), "{failure:?}");
    failure
}

#[test]
fn the_corpus_is_large_and_every_program_is_packed() {
    assert!(PROGRAMS.len() >= PROGRAMS_MIN, "{} programs", PROGRAMS.len());
    for (program, _) in PROGRAMS {
        assert!(!component(program).is_empty(), "{program}");
    }
}
