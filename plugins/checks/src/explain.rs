//! Says why a check is false, by looking at what it is made of: what was seen, and where.

use crate::check::plain;
use crate::functions::{self, FILE_SIZE};
use crate::library::Library;
use crate::metered::ORDERED;
use crate::place::Place;
use crate::text::{shorten, show};
use crate::weight;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, SelectExpr, operators};
use cel::common::types::{CelBool, CelList, CelMap, CelString};
use cel::{Context, ExecutionError, IdedExpr as Expression, Value};

/// The longest value in an explanation, in bytes.
const SHOWN: usize = 120;
/// The longest value of which something is false, in bytes.
const WHOLE: usize = 240;

/// The places of the variables around, innermost last.
type Places = [(String, Place)];

/// Explains the outcome of a check over the files of a library.
#[derive(Debug, Clone, Copy)]
pub struct Explainer<'a> {
    library: &'a Library,
}

/// An evaluation's error, in words and within bounds: the library's own text holds whole
/// values.
pub fn error(error: &ExecutionError) -> String {
    let short = |value: &Value| match value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::String(text) => format!("\"{}\"", shorten(text, SHOWN)),
        other => shorten(&format!("{other:?}"), SHOWN),
    };
    match error {
        ExecutionError::FunctionError { function, message } => {
            format!("`{function}`: {}", shorten(message, 3 * SHOWN))
        }
        ExecutionError::NoSuchKey(key) => format!("there is no key \"{}\"", shorten(key, SHOWN)),
        ExecutionError::IndexOutOfBounds(index) => {
            format!("there is no element {}", short(index).trim_start_matches("Int"))
        }
        ExecutionError::NoSuchOverload(overload) => {
            let types = overload.argument_types().join(" and ");
            format!("`{}` does not work on {types}", overload.function().replace('_', ""))
        }
        ExecutionError::ValuesNotComparable(left, right) => {
            format!("{} and {} cannot be compared", short(left), short(right))
        }
        other => shorten(&other.to_string(), 3 * SHOWN),
    }
}

fn is_true(expression: &Expression, context: &Context<'_, '_>) -> Result<bool, String> {
    let value = Value::resolve_val(expression, context).map_err(|failed| error(&failed))?;
    match value.downcast_ref::<CelBool>() {
        Some(bool) => Ok(*bool.inner()),
        None => Err(format!("it gives {} instead of true or false", show(value.as_ref(), SHOWN))),
    }
}

fn value(expression: &Expression, context: &Context<'_, '_>) -> String {
    match Value::resolve_val(expression, context) {
        Ok(value) => show(value.as_ref(), SHOWN),
        Err(failed) => error(&failed),
    }
}

/// A call of a method with what it was given, and what it was called on.
fn said(call: &CallExpr, context: &Context<'_, '_>) -> Option<(String, String)> {
    let name = call.func_name.as_str();
    let (target, given) = match (call.target.as_deref(), call.args.as_slice()) {
        (Some(target), given) => (target, given),
        // What stands in for a method has its target as the first argument.
        (None, [target, given @ ..]) if name.starts_with('@') => (target, given),
        _ => return None,
    };
    let given: Vec<String> = given.iter().map(|given| value(given, context)).collect();
    let said = format!("`{}({})`", name.trim_start_matches('@'), given.join(", "));
    Some((said, value(target, context)))
}

impl<'a> Explainer<'a> {
    /// Explains checks over `library`, whose meter also counts the explanation.
    pub fn new(library: &'a Library) -> Self {
        Self { library }
    }

    /// Why `expression`, which is false, is false.
    pub fn why(self, expression: &Expression, context: &Context<'_, '_>) -> String {
        self.is_false(expression, context, &[])
    }

    /// Why `expression`, which ended in an error, did.
    pub fn stuck(
        self,
        expression: &Expression,
        context: &Context<'_, '_>,
        failed: &ExecutionError,
    ) -> String {
        let Expr::Comprehension(comprehension) = &expression.expr else { return error(failed) };
        let found = self.first(comprehension, context, &[], |predicate, inner, _| {
            is_true(predicate, inner).err()
        });
        found.unwrap_or_else(|| error(failed))
    }

