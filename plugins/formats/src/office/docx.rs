//! Word documents.

use super::docx_styles::{Styles, outline};
use super::package::{Package, Relation};
use crate::budget::{collapse, count};
use crate::error::FormatError;
use crate::limits::Limits;
use crate::xml::{Element, Node, Xml};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Reads a Word document:
///
/// `{paragraphs: [text], headings: [{level, text}], tables: [{rows: [[text]]}],
/// links: [{text, url}], images: [{alt}], comments: [{author, text}], notes: [text],
/// headers: [text], footers: [text], hidden_text: [{why, text}], properties: {title, author, …},
/// text, words}`
///
/// `paragraphs` are those of the body outside tables that are not empty, headings among them;
/// a title has the level 0. `text` is everything of the body that is seen. Text that is marked
/// hidden, smaller than 2 points, white outside tables without a shade, or deleted with tracked
/// changes, is in `hidden_text` and nowhere else.
///
/// # Errors
/// That it is no Word document, or which limit it is over.
pub fn docx(bytes: &[u8], limits: &Limits) -> Result<Value, FormatError> {
    let mut package = Package::open(bytes, limits)?;
    let body = package.needed("word/document.xml")?;
    let styles = Styles::read(&mut package)?;
    let relations = package.relations("word/document.xml")?;
    let main = Story::read(&body, &mut package, &styles, &relations)?;
    drop(body);
    let mut hidden = main.hidden;
    let none = HashMap::new();
    let mut texts = |package: &mut Package<'_>, name: &str| -> Result<Value, FormatError> {
        let mut found = Vec::new();
        for name in package.names(&format!("word/{name}")) {
            let Some(bytes) = package.part(&name)? else { continue };
            let story = Story::read(&bytes, package, &styles, &none)?;
            hidden.extend(story.hidden);
            let text = collapse(&story.text);
            if !text.is_empty() {
                found.push(package.budget.value(text)?);
            }
        }
        Ok(Value::Array(found))
    };
    let headers = texts(&mut package, "header")?;
    let footers = texts(&mut package, "footer")?;
    let mut notes = texts(&mut package, "footnotes.xml")?;
    let end_notes = texts(&mut package, "endnotes.xml")?;
    if let (Value::Array(notes), Value::Array(more)) = (&mut notes, end_notes) {
        notes.extend(more);
    }
    let comments = comments(&mut package, &styles)?;
    let text = main.text.trim();
    Ok(json!({
        "paragraphs": main.paragraphs,
        "headings": main.headings,
        "tables": main.tables,
        "links": main.links,
        "images": main.images,
        "comments": comments,
        "notes": notes,
        "headers": headers,
        "footers": footers,
        "hidden_text": hidden,
        "properties": package.properties()?,
        "text": text,
        "words": count(text.split_whitespace().count()),
    }))
}

fn comments(package: &mut Package<'_>, styles: &Styles) -> Result<Vec<Value>, FormatError> {
    let Some(bytes) = package.part("word/comments.xml")? else { return Ok(Vec::new()) };
    let none = HashMap::new();
    let mut xml = Xml::new(&bytes, package.limits.markup_depth);
    let mut found = Vec::new();
    let mut open: Option<(String, Story<'_>)> = None;
    while let Some(node) = xml.next_part()? {
        match (node, &mut open) {
            (Node::Open(element), None) if element.name() == "comment" => {
                let author = element.attribute("author").unwrap_or_default();
                open = Some((author, Story::new(styles, &none)));
            }
            (Node::Close(name), Some((author, story))) if name == "comment" => {
                let author = package.budget.value(std::mem::take(author))?;
                let text = package.budget.value(collapse(&story.text))?;
                found.push(json!({"author": author, "text": text}));
                open = None;
            }
            (node, Some((_, story))) => story.node(node, &mut xml, package)?,
            _ => {}
        }
    }
    Ok(found)
}

/// A paragraph that is open.
#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<u8>,
    hidden: bool,
    shaded: bool,
}

