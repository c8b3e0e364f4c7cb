//! Never gives the host the memory that its input is to be written to.
#![allow(unsafe_code, reason = "the function has a name of the component model")]

#[unsafe(export_name = "cabi_realloc")]
extern "C" fn realloc(_old: *mut u8, _size: usize, _align: usize, _new: usize) -> *mut u8 {
    loop {
        std::hint::spin_loop();
    }
}

fn nothing(_input: &str) -> String {
    String::new()
}

hostile_kit::attack!(nothing);