    fn is_false(
        self,
        expression: &Expression,
        context: &Context<'_, '_>,
        places: &Places,
    ) -> String {
        if self.library.meter().running().is_err() {
            return "it is false".to_owned();
        }
        match &plain(expression).expr {
            Expr::Call(call) => self.call_is_false(call, context, places),
            Expr::Comprehension(comprehension) => {
                self.macro_is_false(comprehension, context, places)
            }
            Expr::Select(select) => select_is_false(select, context),
            _ => "it is false".to_owned(),
        }
    }

    fn call_is_false(self, call: &CallExpr, context: &Context<'_, '_>, places: &Places) -> String {
        let why = |expression: &Expression| self.is_false(expression, context, places);
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, [left, right]) => match is_true(left, context) {
                Ok(false) => why(left),
                Ok(true) | Err(_) => why(right),
            },
            (operators::LOGICAL_OR, [left, right]) => {
                format!("neither holds: {}, and {}", why(left), why(right))
            }
            (operators::LOGICAL_NOT, [inner]) => match &plain(inner).expr {
                Expr::Call(call) if call.func_name == "exists" && call.target.is_none() => {
                    let path = call.args.first().map(|path| value(path, context));
                    format!("there is {}", path.unwrap_or_default())
                }
                Expr::Call(call) => match said(call, context) {
                    Some((said, target)) => format!("{said} is true for {target}"),
                    None => "what it rules out is the case".to_owned(),
                },
                _ => "what it rules out is the case".to_owned(),
            },
            (operators::CONDITIONAL, [condition, yes, no]) => match is_true(condition, context) {
                Ok(true) => why(yes),
                _ => why(no),
            },
            (operators::IN, [item, list]) => {
                format!("{} is not in {}", value(item, context), value(list, context))
            }
            (name, [left, right]) if sign(name).is_some() => {
                let sign = sign(name).unwrap_or_default();
                let seen = format!("{} {sign} {}", value(left, context), value(right, context));
                // An element is named by the macro around it, and one field by the check.
                let place = Place::of(left, &[]).or_else(|| Place::of(right, &[]));
                match place.filter(Place::is_deep) {
                    Some(place) => format!("{seen} is false at {}", place.shown()),
                    None => format!("{seen} is false"),
                }
            }
            ("exists", [path]) if call.target.is_none() => {
                let path = Value::resolve_val(path, context).ok();
                let path = path.as_ref().and_then(|path| path.downcast_ref::<CelString>());
                let path = path.map(|path| shorten(path.inner(), SHOWN)).unwrap_or_default();
                format!("there is no '{path}'")
            }
            (name, _) if functions::arguments(name).is_none() && name != FILE_SIZE => {
                match said(call, context) {
                    Some((said, target)) => format!("{said} is false for {target}"),
                    None => format!("`{}` is false", name.trim_start_matches('@')),
                }
            }
            _ => "it is false".to_owned(),
        }
    }

    fn macro_is_false(
        self,
        comprehension: &ComprehensionExpr,
        context: &Context<'_, '_>,
        places: &Places,
    ) -> String {
        let found = self.first(comprehension, context, places, |predicate, inner, places| {
            (is_true(predicate, inner) == Ok(false))
                .then(|| self.is_false(predicate, inner, places))
        });
        found.unwrap_or_else(|| match Value::resolve_val(&comprehension.iter_range, context) {
            Ok(range) => match range.downcast_ref::<CelList>() {
                Some(list) => {
                    let place = Place::of(&comprehension.iter_range, places);
                    count(list.inner().len(), is_exists(comprehension), place)
                }
                None => "it is false".to_owned(),
            },
            Err(failed) => error(&failed),
        })
    }

    /// The first element of an `all` that `judge` has something to say about, and what it
    /// says.
    fn first(
        self,
        comprehension: &ComprehensionExpr,
        context: &Context<'_, '_>,
        places: &Places,
        judge: impl Fn(&Expression, &Context<'_, '_>, &Places) -> Option<String>,
    ) -> Option<String> {
        let Expr::Call(step) = &comprehension.loop_step.expr else { return None };
        let (operators::LOGICAL_AND, [_, predicate]) = (step.func_name.as_str(), &step.args[..])
        else {
            return None;
        };
        let predicate = plain(predicate);
        let range = Value::resolve_val(&comprehension.iter_range, context).ok()?;
        let over_map = is_map(&comprehension.iter_range, context);
        let whole = Place::of(&comprehension.iter_range, places);
        let (meter, nodes) = (self.library.meter(), weight::nodes(predicate));
        for (at, item) in range.downcast_ref::<CelList>()?.inner().iter().enumerate() {
            let cost = nodes + weight::of(item.as_ref(), meter.steps_left()).steps;
            meter.steps(cost).ok()?;
            let mut inner = context.new_inner_scope();
            inner.add_variable_as_val(&comprehension.iter_var, item.clone_as_boxed());
            let mut within = places.to_vec();
            if let Some(whole) = whole.clone().filter(|_| !over_map) {
                let at = i64::try_from(at).unwrap_or(i64::MAX);
                within.push((comprehension.iter_var.clone(), whole.element(at)));
            }
            if let Some(reason) = judge(predicate, &inner, &within) {
                meter.running().ok()?;
                let item = show(item.as_ref(), SHOWN);
                let start = self.start(whole.as_ref(), at, over_map);
                let is = if over_map { format!("at {item}") } else { format!("[{at}] is {item}") };
                return Some(format!("{start}{is}: {reason}"));
            }
        }
        None
    }

    /// What stands before the number of an element: the way to its list.
    fn start(self, whole: Option<&Place>, at: usize, over_map: bool) -> String {
        let Some(place) = whole else { return String::new() };
        if over_map {
            return format!("{} ", place.shown());
        }
        let row = place.row().and_then(|ask| {
            let entry = self.library.entry(&ask).ok()?;
            entry.rows.get(at).map(|line| format!("{} line {line}, ", place.file()))
        });
        row.unwrap_or_else(|| match place.path().as_str() {
            "" => format!("{}: ", place.file()),
            _ => place.shown(),
        })
    }
}

