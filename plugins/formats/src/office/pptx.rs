//! Presentations.

use super::package::Package;
use crate::budget::{collapse, count};
use crate::error::FormatError;
use crate::limits::Limits;
use crate::xml::{Element, Node, Xml};
use serde_json::{Value, json};

/// Reads a presentation:
///
/// `{slides: [{title, text, notes, hidden, images: [{alt}]}], hidden_text: [{why, text, slide}],
/// properties: {title, author, …}}`
///
/// Slides are in their order, hidden ones among them; `slide` counts them from 1. `text` is
/// that of all shapes that are seen, title and tables among them, with a line for each
/// paragraph. Text of shapes that are marked hidden, and of less than 2 points, is in
/// `hidden_text`.
///
/// # Errors
/// That it is no presentation, or which limit it is over.
pub fn pptx(bytes: &[u8], limits: &Limits) -> Result<Value, FormatError> {
    let mut package = Package::open(bytes, limits)?;
    let presentation = package.needed("ppt/presentation.xml")?;
    let relations = package.relations("ppt/presentation.xml")?;
    let mut order = Vec::new();
    let mut xml = Xml::new(&presentation, limits.markup_depth);
    while let Some(node) = xml.next_part()? {
        if let Node::Open(element) = node
            && element.name() == "sldId"
        {
            package.budget.items(1)?;
            order.extend(element.prefixed("id").and_then(|id| relations.get(&id)));
        }
    }
    let (mut slides, mut hidden) = (Vec::new(), Vec::new());
    for relation in order {
        let bytes = package.needed(&relation.target)?;
        let slide = Page::read(&bytes, &mut package)?;
        let mut notes = String::new();
        for relation in package.relations(&relation.target)?.into_values() {
            if relation.kind == "notesSlide"
                && let Some(bytes) = package.part(&relation.target)?
            {
                let page = Page::read(&bytes, &mut package)?;
                notes = page.notes;
            }
        }
        package.budget.items(6)?;
        let number = slides.len() + 1;
        let why = |(why, text)| json!({"why": why, "text": text, "slide": number});
        hidden.extend(slide.hidden.into_iter().map(why));
        slides.push(json!({
            "title": slide.title.map(|title| collapse(&title)),
            "text": slide.text.trim(),
            "notes": notes.trim(),
            "hidden": slide.is_hidden,
            "images": slide.images,
            "words": count(slide.text.split_whitespace().count()),
        }));
    }
    let properties = package.properties()?;
    Ok(json!({"slides": slides, "hidden_text": hidden, "properties": properties}))
}

/// A shape that is open.
#[derive(Default)]
struct Shape {
    depth: usize,
    placeholder: Option<String>,
    is_hidden: bool,
}

/// A slide, or its notes.
#[derive(Default)]
struct Page {
    is_hidden: bool,
    title: Option<String>,
    text: String,
    /// The text of the shape that holds notes.
    notes: String,
    hidden: Vec<(&'static str, String)>,
    images: Vec<Value>,
    shapes: Vec<Shape>,
    paragraph: String,
    in_text: bool,
    tiny: bool,
}

impl Page {
    fn read(bytes: &[u8], package: &mut Package<'_>) -> Result<Self, FormatError> {
        let mut page = Self::default();
        let mut xml = Xml::new(bytes, package.limits.markup_depth);
        while let Some(node) = xml.next_part()? {
            match node {
                // A fallback says once more what stands before it.
                Node::Open(element) if element.name() == "Fallback" => xml.skip()?,
                Node::Open(element) => page.begin(&element, xml.depth(), package)?,
                Node::Close(name) => page.end(&name, xml.depth(), package)?,
                Node::Text(text) if page.in_text => {
                    if page.tiny {
                        page.hide("zero-size text", &text, package)?;
                    } else {
                        package.budget.push(&mut page.paragraph, &text)?;
                    }
                }
                Node::Text(_) | Node::Doctype => {}
            }
        }
        Ok(page)
    }

    fn begin(
        &mut self,
        element: &Element<'_>,
        depth: usize,
        package: &mut Package<'_>,
    ) -> Result<(), FormatError> {
        let is = |name: &str, value: &str| element.attribute(name).is_some_and(|v| v == value);
        match element.name().as_str() {
            "sld" => self.is_hidden = is("show", "0") || is("show", "false"),
            "sp" | "graphicFrame" | "pic" | "grpSp" | "cxnSp" => {
                // What is in a hidden group is hidden.
                let is_hidden = self.shapes.last().is_some_and(|shape| shape.is_hidden);
                self.shapes.push(Shape { depth, placeholder: None, is_hidden });
            }
            "cNvPr" => {
                let Some(shape) = self.shapes.last_mut() else { return Ok(()) };
                shape.is_hidden |= is("hidden", "1") || is("hidden", "true");
                if let Some(alt) = element.attribute("descr")
                    && !shape.is_hidden
                {
                    let alt = package.budget.value(alt)?;
                    self.images.push(json!({"alt": alt}));
                }
            }
            "ph" => {
                if let Some(shape) = self.shapes.last_mut() {
                    shape.placeholder = Some(element.attribute("type").unwrap_or_default());
                }
            }
            // Sizes are in hundredths of a point.
            "rPr" => {
                let size = element.attribute("sz").and_then(|size| size.parse::<f64>().ok());
                self.tiny = size.is_some_and(|size| size < 200.0);
            }
            "r" | "fld" => self.tiny = false,
            "t" => self.in_text = true,
            "br" => package.budget.push(&mut self.paragraph, "\n")?,
            _ => {}
        }
        Ok(())
    }

    fn end(
        &mut self,
        name: &str,
        depth: usize,
        package: &mut Package<'_>,
    ) -> Result<(), FormatError> {
        match name {
            "t" => self.in_text = false,
            "p" => self.end_paragraph(package)?,
            _ => {
                // The shape began one level further in than its end leaves the reader.
                if self.shapes.last().is_some_and(|shape| shape.depth == depth + 1) {
                    self.shapes.pop();
                }
            }
        }
        Ok(())
    }

    fn end_paragraph(&mut self, package: &mut Package<'_>) -> Result<(), FormatError> {
        let text = std::mem::take(&mut self.paragraph);
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let (is_hidden, kind) = match self.shapes.last() {
            Some(shape) => (shape.is_hidden, shape.placeholder.clone()),
            None => (false, None),
        };
        if is_hidden {
            return self.hide("hidden", text, package);
        }
        let budget = &mut package.budget;
        if matches!(kind.as_deref(), Some("title" | "ctrTitle")) {
            let title = self.title.get_or_insert_default();
            budget.push(title, text)?;
            budget.push(title, " ")?;
        }
        if kind.as_deref() == Some("body") {
            budget.push(&mut self.notes, text)?;
            budget.push(&mut self.notes, "\n")?;
        }
        budget.push(&mut self.text, text)?;
        budget.push(&mut self.text, "\n")
    }

    fn hide(
        &mut self,
        why: &'static str,
        text: &str,
        package: &mut Package<'_>,
    ) -> Result<(), FormatError> {
        package.budget.items(3)?;
        package.budget.text(text)?;
        self.hidden.push((why, text.to_owned()));
        Ok(())
    }
}
