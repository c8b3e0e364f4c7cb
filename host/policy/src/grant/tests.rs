//! What a plugin gets, and what it is told where it does not.

use super::*;

fn manifest(kind: &str, capabilities: &str) -> Manifest {
    Manifest::parse(&format!(
        "name = \"x\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"d\"\n\
         [capabilities]\n{capabilities}\n"
    ))
    .unwrap()
}

fn imports(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn nothing_is_given_that_was_not_asked_for() {
    let everything = Grants {
        files: Some(FileAccess::ReadWrite),
        environment: BTreeSet::from(["A".to_owned()]),
        model: true,
        ..Grants::default()
    };
    let got = check(&manifest("tool", ""), &[], &everything).unwrap();
    assert_eq!(got.files, None);
    assert!(got.environment.is_empty());
    assert!(!got.model);
}

#[test]
fn asking_for_more_than_was_granted_names_the_grant() {
    let cases = [
        ("files = \"read-write\"", Some(FileAccess::ReadOnly), "files = \"read-write\""),
        ("files = \"read-only\"", None, "files = \"read-only\""),
        ("model = true", None, "model = \"plugin:NAME\""),
        ("environment = [\"KEY\"]", None, "environment.KEY"),
        ("http = [\"a.example\"]", None, "http = [\"a.example\"]"),
        ("http = [\"a.example:8443\"]", None, "http = [\"a.example:8443\"]"),
        ("http = [\"*\"]", None, "http = [\"HOST\"]"),
    ];
    for (wanted, files, hint) in cases {
        let grants = Grants { files, ..Grants::default() };
        let denied = check(&manifest("tool", wanted), &[], &grants).unwrap_err();
        assert_eq!(denied.kind, lucid_core::FailureKind::Denied);
        assert!(denied.message.contains("rule `manifest_within_grants`"), "{denied}");
        assert!(denied.hint.unwrap().contains(hint), "{wanted}");
    }
}

#[test]
fn imports_beyond_the_manifest_are_denied() {
    let sneaky = imports(&["wasi:cli/stdout@0.2.6", "lucid:plugin/model@0.1.0"]);
    let grants = Grants { model: true, ..Grants::default() };
    assert!(check(&manifest("tool", ""), &sneaky, &grants).is_err());
    assert!(check(&manifest("tool", "model = true"), &sneaky, &grants).is_ok());
    let unknown = imports(&["lucid:plugin/shell@0.1.0"]);
    assert!(check(&manifest("tool", ""), &unknown, &grants).is_err());
}

#[test]
fn a_grader_has_nothing_through_which_a_transcript_could_reach_it() {
    let import = imports(&["lucid:plugin/transcripts@0.1.0"]);
    assert!(check(&manifest("grader", ""), &import, &Grants::grader()).is_err());
    assert_eq!(Grants::grader().files, Some(FileAccess::ReadOnly));
    assert!(!Grants::grader().transcripts);
}

#[test]
fn digests_come_with_transcripts_and_with_nothing_else() {
    let import = imports(&["lucid:plugin/digests@0.1.0"]);
    let without = "memories = true\nproposals = true";
    for (kind, asked) in [("tool", ""), ("grader", ""), ("dream", without)] {
        let denied = check(&manifest(kind, asked), &import, &Grants::dream()).unwrap_err();
        assert!(denied.message.contains("lucid:plugin/digests"), "{denied}");
        assert!(denied.message.contains("rule `imports_within_manifest`"), "{denied}");
        assert!(denied.hint.unwrap().contains("transcripts = true"), "{kind}");
    }
    let asks = manifest("dream", "transcripts = true");
    assert!(check(&asks, &import, &Grants::dream()).is_ok());
}

/// What a tool that asks for some hosts gets of others, as text, or why not.
fn hosts(wanted: &[&str], granted: &[&str]) -> Result<Vec<String>> {
    let manifest = manifest("tool", &format!("http = {wanted:?}"));
    let http = granted.iter().map(|host| (*host).to_owned()).collect();
    let grants = Grants { http, ..Grants::default() };
    let got = check(&manifest, &[], &grants)?.http;
    Ok(got.iter().map(ToString::to_string).collect())
}

#[test]
fn a_plugin_gets_the_hosts_it_asks_for_and_that_were_granted() {
    assert_eq!(hosts(&[], &["*", "a.example"]).unwrap(), [""; 0]);
    assert_eq!(hosts(&["a.example"], &["a.example", "b.example"]).unwrap(), ["a.example"]);
    assert_eq!(hosts(&["a.example:443"], &["a.example"]).unwrap(), ["a.example:443"]);
    assert_eq!(hosts(&["a.example"], &["*"]).unwrap(), ["a.example"]);
    assert_eq!(
        hosts(&["*"], &["a.example", "127.0.0.1:80"]).unwrap(),
        ["127.0.0.1:80", "a.example"]
    );
    assert_eq!(hosts(&["*"], &["*"]).unwrap(), ["*"]);
    for (wanted, granted) in [
        (&["a.example"][..], &["b.example"][..]),
        (&["a.example", "b.example"], &["a.example"]),
        (&["a.example:8443"], &["a.example", "*"]),
        (&["127.0.0.1:80"], &["*"]),
        (&["*", "127.0.0.1:80"], &["a.example"]),
        (&["*"], &[]),
    ] {
        let failure = hosts(wanted, granted).unwrap_err();
        assert_eq!(failure.kind, lucid_core::FailureKind::Denied, "{wanted:?} {granted:?}");
        assert!(failure.hint.unwrap().contains("http = ["), "{wanted:?} {granted:?}");
    }
    let failure = hosts(&["a.example"], &["localhost:80"]).unwrap_err();
    assert_eq!(failure.kind, lucid_core::FailureKind::Invalid, "{failure}");
}

#[test]
fn an_import_of_http_without_a_host_in_the_manifest_is_denied_with_the_line_to_add() {
    let everything = Grants { http: BTreeSet::from(["*".to_owned()]), ..Grants::default() };
    for interface in ["wasi:http/types@0.2.12", "wasi:http/outgoing-handler@0.2.0"] {
        let import = imports(&[interface]);
        let denied = check(&manifest("tool", ""), &import, &everything).unwrap_err();
        let name = interface.split('@').next().unwrap();
        assert!(denied.message.contains(name), "{denied}");
        assert!(denied.message.contains("rule `imports_within_manifest`"), "{denied}");
        assert!(denied.hint.unwrap().contains("http = [\"HOST\"]"));
        let asks = manifest("tool", "http = [\"a.example\"]");
        assert!(check(&asks, &import, &everything).is_ok());
    }
    let server = imports(&["wasi:http/incoming-handler@0.2.12"]);
    let asks = manifest("tool", "http = [\"a.example\"]");
    let denied = check(&asks, &server, &everything).unwrap_err();
    assert!(denied.message.contains("rule `imports_known`"), "{denied}");
}

#[test]
fn capabilities_are_written_down_as_they_were_granted() {
    let grants = Grants { http: BTreeSet::from(["*".to_owned()]), ..Grants::default() };
    let got = check(&manifest("tool", "http = [\"a.example:443\"]"), &[], &grants).unwrap();
    let text = toml::to_string(&got).unwrap();
    assert!(text.contains("http = [\"a.example:443\"]"), "{text}");
}
