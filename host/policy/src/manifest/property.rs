//! Whatever stands in a plugin's manifest section, reading it ends in an answer.

use proptest::prelude::*;

use super::*;

/// A part of a manifest, or of something that looks like one.
fn part() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "name",
        "version",
        "kind",
        "description",
        "capabilities",
        "files",
        "environment",
        "model",
        "transcripts",
        "http",
        "limits",
        "memory_mib",
        "deadline_ms",
        "\"tool\"",
        "\"dream\"",
        "\"read-write\"",
        "\"0.1.0\"",
        "true",
        "-1",
        "18446744073709551616",
        "1e400",
        "nan",
        "1979-05-27",
        "[",
        "]",
        "[[",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\"",
        "'''",
        "\"\"\"",
        "\\u",
        "#",
        "\n",
        "\r",
        "\u{0}",
        "\u{1b}[2J",
        "\u{feff}",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

/// A list of names, each once, as TOML.
fn list(entry: &'static str) -> impl Strategy<Value = String> {
    prop::collection::btree_set(entry, 0..4).prop_map(|entries| {
        let quoted: Vec<String> = entries.iter().map(|entry| format!("\"{entry}\"")).collect();
        format!("[{}]", quoted.join(", "))
    })
}

/// The lines under `[capabilities]` that a tool may have, each there or not.
fn capabilities() -> impl Strategy<Value = String> {
    let files = prop::sample::select(vec!["read-only", "read-write"]);
    let lines = (
        prop::option::of(files.prop_map(|access| format!("files = \"{access}\"\n"))),
        prop::option::of(any::<bool>().prop_map(|on| format!("model = {on}\n"))),
        prop::option::of(list("[A-Z_][A-Z0-9_]{0,8}").prop_map(|l| format!("environment = {l}\n"))),
        prop::option::of(list("[a-z]{1,8}\\.example(:[1-9][0-9]{0,3})?"))
            .prop_map(|list| list.map(|list| format!("http = {list}\n"))),
    );
    lines.prop_map(|(files, model, environment, http)| {
        [files, model, environment, http].into_iter().flatten().collect()
    })
}

/// Manifests that are right.
fn manifest() -> impl Strategy<Value = String> {
    let limits = (prop::option::of(1_u32..=4_096), prop::option::of(1_u64..=86_400_000));
    let limits = limits.prop_map(|(memory, deadline)| {
        let memory = memory.map(|mib| format!("memory_mib = {mib}\n"));
        let deadline = deadline.map(|ms| format!("deadline_ms = {ms}\n"));
        [memory, deadline].into_iter().flatten().collect::<String>()
    });
    let top = ("[a-z0-9-]{1,64}", "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}", "[^\\p{Cc}'\\s]{1,50}");
    (top, capabilities(), limits).prop_map(|((name, version, description), wanted, limits)| {
        format!(
            "name = \"{name}\"\nversion = \"{version}\"\nkind = \"tool\"\n\
             description = '{description}'\n[capabilities]\n{wanted}[limits]\n{limits}"
        )
    })
}

/// What was read is written and read again as the same; what was not has a line and a hint.
fn check(text: &str) {
    match Manifest::parse(text) {
        Ok(manifest) => {
            let written = toml::to_string(&manifest).unwrap();
            assert_eq!(Manifest::parse(&written), Ok(manifest), "{written}");
        }
        Err(error) => {
            let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count();
            assert!((1..=lines).contains(&error.line), "{error}");
            assert!(!error.hint.is_empty(), "{error}");
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_with_a_line_and_a_hint(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn so_is_any_heap_of_what_manifests_are_made_of(
        parts in prop::collection::vec(part(), 0..40)
    ) {
        check(&parts.join(" "));
    }

    #[test]
    fn a_manifest_that_is_right_is_read_and_survives_being_written(text in manifest()) {
        prop_assert!(Manifest::parse(&text).is_ok(), "{:?}", Manifest::parse(&text));
        check(&text);
    }

    #[test]
    fn a_manifest_cut_and_pasted_anywhere_never_panics(
        text in manifest(),
        at in any::<prop::sample::Index>(),
        remove in 0_usize..40,
        insert in part(),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let start = at.index(characters.len());
        let end = (start + remove).min(characters.len());
        characters.splice(start..end, insert.chars());
        check(&characters.into_iter().collect::<String>());
    }
}

#[test]
fn nesting_without_end_is_refused_and_no_stack_is_used_up() {
    for open in ["[", "{a=", "[[", "a.", "a={b=["] {
        let text = format!("name = {}", open.repeat(60_000 / open.len()));
        assert!(Manifest::parse(&text).is_err(), "{open}");
        assert!(Manifest::parse(&open.repeat(60_000 / open.len())).is_err(), "{open}");
    }
}