fn select_is_false(select: &SelectExpr, context: &Context<'_, '_>) -> String {
    let seen = match Value::resolve_val(&select.operand, context) {
        Ok(value) => show(value.as_ref(), WHOLE),
        Err(failed) => return error(&failed),
    };
    let field = shorten(&select.field, SHOWN);
    match select.test {
        true => format!("there is no `{field}` in {seen}"),
        false => format!("`{field}` is false in {seen}"),
    }
}

fn sign(operator: &str) -> Option<&str> {
    let comparisons = [
        operators::EQUALS,
        operators::NOT_EQUALS,
        operators::LESS,
        operators::LESS_EQUALS,
        operators::GREATER,
        operators::GREATER_EQUALS,
    ];
    comparisons.contains(&operator).then(|| operator.trim_matches('_'))
}

fn is_exists(comprehension: &ComprehensionExpr) -> bool {
    matches!(&comprehension.loop_step.expr, Expr::Call(step)
        if step.func_name == operators::LOGICAL_OR)
}

fn count(items: usize, exists: bool, place: Option<Place>) -> String {
    let of = place.map_or(String::new(), |place| format!(" of {}", place.shown()));
    match (items, exists) {
        (0, _) => format!("there is nothing in the list{of}"),
        (1, _) => format!("its one element{of} does not fit"),
        (items, true) => format!("none of the {items} elements{of} fits"),
        (items, false) => format!("the number of its {items} elements{of} that fit is wrong"),
    }
}

fn is_map(range: &Expression, context: &Context<'_, '_>) -> bool {
    let Expr::Call(CallExpr { func_name, args, .. }) = &range.expr else { return false };
    if func_name != ORDERED {
        return false;
    }
    let value = args.first().map(|inner| Value::resolve_val(inner, context));
    matches!(value, Some(Ok(value)) if value.downcast_ref::<CelMap>().is_some())
}
