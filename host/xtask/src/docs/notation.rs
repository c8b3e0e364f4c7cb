//! Types and functions, in the words of WIT.

use wit_parser::{Function, FunctionKind, Handle, Resolve, Type, TypeDefKind, TypeId};

use super::prose::COLUMNS_MAX;

/// A type where it is used: by its name where it has one.
pub(super) fn of_type(resolve: &Resolve, ty: &Type) -> String {
    let id = match ty {
        Type::Bool => return "bool".to_owned(),
        Type::U8 => return "u8".to_owned(),
        Type::U16 => return "u16".to_owned(),
        Type::U32 => return "u32".to_owned(),
        Type::U64 => return "u64".to_owned(),
        Type::S8 => return "s8".to_owned(),
        Type::S16 => return "s16".to_owned(),
        Type::S32 => return "s32".to_owned(),
        Type::S64 => return "s64".to_owned(),
        Type::F32 => return "f32".to_owned(),
        Type::F64 => return "f64".to_owned(),
        Type::Char => return "char".to_owned(),
        Type::String => return "string".to_owned(),
        Type::ErrorContext => return "error-context".to_owned(),
        Type::Id(id) => *id,
    };
    match name(resolve, id) {
        Some(name) => name.to_owned(),
        None => of_kind(resolve, &resolve.types[id].kind),
    }
}

/// A type that has no name.
pub(super) fn of_kind(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let one = |ty: &Type| of_type(resolve, ty);
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), one);
    match kind {
        TypeDefKind::Option(ty) => format!("option<{}>", one(ty)),
        TypeDefKind::List(ty) => format!("list<{}>", one(ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", one(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", one(key), one(value)),
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", tuple.types.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Result(result) => match (&result.ok, &result.err) {
            (None, None) => "result".to_owned(),
            (Some(ok), None) => format!("result<{}>", one(ok)),
            (ok, Some(error)) => format!("result<{}, {}>", maybe(ok), one(error)),
        },
        TypeDefKind::Future(ty) => format!("future<{}>", maybe(ty)),
        TypeDefKind::Stream(ty) => format!("stream<{}>", maybe(ty)),
        // A handle that is owned is written as its resource.
        TypeDefKind::Handle(Handle::Own(id)) => one(&Type::Id(*id)),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", one(&Type::Id(*id))),
        TypeDefKind::Type(ty) => one(ty),
        named => named.as_str().to_owned(),
    }
}

/// The name of a type.
pub(super) fn name(resolve: &Resolve, id: TypeId) -> Option<&str> {
    resolve.types[id].name.as_deref()
}

/// The types with names that a type is made of, at its first level.
pub(super) fn named_in(resolve: &Resolve, ty: &Type, found: &mut Vec<TypeId>) {
    let Type::Id(id) = ty else { return };
    if name(resolve, *id).is_some() {
        if !found.contains(id) {
            found.push(*id);
        }
        return;
    }
    let parts: Vec<&Type> = match &resolve.types[*id].kind {
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => vec![ty],
        TypeDefKind::Map(key, value) => vec![key, value],
        TypeDefKind::Tuple(tuple) => tuple.types.iter().collect(),
        TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).collect(),
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter().collect(),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
            return named_in(resolve, &Type::Id(*id), found);
        }
        _ => Vec::new(),
    };
    for part in parts {
        named_in(resolve, part, found);
    }
}

/// A function as WIT has it, on several lines where one would be too wide.
pub(super) fn of_function(resolve: &Resolve, function: &Function) -> String {
    let receiver = usize::from(matches!(
        function.kind,
        FunctionKind::Method(_) | FunctionKind::AsyncMethod(_)
    ));
    let parameters: Vec<String> = function
        .params
        .iter()
        .skip(receiver)
        .map(|parameter| format!("{}: {}", parameter.name, of_type(resolve, &parameter.ty)))
        .collect();
    let keyword = match function.kind {
        FunctionKind::Constructor(_) => "constructor".to_owned(),
        FunctionKind::Static(_) => format!("{}: static func", function.item_name()),
        FunctionKind::AsyncStatic(_) => format!("{}: static async func", function.item_name()),
        FunctionKind::AsyncFreestanding | FunctionKind::AsyncMethod(_) => {
            format!("{}: async func", function.item_name())
        }
        FunctionKind::Freestanding | FunctionKind::Method(_) => {
            format!("{}: func", function.item_name())
        }
    };
    // A constructor gives its own resource, which is not written.
    let result = function.result.as_ref().filter(|_| keyword != "constructor");
    let result = result.map(|ty| format!(" -> {}", of_type(resolve, ty))).unwrap_or_default();
    let line = format!("{keyword}({}){result};", parameters.join(", "));
    if line.chars().count() <= COLUMNS_MAX {
        return line;
    }
    let lines: String = parameters.iter().map(|one| format!("  {one},\n")).collect();
    format!("{keyword}(\n{lines}){result};")
}
