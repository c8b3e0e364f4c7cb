//! Says why a check is false, by looking at what it is made of.

use crate::functions::{FILE_FUNCTIONS, ORDERED};
use crate::text::{shorten, show};
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, operators};
use cel::common::types::{CelBool, CelList, CelMap, CelString};
use cel::{Context, ExecutionError, IdedExpr as Expression, Value};

/// The longest value in an explanation, in bytes.
const SHOWN: usize = 120;

/// Why `expression`, which is false, is false.
pub fn why(expression: &Expression, context: &Context<'_, '_>) -> String {
    match &expression.expr {
        Expr::Call(call) => call_is_false(call, context),
        Expr::Comprehension(comprehension) => macro_is_false(comprehension, context),
        _ => "it is false".to_owned(),
    }
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

fn call_is_false(call: &CallExpr, context: &Context<'_, '_>) -> String {
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_AND, [left, right]) => match is_true(left, context) {
            Ok(false) => why(left, context),
            Ok(true) | Err(_) => why(right, context),
        },
        (operators::LOGICAL_OR, [left, right]) => {
            format!("neither holds: {}, and {}", why(left, context), why(right, context))
        }
        (operators::LOGICAL_NOT, [_]) => "what it rules out is the case".to_owned(),
        (operators::CONDITIONAL, [condition, yes, no]) => match is_true(condition, context) {
            Ok(true) => why(yes, context),
            _ => why(no, context),
        },
        (operators::IN, [item, _]) => format!("{} is not in there", value(item, context)),
        (name, [left, right]) if sign(name).is_some() => {
            let sign = sign(name).unwrap_or_default();
            format!("{} {sign} {} is false", value(left, context), value(right, context))
        }
        ("exists", [path]) if call.target.is_none() => {
            let path = Value::resolve_val(path, context).ok();
            let path = path.as_ref().and_then(|path| path.downcast_ref::<CelString>());
            let path = path.map(|path| shorten(path.inner(), SHOWN)).unwrap_or_default();
            format!("there is no '{path}'")
        }
        (name, _) if !FILE_FUNCTIONS.contains(&name) => match &call.target {
            Some(target) => format!("`{name}` is false for {}", value(target, context)),
            None => format!("`{name}` is false"),
        },
        _ => "it is false".to_owned(),
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

/// Why `expression`, which ended in an error, did.
pub fn stuck(
    expression: &Expression,
    context: &Context<'_, '_>,
    failed: &ExecutionError,
) -> String {
    let Expr::Comprehension(comprehension) = &expression.expr else { return error(failed) };
    let found = first(comprehension, context, |predicate, inner| is_true(predicate, inner).err());
    found.unwrap_or_else(|| error(failed))
}

fn macro_is_false(comprehension: &ComprehensionExpr, context: &Context<'_, '_>) -> String {
    let found = first(comprehension, context, |predicate, inner| {
        (is_true(predicate, inner) == Ok(false)).then(|| why(predicate, inner))
    });
    found.unwrap_or_else(|| match Value::resolve_val(&comprehension.iter_range, context) {
        Ok(range) => match range.downcast_ref::<CelList>() {
            Some(list) => count(list.inner().len()),
            None => "it is false".to_owned(),
        },
        Err(failed) => error(&failed),
    })
}

/// The first element of an `all` that `judge` has something to say about, and what it says.
fn first(
    comprehension: &ComprehensionExpr,
    context: &Context<'_, '_>,
    judge: impl Fn(&Expression, &Context<'_, '_>) -> Option<String>,
) -> Option<String> {
    let Expr::Call(step) = &comprehension.loop_step.expr else { return None };
    let (operators::LOGICAL_AND, [_, predicate]) = (step.func_name.as_str(), &step.args[..]) else {
        return None;
    };
    let range = Value::resolve_val(&comprehension.iter_range, context).ok()?;
    let over_map = is_map(&comprehension.iter_range, context);
    for (at, item) in range.downcast_ref::<CelList>()?.inner().iter().enumerate() {
        let mut inner = context.new_inner_scope();
        inner.add_variable_as_val(&comprehension.iter_var, item.clone_as_boxed());
        if let Some(reason) = judge(predicate, &inner) {
            let item = show(item.as_ref(), SHOWN);
            let place = if over_map { format!("at {item}") } else { format!("[{at}] is {item}") };
            return Some(format!("{place}: {reason}"));
        }
    }
    None
}

fn count(items: usize) -> String {
    match items {
        0 => "there is nothing in the list".to_owned(),
        1 => "its one element does not fit".to_owned(),
        items => format!("the number of its {items} elements that fit is wrong"),
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
