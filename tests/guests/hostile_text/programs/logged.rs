//! Logs a message that is not UTF-8.
#![allow(unsafe_code, reason = "it says what is not true of the bytes")]

fn logged(_input: &str) -> String {
    let message = unsafe { String::from_utf8_unchecked(vec![b'a', 0xed, 0xa0, 0x80]) };
    hostile_kit::say(&message);
    "logged".to_owned()
}

hostile_kit::attack!(logged);
