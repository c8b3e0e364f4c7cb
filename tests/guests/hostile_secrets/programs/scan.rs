//! Lets a server say what it was sent, and looks through all of its own memory for it.
#![allow(unsafe_code, reason = "memory is read as it lies there")]

use core::arch::wasm32::memory_size;

use hostile_http::Request;

/// Mixed into the bytes that are looked for, so that they are found nowhere else.
const MIX: u8 = 0x5a;

/// `input` is the URL, and what to look for, mixed, in hexadecimal digits.
fn scan(input: &str) -> String {
    let Some((url, digits)) = input.split_once(' ') else { return "what?".to_owned() };
    let pairs = (0..digits.len() / 2).map(|at| digits.get(at * 2..at * 2 + 2));
    let mixed: Vec<u8> = pairs.filter_map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    let answers: Vec<_> = (0..8).map(|n| Request::get(&format!("{url}/{n}")).send()).collect();
    let answered = answers.iter().flatten().filter(|answer| !answer.body.is_empty()).count();
    format!("{answered} answered, {} found", found(&mixed))
}

/// Where what is looked for lies.
fn found(mixed: &[u8]) -> usize {
    let end = memory_size::<0>() << 16;
    let byte = |at: usize| unsafe { core::ptr::read_volatile(at as *const u8) };
    let here = |at: usize| {
        mixed.iter().enumerate().all(|(offset, wanted)| byte(at + offset) ^ MIX == *wanted)
    };
    (64..end - mixed.len()).filter(|at| here(*at)).count()
}

hostile_kit::attack!(scan);
