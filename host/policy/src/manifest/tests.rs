//! What manifests are accepted, and what the others are told.

use super::*;

/// A manifest of that kind with these lines under `[capabilities]`, which is line 5.
fn with(kind: &str, capabilities: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(&format!(
        "name = \"scales\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\ndescription = \"Weighs.\"\n\
         [capabilities]\n{capabilities}\n"
    ))
}

/// A tool's manifest with one of its top-level lines replaced.
fn top(key: &str, line: &str) -> Result<Manifest, ManifestError> {
    let plain = [
        ("name", "name = \"scales\""),
        ("version", "version = \"0.1.0\""),
        ("kind", "kind = \"tool\""),
        ("description", "description = \"Weighs.\""),
    ];
    let lines = plain.map(|(name, text)| if name == key { line } else { text });
    Manifest::parse(&lines.join("\n"))
}

#[track_caller]
fn refused(result: Result<Manifest, ManifestError>, line: usize, part: &str) {
    let error = result.unwrap_err();
    assert!(error.message.contains(part), "`{}` does not say `{part}`", error.message);
    assert_eq!(error.line, line, "{error}");
    assert!(!error.hint.is_empty(), "{error} has no hint");
}

#[test]
fn a_manifest_that_asks_for_nothing_gets_nothing() {
    let manifest = top("", "").unwrap();
    assert_eq!(manifest.capabilities, Capabilities::default());
    assert_eq!(manifest.limits, WantedLimits::default());
    assert_eq!(manifest.kind, Kind::Tool);
}

#[test]
fn every_key_is_read() {
    let capabilities = "files = \"read-only\"\nenvironment = [\"SEED\", \"_X2\"]\nmodel = true\n\
                        transcripts = true\nmemories = true\nproposals = true\n\
                        [limits]\nmemory_mib = 64\ndeadline_ms = 30000";
    let manifest = with("dream", capabilities).unwrap();
    let wanted = &manifest.capabilities;
    assert_eq!(wanted.files, Some(FileAccess::ReadOnly));
    assert_eq!(wanted.environment, ["SEED", "_X2"]);
    assert!(wanted.model && wanted.transcripts && wanted.memories && wanted.proposals);
    assert_eq!(manifest.limits.memory_mib, Some(64));
    assert_eq!(manifest.limits.deadline_ms, Some(30_000));
    let hosts = ["*", "api.example.org", "127.0.0.1:8080", "9.9.9.9", "[::1]:8080"];
    let line = format!("http = {hosts:?}");
    assert_eq!(with("tool", &line).unwrap().capabilities.http, hosts);
}

#[test]
fn a_manifest_that_was_written_is_read_back() {
    let manifest = with("tool", "files = \"read-write\"\n[limits]\nmemory_mib = 8").unwrap();
    let text = toml::to_string(&manifest).unwrap();
    assert_eq!(Manifest::parse(&text).unwrap(), manifest);
}

#[test]
fn kinds_are_written_as_they_are_read() {
    for kind in [Kind::Tool, Kind::Model, Kind::Grader, Kind::Dream] {
        assert_eq!(with(&kind.to_string(), "").unwrap().kind, kind);
    }
}

#[test]
fn a_key_that_is_not_known_is_refused_with_its_line() {
    refused(top("kind", "kind = \"tool\"\nauthor = \"me\""), 4, "author");
    refused(with("tool", "model = true\nfile = \"read-only\""), 7, "file");
    refused(with("tool", "[limits]\nmemory = 1"), 7, "memory");
}

#[test]
fn a_key_that_is_missing_or_of_another_type_is_refused() {
    refused(top("version", ""), 1, "version");
    refused(top("kind", "kind = \"agent\""), 3, "agent");
    refused(with("tool", "files = \"write-only\""), 6, "write-only");
    refused(with("tool", "[limits]\nmemory_mib = -1"), 7, "-1");
    refused(Manifest::parse("name = \"x"), 1, "");
}

#[test]
fn names_versions_and_descriptions_have_a_form() {
    for name in ["", "Scales", "a/b", "..", "a_b", &"x".repeat(65)] {
        refused(top("name", &format!("name = \"{name}\"")), 1, "`name`");
    }
    for version in ["", "1", "1.0", "1.0.x", "1.0.0.0", "1.0.0-", "1.0.0+a b", "v1.0.0"] {
        refused(top("version", &format!("version = \"{version}\"")), 2, "`version`");
    }
    for version in ["0.1.0", "10.20.30", "1.0.0-rc.1", "1.0.0-rc-1+build.5", "1.0.0+5"] {
        assert!(top("version", &format!("version = \"{version}\"")).is_ok(), "{version}");
    }
    refused(top("description", "description = \"  \""), 4, "empty");
    refused(top("description", "description = \"\\u001b[2J\""), 4, "control");
    let long = format!("description = \"{}\"", "x".repeat(1_001));
    refused(top("description", &long), 4, "longer");
}

#[test]
fn a_capability_its_kind_cannot_have_is_refused() {
    for key in ["transcripts", "memories", "proposals"] {
        for kind in ["tool", "model", "grader"] {
            refused(with(kind, &format!("{key} = true")), 6, &format!("`{key}`"));
        }
        assert!(with("dream", &format!("{key} = true")).is_ok());
        assert!(with("tool", &format!("{key} = false")).is_ok());
    }
    for kind in ["grader", "dream"] {
        refused(with(kind, "http = [\"a.example\"]"), 6, "`http`");
    }
    refused(with("model", "model = true"), 6, "another model");
    refused(with("grader", "model = true\nfiles = \"read-write\""), 7, "write files");
    refused(with("dream", "files = \"read-write\""), 6, "write files");
}

#[test]
fn hosts_and_variables_are_spelt_out() {
    let wrong = ["", "https://a.org", "a.org/x", "*.a.org", "A.org", "a..org", "a.org:0", "a:+80"];
    let numbers = ["127.1:80", "0x7f.1:80", "0177.0.0.1:80", "2130706433:80", "::1", "[0::1]:80"];
    let local = ["localhost:8080", "127.0.0.1", "10.0.0.1", "[::1]"];
    for host in wrong.iter().chain(&numbers).chain(&local) {
        refused(with("tool", &format!("http = [\"{host}\"]")), 6, "not a host");
    }
    for name in ["", "A=B", "1A", "A-B", "A\\u0000"] {
        refused(with("tool", &format!("environment = [\"{name}\"]")), 6, "not the name");
    }
    refused(with("tool", "environment = [\"A\", \"B\", \"A\"]"), 6, "twice");
    let many: Vec<String> = (0..65).map(|n| format!("\"h{n}.org\"")).collect();
    refused(with("tool", &format!("http = [{}]", many.join(","))), 6, "65 entries");
}

#[test]
fn limits_have_a_range() {
    for line in ["memory_mib = 0", "memory_mib = 4097", "deadline_ms = 0", "deadline_ms = 86400001"]
    {
        refused(with("tool", &format!("[limits]\n{line}")), 7, "between");
    }
    assert!(with("tool", "[limits]\nmemory_mib = 4096\ndeadline_ms = 86400000").is_ok());
}

#[test]
fn a_manifest_larger_than_any_real_one_is_not_even_parsed() {
    let huge = format!("name = \"{}\"", "x".repeat(MANIFEST_BYTES_MAX));
    refused(Manifest::parse(&huge), 1, "larger");
}
