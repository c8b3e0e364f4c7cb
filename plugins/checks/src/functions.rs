//! The functions of a check over the outputs folder.
//!
//! - `json`, `csv` (one map per row, by header), `text`, `yaml`, `toml`: a file's contents;
//! - `markdown`, `html`, `docx`, `pptx`, `xlsx`: a document's text and structure;
//! - `json_schema(path, schema)`, `csv_rules(path, rules)`, `source(path, language)`: what is
//!   wrong with a file;
//! - `exists`, `size` (in bytes), `lines`, `sha256`: facts, for which no file is held whole;
//! - `files(pattern)`: the sorted paths that fit, as in `files('data/**/*.csv').size() == 3`.
//!
//! CEL has a `size` of its own: it goes on working for lists, maps and bytes, and as a method,
//! so the length of a string is `s.size()`; only `size('…')` of a string is the size of the
//! file it names. Besides, [`crate::resolve`] puts in [`crate::arithmetic`] and
//! [`crate::metered`].

use crate::arithmetic::{self, MIXED};
use crate::documents::{Ask, Kind, READERS};
use crate::library::Library;
use crate::metered::{self, Answer, Function, stop};
use crate::pattern::Pattern;
use crate::text::shorten;
use cel::common::types::STRING_TYPE;
use cel::common::types::{CelBool, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::{Context, Env, ExecutionError, FunctionContext, extensions};
use std::sync::Arc;

/// The size of a file, or of a list or map.
pub const SIZE: &str = "size";
/// What a call of [`SIZE`] becomes.
pub const FILE_SIZE: &str = "@size";
/// The paths that fit a pattern.
pub const FILES: &str = "files";
/// The functions that give a fact about a file.
const FACTS: [&str; 4] = ["exists", SIZE, "lines", "sha256"];

/// How many arguments a function over the outputs takes, if it is one.
pub fn arguments(name: &str) -> Option<usize> {
    if name == FILES || FACTS.contains(&name) {
        return Some(1);
    }
    READERS.iter().find(|(reader, _)| *reader == name).map(|(_, kind)| kind.arguments())
}

/// How a function reads a file, if it does.
pub fn reader(name: &str) -> Option<Kind> {
    READERS.iter().find(|(reader, _)| *reader == name).map(|(_, kind)| *kind)
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
    // The `cel` crate has `matches` too, with a regular expression engine of a megabyte. A
    // check's calls go to the counting one; this declares the name.
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
    for (name, kind) in READERS {
        let library = Arc::clone(library);
        add(name, Box::new(move |call| contents(&library, kind, call)))?;
    }
    type Fact = fn(&Library, &str) -> Result<Box<dyn Val>, String>;
    let facts: [(&str, Fact); 4] = [
        ("exists", |library, path| Ok(Box::new(CelBool::from(library.exists(path)?)))),
        ("lines", |library, path| Ok(whole(library.lines(path)?))),
        ("sha256", |library, path| Ok(Box::new(CelString::from(library.sha256(path)?)))),
        (FILES, files),
    ];
    for (name, fact) in facts {
        let library = Arc::clone(library);
        add(
            name,
            Box::new(move |call| {
                let path = string(call, 0)?;
                let value = fact(&library, path).map_err(|error| about(name, path, &error))?;
                Ok(CowVal::Owned(value))
            }),
        )?;
    }
    let files = Arc::clone(library);
    add(FILE_SIZE, Box::new(move |call| size(&files, call)))?;
    for (operator, name) in MIXED {
        let counted = Arc::clone(library);
        let function: Function =
            Box::new(move |call| arithmetic::calculate(operator, counted.meter(), call));
        add(name, function)?;
    }
    metered::all(library).into_iter().try_for_each(|(name, function)| add(name, function))
}

fn whole(number: u64) -> Box<dyn Val> {
    Box::new(CelInt::from(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn files(library: &Library, pattern: &str) -> Result<Box<dyn Val>, String> {
    let paths = library.matching(pattern)?;
    library.meter().made(paths.iter().map(|path| 72 + path.len() as u64).sum())?;
    let paths = paths.into_iter().map(|path| Box::new(CelString::from(path)) as Box<dyn Val>);
    Ok(Box::new(CelList::from(paths.collect::<Vec<_>>())))
}

fn string<'c>(call: &'c FunctionContext<'_, '_>, at: usize) -> Result<&'c str, ExecutionError> {
    match call.args.get(at).and_then(|value| value.downcast_ref::<CelString>()) {
        Some(text) => Ok(text.inner()),
        None if at == 0 => Err(call.error("a path is a string")),
        None => Err(call.error("the second argument is a string")),
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
    let path = string(call, 0)?;
    let with = if kind.arguments() == 2 { string(call, 1)? } else { "" };
    let ask = Ask { kind, path, with };
    let entry = library.entry(&ask).and_then(|entry| match &entry.value {
        Ok(_) => Ok(()),
        Err(error) => Err(error.clone()),
    });
    entry.map_err(|error| about(call.name, path, &error))?;
    // By way of a variable the value comes borrowed: a check may read a file as often as it
    // likes, and it is parsed and held once.
    let name = ask.name();
    call.ptx.get_variable(name).ok_or_else(|| call.error("the file was not kept"))
}

fn size<'b, 'v>(library: &Library, call: &mut FunctionContext<'b, 'v>) -> Answer<'b, 'v> {
    if let Some(path) = call.args.first().and_then(|value| value.downcast_ref::<CelString>()) {
        let path = path.inner();
        let size = library.size(path).map_err(|error| about(SIZE, path, &error))?;
        return Ok(CowVal::Owned(whole(size)));
    }
    let sizer = call.args.first().and_then(|value| value.as_sizer());
    let sizer = sizer.ok_or_else(|| {
        ExecutionError::function_error(SIZE, "only a path, a list, a map or bytes have a size")
    })?;
    Ok(CowVal::owned(sizer.size()))
}

fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let text = |at: usize| arguments.get(at).and_then(|value| value.downcast_ref::<CelString>());
    let (Some(text), Some(pattern)) = (text(0), text(1)) else {
        return Err(ExecutionError::function_error("matches", "it takes a text and a pattern"));
    };
    let found = Pattern::new(pattern.inner()).is_match(text.inner()).map_err(stop)?;
    Ok(CowVal::owned(CelBool::from(found)))
}
