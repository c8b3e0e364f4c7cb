//! Two functions that call each other without end.

use std::hint::black_box;

fn mutual(_input: &str) -> String {
    is_even(u64::MAX).to_string()
}

#[inline(never)]
fn is_even(number: u64) -> bool {
    black_box(number) == 0 || !black_box(is_odd(number.wrapping_sub(1)))
}

#[inline(never)]
fn is_odd(number: u64) -> bool {
    black_box(number) != 0 && !black_box(is_even(number.wrapping_sub(1)))
}

hostile_kit::attack!(mutual);
