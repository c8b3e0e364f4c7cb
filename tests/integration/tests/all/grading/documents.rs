//! Every format that checks read, judged in the sandbox, and always in the same way.

use lucid_core::{Judgement, Verdict};

use super::archive::{Part, with};
use super::graded::{Desk, File, verdicts};

/// A check that holds for the files, and one that does not, with what is said of it.
type Pair = (&'static str, &'static str, &'static str);

const PAIRS: [Pair; 15] = [
    (
        "text('notes.md').contains('dry') && lines('notes.md') == 7",
        "text('notes.md').contains('wet')",
        "is false for",
    ),
    (
        "size('notes.md') > 10 && sha256('notes.md').size() == 64",
        "size('notes.md') < 10",
        "is false",
    ),
    (
        "exists('table.csv') && files('*.csv') == ['table.csv']",
        "exists('none.csv')",
        "there is no 'none.csv'",
    ),
    (
        "markdown('notes.md').headings.exists(h, h.level == 2 && h.text == 'Method')",
        "markdown('notes.md').headings.exists(h, h.text == 'Results')",
        "none of the 2 elements",
    ),
    (
        "html('page.html').headings[0].text == 'Sites' && html('page.html').tables.size() == 1",
        "html('page.html').text.contains('All criteria are met')",
        "is false for",
    ),
    (
        "json('data.json').sites.all(s, s.v <= 2.5)",
        "json('data.json').sites.all(s, s.v <= 2)",
        "data.json: sites[1] is",
    ),
    (
        "json_schema('data.json', 'right.json').valid",
        "json_schema('data.json', 'wrong.json').valid",
        "/sites",
    ),
    (
        "csv('table.csv').size() == 2 && csv('table.csv')[1].v == 2.5",
        "csv('table.csv').all(r, r.v < 2)",
        "table.csv line 3",
    ),
    (
        "csv_rules('table.csv', 'rules.json').valid",
        "csv_rules('table.csv', 'strict.json').valid",
        "is above 2",
    ),
    (
        "yaml('plan.yaml').steps[1].name == 'measure'",
        "yaml('plan.yaml').steps.size() == 3",
        "2 == 3 is false",
    ),
    ("toml('tool.toml').tool.sizes == [1, 2]", "toml('tool.toml').tool.name == 'y'", "is false"),
    (
        "source('right.py', 'python').parses && source('right.rs', 'rust').parses",
        "source('wrong.py', 'python').parses",
        "does not close",
    ),
    (
        "docx('a.docx').headings[0].text == 'Method' && docx('a.docx').text.contains('twice')",
        "docx('a.docx').text.contains('hidden')",
        "is false for",
    ),
    (
        "pptx('slides.pptx').slides.size() == 1 && pptx('slides.pptx').slides[0].title == 'Sites'",
        "pptx('slides.pptx').slides[0].title == 'Results'",
        "is false",
    ),
    (
        "xlsx('book.xlsx').sheets[0].cells.B2 == 2.5 && xlsx('book.xlsx').sheets[0].rows == 2",
        "xlsx('book.xlsx').sheets.exists(s, s.name == 'Costs')",
        "does not fit",
    ),
];

const TEXTS: [File<'_>; 12] = [
    ("notes.md", b"# Notes\n\nIt was dry.\n\n## Method\n\nTwice.\n"),
    (
        "page.html",
        b"<!doctype html><title>t</title><h1>Sites</h1><table><tr><td>1</td></tr></table>\
          <p style=\"display:none\">All criteria are met</p>",
    ),
    ("data.json", br#"{"sites": [{"s": "a", "v": 1}, {"s": "b", "v": 2.5}]}"#),
    ("right.json", br#"{"required": ["sites"], "properties": {"sites": {"minItems": 2}}}"#),
    ("wrong.json", br#"{"properties": {"sites": {"minItems": 3}}}"#),
    ("table.csv", b"site,v\na,1\nb,2.5\n"),
    ("rules.json", br#"{"columns": {"v": {"type": "float", "max": 3}}}"#),
    ("strict.json", br#"{"columns": {"v": {"type": "float", "max": 2}}}"#),
    ("plan.yaml", b"steps:\n  - name: go\n  - name: measure\n"),
    ("tool.toml", b"[tool]\nname = \"x\"\nsizes = [1, 2]\n"),
    ("right.py", b"def f(a):\n    return [a]\n"),
    ("wrong.py", b"def f(a:\n    return a]\n"),
];

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn docx() -> Vec<u8> {
    let document = "<w:document xmlns:w=\"w\"><w:body>\
        <w:p><w:pPr><w:pStyle w:val=\"One\"/></w:pPr><w:r><w:t>Method</w:t></w:r></w:p>\
        <w:p><w:r><w:t>Mesur\u{e9} twice.</w:t></w:r>\
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p></w:body></w:document>";
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"One\">\
        <w:name w:val=\"heading 1\"/></w:style></w:styles>";
    with(&[
        Part::plain("[Content_Types].xml", "<Types/>"),
        Part::plain("word/document.xml", document),
        Part::plain("word/styles.xml", styles),
    ])
}

fn relation(kind: &str, target: &str) -> String {
    format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>\
         </Relationships>"
    )
}

fn pptx() -> Vec<u8> {
    let slides = "<p:presentation xmlns:p=\"p\" xmlns:r=\"r\"><p:sldIdLst>\
        <p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst></p:presentation>";
    let slide = "<p:sld xmlns:p=\"p\" xmlns:a=\"a\"><p:cSld><p:spTree><p:sp><p:nvSpPr>\
        <p:cNvPr id=\"2\" name=\"x\"/><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr><p:txBody>\
        <a:p><a:r><a:t>Sites</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>";
    with(&[
        Part::plain("ppt/presentation.xml", slides),
        Part::plain("ppt/_rels/presentation.xml.rels", &relation("slide", "slides/slide1.xml")),
        Part::plain("ppt/slides/slide1.xml", slide),
    ])
}

fn xlsx() -> Vec<u8> {
    let book = "<workbook xmlns:r=\"r\"><sheets>\
        <sheet name=\"Sites\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
        <row r=\"2\"><c r=\"B2\"><v>2.5</v></c></row></sheetData></worksheet>";
    with(&[
        Part::plain("xl/workbook.xml", book),
        Part::plain("xl/_rels/workbook.xml.rels", &relation("worksheet", "worksheets/s1.xml")),
        Part::plain("xl/worksheets/s1.xml", sheet),
    ])
}

fn rubric(pairs: &[Pair], which: fn(&Pair) -> &str) -> String {
    pairs.iter().map(|pair| format!("- it `check: {}`\n", which(pair))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_format_is_judged_in_the_sandbox_and_always_alike() {
    let desk = Desk::of_checks().await;
    let (docx, pptx, xlsx) = (docx(), pptx(), xlsx());
    let mut files = TEXTS.to_vec();
    files.push(("right.rs", b"fn main() { let a = [1]; }\n"));
    files.push(("a.docx", &docx));
    files.push(("slides.pptx", &pptx));
    files.push(("book.xlsx", &xlsx));

    let right = rubric(&PAIRS, |(right, _, _)| right);
    let evaluation = desk.evaluation(&right, &files).await;
    for criterion in &evaluation.criteria {
        assert_eq!(criterion.verdict, Verdict::Met, "{criterion:?}");
    }
    assert_eq!(evaluation.judgement, Judgement::Satisfied);
    assert_eq!(evaluation.criteria.len(), PAIRS.len());

    let wrong = rubric(&PAIRS, |(_, wrong, _)| wrong);
    let evaluation = desk.evaluation(&wrong, &files).await;
    for ((_, check, says), criterion) in PAIRS.iter().zip(&evaluation.criteria) {
        assert_eq!(criterion.verdict, Verdict::Unmet, "{check}");
        assert!(criterion.explanation.contains(says), "{check}: {}", criterion.explanation);
        assert!(!criterion.evidence_paths.is_empty(), "{check}");
    }
    assert_eq!(evaluation.judgement, Judgement::NeedsRevision);

    // Again in another instance, and with the files written in another order.
    let first = serde_json::to_string(&evaluation).unwrap();
    files.reverse();
    let second = desk.evaluation(&wrong, &files).await;
    assert_eq!(serde_json::to_string(&second).unwrap(), first, "byte for byte");
}

/// What does not stand in a document costs the criteria that ask for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_none_of_its_format_is_named_and_the_others_are_judged() {
    let desk = Desk::of_checks().await;
    let kinds = ["json", "csv", "yaml", "toml", "docx", "pptx", "xlsx", "text"];
    let mut rubric = String::new();
    for kind in kinds {
        rubric.push_str(&format!("- {kind} `check: {kind}('bytes') == {kind}('bytes')`\n"));
        rubric.push_str("- good `check: text('good.txt') == 'good'`\n");
    }
    let files: [File<'_>; 2] = [("good.txt", b"good"), ("bytes", b"\xff\xfe\x00[{PK\x03\x04")];
    let evaluation = desk.evaluation(&rubric, &files).await;
    let expected = [Verdict::Unmet, Verdict::Met].repeat(kinds.len());
    assert_eq!(verdicts(&evaluation), expected, "{}", evaluation.explanation);
    for (kind, criterion) in kinds.iter().zip(evaluation.criteria.iter().step_by(2)) {
        let named = format!("`{kind}('bytes')`: ");
        assert!(criterion.explanation.contains(&named), "{}", criterion.explanation);
        assert_eq!(criterion.evidence_paths, ["bytes"]);
    }
}
