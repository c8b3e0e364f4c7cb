//! Where in the outputs a value of a check comes from.

use crate::check::plain;
use crate::documents::{Ask, Kind};
use crate::functions;
use crate::text::shorten;
use cel::IdedExpr as Expression;
use cel::common::ast::{Expr, LiteralValue, operators};

/// The longest place, in bytes.
const SHOWN: usize = 120;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How the file was read.
    kind: Kind,
    file: String,
    with: String,
    /// The way to the value inside of it, as in `sites[2].v`; empty for all of it.
    path: String,
}

impl Place {
    /// Where the value of `expression` comes from, if that is one place in one file. `bound`
    /// has the places of variables.
    pub fn of(expression: &Expression, bound: &[(String, Self)]) -> Option<Self> {
        match &plain(expression).expr {
            Expr::Ident(name) => {
                bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, place)| place.clone())
            }
            Expr::Select(select) if !select.test => {
                Some(Self::of(&select.operand, bound)?.field(&select.field))
            }
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::INDEX, [value, index]) => {
                    let place = Self::of(value, bound)?;
                    match &plain(index).expr {
                        Expr::Literal(LiteralValue::Int(at)) => Some(place.element(*at.inner())),
                        Expr::Literal(LiteralValue::String(name)) => {
                            Some(place.field(name.inner()))
                        }
                        _ => None,
                    }
                }
                (functions::SIZE, []) => Self::of(call.target.as_deref()?, bound),
                (functions::FILE_SIZE, [value]) => Self::of(value, bound),
                (name, [path, more @ ..]) if call.target.is_none() => {
                    let kind = functions::reader(name)?;
                    let file = text(path)?.to_owned();
                    let with = more.first().and_then(text).unwrap_or_default().to_owned();
                    Some(Self { kind, file, with, path: String::new() })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The place of a field in it.
    pub fn field(mut self, name: &str) -> Self {
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if !is_name || name.is_empty() {
            self.path.push_str(&format!("[{}]", serde_json::Value::from(shorten(name, 40))));
        } else {
            self.path.push_str(if self.path.is_empty() { "" } else { "." });
            self.path.push_str(name);
        }
        self
    }

    /// The place of an element in it.
    pub fn element(mut self, at: i64) -> Self {
        self.path.push_str(&format!("[{at}]"));
        self
    }

    /// Whether it is a row of a CSV file.
    pub fn row(&self) -> Option<Ask<'_>> {
        let is_rows = self.kind == Kind::Csv && self.path.is_empty();
        is_rows.then(|| Ask { kind: self.kind, path: &self.file, with: &self.with })
    }

    /// The file.
    pub fn file(&self) -> String {
        shorten(&self.file, SHOWN)
    }

    /// The way to the value inside of the file, empty for all of it.
    pub fn path(&self) -> String {
        shorten(&self.path, SHOWN)
    }

    /// Whether it is further down than a file or one of its outermost fields.
    pub fn is_deep(&self) -> bool {
        self.path.contains(['.', '['])
    }

    /// File and way, as in `report.json: sites[2]`.
    pub fn shown(&self) -> String {
        match self.path.as_str() {
            "" => self.file(),
            _ => format!("{}: {}", self.file(), self.path()),
        }
    }
}

fn text(expression: &Expression) -> Option<&str> {
    match &plain(expression).expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
