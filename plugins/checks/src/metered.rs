//! The functions that count, which [`crate::resolve`] puts into a check.
//!
//! The interpreter has no hook to count with, and no way to stop it but an error. So every
//! turn of a macro goes through [`TICK`] and [`GO`], and every value that a function goes over
//! or copies through [`PAY`] or [`COPY`], which hand on what they are given. `&&`, `||`, `all`
//! and `exists` swallow errors; [`GO`] stands where theirs are not swallowed, so that a check
//! that was stopped really stops.

use crate::budget::Meter;
use crate::library::Library;
use crate::weight::{self, STEP_BYTES};
use cel::common::ast::{CallExpr, Expr};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelString};
use cel::common::value::{CowVal, Val};
use cel::{Context, ExecutionError, FunctionContext, IdedExpr as Expression, Value};
use std::sync::Arc;

/// Counts going over a value.
pub const PAY: &str = "@pay";
/// Counts copying a value.
pub const COPY: &str = "@copy";
/// Counts one turn of a macro: the value of its body, the body's nodes, the element.
pub const TICK: &str = "@tick";
/// Lets a macro go on, unless the check was stopped.
pub const GO: &str = "@go";
/// Counts what `size` goes over: a text, but not a list or a map.
pub const SIZED: &str = "@sized";
/// Counts what `in` goes over: a list, but not a map.
pub const WITHIN: &str = "@within";
/// Refuses an index between two elements, for which the library copies the whole list.
pub const KEY: &str = "@key";
/// Counts the numbers `lists.range` makes.
pub const RANGE: &str = "@range";
/// Counts comparing each element with each.
pub const DISTINCT: &str = "@distinct";
/// Counts sorting.
pub const SORT: &str = "@sort";
/// Orders a map by its keys: what a macro's range is wrapped in.
pub const ORDERED: &str = "@ordered";
/// What [`MATCHES`] stands in for.
pub const PLAIN_MATCHES: &str = "matches";
/// Matches a pattern that is compiled once.
pub const MATCHES: &str = "@matches";

/// The functions whose work or result can be far larger than what they are given, and those
/// that stand in for them.
const SWELLING: [(&str, &str); 6] = [
    ("replace", "@replace"),
    ("split", "@split"),
    ("join", "@join"),
    ("format", "@format"),
    ("indexOf", "@indexOf"),
    ("lastIndexOf", "@lastIndexOf"),
];

/// What a function gives.
pub type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
/// A function of a check.
pub type Function =
    Box<dyn for<'b, 'v> Fn(&mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> + Send + Sync>;

/// The function that stands in for a swelling one.
pub fn swelling(name: &str) -> Option<&'static str> {
    SWELLING.iter().find(|(plain, _)| *plain == name).map(|(_, function)| *function)
}

