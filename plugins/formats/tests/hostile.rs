//! Documents made to cost too much, to lead astray, or to break a reader.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use formats::{
    Limits, csv, csv_rules, docx, html, json_schema, markdown, pptx, source, toml, xlsx, yaml,
};
use serde_json::{Value, json};
use std::time::Instant;
use support::{archive, limits, paragraph, sentence};

/// The place of the last `needle`.
fn last(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).rposition(|window| window == needle).unwrap()
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![b' '; 15 << 20];
    let bomb = archive(&[("word/document.xml", &zeros)]);
    assert!(bomb.len() < 100_000);
    let started = Instant::now();
    assert!(sentence(docx(&bomb, &limits())).contains("200 times"));
    assert!(started.elapsed().as_secs() < 10);
    // Nor is one in a part that nobody reads.
    let parts: [(&str, &[u8]); 2] = [("word/document.xml", b"<a/>"), ("word/media/a.bin", &zeros)];
    assert!(sentence(docx(&archive(&parts), &limits())).contains("word/media/a.bin"));
}

#[test]
fn an_archive_that_lies_about_its_sizes_is_refused() {
    let text = vec![b'x'; 50_000];
    let honest = archive(&[("word/document.xml", &text)]);
    let directory = last(&honest, b"PK\x01\x02");
    for claim in [10u32, 49_999, 50_001, 3_000_000_000] {
        let mut lying = honest.clone();
        lying[directory + 24..directory + 28].copy_from_slice(&claim.to_le_bytes());
        let sentence = sentence(docx(&lying, &limits()));
        assert!(sentence.contains("damaged") || sentence.contains("limit"), "{sentence}");
    }
}

#[test]
fn archives_over_each_limit_are_refused() {
    let names: Vec<String> = (0..50).map(|at| format!("word/{at}.xml")).collect();
    let parts: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"0123456789".as_slice())).collect();
    let many = archive(&parts);
    let refused = |limits: Limits| sentence(docx(&many, &limits));
    assert!(refused(Limits { archive_entries: 49, ..limits() }).contains("49 files"));
    assert!(refused(Limits { archive_bytes: 499, ..limits() }).contains("499 bytes"));
    assert!(refused(Limits { input_bytes: 99, ..limits() }).contains("99 bytes"));
    let long = support::docx(&paragraph(&"x".repeat(1_000)), &[]);
    let small = Limits { entry_bytes: 999, ..limits() };
    assert!(sentence(docx(&long, &small)).contains("999 bytes"));
}

#[test]
fn names_that_lead_out_of_the_archive_are_refused() {
    for name in ["../a", "/a", "a/../../b", "a\\b", "c:a", "a\u{0}b", "./a", "a/.."] {
        // The writer keeps names as they are, so the archive really has this one.
        let bytes = archive(&[("word/document.xml", b"<a/>"), (name, b"x")]);
        assert!(sentence(docx(&bytes, &limits())).contains("bad name"), "{name}");
    }
}

#[test]
fn an_archive_with_one_name_twice_or_files_that_overlap_is_refused() {
    let bytes = archive(&[("word/document.xml", b"<a/>"), ("word/Document.xml", b"<b/>")]);
    assert!(sentence(docx(&bytes, &limits())).contains("twice"));
    // Both records of the directory lead to one file.
    let mut bytes = archive(&[("word/document.xm1", b"<a/>"), ("word/document.xml", b"<a/>")]);
    let second = last(&bytes, b"PK\x01\x02");
    bytes[second + 42..second + 46].copy_from_slice(&0u32.to_le_bytes());
    let refused = sentence(docx(&bytes, &limits()));
    assert!(refused.contains("damaged") || refused.contains("overlap"), "{refused}");
}

#[test]
fn a_part_that_leads_outside_or_to_itself_does_no_harm() {
    let target = "../../../../etc/passwd";
    let rels = support::relations(&[("rId1", "worksheet", target)]);
    let workbook =
        r#"<workbook xmlns:r="r"><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>"#;
    let bytes = archive(&[
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
    ]);
    assert!(sentence(xlsx(&bytes, &limits())).contains("no part `etc/passwd`"));
    // Many sheets that are one part count each time.
    let sheet = "<sheet name=\"a\" r:id=\"rId1\"/>".repeat(10_000);
    let workbook = format!("<workbook xmlns:r=\"r\"><sheets>{sheet}</sheets></workbook>");
    let rels = support::relations(&[("rId1", "worksheet", "s.xml")]);
    let data = format!("<a>{}</a>", "<c><v>123</v></c>".repeat(1_000));
    let bytes = archive(&[
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", rels.as_bytes()),
        ("xl/s.xml", data.as_bytes()),
    ]);
    let small = Limits { archive_bytes: 1 << 20, ..limits() };
    assert!(sentence(xlsx(&bytes, &small)).contains("limit of 1048576 bytes"));
}

