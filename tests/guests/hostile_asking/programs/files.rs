//! Asks for files, and lists what it can see.

fn files(_input: &str) -> String {
    let folders = hostile_kit::wasi::filesystem::preopens::get_directories();
    folders.into_iter().map(|(_, path)| path).collect()
}

hostile_kit::attack!(files);
