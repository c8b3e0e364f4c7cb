//! What values cost: to look at, and to hold.

use cel::IdedExpr as Expression;
use cel::common::ast::{EntryExpr, Expr};
use cel::common::types::{CelBytes, CelList, CelMap, CelMapKey, CelString};
use cel::common::value::Val;

/// The bytes of text that one step looks at.
pub const STEP_BYTES: usize = 64;

/// What going over a value once takes, and how much there is of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Steps to go over it: one for each value and for each 64 bytes of text.
    pub steps: u64,
    /// Bytes of memory it takes, counted high, the same on every machine.
    pub bytes: u64,
}

/// A value and its place in a list, with what the allocator adds.
const VALUE: usize = 48;
/// An entry of a map, with its share of the table's free places.
const ENTRY: usize = 112;

/// The weight of a value, not going further than `most` steps.
///
/// Recursion is bounded as in [`crate::text::show`]: values nest no deeper than a document
/// and a check together.
pub fn of(value: &dyn Val, most: u64) -> Weight {
    let mut weight = Weight::default();
    add(value, most, &mut weight);
    weight
}

fn add(value: &dyn Val, most: u64, weight: &mut Weight) {
    count(weight, 1, VALUE);
    if weight.steps > most {
        return;
    }
    if let Some(text) = value.downcast_ref::<CelString>() {
        let length = text.inner().len();
        count(weight, length / STEP_BYTES, VALUE / 2 + length);
    } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        let length = bytes.inner().len();
        count(weight, length / STEP_BYTES, length);
    } else if let Some(list) = value.downcast_ref::<CelList>() {
        for item in list.inner() {
            if weight.steps > most {
                return;
            }
            add(item.as_ref(), most, weight);
        }
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        for (key, item) in map.inner() {
            if weight.steps > most {
                return;
            }
            let length = match key {
                CelMapKey::String(key) => key.len(),
                _ => 0,
            };
            count(weight, length / STEP_BYTES, ENTRY + length);
            add(item.as_ref(), most, weight);
        }
    }
}

fn count(weight: &mut Weight, steps: usize, bytes: usize) {
    weight.steps = weight.steps.saturating_add(steps as u64);
    weight.bytes = weight.bytes.saturating_add(bytes as u64);
}

/// The nodes of an expression: the steps of evaluating it once, without what its functions
/// count themselves. A check's brackets bound the recursion.
pub fn nodes(expression: &Expression) -> u64 {
    let all = |list: &[Expression]| list.iter().map(nodes).sum::<u64>();
    1 + match &expression.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => 0,
        Expr::Select(select) => nodes(&select.operand),
        Expr::List(list) => all(&list.elements),
        Expr::Call(call) => call.target.as_deref().map_or(0, nodes) + all(&call.args),
        Expr::Comprehension(inner) => nodes(&inner.iter_range) + nodes(&inner.accu_init),
        Expr::Map(map) => map.entries.iter().map(|entry| of_entry(&entry.expr)).sum::<u64>(),
        Expr::Struct(made) => made.entries.iter().map(|entry| of_entry(&entry.expr)).sum::<u64>(),
    }
}

fn of_entry(entry: &EntryExpr) -> u64 {
    match entry {
        EntryExpr::MapEntry(entry) => nodes(&entry.key) + nodes(&entry.value),
        EntryExpr::StructField(field) => nodes(&field.value),
    }
}
