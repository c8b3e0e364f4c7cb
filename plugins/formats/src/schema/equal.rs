//! When two JSON values are the same: `1` and `1.0` are.

use serde_json::{Number, Value};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// Whether two values are the same.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| equal(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            let held = |(name, value)| right.get(name).is_some_and(|other| equal(value, other));
            left.len() == right.len() && left.iter().all(held)
        }
        _ => left == right,
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    if left.is_f64() || right.is_f64() {
        return left.as_f64() == right.as_f64();
    }
    left == right
}

/// A hash that is the same for values that are.
pub(super) fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Null => 0u8.hash(&mut hasher),
        Value::Bool(truth) => (1u8, truth).hash(&mut hasher),
        // Adding 0 makes -0 plain.
        Value::Number(number) => {
            (2u8, (number.as_f64().unwrap_or_default() + 0.0).to_bits()).hash(&mut hasher);
        }
        Value::String(text) => (3u8, text).hash(&mut hasher),
        Value::Array(items) => {
            (4u8, items.len()).hash(&mut hasher);
            items.iter().for_each(|item| hash(item).hash(&mut hasher));
        }
        Value::Object(members) => {
            let mut sum = 0u64;
            for (name, value) in members {
                let mut member = DefaultHasher::new();
                (name, hash(value)).hash(&mut member);
                sum = sum.wrapping_add(member.finish());
            }
            (5u8, sum).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// How many values there are in a value, and how deep they nest.
pub(super) fn measure(value: &Value) -> (usize, usize) {
    let (mut count, mut deepest) = (0, 0);
    let mut open = vec![(value, 1)];
    while let Some((value, depth)) = open.pop() {
        count += 1;
        deepest = deepest.max(depth);
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => {
                open.extend(members.values().map(|member| (member, depth + 1)));
            }
            _ => {}
        }
    }
    (count, deepest)
}
