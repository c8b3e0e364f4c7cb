//! Whatever the input: no panic, one sentence, and the same answer twice.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use formats::{
    FormatError, csv, csv_rules, docx, html, json_schema, markdown, pptx, source, toml, xlsx, yaml,
    yaml_all,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{archive, limits};

fn fine(answer: Result<Value, FormatError>) {
    if let Err(error) = answer {
        let sentence = error.to_string();
        assert!(!sentence.is_empty() && !sentence.contains('\n'), "{sentence}");
    }
}

fn read_all(text: &str) {
    let limits = limits();
    let schema = json!({"type": "object"});
    let rules = json!({"columns": {"a": {"type": "float", "unique": true, "pattern": "a|b"}}});
    fine(markdown(text, &limits));
    fine(html(text, &limits));
    fine(csv(text, &limits));
    fine(csv_rules(text, &rules, &limits));
    fine(toml(text, &limits));
    fine(yaml(text, &limits));
    fine(yaml_all(text, &limits));
    fine(json_schema(&json!(text), &schema, &limits));
    for (language, _) in formats::SUPPORTED_LANGUAGES {
        fine(source(text, language, &limits));
    }
    if let Ok(schema) = serde_json::from_str(text) {
        fine(json_schema(&json!({"a": [1, "b"]}), &schema, &limits));
        fine(csv_rules("a\nb\n", &schema, &limits));
    }
    assert_eq!(html(text, &limits), html(text, &limits));
    assert_eq!(markdown(text, &limits), markdown(text, &limits));
}

/// Pieces that mean something to one format or another.
const PIECES: [&str; 64] = [
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!DOCTYPE a>",
    "&",
    ";",
    "&#x41;",
    "&amp;",
    "<p",
    "<b>",
    "</b>",
    "<table>",
    "<tr>",
    "<td>",
    "<a href=",
    "style=",
    "display:none",
    "<script>",
    "</script>",
    "<svg>",
    "\n",
    "\r\n",
    "\t",
    "  ",
    "- ",
    "* ",
    "# ",
    "> ",
    "|",
    "---\n",
    "```",
    "`",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ":",
    ": ",
    ",",
    "\"",
    "'",
    "\\",
    "=",
    "&a ",
    "*a",
    "!!int ",
    "!x ",
    "? ",
    "<<: ",
    "a",
    "1",
    ".5",
    "f\"",
    "r#\"",
    "ä",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES.to_vec());
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// The parts that readers look for, with this in them.
fn parts(main: &str, relations: &str, more: &str) -> Vec<u8> {
    let mut parts: Vec<(String, &str)> = Vec::new();
    for (folder, file) in [("word", "document"), ("ppt", "presentation"), ("xl", "workbook")] {
        parts.push((format!("{folder}/{file}.xml"), main));
        parts.push((format!("{folder}/_rels/{file}.xml.rels"), relations));
    }
    for name in ["word/styles", "word/comments", "xl/sharedStrings", "docProps/core"] {
        parts.push((format!("{name}.xml"), more));
    }
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    archive(&parts)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>()) {
        read_all(&text);
    }

    #[test]
    fn no_mixture_of_marks_makes_a_reader_panic(text in pieces()) {
        read_all(&text);
    }

    #[test]
    fn no_bytes_make_a_reader_of_office_files_panic(
        bytes in any::<Vec<u8>>(),
        signed in any::<bool>(),
    ) {
        let mut file = if signed { b"PK\x03\x04".to_vec() } else { Vec::new() };
        file.extend(&bytes);
        for read in [docx, pptx, xlsx] {
            fine(read(&file, &limits()));
        }
    }

    #[test]
    fn no_parts_of_an_office_file_make_its_reader_panic(
        main in pieces(),
        relations in pieces(),
        more in pieces(),
    ) {
        let file = parts(&main, &relations, &more);
        for read in [docx, pptx, xlsx] {
            fine(read(&file, &limits()));
        }
    }

    #[test]
    fn no_change_of_a_few_bytes_makes_a_reader_panic(
        changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6),
    ) {
        let styles = support::styles();
        let body = support::paragraph("text");
        let mut file = support::docx(&body, &[("word/styles.xml", styles.as_bytes())]);
        for (at, byte) in changes {
            let at = usize::from(at) % file.len();
            file[at] = byte;
        }
        fine(docx(&file, &limits()));
    }

    #[test]
    fn visible_text_is_visible_and_hidden_text_is_not(
        seen in "[a-z]{1,20}",
        hidden in "[A-Z]{1,20}",
    ) {
        let text = format!("<p>{seen}</p><p style='display:none'>{hidden}</p>");
        let found = html(&text, &limits()).unwrap();
        prop_assert_eq!(found["text"].as_str(), Some(seen.as_str()));
        prop_assert_eq!(found["hidden_text"][0]["text"].as_str(), Some(hidden.as_str()));
    }
}