#[test]
fn every_cut_of_an_office_file_is_an_error_and_no_panic() {
    let whole = support::docx(&paragraph("text"), &[("a/b.xml", b"<a/>")]);
    for length in 0..whole.len() {
        assert!(docx(&whole[..length], &limits()).is_err(), "{length}");
    }
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        // Names in the file's own headers and times may change without harm.
        let _ = docx(&flipped, &limits());
    }
}

#[test]
fn entities_are_never_expanded() {
    let laughs = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>";
    let body = format!("{laughs}<a>&c;</a>");
    let bytes = archive(&[("word/document.xml", body.as_bytes())]);
    assert!(sentence(docx(&bytes, &limits())).contains("document type"));
    let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
    let bytes = archive(&[("word/document.xml", outside.as_bytes())]);
    assert!(sentence(docx(&bytes, &limits())).contains("document type"));
    assert!(sentence(docx(&support::docx("<w:t>&x;</w:t>", &[]), &limits())).contains("`x`"));
}

#[test]
fn deep_nesting_is_an_error_and_never_recursion() {
    let depth = 100_000;
    let markup = |open: &str, close: &str| open.repeat(depth) + &close.repeat(depth);
    let limits = limits();
    assert!(sentence(html(&markup("<b>", "</b>"), &limits)).contains("512 levels"));
    assert!(sentence(docx(&support::docx(&"<w:p>".repeat(depth), &[]), &limits)).contains("512"));
    assert!(sentence(source(&"<a>".repeat(depth), "xml", &limits)).contains("512"));
    let json = source(&markup("[", "]"), "json", &limits).unwrap();
    assert_eq!(json["parses"], true);
    assert!(sentence(toml(&format!("a = {}", "[".repeat(depth)), &limits)).contains("TOML"));
    assert!(sentence(toml(&format!("{}a = 1", "a.".repeat(depth)), &limits)).contains("TOML"));
    for text in ["[".repeat(depth), "- ".repeat(depth), "{a: ".repeat(depth), "? ".repeat(depth)] {
        let _ = sentence(yaml(&text, &limits));
    }
    for text in ["> ".repeat(depth), "- ".repeat(depth), "*a ".repeat(depth), "[".repeat(depth)] {
        let _ = markdown(&text, &limits);
    }
    for language in ["rust", "go", "python"] {
        let found = source(&"(".repeat(depth), language, &limits).unwrap();
        assert_eq!(found["parses"], false);
    }
    assert!(sentence(docx(&support::docx(&"<w:tbl>".repeat(depth), &[]), &limits)).contains("512"));
}

#[test]
fn a_billion_laughs_in_yaml_is_stopped_by_the_count_of_values() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..10 {
        let alias = format!("*a{}, ", at - 1).repeat(10);
        text.push_str(&format!("a{at}: &a{at} [{}]\n", alias.trim_end_matches(", ")));
    }
    let started = Instant::now();
    assert!(sentence(yaml(&text, &limits())).contains("200000 values"));
    assert!(started.elapsed().as_secs() < 30);
    assert!(sentence(yaml("a: &a [*a]\n", &limits())).contains("alias"));
    let merged = "x: &x {a: 1}\n".to_owned() + &"y: {<<: [*x, *x]}\n".replace("y", "z");
    assert_eq!(yaml(&merged, &limits()).unwrap()["z"], json!({"a": 1}));
}

#[test]
fn too_many_values_and_too_much_text_are_errors() {
    let few = Limits { items: 100, text_bytes: 1_000, ..limits() };
    let huge = "x".repeat(2_000);
    let cells = "a\n".repeat(200);
    for refused in [
        sentence(csv(&cells, &few)),
        sentence(csv(&huge, &few)),
        sentence(markdown(&"# a\n".repeat(200), &few)),
        sentence(markdown(&huge, &few)),
        sentence(html(&"<br>".repeat(200), &few)),
        sentence(html(&huge, &few)),
        sentence(yaml(&format!("[{}]", "1,".repeat(200)), &few)),
        sentence(yaml(&huge, &few)),
        sentence(toml(&format!("a = [{}]", "1,".repeat(200)), &few)),
        sentence(toml(&format!("a = '{huge}'"), &few)),
        sentence(docx(&support::docx(&paragraph(&huge), &[]), &few)),
        sentence(docx(&support::docx(&paragraph("a").repeat(200), &[]), &few)),
    ] {
        assert!(
            refused.contains("limit of 100 values") || refused.contains("1000 bytes"),
            "{refused}"
        );
    }
    let tiny = Limits { input_bytes: 10, ..limits() };
    assert!(sentence(source(&huge, "rust", &tiny)).contains("10 bytes"));
    assert!(sentence(html(&huge, &tiny)).contains("10 bytes"));
}