/// The functions that count for `library`, by name.
pub fn all(library: &Arc<Library>) -> Vec<(&'static str, Function)> {
    type Pass = fn(&Meter, &dyn Val) -> Result<(), ExecutionError>;
    let passes: [(&str, Pass); 9] = [
        (PAY, |meter, value| charge(meter, value, false)),
        (COPY, |meter, value| charge(meter, value, true)),
        (GO, |meter, _| meter.running().map_err(stop)),
        (SIZED, |meter, value| match value.downcast_ref::<CelString>() {
            Some(_) => charge(meter, value, false),
            None => Ok(()),
        }),
        (WITHIN, |meter, value| match value.downcast_ref::<CelMap>() {
            Some(_) => Ok(()),
            None => charge(meter, value, false),
        }),
        (KEY, |_, value| key(value)),
        (RANGE, |meter, value| range(meter, value)),
        (DISTINCT, |meter, value| distinct(meter, value)),
        (SORT, |meter, value| (0..8).try_for_each(|turn| charge(meter, value, turn == 0))),
    ];
    let mut functions: Vec<(&'static str, Function)> = Vec::new();
    for (name, pass) in passes {
        let library = Arc::clone(library);
        let function = move |call: &mut FunctionContext<'_, '_>| -> Result<(), ExecutionError> {
            let value = call.args.last().ok_or_else(|| call.error("nothing to count"))?;
            pass(library.meter(), value.as_ref())
        };
        functions.push((name, Box::new(move |call| function(call).and_then(|()| last(call)))));
    }
    let counted = Arc::clone(library);
    functions.push((TICK, Box::new(move |call| tick(counted.meter(), call))));
    let counted = Arc::clone(library);
    functions.push((ORDERED, Box::new(move |call| ordered(counted.meter(), call))));
    let counted = Arc::clone(library);
    functions.push((MATCHES, Box::new(move |call| matches(&counted, call))));
    for (plain, name) in SWELLING {
        let counted = Arc::clone(library);
        functions.push((name, Box::new(move |call| swell(plain, counted.meter(), call))));
    }
    functions
}

/// The error that ends what is running. The meter keeps the reason.
pub fn stop(reason: String) -> ExecutionError {
    ExecutionError::function_error("check", reason)
}

/// Counts going over a value, and making it if it is copied.
///
/// # Errors
/// That the check is stopped.
pub fn charge(meter: &Meter, value: &dyn Val, copied: bool) -> Result<(), ExecutionError> {
    let weight = weight::of(value, meter.steps_left());
    meter.steps(weight.steps).map_err(stop)?;
    if copied { meter.made(weight.bytes).map_err(stop) } else { Ok(()) }
}

fn last<'b, 'v>(call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    call.args.pop().ok_or_else(|| call.error("nothing to hand on"))
}

fn tick<'b, 'v>(meter: &Meter, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    let item = last(call)?;
    let nodes = last(call)?;
    let nodes = nodes.downcast_ref::<CelInt>().map_or(1, |nodes| *nodes.inner());
    meter.steps(u64::try_from(nodes).unwrap_or(1)).map_err(stop)?;
    charge(meter, item.as_ref(), false)?;
    last(call)
}

fn ordered<'b, 'v>(meter: &Meter, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    let value = last(call)?;
    let Some(map) = value.downcast_ref::<CelMap>() else { return Ok(value) };
    meter.steps(map.inner().len() as u64).map_err(stop)?;
    let mut keys: Vec<_> = map.inner().keys().cloned().collect();
    keys.sort();
    let keys: Vec<Box<dyn Val + 'v>> =
        keys.iter().map(|key| key.inner().clone_as_boxed()).collect();
    let keys = CelList::from(keys);
    charge(meter, &keys, true)?;
    Ok(CowVal::owned(keys))
}

fn key(value: &dyn Val) -> Result<(), ExecutionError> {
    match value.downcast_ref::<CelDouble>().map(|double| *double.inner()) {
        Some(double) if double.fract() != 0.0 || !double.is_finite() => {
            Err(ExecutionError::function_error("[]", format!("there is no element {double}")))
        }
        _ => Ok(()),
    }
}

fn range(meter: &Meter, value: &dyn Val) -> Result<(), ExecutionError> {
    let items = value.downcast_ref::<CelInt>().map_or(0, |items| *items.inner());
    let items = u64::try_from(items).unwrap_or(0);
    meter.steps(items).map_err(stop)?;
    meter.made(items.saturating_mul(48)).map_err(stop)
}

fn distinct(meter: &Meter, value: &dyn Val) -> Result<(), ExecutionError> {
    let items = value.downcast_ref::<CelList>().map_or(1, |list| list.inner().len() as u64);
    let weight = weight::of(value, meter.steps_left());
    meter.steps(weight.steps.saturating_mul(1 + items / 2)).map_err(stop)?;
    meter.made(weight.bytes).map_err(stop)
}

fn matches<'b, 'v>(library: &Library, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    let (Some(text), Some(pattern)) = (string(call, 0), string(call, 1)) else {
        return Err(ExecutionError::function_error("matches", "it takes a text and a pattern"));
    };
    let pattern = library.shelf().pattern(pattern, library.meter()).map_err(stop)?;
    library.meter().steps(pattern.steps(text)).map_err(stop)?;
    let found = pattern.is_match(text);
    let found = found.map_err(|error| ExecutionError::function_error("matches", error))?;
    Ok(CowVal::owned(CelBool::from(found)))
}

fn string<'c>(call: &'c FunctionContext<'_, '_>, at: usize) -> Option<&'c str> {
    call.args.get(at)?.downcast_ref::<CelString>().map(|text| text.inner())
}

