//! Word documents, presentations and workbooks.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use formats::{docx, pptx, xlsx};
use serde_json::{Value, json};
use support::{core, limits, paragraph, relations, shape, slide, styles};

fn word(body: &str, more: &[(&str, &[u8])]) -> Value {
    docx(&support::docx(body, more), &limits()).unwrap()
}

#[test]
fn a_word_document_is_read_with_headings_tables_links_and_properties() {
    let body = format!(
        r#"<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>One</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="Mine"/></w:pPr><w:r><w:t>Two</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="Out"/></w:pPr><w:r><w:t>Three</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="Loop"/></w:pPr><w:r><w:t>A &amp; </w:t></w:r>
        <w:hyperlink r:id="rId7"><w:r><w:t>a </w:t></w:r><w:r><w:t>link</w:t></w:r></w:hyperlink>
        <w:r><w:tab/><w:t>&#228;</w:t><w:br/><w:t>new</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc>{a}</w:tc><w:tc>{b}{c}</w:tc></w:tr></w:tbl>{empty}"#,
        a = paragraph("1"),
        b = paragraph("2"),
        c = paragraph("3"),
        empty = paragraph(" "),
    );
    let rels = relations(&[("rId7", "hyperlink", "https://a.b/?c=1&amp;d=2")]);
    let (styles, core) = (styles(), core("T", "Ann"));
    let comments = concat!(
        r#"<w:comments xmlns:w="w"><w:comment w:author="Bob"><w:p><w:r>"#,
        "<w:t>Fix</w:t></w:r></w:p></w:comment></w:comments>",
    );
    let footer = format!("<w:ftr xmlns:w=\"w\">{}</w:ftr>", paragraph("Page"));
    let found = word(
        &body,
        &[
            ("word/_rels/document.xml.rels", rels.as_bytes()),
            ("word/styles.xml", styles.as_bytes()),
            ("word/comments.xml", comments.as_bytes()),
            ("word/footer1.xml", footer.as_bytes()),
            ("docProps/core.xml", core.as_bytes()),
        ],
    );
    let headings = json!([
        {"level": 1, "text": "One"}, {"level": 1, "text": "Two"}, {"level": 3, "text": "Three"},
    ]);
    assert_eq!(found["headings"], headings);
    assert_eq!(found["paragraphs"], json!(["One", "Two", "Three", "A & a link\tä\nnew"]));
    assert_eq!(found["tables"], json!([{"rows": [["1", "2\n3"]]}]));
    assert_eq!(found["links"], json!([{"text": "a link", "url": "https://a.b/?c=1&d=2"}]));
    assert_eq!(found["comments"], json!([{"author": "Bob", "text": "Fix"}]));
    assert_eq!(found["footers"], json!(["Page"]));
    let properties = json!({"title": "T", "author": "Ann", "created": "2026-01-02T03:04:05Z"});
    assert_eq!(found["properties"], properties);
    assert!(found["text"].as_str().unwrap().ends_with("new\n1\n2\n3"));
    assert_eq!(found["hidden_text"], json!([]));
}

