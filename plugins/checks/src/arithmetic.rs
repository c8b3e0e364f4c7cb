//! Arithmetic between ints and doubles, which CEL refuses: whether a program wrote `2` or
//! `2.0` into its output must not decide a verdict. (CEL compares them as they are.)

use crate::budget::Meter;
use crate::metered::{Answer, charge};
use cel::common::ast::operators;
use cel::common::types::{CelDouble, CelInt, CelUInt};
use cel::common::value::{CowVal, Val};
use cel::{ExecutionError, FunctionContext};

/// The operators, and the functions that stand in for them.
pub const MIXED: [(&str, &str); 5] = [
    (operators::ADD, "@add"),
    (operators::SUBSTRACT, "@subtract"),
    (operators::MULTIPLY, "@multiply"),
    (operators::DIVIDE, "@divide"),
    (operators::MODULO, "@modulo"),
];

/// The function that stands in for an arithmetic operator.
pub fn mixing(operator: &str) -> Option<&'static str> {
    MIXED.iter().find(|(name, _)| *name == operator).map(|(_, function)| *function)
}

/// Calculates. Texts and lists that are joined count as values that are made.
///
/// # Errors
/// Values that do not go together.
pub fn calculate<'b, 'v>(
    operator: &str,
    meter: &Meter,
    call: &mut FunctionContext<'b, 'v>,
) -> Answer<'b, 'v> {
    let [left, right] = call.args.as_slice() else {
        return Err(call.error("arithmetic takes two values"));
    };
    let pair = (number(left.as_ref()), number(right.as_ref()));
    if !matches!(pair, (Some(_), Some(_))) {
        charge(meter, left.as_ref(), true)?;
        charge(meter, right.as_ref(), true)?;
    }
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