/// What a run says of its text.
#[derive(Default)]
struct Run {
    hidden: Option<&'static str>,
    white: bool,
    shaded: bool,
}

#[derive(Default)]
struct Table {
    rows: Vec<Value>,
    row: Vec<Value>,
    cell: String,
}

/// A text of the document: the body, a footer, a comment.
struct Story<'s> {
    styles: &'s Styles,
    relations: &'s HashMap<String, Relation>,
    open: Vec<Paragraph>,
    tables_open: Vec<Table>,
    run: Option<Run>,
    in_text: bool,
    /// How many tracked deletions are open.
    deleted: usize,
    link: Option<(String, String)>,
    text: String,
    paragraphs: Vec<Value>,
    headings: Vec<Value>,
    tables: Vec<Value>,
    links: Vec<Value>,
    images: Vec<Value>,
    hidden: Vec<Value>,
}

impl<'s> Story<'s> {
    fn new(styles: &'s Styles, relations: &'s HashMap<String, Relation>) -> Self {
        Self {
            styles,
            relations,
            open: Vec::new(),
            tables_open: Vec::new(),
            run: None,
            in_text: false,
            deleted: 0,
            link: None,
            text: String::new(),
            paragraphs: Vec::new(),
            headings: Vec::new(),
            tables: Vec::new(),
            links: Vec::new(),
            images: Vec::new(),
            hidden: Vec::new(),
        }
    }

    fn read(
        bytes: &[u8],
        package: &mut Package<'_>,
        styles: &'s Styles,
        relations: &'s HashMap<String, Relation>,
    ) -> Result<Self, FormatError> {
        let mut story = Self::new(styles, relations);
        let mut xml = Xml::new(bytes, package.limits.markup_depth);
        while let Some(node) = xml.next_part()? {
            story.node(node, &mut xml, package)?;
        }
        Ok(story)
    }

    fn node(
        &mut self,
        node: Node<'_>,
        xml: &mut Xml<'_>,
        package: &mut Package<'_>,
    ) -> Result<(), FormatError> {
        match node {
            Node::Open(element) => {
                // A fallback says once more what stands before it.
                if element.name() == "Fallback" {
                    return xml.skip();
                }
                self.begin(&element, package)
            }
            Node::Close(name) => self.finish(&name, package),
            Node::Text(text) if self.in_text => self.push(&text, package),
            Node::Text(_) | Node::Doctype => Ok(()),
        }
    }

    fn begin(
        &mut self,
        element: &Element<'_>,
        package: &mut Package<'_>,
    ) -> Result<(), FormatError> {
        let value = || element.attribute("val");
        match element.name().as_str() {
            "p" => self.open.push(Paragraph::default()),
            "r" => self.run = Some(Run::default()),
            "t" | "delText" => self.in_text = true,
            "del" | "moveFrom" => self.deleted += 1,
            "tab" if self.run.is_some() => self.push("\t", package)?,
            "br" | "cr" => self.push("\n", package)?,
            "noBreakHyphen" => self.push("-", package)?,
            "tbl" => self.tables_open.push(Table::default()),
            "hyperlink" => {
                let relation = element.attribute("id").and_then(|id| self.relations.get(&id));
                let anchor = || element.attribute("anchor").map(|anchor| format!("#{anchor}"));
                let url = relation.map(|relation| relation.target.clone()).or_else(anchor);
                self.link = url.map(|url| (url, String::new()));
            }
            "docPr" => {
                let alt = package.budget.value(element.attribute("descr").unwrap_or_default())?;
                self.images.push(json!({"alt": alt}));
            }
            name => self.format(name, element.is_on(), value(), element),
        }
        Ok(())
    }