/// Calls the function `name` on the first argument, if what it makes is within bounds.
fn swell<'b, 'v>(name: &str, meter: &Meter, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    for value in &call.args {
        charge(meter, value.as_ref(), false)?;
    }
    let (steps, bytes) = swelled(name, call);
    meter.made(bytes).map_err(stop)?;
    meter.steps(steps.saturating_add(bytes / STEP_BYTES as u64)).map_err(stop)?;
    forward(name, call.ptx, std::mem::take(&mut call.args))
}

/// The steps a swelling function takes besides going over its arguments once, and the most
/// bytes it makes.
fn swelled(name: &str, call: &FunctionContext<'_, '_>) -> (u64, u64) {
    let text = string(call, 0).unwrap_or_default();
    let other = string(call, 1).unwrap_or_default();
    let length = text.len() as u64;
    let times = || match other.is_empty() {
        true => length + 1,
        false => text.matches(other).count() as u64,
    };
    let weight = |at: usize| call.args.get(at).map(|value| weight::of(value.as_ref(), u64::MAX));
    match name {
        "replace" => {
            let count = call.args.get(3).and_then(|value| value.downcast_ref::<CelInt>());
            let count = count.and_then(|count| u64::try_from(*count.inner()).ok());
            let times = times().min(count.unwrap_or(u64::MAX));
            let new = string(call, 2).unwrap_or_default().len() as u64;
            (0, length.saturating_add(times.saturating_mul(new)))
        }
        "split" => (times(), length.saturating_add((times() + 1) * 72)),
        "join" => {
            let list = weight(0).unwrap_or_default();
            let between = list.steps.saturating_mul(other.len() as u64);
            (0, list.bytes.saturating_add(between))
        }
        "format" => {
            let clauses = text.matches('%').count() as u64;
            // A double can have 300 digits.
            let longest = weight(1).unwrap_or_default().bytes.saturating_mul(8);
            (0, length.saturating_add(clauses.saturating_mul(longest)))
        }
        // They compare at every place, on copies of four bytes a letter.
        _ => {
            let places = length.saturating_mul(1 + other.len() as u64);
            (places / STEP_BYTES as u64, (length + other.len() as u64).saturating_mul(4))
        }
    }
}

/// Calls the library's own function, as a method of the first argument.
fn forward<'b, 'v>(
    name: &str,
    context: &Context<'_, 'v>,
    arguments: Vec<CowVal<'b, 'v>>,
) -> Answer<'b, 'v> {
    let mut scope = context.new_inner_scope();
    let mut names = Vec::with_capacity(arguments.len());
    for (at, argument) in arguments.into_iter().enumerate() {
        let name = format!("@{at}");
        scope.add_variable_as_val(&name, argument.into_owned());
        names.push(Expression { id: 0, expr: Expr::Ident(name) });
    }
    let mut names = names.into_iter();
    let target = names.next().map(Box::new);
    let call = CallExpr { func_name: name.to_owned(), target, args: names.collect() };
    let call = Expression { id: 0, expr: Expr::Call(call) };
    Ok(CowVal::Owned(Value::resolve_val(&call, &scope)?.into_owned()))
}

/// What a function that hands on its first argument is wrapped around.
pub fn inside(expression: &Expression) -> Option<&Expression> {
    const PASSING: [&str; 10] = [PAY, COPY, TICK, GO, SIZED, WITHIN, KEY, DISTINCT, SORT, ORDERED];
    let Expr::Call(call) = &expression.expr else { return None };
    PASSING.contains(&call.func_name.as_str()).then(|| call.args.first()).flatten()
}
