//! Answers with a thousand texts that are all the same megabyte.
#![allow(unsafe_code, reason = "a thousand owners of one text")]

use hostile_kit::{Answer, Content, Program};

const TEXT_BYTES: usize = 1_000_000;

struct Shared;

impl Program for Shared {
    fn call_tool(_name: &str, _input: &str) -> Answer {
        let text = Box::leak(vec![b'x'; TEXT_BYTES].into_boxed_slice()).as_mut_ptr();
        let share = || unsafe { String::from_raw_parts(text, TEXT_BYTES, TEXT_BYTES) };
        Ok((0..1_000).map(|_| Content::Text(share())).collect())
    }
}

hostile_kit::export!(Shared);