#[test]
fn schemas_that_explode_are_stopped() {
    let few = Limits { steps: 100_000, ..limits() };
    let wrong = |value: Value, schema: Value| sentence(json_schema(&value, &schema, &few));
    let loops = json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}});
    assert!(wrong(json!(1), loops).contains("itself"));
    let mut defs = serde_json::Map::new();
    for at in 0..40 {
        let next = json!({"$ref": format!("#/$defs/{}", at + 1)});
        defs.insert(at.to_string(), json!({"anyOf": [next, next, next]}));
    }
    defs.insert("40".to_owned(), json!(false));
    let tree = json!({"$ref": "#/$defs/0", "$defs": defs});
    assert!(wrong(json!(1), tree).contains("steps"));
    let text = "a".repeat(1 << 20);
    assert!(wrong(json!(text), json!({"pattern": "^(a{1,30}){1,30}$"})).contains("steps"));
    assert!(wrong(json!(1), json!({"pattern": "(((a{999}){999}){999}){999}"})).contains("pattern"));
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert!(wrong(deep, json!({})).contains("levels"));
}

#[test]
fn column_rules_that_explode_are_stopped() {
    let rules = json!({"columns": {"a": {"pattern": "^(a{1,30}){1,30}$"}}});
    let text = format!("a\n{}\n", "a".repeat(1 << 20));
    let few = Limits { steps: 100_000, ..limits() };
    assert!(sentence(csv_rules(&text, &rules, &few)).contains("steps"));
    let unique = json!({"columns": {"a": {"unique": true}}});
    let rows: String = (0..300_000).map(|at| format!("{at}\n")).collect();
    assert!(sentence(csv_rules(&format!("a\n{rows}"), &unique, &limits())).contains("values"));
    let wide = vec!["a"; 5_000].join(",");
    assert!(sentence(csv(&wide, &limits())).contains("columns"));
}

#[test]
fn cells_of_a_workbook_stay_inside_a_sheet() {
    for data in [
        r#"<row r="1"><c r="XFE1"><v>1</v></c></row>"#,
        r#"<row r="1048577"><c><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A99999999999999999999"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="AAAAAAAA1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="1A"><v>1</v></c></row>"#,
        r#"<row r="1"><c t="s"><v>7</v></c></row>"#,
        r#"<row r="18446744073709551615"><c><v>1</v></c></row>"#,
    ] {
        let _ = sentence(xlsx(&support::xlsx(&[("A", "", data)], ""), &limits()));
    }
    let huge = format!("<row><c t=\"str\"><v>{}</v></c></row>", "x".repeat(9 << 20));
    // Packed more than 200 times, so that the archive itself is refused.
    let _ = sentence(xlsx(&support::xlsx(&[("A", "", &huge)], ""), &limits()));
}

#[test]
fn what_is_not_of_a_format_is_said_in_a_sentence() {
    for read in [docx, pptx, xlsx] {
        assert!(sentence(read(b"", &limits())).contains("no ZIP archive"));
        assert!(sentence(read(b"PK", &limits())).contains("cut short"));
        assert!(sentence(read(&archive(&[("a", b"b")]), &limits())).contains("no part"));
    }
    let broken = archive(&[("word/document.xml", b"<a><b></a>")]);
    assert!(sentence(docx(&broken, &limits())).contains("XML"));
    let latin = archive(&[("word/document.xml", b"<w:p><w:r><w:t>\xff</w:t></w:r></w:p>")]);
    assert!(sentence(docx(&latin, &limits())).contains("XML"));
}

#[test]
fn hostile_text_is_read_in_time_that_grows_with_its_length() {
    let started = Instant::now();
    let limits = limits();
    for unit in
        ["f\"{", "f'{\"\"\"", "\"", "'", "/*", "r#\"", "`", "b'", "(", "\\\n", "#\n", "a:\n "]
    {
        for language in ["python", "rust", "go"] {
            let _ = source(&unit.repeat(100_000), language, &limits);
        }
    }
    for unit in
        ["</b>", "<b>", "<!--", "<", "&amp", "<a href='", "<style>", "<table>", "<p>", "]]>"]
    {
        let _ = html(&unit.repeat(100_000), &limits);
        let _ = source(&unit.repeat(100_000), "xml", &limits);
    }
    for unit in
        ["*", "_a ", "`", "[a](", "![", "<", "|a", "\\", "&", "[a]: b\n", "[^a]", "- ", "# "]
    {
        let _ = markdown(&unit.repeat(20_000), &limits);
    }
    for unit in ["&a ", "*a ", "- ", "? ", "a: ", "{", "'", "\"\\", "!!str ", "%TAG ", "|\n ", "#"]
    {
        let _ = yaml(&unit.repeat(20_000), &limits);
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
