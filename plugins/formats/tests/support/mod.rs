//! Office files, built part by part.
#![allow(dead_code, reason = "each test uses some of it")]

use formats::{FormatError, Limits};
use serde_json::Value;
use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

/// A file of an archive.
pub(crate) type Part<'p> = (&'p str, &'p [u8]);

/// An archive with these files.
pub(crate) fn archive(parts: &[Part<'_>]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const W: &str = concat!(
    r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" "#,
    r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" "#,
    r#"xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#,
);
const RELS: &str = r#"xmlns="http://schemas.openxmlformats.org/package/2006/relationships""#;
const TYPE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Relations: id, kind, target; one that starts with `http` leads outside.
pub(crate) fn relations(of: &[(&str, &str, &str)]) -> String {
    let mut text = format!("<Relationships {RELS}>");
    for (id, kind, target) in of {
        let mode = if target.starts_with("http") { r#" TargetMode="External""# } else { "" };
        text.push_str(&format!(
            r#"<Relationship Id="{id}" Type="{TYPE}/{kind}" Target="{target}"{mode}/>"#
        ));
    }
    text.push_str("</Relationships>");
    text
}

/// `docProps/core.xml`.
pub(crate) fn core(title: &str, author: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <cp:coreProperties xmlns:cp="x" xmlns:dc="y" xmlns:dcterms="z">
        <dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>
        <dcterms:created>2026-01-02T03:04:05Z</dcterms:created></cp:coreProperties>"#
    )
}

/// A Word document with that body, and other parts.
pub(crate) fn docx(body: &str, more: &[Part<'_>]) -> Vec<u8> {
    let document = format!("<w:document {W}><w:body>{body}</w:body></w:document>");
    let mut parts: Vec<Part<'_>> =
        vec![("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document.as_bytes())];
    parts.extend_from_slice(more);
    archive(&parts)
}

/// A paragraph of one run.
pub(crate) fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

/// `word/styles.xml`, with the usual headings, a style on a style, and one that hides.
pub(crate) fn styles() -> String {
    format!(
        r#"<w:styles {W}>
        <w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="Mine"><w:name w:val="Mine"/>
        <w:basedOn w:val="berschrift1"/></w:style>
        <w:style w:styleId="Out"><w:name w:val="Out"/>
        <w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
        <w:style w:styleId="Ghost"><w:name w:val="Ghost"/>
        <w:rPr><w:vanish/></w:rPr></w:style>
        <w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>
        </w:styles>"#
    )
}

/// A presentation of these slides: the XML of the slide, and of its notes.
pub(crate) fn pptx(slides: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut files: Vec<(String, String)> = Vec::new();
    let (mut ids, mut of) = (String::new(), Vec::new());
    for (at, (slide, notes)) in slides.iter().enumerate() {
        let number = at + 1;
        ids.push_str(&format!(r#"<p:sldId id="{}" r:id="rId{number}"/>"#, 255 + number));
        of.push((format!("rId{number}"), format!("slides/slide{number}.xml")));
        files.push((format!("ppt/slides/slide{number}.xml"), (*slide).to_owned()));
        if let Some(notes) = notes {
            let target = format!("../notesSlides/notesSlide{number}.xml");
            files.push((
                format!("ppt/slides/_rels/slide{number}.xml.rels"),
                relations(&[("rId1", "notesSlide", &target)]),
            ));
            files.push((format!("ppt/notesSlides/notesSlide{number}.xml"), (*notes).to_owned()));
        }
    }
    let of: Vec<(&str, &str, &str)> =
        of.iter().map(|(id, target)| (id.as_str(), "slide", target.as_str())).collect();
    files.push(("ppt/_rels/presentation.xml.rels".to_owned(), relations(&of)));
    let presentation = format!(
        r#"<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"#
    );
    files.push(("ppt/presentation.xml".to_owned(), presentation));
    files.push(("docProps/core.xml".to_owned(), core("Talk", "Ann")));
    let parts: Vec<Part<'_>> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    archive(&parts)
}

/// A shape of a slide; `kind` is its placeholder's type.
pub(crate) fn shape(kind: &str, attributes: &str, text: &str) -> String {
    let lines: Vec<String> =
        text.split('|').map(|line| format!("<a:p><a:r><a:t>{line}</a:t></a:r></a:p>")).collect();
    format!(
        r#"<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" {attributes}/>
        <p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>
        <p:txBody>{}</p:txBody></p:sp>"#,
        lines.concat(),
    )
}

/// A slide of these shapes.
pub(crate) fn slide(attributes: &str, shapes: &str) -> String {
    format!(
        r#"<p:sld xmlns:p="p" xmlns:a="a" {attributes}>
        <p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"#
    )
}

/// A workbook: the sheets' names, states and data, and shared strings.
pub(crate) fn xlsx(sheets: &[(&str, &str, &str)], strings: &str) -> Vec<u8> {
    let mut files: Vec<(String, String)> = Vec::new();
    let (mut list, mut of) = (String::new(), Vec::new());
    for (at, (name, state, data)) in sheets.iter().enumerate() {
        let number = at + 1;
        list.push_str(&format!(
            r#"<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>"#
        ));
        of.push((format!("rId{number}"), format!("/xl/worksheets/sheet{number}.xml")));
        let sheet = format!("<worksheet><sheetData>{data}</sheetData></worksheet>");
        files.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    let of: Vec<(&str, &str, &str)> =
        of.iter().map(|(id, target)| (id.as_str(), "worksheet", target.as_str())).collect();
    files.push(("xl/_rels/workbook.xml.rels".to_owned(), relations(&of)));
    let workbook = format!(r#"<workbook xmlns:r="r"><sheets>{list}</sheets></workbook>"#);
    files.push(("xl/workbook.xml".to_owned(), workbook));
    files.push(("xl/sharedStrings.xml".to_owned(), format!("<sst>{strings}</sst>")));
    let parts: Vec<Part<'_>> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    archive(&parts)
}

/// The sentence of an error; it must be one, and short.
pub(crate) fn sentence(result: Result<Value, FormatError>) -> String {
    let sentence = result.unwrap_err().to_string();
    assert!(!sentence.contains('\n') && !sentence.ends_with('.'), "{sentence}");
    assert!(sentence.len() < 400, "{sentence}");
    sentence
}

/// The default limits.
pub(crate) fn limits() -> Limits {
    Limits::default()
}
