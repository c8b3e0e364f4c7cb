//! Goes over a parsed check before it runs: refuses names that mean nothing and paths that
//! lead out of the outputs, and puts in the functions that make checks behave alike whatever
//! wrote the numbers (see [`crate::functions`]).

use crate::functions::{self, FILE_FUNCTIONS};
use crate::library;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, LiteralValue, operators,
};
use cel::{Context, ExecutionError, IdedExpr as Expression, Value};

/// Resolves a parsed check against what is declared.
///
/// # Errors
/// What in it has no meaning.
pub fn resolve(
    mut expression: Expression,
    context: &Context<'_, '_>,
) -> Result<Expression, String> {
    let mut resolver = Resolver { context, bound: Vec::new() };
    resolver.visit(&mut expression)?;
    Ok(expression)
}

struct Resolver<'a, 'p, 'v> {
    context: &'a Context<'p, 'v>,
    /// The variables of the macros around, innermost last.
    bound: Vec<String>,
}

impl Resolver<'_, '_, '_> {
    fn visit(&mut self, expression: &mut Expression) -> Result<(), String> {
        match &mut expression.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.visit(&mut select.operand),
            Expr::List(list) => list.elements.iter_mut().try_for_each(|item| self.visit(item)),
            Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| self.entry(entry)),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            // The interpreter panics on the one, and nothing declares the other.
            Expr::Unspecified | Expr::Struct(_) => Err("checks have no struct types".to_owned()),
        }
    }

    fn entry(&mut self, entry: &mut IdedEntryExpr) -> Result<(), String> {
        match &mut entry.expr {
            EntryExpr::MapEntry(entry) => {
                self.visit(&mut entry.key)?;
                self.visit(&mut entry.value)
            }
            EntryExpr::StructField(_) => Err("checks have no struct types".to_owned()),
        }
    }

    fn name(&self, name: &str) -> Result<(), String> {
        let is_type = self.context.get_variable(name).is_some() || self.is_type(name);
        if self.bound.iter().any(|bound| bound == name) || is_type {
            return Ok(());
        }
        Err(format!("`{name}` is not the name of anything here"))
    }

    fn is_type(&self, name: &str) -> bool {
        let name = Expression { id: 0, expr: Expr::Ident(name.to_owned()) };
        Value::resolve_val(&name, self.context).is_ok()
    }

    fn comprehension(&mut self, expr: &mut ComprehensionExpr) -> Result<(), String> {
        self.visit(&mut expr.iter_range)?;
        self.visit(&mut expr.accu_init)?;
        // Maps are iterated in the order of their keys, not of a hash.
        wrap(&mut expr.iter_range, functions::ORDERED);
        let outside = self.bound.len();
        self.bound.push(expr.accu_var.clone());
        self.bound.push(expr.iter_var.clone());
        self.bound.extend(expr.iter_var2.clone());
        self.visit(&mut expr.loop_cond)?;
        self.visit(&mut expr.loop_step)?;
        self.visit(&mut expr.result)?;
        self.bound.truncate(outside);
        Ok(())
    }

    fn call(&mut self, call: &mut CallExpr) -> Result<(), String> {
        call.args.iter_mut().try_for_each(|argument| self.visit(argument))?;
        let Some(target) = &mut call.target else { return self.global(call) };
        if let Some(namespace) = qualified(target)
            && !self.bound.contains(&namespace)
        {
            let name = format!("{namespace}.{}", call.func_name);
            if self.declared(&name, None) {
                return Ok(());
            }
        }
        self.visit(target)?;
        if FILE_FUNCTIONS.contains(&call.func_name.as_str()) && call.func_name != functions::SIZE {
            return Err(format!("`{0}` is called as `{0}('path')`", call.func_name));
        }
        let null = Expression { id: 0, expr: Expr::Literal(LiteralValue::Null) };
        if self.declared(&call.func_name, Some(null)) {
            return Ok(());
        }
        Err(format!("there is no function `{}` on a value", call.func_name))
    }

    fn global(&self, call: &mut CallExpr) -> Result<(), String> {
        let name = call.func_name.as_str();
        if FILE_FUNCTIONS.contains(&name) {
            let [argument] = call.args.as_slice() else {
                return Err(format!("`{name}` takes one path"));
            };
            if let Expr::Literal(LiteralValue::String(path)) = &argument.expr {
                library::confined(path.inner())?;
            }
            if name == functions::SIZE {
                functions::FILE_SIZE.clone_into(&mut call.func_name);
            }
            return Ok(());
        }
        if let Some(mixed) = functions::mixing(name) {
            // The macros' own sums are told apart by their accumulator; the interpreter looks
            // for them by name.
            let own = matches!(&call.args[..], [Expression { expr: Expr::Ident(name), .. }, ..]
                if name.starts_with('@'));
            if call.args.len() == 2 && !own {
                mixed.clone_into(&mut call.func_name);
            }
            return Ok(());
        }
        if is_operator(name) || self.declared(name, None) {
            return Ok(());
        }
        Err(format!("there is no function `{name}`"))
    }

    /// Whether anything of this name can be called: called without arguments, a function that
    /// is declared complains of those, and one that is not of the name.
    fn declared(&self, name: &str, target: Option<Expression>) -> bool {
        let call =
            CallExpr { func_name: name.to_owned(), target: target.map(Box::new), args: Vec::new() };
        let call = Expression { id: 0, expr: Expr::Call(call) };
        let answer = Value::resolve_val(&call, self.context);
        !matches!(answer, Err(ExecutionError::UndeclaredReference(_)))
    }
}

/// `a.b` of a chain of names.
fn qualified(target: &Expression) -> Option<String> {
    let mut parts = Vec::new();
    let mut expression = target;
    loop {
        match &expression.expr {
            Expr::Ident(name) => {
                parts.push(name.as_str());
                parts.reverse();
                return Some(parts.join("."));
            }
            Expr::Select(select) if !select.test => {
                parts.push(&select.field);
                expression = &select.operand;
            }
            _ => return None,
        }
    }
}

fn is_operator(name: &str) -> bool {
    // What the parser itself puts in has a sign in its name, which no written name has.
    name == operators::IN || name.starts_with(|first: char| !first.is_ascii_alphabetic())
}

fn wrap(expression: &mut Expression, function: &str) {
    let inner = std::mem::take(expression);
    let id = inner.id;
    let call = CallExpr { func_name: function.to_owned(), target: None, args: vec![inner] };
    *expression = Expression { id, expr: Expr::Call(call) };
}