#[test]
fn every_way_of_hiding_text_in_a_word_document_keeps_it_out_of_the_visible() {
    let run = |format: &str| format!("<w:p><w:r><w:rPr>{format}</w:rPr><w:t>X</w:t></w:r></w:p>");
    let ways = [
        run("<w:vanish/>"),
        run(r#"<w:sz w:val="2"/>"#),
        run(r#"<w:color w:val="FFFFFF"/>"#),
        run(r#"<w:rStyle w:val="Ghost"/>"#),
        r#"<w:p><w:pPr><w:pStyle w:val="Ghost"/></w:pPr><w:r><w:t>X</w:t></w:r></w:p>"#.to_owned(),
        "<w:p><w:del><w:r><w:delText>X</w:delText></w:r></w:del></w:p>".to_owned(),
    ];
    let styles = styles();
    for way in ways {
        let body = format!("{}{way}", paragraph("A"));
        let found = word(&body, &[("word/styles.xml", styles.as_bytes())]);
        assert_eq!(found["hidden_text"][0]["text"], "X", "{way}");
        assert_eq!(found["text"], "A", "{way}");
        assert_eq!(found["paragraphs"], json!(["A"]), "{way}");
    }
    let seen = [
        run(r#"<w:vanish w:val="0"/>"#),
        run(r#"<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="003366"/>"#),
        format!("<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>", run(r#"<w:color w:val="FFFFFF"/>"#)),
        "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>X</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:ins><w:r><w:t>X</w:t></w:r></w:ins></w:p>".to_owned(),
    ];
    for way in seen {
        assert_eq!(word(&way, &[])["text"], "X", "{way}");
    }
}

#[test]
fn a_text_box_stands_once_in_the_text() {
    let inner = paragraph("box");
    let body = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{inner}</w:txbxContent>\
         </mc:Choice><mc:Fallback><w:txbxContent>{inner}</w:txbxContent></mc:Fallback>\
         </mc:AlternateContent></w:r><w:r><w:t>after</w:t></w:r></w:p>"
    );
    assert_eq!(word(&body, &[])["text"], "box\nafter");
}

#[test]
fn a_presentation_is_read_in_its_order_with_notes_and_hidden_slides() {
    let first = slide(
        "",
        &format!(
            "{}{}{}",
            shape("ctrTitle", "", "The title"),
            shape("body", "", "one|two"),
            shape("body", r#"hidden="1""#, "all criteria are met"),
        ),
    );
    let picture =
        r#"<p:pic><p:nvPicPr><p:cNvPr id="3" name="y" descr="A chart"/></p:nvPicPr></p:pic>"#;
    let second = slide(r#"show="0""#, picture);
    let notes = slide("", &shape("body", "", "Say this"));
    let found =
        pptx(&support::pptx(&[(&first, Some(&notes)), (&second, None)]), &limits()).unwrap();
    let slides = found["slides"].as_array().unwrap();
    assert_eq!(slides.len(), 2);
    assert_eq!(slides[0]["title"], "The title");
    assert_eq!(slides[0]["text"], "The title\none\ntwo");
    assert_eq!(slides[0]["notes"], "Say this");
    assert_eq!(slides[0]["hidden"], false);
    assert_eq!(slides[1]["hidden"], true);
    assert_eq!(slides[1]["title"], Value::Null);
    assert_eq!(slides[1]["images"], json!([{"alt": "A chart"}]));
    let hidden = json!([{"why": "hidden", "text": "all criteria are met", "slide": 1}]);
    assert_eq!(found["hidden_text"], hidden);
    assert_eq!(found["properties"]["author"], "Ann");
}

#[test]
fn a_workbook_is_read_sheet_by_sheet() {
    let data = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
        <row r="3"><c r="A3"><v>1.5</v></c><c r="AA3" t="b"><v>1</v></c>
        <c r="AB3"><f>A3*2</f><v>3</v></c><c r="AC3" s="1"/></row>
        <row><c t="inlineStr"><is><t>in</t></is></c><c t="e"><v>#REF!</v></c></row>"#;
    let strings =
        "<si><t>name</t></si><si><r><t>va</t></r><r><t>lue</t></r><rPh><t>no</t></rPh></si>";
    let book = support::xlsx(&[("Data", "visible", data), ("Old", "veryHidden", "")], strings);
    let found = xlsx(&book, &limits()).unwrap();
    let sheet = &found["sheets"][0];
    assert_eq!(
        (&sheet["name"], &sheet["rows"], &sheet["columns"]),
        (&json!("Data"), &json!(4), &json!(28))
    );
    let cells = json!({
        "A1": "name", "B1": "value", "A3": 1.5, "AA3": true, "AB3": 3, "A4": "in", "B4": "#REF!",
    });
    assert_eq!(sheet["cells"], cells);
    assert_eq!(sheet["formulas"], json!({"AB3": "A3*2"}));
    assert_eq!(sheet["hidden"], false);
    assert_eq!(found["sheets"][1]["hidden"], true);
}

#[test]
fn cells_over_the_limit_are_counted_and_not_listed() {
    let mut limits = limits();
    limits.cells = 3;
    let row = r#"<row><c><v>1</v></c><c><v>2</v></c></row>"#;
    let book = support::xlsx(&[("A", "", &row.repeat(2)), ("B", "", row)], "");
    let found = xlsx(&book, &limits).unwrap();
    assert_eq!(found["sheets"][0]["cells"].as_object().unwrap().len(), 3);
    assert_eq!(found["sheets"][0]["more_cells"], 1);
    assert_eq!(found["sheets"][1]["more_cells"], 2);
    assert_eq!(found["sheets"][1]["rows"], 1);
}
