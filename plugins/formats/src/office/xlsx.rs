//! Workbooks.

use super::package::Package;
use super::xlsx_sheet::Sheet;
use crate::error::FormatError;
use crate::limits::Limits;
use crate::xml::{Node, Xml};
use serde_json::{Value, json};

/// Reads a workbook:
///
/// `{sheets: [{name, hidden, rows, columns, cells: {A1: value}, formulas: {A1: text},
/// more_cells}], properties: {title, author, …}}`
///
/// `rows` and `columns` are how far the cells that hold something reach. A value is text, a
/// number, true or false; a date is the number a workbook keeps it as, and a formula's value
/// the one that was saved. Over all sheets at most [`Limits::cells`] cells are listed, and
/// `more_cells` counts the rest.
///
/// # Errors
/// That it is no workbook, or which limit it is over.
pub fn xlsx(bytes: &[u8], limits: &Limits) -> Result<Value, FormatError> {
    let mut package = Package::open(bytes, limits)?;
    let workbook = package.needed("xl/workbook.xml")?;
    let relations = package.relations("xl/workbook.xml")?;
    let strings = strings(&mut package)?;
    let mut cells_left = limits.cells;
    let mut sheets = Vec::new();
    let mut xml = Xml::new(&workbook, limits.markup_depth);
    while let Some(node) = xml.next_part()? {
        let Node::Open(element) = node else { continue };
        if element.name() != "sheet" {
            continue;
        }
        package.budget.items(8)?;
        let name = element.attribute("name").unwrap_or_default();
        package.budget.text(&name)?;
        let state = element.attribute("state").unwrap_or_default();
        let is_hidden = matches!(state.as_str(), "hidden" | "veryHidden");
        let relation = element.prefixed("id").and_then(|id| relations.get(&id));
        let Some(relation) = relation else {
            return Err(FormatError::new("a sheet of the workbook leads nowhere"));
        };
        // A chart has a sheet to itself, without cells.
        let sheet = if relation.kind == "worksheet" {
            let bytes = package.needed(&relation.target)?;
            Sheet::read(&bytes, &strings, &mut cells_left, &mut package)?
        } else {
            Sheet::default()
        };
        sheets.push(sheet.into_value(&name, is_hidden));
    }
    Ok(json!({"sheets": sheets, "properties": package.properties()?}))
}

/// The texts that cells share.
fn strings(package: &mut Package<'_>) -> Result<Vec<String>, FormatError> {
    let mut strings: Vec<String> = Vec::new();
    let Some(bytes) = package.part("xl/sharedStrings.xml")? else { return Ok(strings) };
    let mut xml = Xml::new(&bytes, package.limits.markup_depth);
    let mut in_text = false;
    while let Some(node) = xml.next_part()? {
        match node {
            Node::Open(element) => match element.name().as_str() {
                "si" => {
                    package.budget.items(1)?;
                    strings.push(String::new());
                }
                "t" => in_text = true,
                "rPh" => xml.skip()?,
                _ => {}
            },
            Node::Close(_) => in_text = false,
            Node::Text(text) if in_text => {
                if let Some(string) = strings.last_mut() {
                    package.budget.push(string, &text)?;
                }
            }
            Node::Text(_) | Node::Doctype => {}
        }
    }
    Ok(strings)
}
