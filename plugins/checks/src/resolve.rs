//! Goes over a parsed check before it runs: refuses names that mean nothing and paths that
//! lead out of the outputs, and puts in the functions that make checks behave alike whatever
//! wrote the numbers (see [`crate::arithmetic`]) and that count (see [`crate::metered`]).

use crate::check::Fault;
use crate::folder::confined;
use crate::glob::Glob;
use crate::metered::{self, COPY, GO, ORDERED, PAY, TICK};
use crate::pattern::{Pattern, Wrong};
use crate::{arithmetic, functions, weight};
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, LiteralValue, operators,
};
use cel::{Context, ExecutionError, IdedExpr as Expression, Value};

/// A check as it is evaluated.
#[derive(Debug)]
pub struct Resolved {
    /// What is evaluated.
    pub expression: Expression,
    /// The paths that stand in it, in order.
    pub paths: Vec<String>,
    /// Whether it also computes paths, or asks for whatever fits a pattern.
    pub computes_paths: bool,
}

/// Resolves a parsed check against what is declared.
///
/// # Errors
/// What in it has no meaning, or is too large.
pub fn resolve(mut expression: Expression, context: &Context<'_, '_>) -> Result<Resolved, Fault> {
    let mut resolver =
        Resolver { context, bound: Vec::new(), paths: Vec::new(), computes_paths: false };
    resolver.visit(&mut expression)?;
    let Resolver { paths, computes_paths, .. } = resolver;
    Ok(Resolved { expression, paths, computes_paths })
}

struct Resolver<'a, 'p, 'v> {
    context: &'a Context<'p, 'v>,
    /// The variables of the macros around, innermost last.
    bound: Vec<String>,
    paths: Vec<String>,
    computes_paths: bool,
}

