#![allow(clippy::disallowed_methods, reason = "looks at what its own processes did")]

use super::*;
use std::path::Path;
use std::time::Instant;

use lucid_core::FailureKind;

use crate::config::base_config;

/// The smallest component.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

/// Lets a shell stand for the program that compiles.
fn shell(script: &str, deadline: Duration, component: &[u8]) -> Result<Code> {
    let arguments = ["-c".to_owned(), script.to_owned()];
    let bounds = process::Bounds { deadline, memory_bytes: 1 << 30 };
    process::compile(Path::new("/bin/sh"), &arguments, &bounds, "x", component)
}

/// What a shell says in the place of an error of the compiler, with time enough.
fn said(script: &str) -> Failure {
    shell(script, Duration::from_secs(60), EMPTY).err().unwrap()
}

#[test]
fn a_foreign_text_becomes_one_short_line() {
    assert_eq!(one_line("a\n\n  b\tc\u{1b}[2J\r\n"), "a b c [2J");
    assert_eq!(one_line(&"x".repeat(1_000)).len(), 300);
}

#[test]
fn the_process_that_compiles_answers_with_code_or_with_an_error() {
    let mut code = child::answer(EMPTY);
    assert_eq!(code.pop(), Some(child::CODE));
    let engine = wasmtime::Engine::new(&base_config()).unwrap();
    assert!(crate::cache_unsafe::load(&engine, &Code::vouched_for(code)).is_ok());
    for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"(component)", &EMPTY[..5]] {
        let mut error = child::answer(bytes);
        assert_eq!(error.pop(), Some(child::ERROR));
        assert!(!error.is_empty());
    }
}

#[test]
fn an_answer_is_taken_from_a_process_that_ended_well() {
    assert_eq!(shell("printf code+", Duration::from_secs(60), EMPTY).unwrap().bytes(), b"code");
    let failure = said("printf 'no\nway-'");
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
    assert_eq!(failure.message, "plugin `x` does not compile: no way");
    // All of a large component arrives, also at one that says much before it reads.
    let component = vec![b'a'; 1 << 20];
    let script = "head -c 1000000 /dev/zero >&2; printf %s+ $(wc -c)";
    let code = shell(script, Duration::from_secs(60), &component).unwrap();
    assert_eq!(code.bytes(), b"1048576");
}

#[test]
fn a_process_that_ends_badly_gives_no_code() {
    for (script, kind, part) in [
        ("printf code+; exit 1", FailureKind::Invalid, "crash (exit status: 1)"),
        ("printf code+; echo why >&2; kill -SEGV $$", FailureKind::Invalid, "why"),
        ("exit 0", FailureKind::Failed, "no answer"),
        ("printf code", FailureKind::Failed, "no answer"),
        ("kill -XCPU $$", FailureKind::Exceeded, "took longer"),
        ("echo memory allocation of 9 bytes failed >&2; exit 134", FailureKind::Exceeded, "MiB"),
        ("printf 'Cannot allocate memory-'", FailureKind::Exceeded, "1024 MiB"),
    ] {
        let failure = said(script);
        assert_eq!(failure.kind, kind, "{script}: {failure:?}");
        assert!(failure.message.contains(part), "{script}: {failure:?}");
        assert!(failure.hint.is_some(), "{script}: {failure:?}");
    }
}

#[test]
fn a_program_that_is_not_there_is_a_failure_and_nothing_is_compiled_here_instead() {
    let bounds = process::Bounds { deadline: Duration::from_secs(60), memory_bytes: 1 << 30 };
    let failure = process::compile(Path::new("/no/such"), &[], &bounds, "x", EMPTY).err().unwrap();
    assert_eq!(failure.kind, FailureKind::Failed, "{failure:?}");
    assert!(failure.message.contains("/no/such"), "{failure:?}");
}

#[test]
fn a_process_gets_its_limits_and_no_environment() {
    let failure = said("printf '%s %s-' \"$0\" \"$1\"");
    assert!(failure.message.ends_with(": 1073741824 60000"), "{failure:?}");
    let failure = said("printf %s- \"$(/usr/bin/env | tr '\\n' ' ')\"");
    assert!(failure.message.contains("RAYON_NUM_THREADS="), "{failure:?}");
    assert!(!failure.message.contains("CARGO"), "{failure:?}");
}

#[test]
fn what_is_answered_is_bounded() {
    let failure = said("exec cat /dev/zero");
    assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
    assert!(failure.message.contains("compiles to more than"), "{failure:?}");
}

#[test]
fn a_process_that_takes_too_long_is_stopped_and_reaped_with_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    // One that waits, one whose own child holds its pipes, one that closed its output, and
    // one that goes on talking; all at once, so that each has time to begin.
    let scripts = ["exec sleep 600", "sleep 600; :", "exec >&- ; exec sleep 600", "exec yes >&2"];
    std::thread::scope(|scope| {
        for (place, script) in scripts.into_iter().enumerate() {
            let number = folder.path().join(place.to_string());
            scope.spawn(move || {
                let started = Instant::now();
                let script = format!("echo $$ >{}; {script}", number.display());
                let failure = shell(&script, Duration::from_millis(6_500), EMPTY).err().unwrap();
                assert_eq!(failure.kind, FailureKind::Exceeded, "{script}: {failure:?}");
                let said = "took longer than 6.5 s";
                assert!(failure.message.contains(said), "{script}: {failure:?}");
                assert!(started.elapsed() < Duration::from_secs(60), "{script}");
                let number = std::fs::read_to_string(&number).unwrap();
                assert!(!Path::new("/proc").join(number.trim()).exists(), "{script}");
            });
        }
    });
}
