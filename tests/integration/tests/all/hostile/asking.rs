//! Programs that ask for more than they are given: none of it ever runs.

use std::net::TcpListener;

use lucid_core::{Failure, FailureKind};
use lucid_policy::Grants;
use lucid_policy::manifest::{FileAccess, Kind, MANIFEST_BYTES_MAX, SECTION};
use lucid_policy::section::embed;
use lucid_tests::{Corpus, component, engine, guest, refused};

use super::{standard, unloadable};

/// Everything there is, so that what is refused is refused for another reason.
fn everything() -> Grants {
    Grants {
        files: Some(FileAccess::ReadWrite),
        environment: ["AWS_SECRET_ACCESS_KEY".to_owned()].into(),
        model: true,
        graders: true,
        transcripts: true,
        memories: true,
        proposals: true,
        http: ["example.org".to_owned()].into(),
    }
}

#[track_caller]
fn invalid(bytes: &[u8], kind: Kind, naming: &str) -> Failure {
    let failure = refused(engine(), bytes, kind, &everything());
    assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
    assert!(failure.message.contains(naming), "no `{naming}` in {failure:?}");
    failure
}

#[test]
pub(super) fn files() {
    let failure = unloadable("hostile_asking_files", FailureKind::Denied, "files");
    assert!(failure.hint.unwrap().contains("files = \"read-write\""));
    let read = Grants { files: Some(FileAccess::ReadOnly), ..Grants::default() };
    let failure = refused(engine(), &component("hostile_asking_files"), Kind::Tool, &read);
    assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
}

#[test]
pub(super) fn environment() {
    let name = "AWS_SECRET_ACCESS_KEY";
    unloadable("hostile_asking_environment", FailureKind::Denied, name);
}

#[test]
pub(super) fn http() {
    let failure = unloadable("hostile_asking_http", FailureKind::Denied, "example.org");
    assert!(failure.hint.unwrap().contains("http"));
}

#[test]
pub(super) fn model() {
    unloadable("hostile_asking_model", FailureKind::Denied, "model");
}

/// No grant makes up for what the manifest does not say.
#[test]
pub(super) fn sneak() {
    unloadable("hostile_asking_sneak", FailureKind::Denied, "wasi:http/");
    let bytes = component("hostile_asking_sneak");
    let failure = refused(engine(), &bytes, Kind::Tool, &everything());
    assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
    assert!(failure.hint.unwrap().contains("manifest"));
}

#[test]
pub(super) fn transcripts() {
    invalid(&component("hostile_asking_transcripts"), Kind::Tool, "transcripts");
}

#[test]
pub(super) fn liar() {
    let bytes = component("hostile_asking_liar");
    invalid(&bytes, Kind::Grader, "is no grader");
    for kind in [Kind::Tool, Kind::Model, Kind::Dream] {
        invalid(&bytes, kind, "is a grader");
    }
}

#[test]
pub(super) fn unknown() {
    invalid(&component("hostile_asking_unknown"), Kind::Tool, "sockets");
}

/// That the failure has nothing for a terminal in it is asserted wherever one is refused.
#[test]
pub(super) fn terminal() {
    invalid(&component("hostile_asking_terminal"), Kind::Tool, "control characters");
}

#[test]
pub(super) fn shell() {
    let bytes = component("hostile_asking_shell");
    for grants in [Grants::default(), everything()] {
        let failure = refused(engine(), &bytes, Kind::Tool, &grants);
        assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
        assert!(failure.message.contains("lucid:shell/shell"), "{failure:?}");
    }
}

/// Sockets link, because ordinary programs ask for them, and give nothing.
#[test]
pub(super) fn sockets() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let attack = Corpus::of("hostile_asking_sockets").attack(&address, standard());
    assert_eq!(attack.harmless(), "[false, false, false, false]");
    assert!(listener.accept().is_err(), "a connection came");
    let denied = &attack.report.effects.denied;
    assert!(denied.iter().any(|denial| denial.capability == "sockets"), "{denied:?}");
    assert!(denied.iter().all(|d| !d.rule.is_empty() && !d.hint.is_empty()), "{denied:?}");
}

/// Where the manifest is.
#[test]
fn a_manifest_that_cannot_be_read_or_believed_is_refused() {
    let good = guest("neighbour");
    let section = |payload: &[u8]| {
        let mut body = vec![u8::try_from(SECTION.len()).unwrap()];
        body.extend(SECTION.as_bytes());
        body.extend(payload);
        body
    };
    // Packed last, so that what is before it is a component without one.
    let at = good.windows(SECTION.len()).rposition(|part| part == SECTION.as_bytes()).unwrap();
    let none = &good[..(at - 4..at).rfind(|at| good[*at] == 0).unwrap()];
    assert!(embed(none, SECTION, b"").is_ok(), "the cut is between two sections");
    invalid(none, Kind::Tool, "without a manifest");
    let mut twice = good.clone();
    let again = section(b"name = \"other\"");
    twice.extend([0, u8::try_from(again.len()).unwrap()]);
    twice.extend(again);
    invalid(&twice, Kind::Tool, "more than one section");
    let large = format!("# {}\n", "x".repeat(MANIFEST_BYTES_MAX));
    for (manifest, naming) in [
        (large.as_bytes(), "larger than"),
        (b"name = \"\xff\"", "not UTF-8"),
        (b"", "missing field"),
        (b"\0", "manifest"),
        (b"name = \"a\"\nname = \"b\"", "duplicate"),
    ] {
        invalid(&embed(&good, SECTION, manifest).unwrap(), Kind::Tool, naming);
    }
    let deep = format!("a = {}{}", "[".repeat(30_000), "]".repeat(30_000));
    invalid(&embed(&good, SECTION, deep.as_bytes()).unwrap(), Kind::Tool, "manifest");
}