impl Resolver<'_, '_, '_> {
    fn visit(&mut self, expression: &mut Expression) -> Result<(), Fault> {
        match &mut expression.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.visit(&mut select.operand),
            Expr::List(list) => list.elements.iter_mut().try_for_each(|item| {
                self.visit(item)?;
                count(item, COPY);
                Ok(())
            }),
            Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| self.entry(entry)),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            // The interpreter panics on the one, and nothing declares the other.
            Expr::Unspecified | Expr::Struct(_) => Err(no_structs()),
        }
    }

    fn entry(&mut self, entry: &mut IdedEntryExpr) -> Result<(), Fault> {
        match &mut entry.expr {
            EntryExpr::MapEntry(entry) => {
                self.visit(&mut entry.key)?;
                self.visit(&mut entry.value)?;
                count(&mut entry.key, COPY);
                count(&mut entry.value, COPY);
                Ok(())
            }
            EntryExpr::StructField(_) => Err(no_structs()),
        }
    }

    fn name(&self, name: &str) -> Result<(), Fault> {
        let is_type = self.context.get_variable(name).is_some() || self.is_type(name);
        if self.bound.iter().any(|bound| bound == name) || is_type {
            return Ok(());
        }
        Err(Fault::Mistake(format!("`{name}` is not the name of anything here")))
    }

    fn is_type(&self, name: &str) -> bool {
        let name = Expression { id: 0, expr: Expr::Ident(name.to_owned()) };
        Value::resolve_val(&name, self.context).is_ok()
    }

    fn comprehension(&mut self, expr: &mut ComprehensionExpr) -> Result<(), Fault> {
        self.visit(&mut expr.iter_range)?;
        self.visit(&mut expr.accu_init)?;
        // The macros start with a literal; what is bound to a name is copied.
        if !matches!(expr.accu_init.expr, Expr::List(_)) {
            count(&mut expr.accu_init, COPY);
        }
        // Maps are iterated in the order of their keys, not of a hash.
        wrap(&mut expr.iter_range, ORDERED);
        let outside = self.bound.len();
        self.bound.push(expr.accu_var.clone());
        self.bound.push(expr.iter_var.clone());
        self.bound.extend(expr.iter_var2.clone());
        self.visit(&mut expr.loop_cond)?;
        self.visit(&mut expr.loop_step)?;
        self.visit(&mut expr.result)?;
        self.bound.truncate(outside);
        count_turns(expr);
        Ok(())
    }

    fn call(&mut self, call: &mut CallExpr) -> Result<(), Fault> {
        call.args.iter_mut().try_for_each(|argument| self.visit(argument))?;
        let Some(target) = &mut call.target else { return self.global(call) };
        if let Some(namespace) = qualified(target)
            && !self.bound.contains(&namespace)
        {
            let name = format!("{namespace}.{}", call.func_name);
            if self.declared(&name, None) {
                let by = if name == "lists.range" { metered::RANGE } else { COPY };
                call.args.iter_mut().for_each(|argument| count(argument, by));
                return Ok(());
            }
        }
        self.visit(target)?;
        let name = call.func_name.as_str();
        if functions::arguments(name).is_some() && name != functions::SIZE {
            return Err(Fault::Mistake(format!("`{name}` is called as `{name}('path')`")));
        }
        let null = Expression { id: 0, expr: Expr::Literal(LiteralValue::Null) };
        if !self.declared(name, Some(null)) {
            let message = format!("there is no function `{name}` on a value");
            return Err(Fault::Mistake(message));
        }
        count_method(call)
    }

    fn global(&mut self, call: &mut CallExpr) -> Result<(), Fault> {
        let name = call.func_name.as_str();
        if let Some(arguments) = functions::arguments(name) {
            return self.over_outputs(call, arguments);
        }
        if let Some(mixed) = arithmetic::mixing(name) {
            // The macros' own sums are told apart by their accumulator; the interpreter looks
            // for them by name.
            let own = matches!(&call.args[..], [Expression { expr: Expr::Ident(name), .. }, ..]
                if name.starts_with('@'));
            if call.args.len() == 2 && !own {
                mixed.clone_into(&mut call.func_name);
            }
            return Ok(());
        }
        if is_operator(name) {
            count_operator(call);
            return Ok(());
        }
        if !self.declared(name, None) {
            return Err(Fault::Mistake(format!("there is no function `{name}`")));
        }
        call.args.iter_mut().for_each(|argument| count(argument, COPY));
        Ok(())
    }

    /// A call of a function over the outputs.
    fn over_outputs(&mut self, call: &mut CallExpr, arguments: usize) -> Result<(), Fault> {
        let name = call.func_name.as_str();
        if call.args.len() != arguments {
            let takes = if arguments == 1 { "one path" } else { "a path and one more argument" };
            return Err(Fault::Mistake(format!("`{name}` takes {takes}")));
        }
        for (at, argument) in call.args.iter().enumerate() {
            let is_path = at == 0 || name != "source";
            match &argument.expr {
                Expr::Literal(LiteralValue::String(glob)) if name == functions::FILES => {
                    Glob::new(glob.inner()).map_err(Fault::Mistake)?;
                    self.computes_paths = true;
                }
                Expr::Literal(LiteralValue::String(path)) if is_path => {
                    confined(path.inner()).map_err(Fault::Mistake)?;
                    self.paths.push(path.inner().to_owned());
                }
                Expr::Literal(_) => {}
                _ => self.computes_paths = true,
            }
        }
        if name == functions::SIZE {
            functions::FILE_SIZE.clone_into(&mut call.func_name);
        }
        Ok(())
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

fn no_structs() -> Fault {
    Fault::Mistake("checks have no struct types".to_owned())
}

/// Lets what an operator goes over be counted.
fn count_operator(call: &mut CallExpr) {
    match (call.func_name.as_str(), call.args.as_mut_slice()) {
        // Two values are equal or not by the end of the smaller one.
        (operators::EQUALS | operators::NOT_EQUALS, [left, right])
            if !is_literal(left) && !is_literal(right) =>
        {
            count(left, PAY);
            count(right, PAY);
        }
        (
            operators::LESS
            | operators::LESS_EQUALS
            | operators::GREATER
            | operators::GREATER_EQUALS,
            [left, right],
        ) => {
            count(left, PAY);
            count(right, PAY);
        }
        (operators::IN, [item, container]) => {
            count(item, PAY);
            count(container, metered::WITHIN);
        }
        (operators::INDEX, [_, index]) => count_key(index),
        // What is optional is copied.
        (operators::OPT_INDEX | operators::OPT_SELECT, [value, index]) => {
            count(value, COPY);
            count_key(index);
        }
        _ => {}
    }
}

/// Lets an index be looked at, unless it is written there as one that is never refused.
fn count_key(index: &mut Expression) {
    match &index.expr {
        Expr::Literal(LiteralValue::Double(_)) => wrap(index, metered::KEY),
        _ => count(index, metered::KEY),
    }
}

/// Lets what a method goes over or copies be counted.
fn count_method(call: &mut CallExpr) -> Result<(), Fault> {
    let name = call.func_name.as_str();
    let stand_in = match (name, call.args.as_slice()) {
        (metered::PLAIN_MATCHES, [pattern]) => {
            is_pattern(pattern)?;
            Some(metered::MATCHES)
        }
        (metered::PLAIN_MATCHES, _) => None,
        _ => metered::swelling(name),
    };
    if let Some(stand_in) = stand_in
        && let Some(target) = call.target.take()
    {
        call.args.insert(0, *target);
        stand_in.clone_into(&mut call.func_name);
        return Ok(());
    }
    let (target, arguments) = match name {
        "contains" | "startsWith" | "endsWith" | "charAt" => (PAY, PAY),
        functions::SIZE => (metered::SIZED, PAY),
        "distinct" => (metered::DISTINCT, COPY),
        "sort" | "@sortByAssociatedKeys" => (metered::SORT, COPY),
        _ => (COPY, COPY),
    };
    if let Some(value) = &mut call.target {
        count(value, target);
    }
    call.args.iter_mut().for_each(|argument| count(argument, arguments));
    Ok(())
}

/// Refuses a written pattern that can never match.
fn is_pattern(pattern: &Expression) -> Result<(), Fault> {
    let Expr::Literal(LiteralValue::String(pattern)) = &pattern.expr else { return Ok(()) };
    match Pattern::new(pattern.inner()).wrong() {
        None => Ok(()),
        Some(Wrong::Syntax(message)) => Err(Fault::Mistake(message.clone())),
        Some(Wrong::Large(message)) => Err(Fault::TooLarge(message.clone())),
    }
}

/// Lets every turn of a macro be counted, at a place where an error ends it.
fn count_turns(expr: &mut ComprehensionExpr) {
    let cost = weight::nodes(&expr.loop_step) + weight::nodes(&expr.loop_cond);
    let item = expr.iter_var.clone();
    if let Expr::Call(step) = &mut expr.loop_step.expr {
        match (step.func_name.as_str(), step.args.as_mut_slice()) {
            // `all` and `exists` defer the errors of a turn, but not of their condition.
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [_, body]) => {
                tick(body, cost, item);
                wrap(&mut expr.loop_cond, GO);
                return;
            }
            (operators::CONDITIONAL, [guard, ..]) => return tick(guard, cost, item),
            (operators::ADD, [_, added]) => {
                if let Expr::List(list) = &mut added.expr
                    && let [body] = list.elements.as_mut_slice()
                {
                    return tick(body, cost, item);
                }
            }
            _ => {}
        }
    }
    // Nothing else the parser makes has turns; if it ever does, they are stopped.
    if !matches!(&expr.loop_cond.expr, Expr::Literal(LiteralValue::Boolean(go)) if !*go.inner()) {
        wrap(&mut expr.loop_cond, GO);
    }
}

fn tick(body: &mut Expression, cost: u64, item: String) {
    wrap(body, TICK);
    if let Expr::Call(call) = &mut body.expr {
        let cost = LiteralValue::Int(i64::try_from(cost).unwrap_or(i64::MAX).into());
        call.args.push(Expression { id: 0, expr: Expr::Literal(cost) });
        call.args.push(Expression { id: 0, expr: Expr::Ident(item) });
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

fn is_literal(expression: &Expression) -> bool {
    matches!(expression.expr, Expr::Literal(_))
}

/// Wraps what is not written there as it is: a literal has no more work in it than the check.
fn count(expression: &mut Expression, function: &str) {
    if !is_literal(expression) {
        wrap(expression, function);
    }
}

fn wrap(expression: &mut Expression, function: &str) {
    let inner = std::mem::take(expression);
    let id = inner.id;
    let call = CallExpr { func_name: function.to_owned(), target: None, args: vec![inner] };
    *expression = Expression { id, expr: Expr::Call(call) };
}
