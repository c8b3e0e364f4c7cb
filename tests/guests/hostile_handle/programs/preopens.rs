//! Asks for its folders a hundred thousand times and lets go of none.

use hostile_kit::wasi::filesystem::preopens::get_directories;

fn preopens(_input: &str) -> String {
    for _ in 0..100_000 {
        std::mem::forget(get_directories());
    }
    "100,000 folders".to_owned()
}

hostile_kit::attack!(preopens);
