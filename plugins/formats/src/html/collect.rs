//! What is found in HTML.

use super::elements::is_heading;
use crate::budget::{Budget, collapse, count};
use crate::error::FormatError;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Collected {
    title: Option<String>,
    lang: Option<String>,
    text: String,
    hidden: Vec<Hidden>,
    /// Whether text may go on the hidden text before it.
    hiding: bool,
    pub(super) style_sheets: usize,
    heading: Option<(u8, usize, String)>,
    /// The links that are open; one without a place is no link.
    links_open: Vec<(Option<String>, String)>,
    tables_open: Vec<Table>,
    headings: Vec<Value>,
    links: Vec<Value>,
    images: Vec<Value>,
    tables: Vec<Value>,
    forms: Vec<Map<String, Value>>,
    meta: Vec<Value>,
}

struct Hidden {
    why: &'static str,
    text: String,
}

#[derive(Default)]
struct Table {
    line: usize,
    columns: Vec<Value>,
    rows: Vec<Value>,
    row: Vec<Value>,
    /// Whether every cell of the row is a heading.
    heads: bool,
    cell: Option<String>,
    /// Whether the table, the row and the cell are seen: their ends must find them again.
    seen: bool,
}

type Attributes = HashMap<String, String>;

fn of<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.get(name).map(String::as_str).unwrap_or_default()
}

impl Collected {
    pub(super) fn start(
        &mut self,
        name: &str,
        attributes: &Attributes,
        seen: bool,
        line: usize,
        budget: &mut Budget,
    ) -> Result<(), FormatError> {
        budget.items(1)?;
        match name {
            "html" => {
                if let Some(lang) = attributes.get("lang") {
                    budget.text(lang)?;
                    self.lang.get_or_insert_with(|| lang.clone());
                }
            }
            "a" => self
                .links_open
                .push((attributes.get("href").filter(|_| seen).cloned(), String::new())),
            "img" if seen => {
                let src = budget.value(of(attributes, "src"))?;
                let alt = match attributes.get("alt") {
                    Some(alt) => budget.value(alt)?,
                    None => Value::Null,
                };
                self.images.push(json!({"src": src, "alt": alt}));
            }
            "meta" => {
                let name = attributes.get("name").or_else(|| attributes.get("property"));
                if let (Some(name), Some(content)) = (name, attributes.get("content")) {
                    let (name, content) = (budget.value(name)?, budget.value(content)?);
                    self.meta.push(json!({"name": name, "content": content}));
                }
            }
            "table" => self.tables_open.push(Table { line, seen, ..Table::default() }),
            "tr" => {
                self.end_row(budget)?;
                if let Some(table) = self.tables_open.last_mut() {
                    table.heads = true;
                }
            }
            "td" | "th" => {
                self.end_cell(budget)?;
                if let Some(table) = self.tables_open.last_mut() {
                    table.heads &= name == "th";
                    table.cell = Some(String::new());
                }
            }
            "form" | "input" | "select" | "textarea" | "button" => {
                self.form(name, attributes, seen, budget)?;
            }
            _ => {
                if let Some(level) = is_heading(name)
                    && seen
                {
                    self.heading = Some((level, line, String::new()));
                }
            }
        }
        Ok(())
    }

    fn form(
        &mut self,
        name: &str,
        attributes: &Attributes,
        seen: bool,
        budget: &mut Budget,
    ) -> Result<(), FormatError> {
        if name == "form" {
            if seen {
                let mut form = Map::new();
                form.insert("action".to_owned(), budget.value(of(attributes, "action"))?);
                let method = match of(attributes, "method") {
                    "" => "get".to_owned(),
                    method => method.to_ascii_lowercase(),
                };
                form.insert("method".to_owned(), budget.value(method)?);
                form.insert("fields".to_owned(), Value::Array(Vec::new()));
                self.forms.push(form);
            }
            return Ok(());
        }
        let kind = match (name, of(attributes, "type")) {
            ("input", "") => "text",
            ("input", kind) => kind,
            (name, _) => name,
        };
        if kind.eq_ignore_ascii_case("hidden") {
            return self.hide("hidden field", of(attributes, "value"), budget);
        }
        let fields = self.forms.last_mut().and_then(|form| form.get_mut("fields"));
        if let Some(Value::Array(fields)) = fields
            && seen
        {
            let kind = budget.value(kind.to_ascii_lowercase())?;
            let name = budget.value(of(attributes, "name"))?;
            let required = attributes.contains_key("required");
            fields.push(json!({"name": name, "kind": kind, "required": required}));
        }
        Ok(())
    }