    /// What is said of a paragraph or a run.
    fn format(&mut self, name: &str, on: bool, value: Option<String>, element: &Element<'_>) {
        let value = value.unwrap_or_default();
        let styles = self.styles;
        let Some(paragraph) = self.open.last_mut() else { return };
        match (name, &mut self.run) {
            ("pStyle", _) => {
                paragraph.level = styles.level(&value).or(paragraph.level);
                paragraph.hidden |= styles.hides(&value);
            }
            ("outlineLvl", _) => paragraph.level = outline(Some(value)),
            ("rStyle", Some(run)) if styles.hides(&value) => run.hidden = Some("hidden"),
            ("vanish" | "specVanish", Some(run)) if on => run.hidden = Some("hidden"),
            // Sizes are in half points.
            ("sz", Some(run)) if value.parse::<f64>().is_ok_and(|size| size < 4.0) => {
                run.hidden = Some("zero-size text");
            }
            ("color", Some(run)) => run.white = value.eq_ignore_ascii_case("ffffff"),
            ("shd" | "highlight", run) => {
                let fill = element.attribute("fill").unwrap_or(value).to_ascii_lowercase();
                let shaded = !matches!(&*fill, "" | "auto" | "clear" | "none" | "ffffff" | "white");
                match run {
                    Some(run) => run.shaded = shaded,
                    None => paragraph.shaded = shaded,
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str, package: &mut Package<'_>) -> Result<(), FormatError> {
        let budget = &mut package.budget;
        let Some(paragraph) = self.open.last_mut() else { return Ok(()) };
        let run = self.run.as_ref();
        let shaded = paragraph.shaded || run.is_some_and(|run| run.shaded);
        let white = run.is_some_and(|run| run.white) && !shaded && self.tables_open.is_empty();
        let why = if self.deleted > 0 {
            Some("deleted")
        } else if paragraph.hidden {
            Some("hidden")
        } else {
            run.and_then(|run| run.hidden).or(white.then_some("same colour as the background"))
        };
        if let Some(why) = why {
            if !text.trim().is_empty() {
                let text = budget.value(text)?;
                self.hidden.push(json!({"why": why, "text": text}));
            }
            return Ok(());
        }
        if let Some((_, link)) = &mut self.link {
            budget.push(link, text)?;
        }
        budget.push(&mut paragraph.text, text)
    }

    fn finish(&mut self, name: &str, package: &mut Package<'_>) -> Result<(), FormatError> {
        match name {
            "p" => self.end_paragraph(package)?,
            "r" => self.run = None,
            "t" | "delText" => self.in_text = false,
            "del" | "moveFrom" => self.deleted = self.deleted.saturating_sub(1),
            "hyperlink" => {
                if let Some((url, text)) = self.link.take() {
                    let text = package.budget.value(collapse(&text))?;
                    let url = package.budget.value(url)?;
                    self.links.push(json!({"text": text, "url": url}));
                }
            }
            "tc" => {
                if let Some(table) = self.tables_open.last_mut() {
                    let cell = std::mem::take(&mut table.cell);
                    table.row.push(package.budget.value(cell.trim())?);
                }
            }
            "tr" => {
                if let Some(table) = self.tables_open.last_mut() {
                    package.budget.items(1)?;
                    table.rows.push(Value::Array(std::mem::take(&mut table.row)));
                }
            }
            "tbl" => {
                if let Some(table) = self.tables_open.pop() {
                    package.budget.items(2)?;
                    self.tables.push(json!({"rows": table.rows}));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_paragraph(&mut self, package: &mut Package<'_>) -> Result<(), FormatError> {
        let Some(paragraph) = self.open.pop() else { return Ok(()) };
        let budget = &mut package.budget;
        // A text box stands inside a run of the paragraph that holds it.
        self.run = None;
        let text = paragraph.text.trim();
        if text.is_empty() {
            return Ok(());
        }
        budget.push(&mut self.text, text)?;
        budget.push(&mut self.text, "\n")?;
        if let Some(level) = paragraph.level {
            budget.items(2)?;
            let text = budget.value(collapse(text))?;
            self.headings.push(json!({"level": level, "text": text}));
        }
        if let Some(table) = self.tables_open.last_mut() {
            budget.push(&mut table.cell, text)?;
            return budget.push(&mut table.cell, "\n");
        }
        self.paragraphs.push(budget.value(text)?);
        Ok(())
    }
}
