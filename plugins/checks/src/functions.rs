//! The functions of a check.
//!
//! Over the outputs folder: `json(path)`, `csv(path)` (one map per row, by header), `text(path)`,
//! `exists(path)` and `size(path)`, the file's bytes. CEL has a `size` of its own: it goes on
//! working for lists, maps and bytes, and as a method, so the length of a string is
//! `s.size()`; only `size('…')` of a string is the size of the file it names.
//!
//! Besides, [`crate::resolve`] puts these in:
//! - arithmetic between ints and doubles, which CEL refuses: whether a program wrote `2` or
//!   `2.0` into its output must not decide a verdict. (CEL compares them as they are.)
//! - an order for maps, which CEL iterates in the order of a hash.

use crate::library::{Kind, Library};
use crate::text::shorten;
use cel::common::ast::operators;
use cel::common::types::STRING_TYPE;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelString, CelUInt};
use cel::common::value::{CowVal, Val};
use cel::{Context, Env, ExecutionError, FunctionContext, extensions};
use std::sync::Arc;

/// The size of a file, or of a list or map.
pub const SIZE: &str = "size";
/// The functions that take a path, as they are written in a check.
pub const FILE_FUNCTIONS: [&str; 5] = ["json", "csv", "text", "exists", SIZE];
/// What a call of [`SIZE`] becomes.
pub const FILE_SIZE: &str = "@size";
/// What a macro's range is wrapped in.
pub const ORDERED: &str = "@ordered";

const MIXED: [(&str, &str); 5] = [
    (operators::ADD, "@add"),
    (operators::SUBSTRACT, "@subtract"),
    (operators::MULTIPLY, "@multiply"),
    (operators::DIVIDE, "@divide"),
    (operators::MODULO, "@modulo"),
];

type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
type Function =
    Box<dyn for<'b, 'v> Fn(&mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> + Send + Sync>;

/// The function that stands in for an arithmetic operator.
pub fn mixing(operator: &str) -> Option<&'static str> {
    MIXED.iter().find(|(name, _)| *name == operator).map(|(_, function)| *function)
}

/// CEL's standard library with its extensions for strings, math and lists.
///
/// # Errors
/// A message, when the library refuses a declaration.
pub fn env() -> Result<Env, String> {
    let mut env = Env::stdlib();
    let text = |error: cel::DeclarationError| error.to_string();
    env.add_extension(extensions::strings).map_err(text)?;
    env.add_extension(extensions::math).map_err(text)?;
    env.add_extension(extensions::lists).map_err(text)?;
    // The `cel` crate has `matches` too, with a regular expression engine of a megabyte.
    let arguments = vec![STRING_TYPE];
    env.add_member_overload("matches", "string_matches", STRING_TYPE, arguments, matches)
        .map_err(text)?;
    Ok(env)
}

/// Declares the functions over the outputs of `library`.
///
/// # Errors
/// A message, when the library refuses a declaration.
pub fn declare(context: &mut Context<'_, '_>, library: &Arc<Library>) -> Result<(), String> {
    let mut add = |name: &str, function: Function| {
        context.add_function(name, function).map_err(|error| error.to_string())
    };
    for (name, kind) in [("json", Kind::Json), ("csv", Kind::Csv), ("text", Kind::Text)] {
        let library = Arc::clone(library);
        add(name, Box::new(move |call| contents(&library, kind, call)))?;
    }
    let files = Arc::clone(library);
    add(
        "exists",
        Box::new(move |call| {
            let found = files.exists(path(call)?).map_err(|error| call.error(error))?;
            Ok(CowVal::owned(CelBool::from(found)))
        }),
    )?;
    let files = Arc::clone(library);
    add(FILE_SIZE, Box::new(move |call| size(&files, call)))?;
    add(ORDERED, Box::new(ordered))?;
    for (operator, name) in MIXED {
        add(name, Box::new(move |call| arithmetic(operator, call)))?;
    }
    Ok(())
}

fn path<'c>(call: &'c FunctionContext<'_, '_>) -> Result<&'c str, ExecutionError> {
    match call.args.first().and_then(|value| value.downcast_ref::<CelString>()) {
        Some(path) => Ok(path.inner()),
        None => Err(call.error("a path is a string")),
    }
}