    pub(super) fn end(&mut self, name: &str, budget: &mut Budget) -> Result<(), FormatError> {
        match name {
            "a" => {
                if let Some((Some(url), text)) = self.links_open.pop() {
                    let text = budget.value(collapse(&text))?;
                    let url = budget.value(url)?;
                    self.links.push(json!({"text": text, "url": url}));
                }
            }
            "td" | "th" => self.end_cell(budget)?,
            "tr" => self.end_row(budget)?,
            "table" => {
                self.end_row(budget)?;
                if let Some(Table { line, columns, rows, seen, .. }) = self.tables_open.pop()
                    && seen
                {
                    budget.items(4)?;
                    self.tables.push(json!({"columns": columns, "rows": rows, "line": line}));
                }
            }
            _ if is_heading(name).is_some() => {
                if let Some((level, line, text)) = self.heading.take() {
                    budget.items(3)?;
                    let text = budget.value(collapse(&text))?;
                    self.headings.push(json!({"level": level, "text": text, "line": line}));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self, budget: &mut Budget) -> Result<(), FormatError> {
        let Some(table) = self.tables_open.last_mut() else { return Ok(()) };
        if let Some(cell) = table.cell.take() {
            table.row.push(budget.value(collapse(&cell))?);
        }
        Ok(())
    }

    fn end_row(&mut self, budget: &mut Budget) -> Result<(), FormatError> {
        self.end_cell(budget)?;
        let Some(table) = self.tables_open.last_mut() else { return Ok(()) };
        let row = std::mem::take(&mut table.row);
        if row.is_empty() {
            return Ok(());
        }
        budget.items(1)?;
        if table.heads && table.columns.is_empty() && table.rows.is_empty() {
            table.columns = row;
        } else {
            table.rows.push(Value::Array(row));
        }
        Ok(())
    }

    /// Text inside an element of that name, hidden or not.
    pub(super) fn text(
        &mut self,
        text: &str,
        hidden: Option<&'static str>,
        name: &str,
        budget: &mut Budget,
    ) -> Result<(), FormatError> {
        if let Some(why) = hidden {
            return self.hide_more(why, text, budget);
        }
        match name {
            // A program or a style sheet is no text.
            "script" | "style" => return Ok(()),
            "title" => {
                let title = self.title.get_or_insert_default();
                return budget.push(title, text);
            }
            _ => {}
        }
        self.hiding &= text.trim().is_empty();
        push(&mut self.text, text, budget)?;
        if let Some((_, _, heading)) = &mut self.heading {
            budget.push(heading, text)?;
        }
        if let Some((_, link)) = self.links_open.last_mut() {
            budget.push(link, text)?;
        }
        if let Some(cell) = self.tables_open.last_mut().and_then(|table| table.cell.as_mut()) {
            budget.push(cell, text)?;
        }
        Ok(())
    }

    /// What follows stands on a line of its own.
    pub(super) fn line_break(&mut self, budget: &mut Budget) -> Result<(), FormatError> {
        let length = self.text.trim_end_matches(' ').len();
        self.text.truncate(length);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            budget.push(&mut self.text, "\n")?;
        }
        if let Some((_, _, heading)) = &mut self.heading {
            budget.push(heading, " ")?;
        }
        if let Some((_, link)) = self.links_open.last_mut() {
            budget.push(link, " ")?;
        }
        if let Some(cell) = self.tables_open.last_mut().and_then(|table| table.cell.as_mut()) {
            budget.push(cell, " ")?;
        }
        Ok(())
    }

    /// Hidden text of one kind that follows on itself is one text.
    fn hide_more(
        &mut self,
        why: &'static str,
        text: &str,
        budget: &mut Budget,
    ) -> Result<(), FormatError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        match self.hidden.last_mut() {
            Some(last) if last.why == why && self.hiding => {
                budget.push(&mut last.text, " ")?;
                budget.push(&mut last.text, text)
            }
            _ => self.hide(why, text, budget),
        }
    }

    /// Adds a hidden text.
    pub(super) fn hide(
        &mut self,
        why: &'static str,
        text: &str,
        budget: &mut Budget,
    ) -> Result<(), FormatError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        budget.items(2)?;
        budget.text(text)?;
        self.hidden.push(Hidden { why, text: text.to_owned() });
        self.hiding = true;
        Ok(())
    }

    pub(super) fn finish(self) -> Value {
        let text = self.text.trim();
        let hidden: Vec<Value> = self
            .hidden
            .iter()
            .map(|hidden| json!({"why": hidden.why, "text": collapse(&hidden.text)}))
            .collect();
        json!({
            "title": self.title.map(|title| collapse(&title)),
            "lang": self.lang,
            "headings": self.headings,
            "links": self.links,
            "images": self.images,
            "tables": self.tables,
            "forms": self.forms,
            "meta": self.meta,
            "text": text,
            "words": count(text.split_whitespace().count()),
            "hidden_text": hidden,
            "style_sheets": count(self.style_sheets),
        })
    }
}

/// Adds text as a browser sets it: any white space is one space.
fn push(to: &mut String, text: &str, budget: &mut Budget) -> Result<(), FormatError> {
    let collapsed = collapse(text);
    let after_space = to.is_empty() || to.ends_with(['\n', ' ']);
    if text.starts_with(char::is_whitespace) && !after_space {
        budget.push(to, " ")?;
    }
    budget.push(to, &collapsed)?;
    if !collapsed.is_empty() && text.ends_with(char::is_whitespace) {
        budget.push(to, " ")?;
    }
    Ok(())
}
