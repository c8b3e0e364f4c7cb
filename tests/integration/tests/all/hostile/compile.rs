//! Programs that are hard to compile, and files that are none: what is looked at before
//! anything of a plugin runs.

use std::time::{Duration, Instant};

use lucid_core::FailureKind;
use lucid_engine::{Compiler, Engine, EngineOptions};
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;
use lucid_tests::{Corpus, component, engine, guest, refused, release, runtime};

use super::{standard, unloadable};

/// An engine that compiles in a process of its own, as the command line's does.
fn apart(compile_deadline: Duration) -> Engine {
    let program = release().join("lucid");
    assert!(program.is_file(), "the host is built: `cargo xtask build`");
    let compiler = Compiler::Process { program, arguments: vec!["compile".to_owned()] };
    let _inside = runtime().enter();
    Engine::new(EngineOptions { compiler, compile_deadline, ..EngineOptions::standard() }).unwrap()
}

#[test]
pub(super) fn functions() {
    unloadable("hostile_compile_functions", FailureKind::Exceeded, "functions");
}

#[test]
pub(super) fn body() {
    unloadable("hostile_compile_body", FailureKind::Exceeded, "one function");
}

#[test]
pub(super) fn types() {
    unloadable("hostile_compile_types", FailureKind::Exceeded, "types");
}

#[test]
pub(super) fn nesting() {
    unloadable("hostile_compile_nesting", FailureKind::Exceeded, "levels");
}

#[test]
pub(super) fn parts() {
    unloadable("hostile_compile_parts", FailureKind::Exceeded, "modules and components");
}

#[test]
pub(super) fn expansion() {
    unloadable("hostile_compile_expansion", FailureKind::Exceeded, "instances");
}

/// The compiler itself has a bound on it.
#[test]
pub(super) fn switch() {
    unloadable("hostile_compile_switch", FailureKind::Invalid, "br_table");
}

/// It passes every count, and compiling it takes minutes. In a process of its own it is
/// stopped, and the host works on meanwhile.
#[test]
pub(super) fn dense() {
    const DEADLINE: Duration = Duration::from_secs(10);
    let engine = apart(DEADLINE);
    let bytes = component("hostile_compile_dense");
    let started = Instant::now();
    let failure = refused(&engine, &bytes, Kind::Tool, &Grants::default());
    assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
    assert!(failure.message.contains("compiling plugin `hostile-compile`"), "{failure:?}");
    assert!(started.elapsed() < DEADLINE + Duration::from_secs(30), "{:?}", started.elapsed());
}

/// Cut anywhere, of another format, or not even that.
#[test]
fn a_file_that_is_no_component_is_refused() {
    let good = guest("neighbour");
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let module = b"\0asm\x01\0\0\0";
    let mut future = good.clone();
    future[4] = 0x0e;
    let mut files = vec![b"".to_vec(), b"\0asm".to_vec(), module.to_vec(), future];
    files.push(program[..1 << 20].to_vec());
    files.extend((1..16).map(|part| good[..good.len() * part / 16].to_vec()));
    for bytes in files {
        let failure = refused(engine(), &bytes, Kind::Tool, &Grants::default());
        assert_eq!(failure.kind, FailureKind::Invalid, "{} bytes: {failure:?}", bytes.len());
    }
}

/// Every bit that is flipped gives a component that loads or one that is refused.
#[test]
fn a_component_with_flipped_bits_loads_or_is_refused() {
    let good = guest("neighbour");
    let (mut loaded, mut turned_away) = (0, 0);
    // Spread over the file; the step has no factor in common with anything in it.
    for at in (8..good.len()).step_by(good.len() / 97) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        match lucid_engine::Plugin::load(engine(), &bytes, Kind::Tool, &Grants::default()) {
            Ok(_) => loaded += 1,
            Err(failure) => {
                let kinds = [FailureKind::Invalid, FailureKind::Exceeded, FailureKind::Denied];
                assert!(kinds.contains(&failure.kind), "byte {at}: {failure:?}");
                turned_away += 1;
            }
        }
    }
    assert!(loaded > 0 && turned_away > 0, "{loaded} loaded, {turned_away} did not");
}

#[test]
fn a_file_is_looked_at_up_to_its_largest_size() {
    const SECTION_BYTES: u32 = 60 << 20;
    let mut padded = guest("neighbour");
    let name = b"\x03pad";
    padded.push(0);
    let mut size = SECTION_BYTES;
    while size >= 0x80 {
        padded.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    padded.push(size as u8);
    padded.extend(name);
    padded.resize(padded.len() + SECTION_BYTES as usize - name.len(), 0);
    let corpus = Corpus::on(engine(), &padded);
    assert_eq!(corpus.attack("as ever", standard()).harmless(), "as ever");
    padded.resize(65 << 20, 0);
    let failure = refused(engine(), &padded, Kind::Tool, &Grants::default());
    let kinds = [FailureKind::Invalid, FailureKind::Exceeded];
    assert!(kinds.contains(&failure.kind), "{failure:?}");
    assert!(failure.message.contains("67108864 is the most"), "{failure:?}");
}
