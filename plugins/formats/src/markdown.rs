//! The structure of Markdown.

use crate::budget::{Budget, Lines, collapse, count};
use crate::error::FormatError;
use crate::limits::Limits;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

/// Reads Markdown (CommonMark with tables, task lists, footnotes and front matter):
///
/// `{headings: [{level, text, line}], links: [{text, url}], images: [{alt, url}],
/// code_blocks: [{language, lines, text, line}], tables: [{columns, rows, line}],
/// lists: [{ordered, items, line}], tasks: [{text, done}], html: [raw HTML],
/// definitions: [{label, url, title}], front_matter, words, text}`
///
/// `text` is what a reader sees, without marks, code blocks and raw HTML; `words` counts its
/// words. Comments are in `html`, and link definitions, which a reader does not see, in
/// `definitions`.
///
/// # Errors
/// Which limit it is over.
pub fn markdown(text: &str, limits: &Limits) -> Result<Value, FormatError> {
    limits.admit_tree(text.len())?;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let parser = Parser::new_ext(text, options);
    let mut reader = Reader::new(Lines::new(text), limits);
    let mut definitions = Vec::new();
    for (label, definition) in parser.reference_definitions().iter() {
        reader.budget.items(4)?;
        let title = definition.title.as_deref().unwrap_or_default();
        reader.budget.bytes(label.len() + definition.dest.len() + title.len())?;
        definitions.push(json!({"label": label, "url": &*definition.dest, "title": title}));
    }
    for (event, span) in parser.into_offset_iter() {
        reader.read(event, span.start)?;
    }
    let mut answer = reader.finish();
    definitions.sort_by_key(ToString::to_string);
    answer["definitions"] = Value::Array(definitions);
    Ok(answer)
}

/// A list that is open.
struct List {
    ordered: bool,
    line: usize,
    items: Vec<Value>,
    /// The text of the item that is open.
    item: Option<String>,
    /// Where its task is in the list of those, if it is one.
    task: Option<usize>,
}

struct Code {
    language: String,
    line: usize,
    text: String,
}

#[derive(Default)]
struct Table {
    line: usize,
    columns: Vec<Value>,
    rows: Vec<Value>,
    row: Vec<Value>,
    cell: String,
}

/// Walks the Markdown once. Nesting is a stack here, never recursion.
struct Reader<'a> {
    lines: Lines<'a>,
    limits: &'a Limits,
    budget: Budget,
    depth: usize,
    text: String,
    heading: Option<(String, usize)>,
    link: Vec<(String, String)>,
    image: Vec<(String, String)>,
    code: Option<Code>,
    table: Option<Table>,
    lists: Vec<List>,
    in_metadata: bool,
    front_matter: String,
    raw: Option<String>,
    found: Found,
}

#[derive(Default)]
struct Found {
    headings: Vec<Value>,
    links: Vec<Value>,
    images: Vec<Value>,
    code_blocks: Vec<Value>,
    tables: Vec<Value>,
    lists: Vec<Value>,
    tasks: Vec<(Value, bool)>,
    html: Vec<Value>,
}

impl<'a> Reader<'a> {
    fn new(lines: Lines<'a>, limits: &'a Limits) -> Self {
        Self {
            lines,
            limits,
            budget: Budget::new(limits),
            depth: 0,
            text: String::new(),
            heading: None,
            link: Vec::new(),
            image: Vec::new(),
            code: None,
            table: None,
            lists: Vec::new(),
            in_metadata: false,
            front_matter: String::new(),
            raw: None,
            found: Found::default(),
        }
    }

