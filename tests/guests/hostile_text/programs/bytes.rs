//! Answers with a text that is not UTF-8.
#![allow(unsafe_code, reason = "it says what is not true of the bytes")]

fn bytes(_input: &str) -> String {
    unsafe { String::from_utf8_unchecked(vec![b'a', 0xff, 0xfe, b'b']) }
}

hostile_kit::attack!(bytes);