fn about(function: &str, path: &str, error: &str) -> ExecutionError {
    ExecutionError::function_error(&format!("{function}('{}')", shorten(path, 80)), error)
}

fn contents<'b, 'v>(
    library: &Library,
    kind: Kind,
    call: &mut FunctionContext<'b, 'v>,
) -> Answer<'b, 'v> {
    let path = path(call)?;
    library.load(kind, path).map_err(|error| about(call.name, path, &error))?;
    // By way of a variable the value comes borrowed: a check may read a file as often as it
    // likes, and it is parsed and held once.
    let variable = kind.variable(path);
    call.ptx.get_variable(variable).ok_or_else(|| call.error("the file was not kept"))
}

fn size<'b, 'v>(library: &Library, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    if let Some(path) = call.args.first().and_then(|value| value.downcast_ref::<CelString>()) {
        let path = path.inner();
        let size = library.size(path).map_err(|error| about(SIZE, path, &error))?;
        return Ok(CowVal::owned(CelInt::from(i64::try_from(size).unwrap_or(i64::MAX))));
    }
    let sizer = call.args.first().and_then(|value| value.as_sizer());
    let sizer = sizer.ok_or_else(|| {
        ExecutionError::function_error(SIZE, "only a path, a list, a map or bytes have a size")
    })?;
    Ok(CowVal::owned(sizer.size()))
}

fn ordered<'b, 'v>(call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    let value = call.args.pop().ok_or_else(|| call.error("nothing to iterate over"))?;
    let Some(map) = value.downcast_ref::<CelMap>() else { return Ok(value) };
    let mut keys: Vec<_> = map.inner().keys().cloned().collect();
    keys.sort();
    let keys: Vec<Box<dyn Val + 'v>> =
        keys.iter().map(|key| key.inner().clone_as_boxed()).collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn arithmetic<'b, 'v>(operator: &str, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    let [left, right] = call.args.as_slice() else {
        return Err(call.error("arithmetic takes two values"));
    };
    let pair = (number(left.as_ref()), number(right.as_ref()));
    let mixed = left.get_type() != right.get_type();
    let (left, right) = match pair {
        (Some(left), Some(right)) if mixed => (CowVal::owned(left), CowVal::owned(right)),
        _ => (left.clone(), right.clone()),
    };
    let refused = || {
        ExecutionError::no_such_overload(
            operator,
            vec![left.get_type().name().to_owned(), right.get_type().name().to_owned()],
        )
    };
    let right = right.as_ref();
    let answer = match operator {
        operators::ADD => left.as_adder().ok_or_else(refused)?.add(right)?,
        operators::SUBSTRACT => left.as_subtractor().ok_or_else(refused)?.sub(right)?,
        operators::MULTIPLY => left.as_multiplier().ok_or_else(refused)?.mul(right)?,
        operators::DIVIDE => left.as_divider().ok_or_else(refused)?.div(right)?,
        _ => left.as_modder().ok_or_else(refused)?.modulo(right)?,
    };
    Ok(CowVal::Owned(answer.into_owned()))
}

#[expect(clippy::cast_precision_loss, reason = "as CEL compares them")]
fn number(value: &dyn Val) -> Option<CelDouble> {
    let int = value.downcast_ref::<CelInt>().map(|int| *int.inner() as f64);
    let unsigned = || value.downcast_ref::<CelUInt>().map(|int| *int.inner() as f64);
    let double = || value.downcast_ref::<CelDouble>().map(|double| *double.inner());
    int.or_else(unsigned).or_else(double).map(CelDouble::from)
}

fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let text = |at: usize| arguments.get(at).and_then(|value| value.downcast_ref::<CelString>());
    let (Some(text), Some(pattern)) = (text(0), text(1)) else {
        return Err(ExecutionError::function_error("matches", "it takes a text and a pattern"));
    };
    match regex_lite::Regex::new(pattern.inner()) {
        Ok(regex) => Ok(CowVal::owned(CelBool::from(regex.is_match(text.inner())))),
        Err(error) => Err(ExecutionError::function_error("matches", error)),
    }
}