    fn read(&mut self, event: Event<'_>, at: usize) -> Result<(), FormatError> {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > self.limits.markup_depth {
                    let limit = self.limits.markup_depth;
                    return Err(FormatError::over("the Markdown's nesting", limit, "levels"));
                }
                self.start(tag, at)
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag)
            }
            Event::Text(text) | Event::Code(text) => self.push(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.push(&text),
            Event::SoftBreak | Event::HardBreak => self.push("\n"),
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::TaskListMarker(done) => {
                if let Some(list) = self.lists.last_mut() {
                    list.task = Some(self.found.tasks.len());
                }
                self.found.tasks.push((Value::Null, done));
                self.budget.items(2)
            }
            Event::Rule | Event::FootnoteReference(_) => Ok(()),
        }
    }

    /// Text goes to everything that is open around it, and only to the innermost item.
    fn push(&mut self, text: &str) -> Result<(), FormatError> {
        if self.in_metadata {
            return self.budget.push(&mut self.front_matter, text);
        }
        if let Some(code) = &mut self.code {
            return self.budget.push(&mut code.text, text);
        }
        if let Some((alt, _)) = self.image.last_mut() {
            return self.budget.push(alt, text);
        }
        self.budget.push(&mut self.text, text)?;
        if let Some((link, _)) = self.link.last_mut() {
            self.budget.push(link, text)?;
        }
        if let Some((heading, _)) = &mut self.heading {
            self.budget.push(heading, text)?;
        }
        if let Some(table) = &mut self.table {
            self.budget.push(&mut table.cell, text)?;
        } else if let Some(item) = self.lists.last_mut().and_then(|list| list.item.as_mut()) {
            self.budget.push(item, text)?;
        }
        Ok(())
    }

    fn html(&mut self, html: &str) -> Result<(), FormatError> {
        match &mut self.raw {
            Some(raw) => self.budget.push(raw, html),
            None => {
                let html = self.budget.value(html)?;
                self.found.html.push(html);
                Ok(())
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) -> Result<(), FormatError> {
        match tag {
            Tag::Heading { .. } => self.heading = Some((String::new(), self.lines.of(at))),
            Tag::Link { dest_url, .. } => self.link.push((String::new(), dest_url.into_string())),
            Tag::Image { dest_url, .. } => {
                self.image.push((String::new(), dest_url.into_string()));
            }
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split_whitespace().next(),
                    CodeBlockKind::Indented => None,
                };
                let language = language.unwrap_or_default().to_owned();
                let line = self.lines.of(at);
                self.code = Some(Code { language, line, text: String::new() });
            }
            Tag::Table(_) => {
                self.table = Some(Table { line: self.lines.of(at), ..Table::default() });
            }
            Tag::List(first) => {
                self.lists.push(List {
                    ordered: first.is_some(),
                    line: self.lines.of(at),
                    items: Vec::new(),
                    item: None,
                    task: None,
                });
            }
            Tag::Item => {
                if let Some(list) = self.lists.last_mut() {
                    list.item = Some(String::new());
                }
            }
            Tag::MetadataBlock(_) => self.in_metadata = true,
            Tag::HtmlBlock => self.raw = Some(String::new()),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), FormatError> {
        match tag {
            TagEnd::Paragraph => self.push("\n")?,
            TagEnd::Heading(level) => self.end_heading(level as usize)?,
            TagEnd::Link => {
                if let Some((text, url)) = self.link.pop() {
                    let text = self.budget.value(collapse(&text))?;
                    let url = self.budget.value(url)?;
                    self.found.links.push(json!({"text": text, "url": url}));
                }
            }
            TagEnd::Image => {
                if let Some((alt, url)) = self.image.pop() {
                    let alt = self.budget.value(collapse(&alt))?;
                    let url = self.budget.value(url)?;
                    self.found.images.push(json!({"alt": alt, "url": url}));
                }
            }
            TagEnd::CodeBlock => self.end_code()?,
            TagEnd::Item => self.end_item()?,
            TagEnd::List(_) => self.end_list()?,
            TagEnd::MetadataBlock(_) => self.in_metadata = false,
            TagEnd::HtmlBlock => {
                if let Some(raw) = self.raw.take() {
                    let html = self.budget.value(raw)?;
                    self.found.html.push(html);
                }
            }
            TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell => {
                self.end_in_table(tag)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end_heading(&mut self, level: usize) -> Result<(), FormatError> {
        let Some((text, line)) = self.heading.take() else { return Ok(()) };
        self.budget.items(3)?;
        let text = self.budget.value(collapse(&text))?;
        self.found.headings.push(json!({"level": level, "text": text, "line": line}));
        self.budget.push(&mut self.text, "\n")
    }

    fn end_code(&mut self) -> Result<(), FormatError> {
        let Some(code) = self.code.take() else { return Ok(()) };
        self.budget.items(4)?;
        let Code { language, line, text } = code;
        let lines = text.lines().count();
        self.found
            .code_blocks
            .push(json!({"language": language, "lines": lines, "line": line, "text": text}));
        Ok(())
    }

    fn end_item(&mut self) -> Result<(), FormatError> {
        let Some(list) = self.lists.last_mut() else { return Ok(()) };
        let Some(item) = list.item.take() else { return Ok(()) };
        let text = self.budget.value(collapse(&item))?;
        let task = list.task.take().and_then(|at| self.found.tasks.get_mut(at));
        if let Some((task, _)) = task {
            self.budget.text(&item)?;
            *task = text.clone();
        }
        list.items.push(text);
        self.budget.push(&mut self.text, "\n")
    }

    fn end_list(&mut self) -> Result<(), FormatError> {
        let Some(List { ordered, line, items, .. }) = self.lists.pop() else { return Ok(()) };
        self.budget.items(3)?;
        self.found.lists.push(json!({"ordered": ordered, "items": items, "line": line}));
        Ok(())
    }

    fn end_in_table(&mut self, tag: TagEnd) -> Result<(), FormatError> {
        let Some(table) = &mut self.table else { return Ok(()) };
        match tag {
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut table.cell);
                table.row.push(self.budget.value(collapse(&cell))?);
                self.budget.push(&mut self.text, "\t")?;
            }
            TagEnd::TableHead => table.columns = std::mem::take(&mut table.row),
            TagEnd::TableRow => {
                self.budget.items(1)?;
                table.rows.push(Value::Array(std::mem::take(&mut table.row)));
                self.budget.push(&mut self.text, "\n")?;
            }
            _ => {
                let Table { line, columns, rows, .. } = std::mem::take(table);
                self.found.tables.push(json!({"columns": columns, "rows": rows, "line": line}));
                self.table = None;
            }
        }
        Ok(())
    }

    fn finish(self) -> Value {
        let task = |(text, done): (Value, bool)| json!({"text": text, "done": done});
        let tasks: Vec<Value> = self.found.tasks.into_iter().map(task).collect();
        let words = self.text.split_whitespace().count();
        json!({
            "headings": self.found.headings,
            "links": self.found.links,
            "images": self.found.images,
            "code_blocks": self.found.code_blocks,
            "tables": self.found.tables,
            "lists": self.found.lists,
            "tasks": tasks,
            "html": self.found.html,
            "definitions": [],
            "front_matter": self.front_matter,
            "words": count(words),
            "text": self.text.trim(),
        })
    }
}
