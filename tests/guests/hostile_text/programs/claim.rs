//! Says that its answer has 256 megabytes, which it does not have.
#![allow(unsafe_code, reason = "the length is a lie")]

const CLAIMED: usize = (1 << 28) - 1;

fn claim(_input: &str) -> String {
    let text = Box::leak(Box::<[u8]>::from(&b"short"[..]));
    unsafe { String::from_raw_parts(text.as_mut_ptr(), CLAIMED, CLAIMED) }
}

hostile_kit::attack!(claim);
