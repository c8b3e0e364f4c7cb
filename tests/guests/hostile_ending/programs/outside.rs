//! Reads where it has no memory.
#![allow(unsafe_code, reason = "that is the point")]

fn outside(_input: &str) -> String {
    let address = usize::try_from(hostile_kit::unknown(0xffff_fff0)).unwrap_or(0);
    unsafe { core::ptr::with_exposed_provenance::<u32>(address).read_volatile() }.to_string()
}

hostile_kit::attack!(outside);
