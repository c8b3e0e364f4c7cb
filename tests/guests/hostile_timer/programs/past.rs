//! Sleeps past its deadline.

fn past(_input: &str) -> String {
    std::thread::sleep(std::time::Duration::from_secs(60));
    "awake".to_owned()
}

hostile_kit::attack!(past);
